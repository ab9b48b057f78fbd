/* SPDX-License-Identifier: MIT */
/**
 * @file reader.h
 * @brief Memory that is not this process's, and the pools in it: dumps, saved images, core files, live processes.
 *
 * M1 Nothing that is read is trusted: every size is compared with the bytes that are there before it is used.
 * M2 Nothing is written to what is read, and a file is mapped, never read as a whole.
 * M3 A pool that is accepted lies in the memory as a whole, and if it lies inside another one, then in one used block.
 *
 * A place is what a byte is called: its address in a core file or a process, its offset in a raw file, to which the
 * address of the first byte may be added.
 */
#ifndef TARN_TOOLS_READER_H
#define TARN_TOOLS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tarn/account.h"
#include "tarn/blocks.h"
#include "tarn/inspect.h"
#include "tarn/report.h"
#include "tarn/why.h"

/* ---- memory ---- */

/** Bytes that follow each other. */
typedef struct reader_piece {
    uint64_t place;
    uint64_t size;
    const unsigned char *bytes;
} reader_piece;

/** Part of a file that was mapped where a core file or process says. */
typedef struct reader_mapping {
    char *path;
    uint64_t start, end;
    uint64_t offset; /**< into the file */
} reader_mapping;

/** Bytes that may be other than zero: by place in a process, by offset in a file. */
typedef struct reader_extent {
    uint64_t at, size;
} reader_extent;

/** A stretch of this process's memory to give back in the end. */
typedef struct reader_hold {
    void *at;
    size_t size;
} reader_hold;

typedef enum reader_kind { READER_RAW, READER_CORE, READER_PROCESS } reader_kind;

enum { READER_WHY = 256 };

/** Memory opened for reading. */
typedef struct reader {
    reader_kind kind;
    reader_piece *pieces; /**< by place, no two overlap */
    size_t piece_count;
    reader_mapping *mappings;
    size_t mapping_count;
    reader_extent *extents; /**< in order; what lies between them is zero */
    size_t extent_count;
    reader_hold *holds;
    size_t hold_count;
    const unsigned char *file; /**< NULL of a process */
    uint64_t file_bytes;
    uint64_t missing;     /**< bytes that the file says it has, and does not */
    uint64_t copied;      /**< bytes that had to be copied to be aligned */
    char why[READER_WHY]; /**< after a failure: one line without a name in front */
} reader;

/** Opens @p path; @p raw: as raw bytes, whatever they look like, the first of which has the place @p base. Returns
 *  whether it did. */
bool reader_open(reader *r, const char *path, bool raw, uint64_t base);

/** Copies what the process @p pid has mapped and written to. Returns whether it could. */
bool reader_attach(reader *r, long pid);

void reader_close(reader *r);

/** The bytes from @p place on, and how many follow each other there; NULL if there are none. */
const unsigned char *reader_at(const reader *r, uint64_t place, uint64_t *size);

/** Sets [@p *begin, @p *end) to the next bytes of the piece, from @p from of its bytes on, that may be other than zero.
 *  Returns whether there are any. */
bool reader_next_data(const reader *r, const reader_piece *piece, uint64_t from, uint64_t *begin, uint64_t *end);

/** The first such byte in [@p from, @p end); NULL if there is none. */
const unsigned char *reader_find(const unsigned char *from, const unsigned char *end, unsigned char byte);

/** Says why something failed. Returns false. */
bool reader_fail(reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** @name For those who fill a reader in. They return whether there was memory for it. */
/**@{*/
bool reader_add_piece(reader *r, uint64_t place, uint64_t size, const unsigned char *bytes);
bool reader_add_mapping(reader *r, const char *path, uint64_t start, uint64_t end, uint64_t offset);
bool reader_add_hold(reader *r, void *at, size_t size);
/** Extents come in order; one that follows the last becomes part of it. */
bool reader_add_extent(reader *r, uint64_t at, uint64_t size);
/** Sorts the pieces and joins those that follow each other. */
bool reader_join(reader *r);
/** Fills in the pieces and mappings of the ELF core file that was mapped. */
bool reader_load_elf(reader *r);
/**@}*/

/* ---- pools ---- */

typedef enum pool_kind { POOL_VARIABLE, POOL_BLOCKS } pool_kind;

/** Where in a file a pool may begin, and what was made of it. */
typedef struct found_pool {
    uint64_t place; /**< of the image's first byte */
    uint64_t bytes; /**< from there to its end */
    pool_kind kind;
    bool swapped;         /**< its byte order is not this machine's */
    tarn_status status;   /**< of opening it */
    const char *rejected; /**< why it is no pool; NULL if it is one */
    uint32_t depth;       /**< pools around it */
    size_t around;        /**< the innermost of them; itself if there is none */
    tarn_view variable;
    tarn_blocks_view blocks;
} found_pool;

typedef struct found_pools {
    found_pool *rows; /**< by place */
    size_t count;
    size_t accepted;
    bool too_many; /**< the search ended early */
} found_pools;

/** Finds every pool. Returns whether there was memory for it. */
bool pools_find(reader *r, found_pools *found);

/** Takes what lies at @p place for a pool, if its header allows. Returns whether there was memory for it; the status
 *  and reason are in the only row. */
bool pools_take(reader *r, uint64_t place, found_pools *found);

void pools_free(found_pools *found);

/** @name A pool of either kind. Offsets are from the image's first byte. */
/**@{*/
tarn_status pool_stats(const found_pool *pool, tarn_stats *stats);
tarn_status pool_walk(const found_pool *pool, tarn_visit *visit, void *context);
/** The same, and behind each page of the slab the objects in it that somebody has. */
tarn_status pool_walk_objects(const found_pool *pool, tarn_visit *visit, void *context);

/** How far a walk gets. */
typedef enum walk_reach {
    WALK_WHOLE,    /**< over every block */
    WALK_ENDED,    /**< up to damage; what lies behind it is in no sum */
    WALK_UNCERTAIN /**< over every block of a block pool whose lists are broken: some may be free that are called used */
} walk_reach;

/** How far, and, if it ended, the offset of the payload of the first block that it did not reach. */
walk_reach pool_reach(const found_pool *pool, uint64_t *end);

/** What a slab has: pages, which are used blocks, and the objects in them that somebody has. */
typedef struct slab_figures {
    uint64_t pages, page_bytes;
    uint64_t objects, object_bytes;
} slab_figures;

/** Returns whether the pool has a slab. What a damaged pool's walk does not reach is missing. */
bool pool_slab(const found_pool *pool, slab_figures *figures);

/** Bytes of the blocks that are held back. */
uint64_t pool_held_back(const found_pool *pool);
tarn_status pool_check(const found_pool *pool, tarn_finding *finding);
tarn_status pool_why(const found_pool *pool, uint64_t size, uint64_t alignment, tarn_verdict *verdict);
/** Extension words of each block, or whether there are owners. */
uint32_t pool_words(const found_pool *pool);
/** Offset of the first block. */
uint64_t pool_first(const found_pool *pool);
/**@}*/

/** Which of a block pool's blocks are in a list, a bit each, as far as the lists can be followed; *sound (may be NULL):
 *  whether that was to their ends. Free it. NULL if there is no memory. */
unsigned char *blocks_free_map(const tarn_blocks_view *view, bool *sound);

/** The report about the first broken rule; its rule is 0 if none is. */
void pool_report(const found_pool *pool, tarn_report *report);

enum { RULE_NAME = 12 };

/** The number of a rule as the documentation writes it, put into @p name. Returns it. */
const char *rule_name(uint32_t rule, char name[RULE_NAME]);

/* ---- what a pool's blocks tell ---- */

/** Live blocks of one owner from one place of the program. */
typedef struct block_group {
    uint32_t owner, site;
    uint64_t blocks, bytes;
    uint32_t oldest; /**< the sequence number of the one handed out first */
    uint64_t offset; /**< of the first in order of address */
} block_group;

typedef struct block_groups {
    block_group *rows; /**< most bytes first */
    size_t count;
    uint64_t blocks, bytes;
    uint64_t held_blocks, held_bytes; /**< held back, and nobody's: in no row */
} block_groups;

typedef enum group_by { GROUP_MODULE, GROUP_TASK, GROUP_SITE } group_by;

/** Which blocks count. */
typedef struct group_choice {
    group_by by;
    bool numbered; /**< only those allocated from `since` on */
    uint32_t since;
} group_choice;

/** Sums up the blocks that somebody has, and the objects of a slab in place of its pages. What a damaged pool's walk
 *  does not reach is missing. Returns whether there was memory. */
bool groups_make(const found_pool *pool, const group_choice *choice, block_groups *groups);

void groups_free(block_groups *groups);

enum { HISTOGRAM_ROWS = 34 };

/** Row n is of the blocks whose payload has from 2^n to below 2^(n+1) bytes; row 0 those below 2 as well. */
typedef struct histogram {
    uint64_t used_blocks[HISTOGRAM_ROWS], used_bytes[HISTOGRAM_ROWS];
    uint64_t free_blocks[HISTOGRAM_ROWS], free_bytes[HISTOGRAM_ROWS];
} histogram;

void histogram_make(const found_pool *pool, histogram *h);

enum { MAP_CELLS_MAX = 1024 };

/** One character per slice: '=' control data, '#' used, '.' free, 'q' waiting, 'h' held back, 's' page of the slab, '+'
 *  several, '?' behind damage. */
typedef struct pool_map {
    uint64_t slice; /**< bytes per character */
    size_t count;
    char cells[MAP_CELLS_MAX + 1];
} pool_map;

void map_make(const found_pool *pool, pool_map *map);

/* ---- names ---- */

typedef struct symbols symbols;

/** A place in the program. */
typedef struct site_name {
    uint64_t address;
    const char *function; /**< NULL if unknown */
    const char *file;     /**< NULL if unknown */
    int line;
} site_name;

/** Prepares naming of call sites from @p elf, NULL for the files that a core or process names. Returns NULL and the
 *  reason in r->why if @p elf cannot be used; without @p elf, NULL where there is nothing to name from. */
symbols *symbols_open(reader *r, const char *elf);

/** Names the call site. Returns whether it is known. The strings live as long as the symbols. */
bool symbols_name(symbols *s, uint32_t site, site_name *name);

/** A line about files that are not those of the core; NULL if there is nothing to say. */
const char *symbols_warning(const symbols *s);

/** A line about call sites that were asked for and lie outside the files' code, so that the files are not what ran; NULL
 *  if there were none. */
const char *symbols_doubt(symbols *s);

void symbols_close(symbols *s);

#endif
