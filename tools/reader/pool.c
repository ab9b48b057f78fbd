/* SPDX-License-Identifier: MIT */
/*
 * A found pool of either kind, through one set of functions.
 *
 * The walk of a block pool follows each list once, with a bit per block, where the core's, which has no memory of its
 * own, follows them once per 1024 blocks.
 * Bound: blocks.
 */
#include "../../src/blocks_view.h"
#include "../../src/slab.h"
#include "../../src/view.h"

#include <stdlib.h>

#include "reader.h"

/* ---- block pools ---- */

static bool mark_list(const tarn_blocks_view *view, const blocks_shape *shape, uint32_t index, unsigned char *map)
{
    blocks_list list = tarn_blocks_view_list(view, index);
    uint32_t at = list.head;
    for (uint32_t left = list.count < shape->fresh ? list.count : shape->fresh; left != 0; left--) {
        uint32_t number = blocks_shape_number(shape, at);
        if (number >= shape->fresh || ((uint32_t)map[number / 8u] >> number % 8u & 1u) != 0) {
            return false;
        }
        map[number / 8u] = (unsigned char)(map[number / 8u] | 1u << number % 8u);
        at = blocks_view_payload(view, at);
    }
    return at == 0 && list.count <= shape->fresh;
}

unsigned char *blocks_free_map(const tarn_blocks_view *view, bool *sound)
{
    blocks_shape shape = tarn_blocks_view_shape(view);
    unsigned char *map = calloc((size_t)shape.count / 8u + 1u, 1);
    bool followed = true;
    for (uint32_t i = 0; map != NULL && i < blocks_shape_lists(&shape); i++) {
        followed = mark_list(view, &shape, i, map) && followed;
    }
    if (sound != NULL) {
        *sound = map != NULL && followed;
    }
    return map;
}

static tarn_status walk_blocks(const tarn_blocks_view *view, tarn_visit *visit, void *context)
{
    bool sound;
    tarn_block record;
    blocks_shape shape = tarn_blocks_view_shape(view);
    unsigned char *map = blocks_free_map(view, &sound);
    if (map == NULL) {
        return tarn_blocks_view_walk(view, visit, context);
    }
    for (uint32_t number = 0; number < shape.count; number++) {
        bool listed = ((uint32_t)map[number / 8u] >> number % 8u & 1u) != 0;
        tarn_blocks_view_describe(view, &shape, number, listed || number >= shape.fresh, &record);
        if (!visit(&record, context)) {
            break;
        }
    }
    free(map);
    return sound ? TARN_OK : TARN_E_DAMAGED;
}

/* ---- either kind ---- */

static bool widen(const tarn_block *block, void *context)
{
    uint64_t *largest = context;
    *largest = block->state == TARN_BLOCK_FREE && block->size > *largest ? block->size : *largest;
    return true;
}

/* Of a damaged pool: what its header says, and the largest free block as far as the walk goes. */
static tarn_status damaged_stats(const tarn_view *view, tarn_stats *stats)
{
    uint64_t largest = 0;
    (void)tarn_view_walk(view, widen, &largest);
    memset(stats, 0, sizeof *stats);
    tarn_view_header_stats(view, stats);
    stats->largest_free = largest;
    return TARN_E_DAMAGED;
}

tarn_status pool_stats(const found_pool *pool, tarn_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    if (pool->kind == POOL_BLOCKS) {
        return tarn_blocks_view_stats(&pool->blocks, stats);
    }
    tarn_status status = tarn_view_stats(&pool->variable, stats);
    return status == TARN_E_DAMAGED ? damaged_stats(&pool->variable, stats) : status;
}

tarn_status pool_walk(const found_pool *pool, tarn_visit *visit, void *context)
{
    return pool->kind == POOL_BLOCKS ? walk_blocks(&pool->blocks, visit, context)
                                     : tarn_view_walk(&pool->variable, visit, context);
}

/* A walk under way that goes into pages. */
typedef struct descent {
    const tarn_view *view;
    tarn_visit *visit;
    void *context;
} descent;

static bool descend(const tarn_block *block, void *context)
{
    const descent *d = context;
    if (!d->visit(block, d->context)) {
        return false;
    }
    return block->state != TARN_BLOCK_SLAB ||
           tarn_slab_visit(d->view, (uint32_t)(block->offset >> layout_shift(d->view->layout)), d->visit, d->context);
}

tarn_status pool_walk_objects(const found_pool *pool, tarn_visit *visit, void *context)
{
    descent d = {&pool->variable, visit, context};
    return pool->kind == POOL_BLOCKS ? pool_walk(pool, visit, context) : pool_walk(pool, descend, &d);
}

/* Where the next block's payload would be. */
static bool note_end(const tarn_block *block, void *context)
{
    uint64_t *end = context;
    *end = block->offset + block->size;
    return true;
}

walk_reach pool_reach(const found_pool *pool, uint64_t *end)
{
    *end = pool_first(pool);
    if (pool_walk(pool, note_end, end) == TARN_OK) {
        return WALK_WHOLE;
    }
    return pool->kind == POOL_BLOCKS ? WALK_UNCERTAIN : WALK_ENDED;
}

/* Figures, and where the page that was met last ends: what begins in front of that is an object in it. */
typedef struct slab_sum {
    slab_figures *figures;
    uint64_t end;
} slab_sum;

static bool add_slab(const tarn_block *block, void *context)
{
    slab_sum *sum = context;
    if (block->state == TARN_BLOCK_SLAB) {
        sum->figures->pages++;
        sum->figures->page_bytes += block->size;
        sum->end = block->offset + block->size;
    } else if (block->offset < sum->end) {
        sum->figures->objects++;
        sum->figures->object_bytes += block->size;
    }
    return true;
}

bool pool_slab(const found_pool *pool, slab_figures *figures)
{
    memset(figures, 0, sizeof *figures);
    if (pool->kind == POOL_BLOCKS || !layout_has_slab(pool->variable.layout)) {
        return false;
    }
    slab_sum sum = {figures, 0};
    (void)pool_walk_objects(pool, add_slab, &sum);
    return true;
}

static bool add_held(const tarn_block *block, void *context)
{
    uint64_t *bytes = context;
    *bytes += block->state == TARN_BLOCK_HELD_BACK ? block->size : 0;
    return true;
}

uint64_t pool_held_back(const found_pool *pool)
{
    uint64_t bytes = 0;
    (void)pool_walk(pool, add_held, &bytes);
    return bytes;
}

tarn_status pool_check(const found_pool *pool, tarn_finding *finding)
{
    return pool->kind == POOL_BLOCKS ? tarn_blocks_view_check(&pool->blocks, finding)
                                     : tarn_view_check(&pool->variable, finding);
}

tarn_status pool_why(const found_pool *pool, uint64_t size, uint64_t alignment, tarn_verdict *verdict)
{
    return pool->kind == POOL_BLOCKS ? tarn_blocks_view_why(&pool->blocks, size, alignment, verdict)
                                     : tarn_view_why(&pool->variable, size, alignment, verdict);
}

uint32_t pool_words(const found_pool *pool)
{
    if (pool->kind == POOL_BLOCKS) {
        return blocks_has(blocks_view_get(&pool->blocks, BLOCKS_LAYOUT), TARN_BLOCKS_OWNER) ? TARN_WORDS_OWNER : 0;
    }
    return layout_extension(pool->variable.layout);
}

uint64_t pool_first(const found_pool *pool)
{
    return pool->kind == POOL_BLOCKS ? blocks_view_get(&pool->blocks, BLOCKS_FIRST)
                                     : view_payload(&pool->variable, pool->variable.first);
}

void pool_report(const found_pool *pool, tarn_report *report)
{
    tarn_finding finding;
    memset(report, 0, sizeof *report);
    if (pool_check(pool, &finding) == TARN_OK) {
        return;
    }
    if (pool->kind == POOL_BLOCKS) {
        (void)tarn_blocks_view_report(&pool->blocks, 0, TARN_E_DAMAGED, report);
    } else {
        (void)tarn_view_report(&pool->variable, 0, TARN_E_DAMAGED, report);
    }
}
