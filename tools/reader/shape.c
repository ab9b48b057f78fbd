/* SPDX-License-Identifier: MIT */
/*
 * What a pool looks like: histogram of its blocks' sizes, and a map of its bytes.
 * Bound: blocks.
 */
#include <string.h>

#include "reader.h"

/* ---- histogram ---- */

static uint32_t row_of(uint64_t bytes)
{
    uint32_t row = 0;
    while (bytes >> 1 != 0 && row < HISTOGRAM_ROWS - 1u) {
        bytes >>= 1;
        row++;
    }
    return row;
}

static bool count_block(const tarn_block *block, void *context)
{
    histogram *h = context;
    uint32_t row = row_of(block->usable == UINT32_MAX ? block->size : block->usable);
    if (!tarn_block_counts(block)) {
        h->free_blocks[row]++;
        h->free_bytes[row] += block->size;
    } else {
        h->used_blocks[row]++;
        h->used_bytes[row] += block->size;
    }
    return true;
}

void histogram_make(const found_pool *pool, histogram *h)
{
    memset(h, 0, sizeof *h);
    (void)pool_walk(pool, count_block, h);
}

/* ---- map ---- */

typedef struct drawing {
    pool_map *map;
    uint64_t lead; /* from a block's first byte to its payload */
    uint64_t end;  /* where the last block ended */
} drawing;

static void draw(pool_map *map, uint64_t from, uint64_t to, char with)
{
    if (from >= to) {
        return;
    }
    for (uint64_t cell = from / map->slice; cell <= (to - 1u) / map->slice && cell < map->count; cell++) {
        char *at = &map->cells[cell];
        if (*at == ' ' || *at == '=') {
            *at = with;
        } else if (*at != with) {
            *at = '+';
        }
    }
}

static char sign_of(uint32_t state)
{
    switch (state) {
    case TARN_BLOCK_FREE:
        return '.';
    case TARN_BLOCK_USED:
    case TARN_BLOCK_CARRIES_POOL:
        return '#';
    case TARN_BLOCK_SLAB:
        return 's';
    case TARN_BLOCK_HELD_BACK:
        return 'h';
    case TARN_BLOCK_QUARANTINED:
        return 'q';
    default:
        return '?';
    }
}

static bool draw_block(const tarn_block *block, void *context)
{
    drawing *d = context;
    uint64_t from = block->offset - d->lead;
    draw(d->map, from, from + block->size, sign_of(block->state));
    d->end = from + block->size;
    return true;
}

void map_make(const found_pool *pool, pool_map *map)
{
    uint64_t lead = pool->kind == POOL_BLOCKS ? 0 : 4u + 4u * (uint64_t)pool_words(pool);
    drawing d = {map, lead, pool_first(pool) - lead};
    memset(map, 0, sizeof *map);
    map->slice = (pool->bytes + MAP_CELLS_MAX - 1u) / MAP_CELLS_MAX;
    map->slice = map->slice < 16u ? 16u : map->slice;
    map->count = (size_t)((pool->bytes + map->slice - 1u) / map->slice);
    memset(map->cells, ' ', map->count);
    draw(map, 0, d.end, '=');
    if (pool_walk(pool, draw_block, &d) != TARN_OK && pool->kind == POOL_VARIABLE) {
        for (uint64_t cell = d.end / map->slice; cell < map->count; cell++) {
            map->cells[cell] = '?';
        }
    }
}
