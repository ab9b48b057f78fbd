/* SPDX-License-Identifier: MIT */
/*
 * The layout word: what a pool is, in 32 bits that never change, and what follows from them alone. Where the parts of an
 * image lie, and its other words, are in image.h.
 *
 * L1 What a build leaves out no pool of it has: its masks are 0 here, and the code behind them is gone.
 * L2 Everything derived from a layout that is not legal (layout_is_legal()) is undefined.
 * Bound: constant for everything here.
 */
#ifndef TARN_SRC_LAYOUT_H
#define TARN_SRC_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "tarn/pool.h"
#include "width.h"
#include "word.h"

/* A header has 3 flag bits and a size of at most 29 bits; what the size does not need is check. */
#define IMAGE_SIZE_BITS_MAX 29u
#define IMAGE_SIZE_BITS_MIN 4u
#define IMAGE_NARROW_BITS 16u    /* with a size field no wider, every offset fits 16 bits (end < 2^16) */
#define IMAGE_CHECK_BITS_MIN 10u /* narrower than this, TARN_RECOGNISE_AUTO takes the exact map */

/* Fields of the layout word: lowest bit. It is read before the lock is taken, to know whether to take it, so nothing
 * that a call may change is in it. */
enum {
    LAYOUT_GRANULE = 0,     /* 2 bits: log2(granule) - 2 */
    LAYOUT_ENGINE = 2,      /* 2 bits: TARN_ENGINE_* - 1 */
    LAYOUT_EXTENSION = 4,   /* 3 bits: extension words */
    LAYOUT_CHECK = 7,       /* 5 bits: width of the header check */
    LAYOUT_MAP = 12,        /* 1 bit: section, the exact map; with LAYOUT_PARKS, the table of the slab (slab.h) */
    LAYOUT_UNLOCKED = 13,   /* 1 bit: calls take no lock */
    LAYOUT_LEAD = 14,       /* 3 bits: bytes from the handle to the image */
    LAYOUT_TOLD = 17,       /* 1 bit: each header tells the width of its size field (width.h) */
    LAYOUT_MODULES = 18,    /* 7 bits: rows of the section that counts per module, 0 without */
    LAYOUT_GUARD = 25,      /* 1 bit: slack is verified (tail.h) */
    LAYOUT_POISON = 26,     /* 1 bit: the fill of free memory is verified (fill.h) */
    LAYOUT_ZERO = 27,       /* 1 bit: free memory holds zero */
    LAYOUT_BACKUP = 28,     /* 1 bit: each block holds a copy of its header (backup.h) */
    LAYOUT_QUARANTINE = 29, /* 1 bit: section, blocks given back wait (quarantine.h) */
    LAYOUT_CURSOR = 30,     /* 1 bit: section, the place of the check in steps (cursor.h) */
    LAYOUT_PARKS = 31       /* 1 bit: section, lists of parked blocks (park.h) */
};

#define IMAGE_MODULES_MAX 127u
#define IMAGE_QUARANTINE_BYTES 24u

/* These are 0 in builds without (L1). */
#define LAYOUT_ENDS(bits) (TARN_ON(TARN_WITH_ENDS) ? (bits) : 0)
#define LAYOUT_WORDS(bits) (TARN_ON(TARN_WITH_WORDS) ? (bits) : 0)

#define LAYOUT_GUARD_MASK LAYOUT_ENDS(UINT32_C(1) << LAYOUT_GUARD)
#define LAYOUT_POISON_MASK LAYOUT_ENDS(UINT32_C(1) << LAYOUT_POISON)
#define LAYOUT_ZERO_MASK LAYOUT_ENDS(UINT32_C(1) << LAYOUT_ZERO)
#define LAYOUT_QUARANTINE_MASK LAYOUT_ENDS(UINT32_C(1) << LAYOUT_QUARANTINE)
#define LAYOUT_FILL_MASK (LAYOUT_POISON_MASK | LAYOUT_ZERO_MASK)
#define LAYOUT_TAIL_MASK (LAYOUT_GUARD_MASK | LAYOUT_FILL_MASK | LAYOUT_QUARANTINE_MASK)
#define LAYOUT_BACKUP_MASK LAYOUT_ENDS(UINT32_C(1) << LAYOUT_BACKUP)
#define LAYOUT_EXTENSION_MASK LAYOUT_WORDS(UINT32_C(7) << LAYOUT_EXTENSION)
#define LAYOUT_MODULES_MASK LAYOUT_WORDS(IMAGE_MODULES_MAX << LAYOUT_MODULES)
#define LAYOUT_MAP_MASK (TARN_ON(TARN_WITH_EXACT) ? UINT32_C(1) << LAYOUT_MAP : 0)
#define LAYOUT_PARKS_MASK (TARN_ON(TARN_WITH_PARKED) ? UINT32_C(1) << LAYOUT_PARKS : 0)
#define LAYOUT_SLAB_BITS (UINT32_C(1) << LAYOUT_MAP | UINT32_C(1) << LAYOUT_PARKS)
#define LAYOUT_TABLE_MASK (TARN_ON(TARN_WITH_SLAB) ? UINT32_C(1) << LAYOUT_MAP : LAYOUT_MAP_MASK)

/* What a layout may name and this build has not. */
#define LAYOUT_ABSENT_MASK                                                                                     \
    ((UINT32_C(31) << LAYOUT_GUARD | UINT32_C(7) << LAYOUT_EXTENSION | IMAGE_MODULES_MAX << LAYOUT_MODULES |   \
      UINT32_C(1) << LAYOUT_MAP | UINT32_C(1) << LAYOUT_PARKS) &                                               \
     ~(LAYOUT_TAIL_MASK | LAYOUT_BACKUP_MASK | LAYOUT_EXTENSION_MASK | LAYOUT_MODULES_MASK | LAYOUT_MAP_MASK | \
       LAYOUT_PARKS_MASK))

/* Blocks given back are filled before they leave. */
#define LAYOUT_LEAVES_MASK (LAYOUT_FILL_MASK | LAYOUT_QUARANTINE_MASK)

/* What does not depend on where the pool lies: the part that the key is derived from. */
#define LAYOUT_KEYED_MASK ((UINT32_C(1) << LAYOUT_LEAD) - 1u)

/* What the layouts of plain pools (plain.h) may differ in, beside whether they park and take a lock, and what they have
 * in common. */
#define PLAIN_FIELDS (UINT32_C(3) << LAYOUT_ENGINE | UINT32_C(31) << LAYOUT_CHECK)
#define PLAIN_LAYOUT (UINT32_C(1) << LAYOUT_GRANULE)
#define PLAIN_UNLOCKED (UINT32_C(1) << LAYOUT_UNLOCKED)

/* A build for plain pools alone knows these without looking; it has one engine, and offsets of 16 bits. */
#define ONLY_PLAIN TARN_ON(TARN_ONLY_PLAIN)
#define ONLY_ENGINE \
    (TARN_ON(TARN_WITH_TLSF) ? TARN_ENGINE_TLSF : TARN_ON(TARN_WITH_BESTFIT) ? TARN_ENGINE_BESTFIT : TARN_ENGINE_LINEAR)

static inline uint32_t layout_shift(uint32_t layout)
{
    return ONLY_PLAIN ? 3u : word_field(layout, LAYOUT_GRANULE, 2) + 2u;
}

/* Bytes from the handle to the image. */
static inline uint32_t layout_lead(uint32_t layout)
{
    return ONLY_PLAIN ? 0 : word_field(layout, LAYOUT_LEAD, 3);
}

static inline uint32_t layout_engine(uint32_t layout)
{
    return word_field(layout, LAYOUT_ENGINE, 2) + 1u;
}

static inline uint32_t layout_extension(uint32_t layout)
{
    return (layout & LAYOUT_EXTENSION_MASK) >> LAYOUT_EXTENSION;
}

static inline uint32_t layout_check_bits(uint32_t layout)
{
    return word_field(layout, LAYOUT_CHECK, 5);
}

static inline bool layout_told(uint32_t layout)
{
    return !ONLY_PLAIN && word_field(layout, LAYOUT_TOLD, 1) != 0;
}

/* Bits at the top of every header that tell its width; the check lies below them. */
static inline uint32_t layout_width_bits(uint32_t layout)
{
    return layout_told(layout) ? width_told_bits(layout_check_bits(layout)) : 0;
}

static inline uint32_t layout_size_bits(uint32_t layout)
{
    return IMAGE_SIZE_BITS_MAX - layout_width_bits(layout) - layout_check_bits(layout);
}

/* Whatever this build has. */
static inline bool layout_names_slab(uint32_t layout)
{
    return (layout & LAYOUT_SLAB_BITS) == LAYOUT_SLAB_BITS;
}

static inline bool layout_has_slab(uint32_t layout)
{
    return TARN_ON(TARN_WITH_SLAB) && layout_names_slab(layout);
}

static inline bool layout_has_map(uint32_t layout)
{
    return LAYOUT_MAP_MASK != 0 && (layout & LAYOUT_SLAB_BITS) == UINT32_C(1) << LAYOUT_MAP;
}

/* Whether a section stands behind the header and the parked lists that begins with its length: map or slab. */
static inline bool layout_has_table(uint32_t layout)
{
    return (layout & LAYOUT_TABLE_MASK) != 0;
}

/* A pool of a build that has no others is none but such a one. */
static inline bool layout_is_only_plain(uint32_t layout)
{
    uint32_t may = UINT32_C(31) << LAYOUT_CHECK | PLAIN_UNLOCKED | LAYOUT_PARKS_MASK;
    return (layout & ~may) == (PLAIN_LAYOUT | (ONLY_ENGINE - 1u) << LAYOUT_ENGINE) &&
           layout_check_bits(layout) >= IMAGE_SIZE_BITS_MAX - IMAGE_NARROW_BITS;
}

/* It names what this build has not. */
static inline bool layout_is_absent(uint32_t layout)
{
    if (ONLY_PLAIN) {
        return !layout_is_only_plain(layout);
    }
    uint32_t absent = layout_has_slab(layout) ? LAYOUT_ABSENT_MASK & ~(UINT32_C(1) << LAYOUT_MAP) : LAYOUT_ABSENT_MASK;
    return (layout & absent) != 0 || (layout_names_slab(layout) && !TARN_ON(TARN_WITH_SLAB));
}

static inline bool layout_unlocked(uint32_t layout)
{
    return word_field(layout, LAYOUT_UNLOCKED, 1) != 0;
}

static inline uint32_t layout_modules(uint32_t layout)
{
    return (layout & LAYOUT_MODULES_MASK) >> LAYOUT_MODULES;
}

static inline bool layout_guards(uint32_t layout)
{
    return (layout & LAYOUT_GUARD_MASK) != 0;
}

static inline bool layout_poisons(uint32_t layout)
{
    return (layout & LAYOUT_POISON_MASK) != 0;
}

static inline bool layout_zeroes(uint32_t layout)
{
    return (layout & LAYOUT_ZERO_MASK) != 0;
}

/* Whether free memory holds a fill. */
static inline bool layout_fills(uint32_t layout)
{
    return (layout & LAYOUT_FILL_MASK) != 0;
}

/* Whether used blocks end in a tail word (tail.h). */
static inline bool layout_has_tail(uint32_t layout)
{
    return (layout & LAYOUT_TAIL_MASK) != 0;
}

/* Whether blocks given back wait before they are free. */
static inline bool layout_quarantines(uint32_t layout)
{
    return (layout & LAYOUT_QUARANTINE_MASK) != 0;
}

/* Bytes of a used block between payload and tail that it needs while it waits: the link, and where blocks know their
 * call site, that of the call that gave it back. */
static inline uint32_t layout_reserve_bytes(uint32_t layout)
{
    if (!layout_quarantines(layout)) {
        return 0;
    }
    return layout_extension(layout) >= TARN_WORDS_SITE ? 8u : 4u;
}

/* Whether each block holds a copy of its header. */
static inline bool layout_has_backup(uint32_t layout)
{
    return (layout & LAYOUT_BACKUP_MASK) != 0;
}

static inline uint32_t layout_backup_bytes(uint32_t layout)
{
    return (layout & LAYOUT_BACKUP_MASK) >> (LAYOUT_BACKUP - 2);
}

/* Whether used blocks end in words of the pool. */
static inline bool layout_has_end(uint32_t layout)
{
    return (layout & (LAYOUT_TAIL_MASK | LAYOUT_BACKUP_MASK)) != 0;
}

/* Whether what merges is wiped: words that lie inside free memory from then on would be taken for what they were. */
static inline bool layout_wipes(uint32_t layout)
{
    return (layout & (LAYOUT_FILL_MASK | LAYOUT_BACKUP_MASK)) != 0;
}

/* Bytes of a used block behind its payload. */
static inline uint32_t layout_tail_bytes(uint32_t layout)
{
    return (layout_has_tail(layout) ? 4u + layout_reserve_bytes(layout) : 0) + layout_backup_bytes(layout);
}

/* Whether blocks are numbered: then the image has the counter. */
static inline bool layout_numbers(uint32_t layout)
{
    return layout_extension(layout) >= TARN_WORDS_SEQUENCE;
}

/* A check is this wide at least where blocks are parked: then it differs with each of a header's flags (block.h). */
#define IMAGE_PARK_CHECK_BITS 3u

static inline bool layout_parks(uint32_t layout)
{
    return (layout & LAYOUT_PARKS_MASK) != 0;
}

static inline bool layout_has_cursor(uint32_t layout)
{
    return !ONLY_PLAIN && word_field(layout, LAYOUT_CURSOR, 1) != 0;
}

/* Bytes of the section in front of the account (cursor.h). */
static inline uint32_t layout_cursor_bytes(uint32_t layout)
{
    return layout_has_cursor(layout) ? 8u : 0;
}

/* Bytes right in front of the first block, after the rows of modules: the quarantine, then the counter. */
static inline uint32_t layout_behind_rows(uint32_t layout)
{
    return (layout_quarantines(layout) ? IMAGE_QUARANTINE_BYTES : 0) + (layout_numbers(layout) ? 4u : 0);
}

/* Rows and what is behind them. Most pools have neither. */
static inline uint32_t layout_account_bytes(uint32_t layout)
{
    return 16u * layout_modules(layout) + layout_behind_rows(layout);
}

/* Bytes between the index and the first payload: these, extension words and header. */
static inline uint32_t layout_front_bytes(uint32_t layout)
{
    uint32_t any = LAYOUT_MODULES_MASK | LAYOUT_EXTENSION_MASK | LAYOUT_QUARANTINE_MASK | UINT32_C(1) << LAYOUT_CURSOR;
    return ONLY_PLAIN || (layout & any) == 0
               ? 4u
               : layout_cursor_bytes(layout) + layout_account_bytes(layout) + 4u * layout_extension(layout) + 4u;
}

/* Smallest free block, in granules: extension words and header, boundary tag, copy, and the engine's links. The
 * `where` link lies in the last extension word if there is one, so that a first extension word costs indexed engines
 * nothing. */
static inline uint32_t layout_minimum(uint32_t layout)
{
    uint32_t extension = layout_extension(layout);
    uint32_t words = extension + 2u;
    if ((ONLY_PLAIN ? ONLY_ENGINE : layout_engine(layout)) != TARN_ENGINE_LINEAR) {
        words += extension == 0 ? 2u : 1u;
    }
    uint32_t shift = layout_shift(layout);
    return (4u * words + layout_backup_bytes(layout) + (UINT32_C(1) << shift) - 1u) >> shift;
}

/* What only a pool without any of them can park: its blocks have nothing but a header, and no bit in a map. */
#define LAYOUT_UNPARKED_MASK                                                                                 \
    (LAYOUT_TAIL_MASK | LAYOUT_BACKUP_MASK | LAYOUT_EXTENSION_MASK | LAYOUT_MODULES_MASK | LAYOUT_MAP_MASK | \
     UINT32_C(1) << LAYOUT_TOLD)

/* What only a pool without any of them can have a slab with. */
#define LAYOUT_UNSLABBED_MASK (LAYOUT_TAIL_MASK | LAYOUT_BACKUP_MASK | LAYOUT_MODULES_MASK | UINT32_C(1) << LAYOUT_TOLD)

static inline uint32_t layout_unparked(uint32_t layout)
{
    return layout_names_slab(layout) ? LAYOUT_UNSLABBED_MASK : LAYOUT_UNPARKED_MASK;
}

/* What this version can mean (L2). */
static inline bool layout_is_legal(uint32_t layout)
{
    return word_field(layout, LAYOUT_GRANULE, 2) <= 2u && layout_engine(layout) <= TARN_ENGINE_LINEAR &&
           (!layout_parks(layout) ||
            ((layout & layout_unparked(layout)) == 0 && layout_check_bits(layout) >= IMAGE_PARK_CHECK_BITS)) &&
           layout_check_bits(layout) <= IMAGE_SIZE_BITS_MAX - IMAGE_SIZE_BITS_MIN &&
           (!layout_told(layout) || width_is_told(layout_check_bits(layout)));
}

#endif
