/* SPDX-License-Identifier: MIT */
/*
 * The image of a block pool: what its bytes are, from the handle on. Words of 32 bits in the byte order of their maker;
 * places are byte offsets from the handle, 0 being none.
 *
 *   word   0 magic      "trb" and the version; plain pools, whose get and put have nothing else to do, have a magic of
 *                       their own, so that one compare tells both what a handle is and which path to take
 *          1 layout     head format, flags, alignment, slots (below); never changes
 *          2 head       the list of free blocks, in the format that the layout names, which may take word 3 too
 *          3 given      blocks that came back to the list, and
 *          4 taken      that left it or were handed out anew: taken - given are out, modulo 2^32. Get writes one and
 *                       put the other, so that neither waits for what the other has just written. Where the head needs
 *                       word 3, word 4 is the blocks out (used), if the head does not tell them
 *          5 fresh      blocks that were ever handed out: those behind are free and in no list
 *          6 first      offset of the first block
 *          7 inverse    of the odd factor of the stride, modulo 2^32
 *          8 shift      log2 of the stride's other factor; in bits 8..15 the width of a block's number in the head; in
 *                       bits 16..31 the batch, blocks that a cache and the list exchange at once, 0 without slots
 *          9 stride     from one block to the next
 *         10 count      blocks
 *         11 size       as asked for
 *         12 bytes      as given
 *         13 refusals   requests and puts refused
 *         14 mark       0, or 1 more than the most blocks that were out at once since the mark was reset
 *         15 sum        over words 1 and 6 to 12, which never change: blocks_sum()
 *   then, if the layout names them: map, one bit per block that is out; owners, one word per block; slots; then the
 *   blocks.
 *
 * A block's number is one multiply: q = ror((offset - first) * inverse, shift). Offsets that begin no block give
 * q >= 2^32 / stride, so that q < fresh tests range, stride and whether the block was ever handed out, all at once.
 *
 * The peak of blocks out is `fresh`, since a fresh block is taken only when no other is free.
 *
 * B1 magic, layout, geometry and counts are legal and consistent with the bytes given.
 * B2 the link of a free block, its first word, is 0 or the offset of a block below fresh.
 * B3 every block below fresh that is not out is in one list, once.
 * B4 fresh less the blocks out are listed; those held back count as out.   B5..B7: inspect, docs/blocks.md.
 * Bound: constant for everything here.
 */
#ifndef TARN_SRC_BLOCKS_H
#define TARN_SRC_BLOCKS_H

#include <stdbool.h>

#include "config.h"
#include "tarn/blocks.h"
#include "word.h"

enum {
    BLOCKS_MAGIC,
    BLOCKS_LAYOUT,
    BLOCKS_HEAD,
    BLOCKS_GIVEN,
    BLOCKS_HEAD_HIGH = BLOCKS_GIVEN,
    BLOCKS_TAKEN,
    BLOCKS_USED = BLOCKS_TAKEN,
    BLOCKS_FRESH,
    BLOCKS_FIRST,
    BLOCKS_INVERSE,
    BLOCKS_SHIFT,
    BLOCKS_STRIDE,
    BLOCKS_COUNT,
    BLOCKS_SIZE,
    BLOCKS_BYTES,
    BLOCKS_REFUSALS,
    BLOCKS_MARK,
    BLOCKS_SUM,
    BLOCKS_HEADER_WORDS
};

#define BLOCKS_HEADER_BYTES (4u * BLOCKS_HEADER_WORDS)
#define BLOCKS_PLAIN UINT32_C(0x62727401)  /* version 1 */
#define BLOCKS_FULL UINT32_C(0x62727481)   /* the same with something to do beside the list */
#define BLOCKS_CACHED UINT32_C(0x62727441) /* nothing to do beside the list, and caches to use (TARN_BLOCKS_CACHE) */
#define BLOCKS_MAPPED UINT32_C(0x627274C1) /* the map and nothing else to do beside the list */
#define BLOCKS_KINDS UINT32_C(0xC0)        /* the bits that tell these apart */
#define BLOCKS_VOID UINT32_C(0x627274FF)   /* a pool that was deinitialised */

/* Fields of the layout word: lowest bit. */
enum {
    BLOCKS_LAYOUT_FORMAT = 0,     /* 4 bits: BLOCKS_FORMAT_* */
    BLOCKS_LAYOUT_FLAGS = 4,      /* 6 bits: TARN_BLOCKS_MAP to TARN_BLOCKS_EVENTS */
    BLOCKS_LAYOUT_ALIGNMENT = 10, /* 4 bits: log2 */
    BLOCKS_LAYOUT_SLOTS = 14,     /* 8 bits */
    BLOCKS_LAYOUT_RESERVED = 22
};

#define BLOCKS_FLAGS_IN_IMAGE 63u

/* How the head tells the list. */
enum {
    BLOCKS_FORMAT_OFFSET = 0,     /* word 2: the first block's offset; given and taken in words 3 and 4 */
    BLOCKS_FORMAT_COUNTED_64 = 1, /* one 64-bit word, from the lowest bit: number + 1 of the first block, length of the
                                     list (each as wide as the shift word says), tag in the rest; word 4 is 0 */
    BLOCKS_FORMAT_TAGGED_32 = 2   /* word 2: number + 1 in 16 bits, tag in 16; word 3 is 0; used in word 4 */
};

/* What came of taking a block: none is there, or a link leads nowhere. */
typedef enum blocks_taking { BLOCKS_TAKEN_ONE, BLOCKS_NONE, BLOCKS_BROKEN } blocks_taking;

/* What is an instruction more or less: these add to a word in memory, and keep a call's arguments at no cost, x86-64 in
 * registers, i386 on the stack, where they were passed. */
#if defined(__x86_64__) || defined(__i386__)
#define BLOCKS_ON_X86 1
#else
#define BLOCKS_ON_X86 0
#endif

static inline bool blocks_likely(bool condition)
{
#if defined(__GNUC__)
    return __builtin_expect(condition, 1);
#else
    return condition;
#endif
}

static inline unsigned char *blocks_image(const tarn_blocks *pool)
{
    return (unsigned char *)(uintptr_t)pool;
}

static inline uint32_t blocks_word(const unsigned char *b, uint32_t index)
{
    return word_load(b + 4u * index);
}

static inline void blocks_set(unsigned char *b, uint32_t index, uint32_t value)
{
    word_store(b + 4u * index, value);
}

/* Words that calls of other threads may change meanwhile. */
static inline uint32_t blocks_shared(const unsigned char *b, uint32_t index)
{
    return word_load_shared(b + 4u * index);
}

/* What a build for plain pools alone leaves out no pool of it has. */
#define BLOCKS_ONLY_PLAIN TARN_ON(TARN_BLOCKS_ONLY_PLAIN)

/* Where init, get and put are those of blocks_small.c. */
#define BLOCKS_SMALL                                                                         \
    (BLOCKS_ONLY_PLAIN && !TARN_ON(TARN_BLOCKS_SYNC_ATOMIC) && !TARN_ON(TARN_WITH_EVENTS) && \
     !TARN_ON(TARN_WITH_REGISTRY))

static inline bool blocks_has(uint32_t layout, uint32_t flag)
{
    return !BLOCKS_ONLY_PLAIN && (layout >> BLOCKS_LAYOUT_FLAGS & flag) != 0;
}

static inline uint32_t blocks_alignment(uint32_t layout)
{
    return UINT32_C(1) << (layout >> BLOCKS_LAYOUT_ALIGNMENT & 15u);
}

static inline uint32_t blocks_slots(uint32_t layout)
{
    return BLOCKS_ONLY_PLAIN ? 0 : layout >> BLOCKS_LAYOUT_SLOTS & 255u;
}

/* It names what this build has not. */
static inline bool blocks_is_absent(uint32_t layout)
{
    uint32_t all = 255u << BLOCKS_LAYOUT_SLOTS | BLOCKS_FLAGS_IN_IMAGE << BLOCKS_LAYOUT_FLAGS;
    return BLOCKS_ONLY_PLAIN && (layout & all) != 0;
}

#if defined(__GNUC__) && defined(__thumb2__)

/* One instruction, which takes the lowest byte modulo 32: compilers mask the number first. */
static inline uint32_t blocks_rotate(uint32_t value, uint32_t by)
{
    __asm__("ror %0, %1, %2" : "=r"(value) : "r"(value), "r"(by));
    return value;
}

/* A word of the header, of which the value is known, read again: one instruction, where to keep it takes two, since it
 * would be in a register that has to be saved. */
static inline uint32_t blocks_again(unsigned char *b, uint32_t index, uint32_t value)
{
    (void)value;
    word_forget();
    return blocks_word(b, index);
}

#else

static inline uint32_t blocks_rotate(uint32_t value, uint32_t by)
{
    return value >> (by & 31u) | value << ((0u - by) & 31u);
}

static inline uint32_t blocks_again(unsigned char *b, uint32_t index, uint32_t value)
{
    (void)b;
    (void)index;
    return value;
}

#endif

/* The inverse of an odd number modulo 2^32, by Newton's iteration: each step doubles the bits that are right. */
static inline uint32_t blocks_inverse_of(uint32_t odd)
{
    uint32_t inverse = odd; /* right in 3 bits */
    for (int step = 0; step < 4; step++) {
        inverse *= 2u - odd * inverse;
    }
    return inverse;
}

/* The number of the block so far behind the first; the count or more if none begins there. */
static inline uint32_t blocks_number_at(const unsigned char *b, uint32_t distance)
{
    return blocks_rotate(distance * blocks_word(b, BLOCKS_INVERSE), blocks_word(b, BLOCKS_SHIFT));
}

/* The same at an offset. */
static inline uint32_t blocks_number(const unsigned char *b, uint32_t offset)
{
    return blocks_number_at(b, offset - blocks_word(b, BLOCKS_FIRST));
}

static inline uint32_t blocks_offset(const unsigned char *b, uint32_t number)
{
    return blocks_word(b, BLOCKS_FIRST) + number * blocks_word(b, BLOCKS_STRIDE);
}

/* Blocks that a cache and the list exchange at once. */
static inline uint32_t blocks_batch(const unsigned char *b)
{
    return blocks_word(b, BLOCKS_SHIFT) >> 16;
}

/* Two words that stand side by side, one load on machines of 64 bits and the first byte order. */
static inline uint64_t blocks_words(const unsigned char *b, uint32_t index)
{
    return blocks_word(b, index) | (uint64_t)blocks_word(b, index + 1u) << 32;
}

/* What get and put of a pool with flags verify instead of every relation between the words. Other words give another
 * sum but for a chance of about 1 in 2^31; two words whose top bits were turned over may have the same. */
static inline uint32_t blocks_sum_of(const unsigned char *b)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t sum = blocks_word(b, BLOCKS_LAYOUT) * factor;
    sum = (sum ^ blocks_words(b, BLOCKS_FIRST)) * factor; /* and the inverse */
    sum = (sum ^ blocks_words(b, BLOCKS_SHIFT)) * factor; /* and the stride */
    sum = (sum ^ blocks_words(b, BLOCKS_COUNT)) * factor; /* and the size */
    sum = (sum ^ blocks_word(b, BLOCKS_BYTES)) * factor;
    return (uint32_t)(sum >> 32);
}

/* The same where there is to be one copy of the code. */
uint32_t tarn_blocks_sum(const unsigned char *b);

static inline uint32_t blocks_sum(const unsigned char *b)
{
    return BLOCKS_ONLY_PLAIN ? tarn_blocks_sum(b) : blocks_sum_of(b);
}

/* The sections, in order. */
static inline uint32_t blocks_map_bytes(uint32_t layout, uint32_t count)
{
    return blocks_has(layout, TARN_BLOCKS_MAP) ? ((count + 31u) >> 5) * 4u : 0;
}

static inline uint32_t blocks_map_at(void)
{
    return BLOCKS_HEADER_BYTES;
}

static inline uint32_t blocks_owners_at(uint32_t layout, uint32_t count)
{
    return BLOCKS_HEADER_BYTES + blocks_map_bytes(layout, count);
}

static inline uint32_t blocks_owners_bytes(uint32_t layout, uint32_t count)
{
    return blocks_has(layout, TARN_BLOCKS_OWNER) ? 4u * count : 0;
}

static inline uint32_t blocks_slots_at(uint32_t layout, uint32_t count)
{
    return blocks_owners_at(layout, count) + blocks_owners_bytes(layout, count);
}

/* A cache: two lists, each of three words, in the middle of its slot. */
enum {
    BLOCKS_SLOT_LISTS = 2,
    BLOCKS_SLOT_AT = 48, /* bytes into the slot */
    BLOCKS_LIST_BYTES = 12,
    BLOCKS_LIST_HEAD = 0, /* offset of the first block, 0 if none */
    BLOCKS_LIST_TAIL = 4, /* of the last */
    BLOCKS_LIST_COUNT = 8
};

static inline uint32_t blocks_slot_list_at(uint32_t layout, uint32_t count, uint32_t slot, uint32_t list)
{
    return blocks_slots_at(layout, count) + TARN_BLOCKS_SLOT_BYTES * slot + (uint32_t)BLOCKS_SLOT_AT +
           (uint32_t)BLOCKS_LIST_BYTES * list;
}

/* Bytes in front of the first block, before alignment; 64 bits, for counts that nothing vouches for. */
static inline uint64_t blocks_control_bytes(uint32_t layout, uint64_t count)
{
    return BLOCKS_HEADER_BYTES + (blocks_has(layout, TARN_BLOCKS_MAP) ? ((count + 31u) >> 5) * 4u : 0) +
           (blocks_has(layout, TARN_BLOCKS_OWNER) ? 4u * count : 0) +
           (uint64_t)TARN_BLOCKS_SLOT_BYTES * blocks_slots(layout);
}

/* Bytes of payload that belong to the user; a guard lies right behind. */
static inline uint32_t blocks_usable(uint32_t size)
{
    return size == 0 ? 4u : (size + 3u) & ~3u;
}

static inline uint32_t blocks_guard(uint32_t offset)
{
    return UINT32_C(0x9E3779B9) ^ offset;
}

#define BLOCKS_FILL UINT32_C(0xDDDDDDDD)

/* Pools whose free blocks are verified by get hold those back that were written to. */
#define BLOCKS_HOLDS (TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON)

/* The first word of a block that is held back: odd, so that it is no link. Such a block is in no list and counts as
 * out, but the map, if there is one, does not mark it. In a pool without map a block out whose owner writes this very
 * word looks held back, and no call goes by it. */
static inline uint32_t blocks_held_mark(uint32_t offset)
{
    return (UINT32_C(0x6A09E667) ^ offset) | 1u;
}

static inline uint32_t blocks_flags(uint32_t layout)
{
    return BLOCKS_ONLY_PLAIN ? 0 : layout >> BLOCKS_LAYOUT_FLAGS & BLOCKS_FLAGS_IN_IMAGE;
}

/* The magic of a pool that keeps no mark. */
static inline uint32_t blocks_magic_for(uint32_t layout)
{
    if (blocks_flags(layout) != 0) {
        return blocks_flags(layout) == TARN_BLOCKS_MAP ? BLOCKS_MAPPED : BLOCKS_FULL;
    }
    return TARN_ON(TARN_BLOCKS_CACHE) && blocks_slots(layout) != 0 ? BLOCKS_CACHED : BLOCKS_PLAIN;
}

static inline bool blocks_alive(const unsigned char *b)
{
    return (blocks_shared(b, BLOCKS_MAGIC) & ~BLOCKS_KINDS) == BLOCKS_PLAIN;
}

/* Ends an image that something else takes the memory of; whoever holds the handle is refused. */
static inline bool blocks_void(const void *pool)
{
    unsigned char *b = (unsigned char *)(uintptr_t)pool;
    bool alive = blocks_alive(b);
    if (alive) {
        word_store_shared(b, BLOCKS_VOID);
    }
    return alive;
}

#endif
