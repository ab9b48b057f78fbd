/* SPDX-License-Identifier: MIT */
/**
 * @file report.h
 * @brief What is wrong, where, whose, and what most likely did it: one record for damage and for refused pointers.
 *
 * A report names the block concerned and its left neighbour, because the one who wrote too far is usually not the one
 * whose metadata broke. It is made when it is asked for, or at each refusal once tarn_reports_on() was called; a
 * program that does neither does not link any of it. Reports hold metadata, never what the user stored.
 */
#ifndef TARN_REPORT_H
#define TARN_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "tarn/blocks.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"
#include "tarn/regions.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Version of #tarn_report; fields are only ever added behind the last, and the version counts up. */
#define TARN_REPORT_VERSION 2u

/** @name What the pool of a report is */
/**@{*/
#define TARN_REPORT_POOL 0u   /**< a pool of blocks of any size */
#define TARN_REPORT_BLOCKS 1u /**< a block pool */
#define TARN_REPORT_HEAP 2u   /**< a heap of regions; offsets are those of the region's image */
/**@}*/

/** @name Guesses: what most likely happened; tarn_report.amount says by how much */
/**@{*/
#define TARN_GUESS_NONE 0u /**< nothing is wrong, or nothing points anywhere */
#define TARN_GUESS_OVERRUN \
    1u /**< the block's or the left neighbour's owner (tarn_report_is_own()) wrote past its end, up to at least amount
            bytes behind it; of which tarn_report_skipped() were left as they were */
#define TARN_GUESS_UNDERRUN 2u       /**< the block's owner wrote in front of it, amount bytes */
#define TARN_GUESS_USE_AFTER_FREE 3u /**< someone wrote into the block after it was given back */
#define TARN_GUESS_DOUBLE_FREE 4u    /**< the block was given back already */
#define TARN_GUESS_FOREIGN 5u        /**< the address belongs to no pool that is known */
#define TARN_GUESS_OTHER_POOL 6u     /**< the address lies in another registered pool: tarn_report.other */
#define TARN_GUESS_INTERIOR 7u       /**< the address lies amount bytes into a block that is in use */
#define TARN_GUESS_STALE 8u          /**< the address lies in free space: given back, and merged since */
#define TARN_GUESS_WILD_WRITE 9u     /**< something wrote there that has no business near */
#define TARN_GUESS_BIT_FLIP 10u      /**< one bit changed by itself: amount is its number in the word */
#define TARN_GUESS_HEADER 11u        /**< the address lies amount bytes before the payload of a block that is in use */
/**@}*/

/** A place that is not known. */
#define TARN_NOWHERE UINT64_MAX

enum { TARN_REPORT_WORDS = 8 };

/** A report. Offsets are from the image's first byte; 0 in fields that do not apply. */
typedef struct tarn_report {
    uint32_t version;   /**< #TARN_REPORT_VERSION */
    uint32_t kind;      /**< TARN_REPORT_* */
    uint32_t rule;      /**< TARN_RULE_*; 0 if no rule is broken: then a pointer was refused */
    tarn_status status; /**< what the call was answered */
    uint32_t guess;     /**< TARN_GUESS_* */
    uint32_t amount;    /**< bytes or bit, see the guess */
    uint32_t expected;  /**< the word that the rule wants, where it is one; as found where nothing is known of it */
    uint32_t found;     /**< the word that is there */
    uint32_t task;      /**< who was running: tarn_port_task(); #TARN_TASK_NONE off the target */
    uint32_t count;     /**< of words below */
    uint64_t pool;      /**< address of the handle; 0 off the target */
    uint64_t image;     /**< address of the image's first byte; 0 off the target */
    uint64_t anchor;    /**< address of tarn_alloc(), which sites count from; 0 off the target */
    uint64_t address;   /**< the pointer that was refused */
    uint64_t other;     /**< the pool that the pointer belongs to, if it is another one */
    uint64_t offset;    /**< where the rule is broken; #TARN_NOWHERE if none is */
    uint64_t first_bad; /**< first byte known to be overwritten, or #TARN_NOWHERE */
    uint64_t words_at;  /**< place of the first of words */
    tarn_block block;   /**< the block concerned; size 0 if there is none. Of a free block, owner, site and sequence are
                             those of the last block that began there, as far as the pool keeps them, 0 if none did;
                             what merged into it from the right was others'. Of one that was overrun into they are
                             lost */
    tarn_block left;    /**< its left neighbour; size 0 if there is none, or it cannot be reached */
    uint32_t words[TARN_REPORT_WORDS]; /**< metadata words around the place */
    uint32_t block_words; /**< since version 2: of block's owner, site and sequence, in this order, so many are known; 0
                               to 3, what lies behind them is 0 */
    uint32_t left_words;  /**< the same of left */
} tarn_report;

/**
 * Has a report made at each refused pointer and each damage that a call meets from now on, of all pools, and handed to
 * tarn_port_report(). It is a sink of events.h and made outside every lock. What checks find is told to their caller
 * alone: tarn_report_of_finding().
 *
 * Returns: #TARN_OK, also if they were on. Fails: #TARN_E_REGISTRY_FULL (4 sinks are installed).
 * Bound: constant; each report then takes as long as tarn_report_about(). Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_reports_on(void);

/**
 * Takes it back.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if they were not on.
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_reports_off(void);

/**
 * Makes a report about @p pool: with @p status #TARN_E_DAMAGED about the used block at @p address, if its own end or
 * fill is what is broken, else about the first broken rule that tarn_check() finds; with the status of a refused
 * pointer about @p address; with #TARN_OK about whichever block @p address lies in.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL; @p *report is then all zero.
 * Bound: blocks, twice where a header is broken. Interrupts: as the port, held for the whole look. Lock: pool; then
 * registry. Source: tarn.
 */
tarn_status tarn_report_about(const tarn_pool *pool, const void *address, tarn_status status, tarn_report *report);

/**
 * Makes a report about what tarn_check() or tarn_check_some() has found in @p pool, and which is not undone since:
 * rule, place and words are the finding's, blocks, first bad byte and guess those of now. Where a block's header has
 * been put right meanwhile nothing is guessed.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT (the finding's rule is 0), #TARN_E_NOT_A_POOL; @p *report is
 * then all zero.
 * Bound: blocks up to the place, and granules where a header is broken. Interrupts: as the port, held for the whole
 * look. Lock: pool. Source: tarn.
 */
tarn_status tarn_report_of_finding(const tarn_pool *pool, const tarn_finding *finding, tarn_report *report);

/**
 * tarn_report_of_finding() of what tarn_heap_check() or tarn_heap_check_some() has found.
 *
 * Returns: #TARN_OK. Fails: as tarn_report_of_finding(), and #TARN_E_FOREIGN (no such region is in the heap).
 * Bound: as tarn_report_of_finding(). Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_report_of_finding(tarn_heap *heap, const tarn_heap_finding *finding, tarn_report *report);

/**
 * tarn_report_of_finding() of what tarn_blocks_check() or tarn_blocks_check_some() has found.
 *
 * Returns: #TARN_OK. Fails: as tarn_report_of_finding().
 * Bound: the free list for each of two blocks. Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_report_of_finding(const tarn_blocks *pool, const tarn_finding *finding, tarn_report *report);

/**
 * tarn_report_about() of a heap of regions: about the first region with damage, or the one that @p address lies in.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL. Bound: blocks of all regions. Interrupts: as the port.
 * Lock: heap; then registry. Source: tarn.
 */
tarn_status tarn_heap_report(tarn_heap *heap, const void *address, tarn_status status, tarn_report *report);

/**
 * tarn_report_about() of a block pool.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL. Bound: as tarn_blocks_check(). Interrupts: as built.
 * Lock: as built; then registry. Source: tarn.
 */
tarn_status tarn_blocks_report(const tarn_blocks *pool, const void *address, tarn_status status, tarn_report *report);

/**
 * tarn_report_about() of a view; @p at is a place in the image instead of an address.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL. Bound: as tarn_report_about(). Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_view_report(const tarn_view *view, uint64_t at, tarn_status status, tarn_report *report);

/**
 * tarn_report_about() of a view of a block pool; @p at is a place in the image instead of an address.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL. Bound: as tarn_blocks_check(). Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_blocks_view_report(const tarn_blocks_view *view, uint64_t at, tarn_status status, tarn_report *report);

/** Takes the next piece of a report's text. */
typedef void tarn_report_writer(const char *text, size_t length, void *context);

/**
 * Writes @p report as text of about ten lines: what, where, the guess, both blocks with their owners and call sites,
 * metadata words. Nothing is allocated, nothing but the record is read.
 *
 * Returns: nothing. Fails: never; NULL writes nothing. Bound: constant. Interrupts: as the writer. Lock: none.
 * Source: tarn; the form is that of a KASAN report.
 */
void tarn_report_text(const tarn_report *report, tarn_report_writer *write, void *context);

/** Returns the address of the place in the program that a call-site word stands for, 0 if it is not known. */
typedef uint64_t tarn_report_resolver(uint32_t site);

/**
 * tarn_report_text() of a program whose code is in several pieces more than 2 GiB apart: @p resolve knows the addresses
 * of its call sites, NULL for what tarn_report_text() takes them to be. A place not known is written as its distance
 * from tarn_alloc().
 *
 * Returns: nothing. Fails: never; @p report or @p write NULL writes nothing. Bound: constant, and that of @p resolve
 * for each call site. Interrupts: as the writer. Lock: none. Source: tarn.
 */
void tarn_report_text_resolved(const tarn_report *report, tarn_report_writer *write, void *context,
                               tarn_report_resolver *resolve);

/**
 * Tells whose end an overrun (#TARN_GUESS_OVERRUN) went past: the block's own, because its guard, its tail or bytes
 * behind its payload are what broke, or its left neighbour's.
 *
 * Returns: true if it is the block's own. Fails: false for NULL and other guesses. Bound: constant. Interrupts: yes.
 * Lock: none. Source: tarn.
 */
bool tarn_report_is_own(const tarn_report *report);

/**
 * Returns how many bytes an overrun past the block's own end left as they were before the first that it wrote: those of
 * an index too large, or a structure's padding. 0 where that is not known, and for other guesses and NULL.
 *
 * Fails: never. Units: bytes. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
uint32_t tarn_report_skipped(const tarn_report *report);

/**
 * Returns a few words for a guess: "overrun", "underrun", "use after free" and so on; "unknown" for others.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
const char *tarn_guess_text(uint32_t guess);

/**
 * Returns what the rule of this number demands, in a few words ("block header", "guard" ...); "unknown rule" for
 * others.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
const char *tarn_rule_text(uint32_t rule);

#ifdef __cplusplus
}
#endif

#endif
