/* SPDX-License-Identifier: MIT */
/*
 * Live blocks by owner and call site: one row per block that somebody has, sorted, then equal neighbours summed up.
 * Those held back are nobody's and counted apart; of a slab, objects have rows and pages have none.
 * Bound: blocks times their logarithm; 40 bytes of memory per used block.
 */
#include <stdlib.h>
#include <string.h>

#include "reader.h"

typedef struct collection {
    const group_choice *choice;
    block_groups *groups;
    uint32_t next; /* what the next block's number would be */
    bool failed;
} collection;

static block_group *add_row(block_groups *groups)
{
    size_t n = groups->count;
    if ((n & (n - 1u)) == 0) {
        block_group *rows = realloc(groups->rows, (n == 0 ? 1u : 2u * n) * sizeof *rows);
        if (rows == NULL) {
            return NULL;
        }
        groups->rows = rows;
    }
    groups->count = n + 1u;
    return &groups->rows[n];
}

static bool collect(const tarn_block *block, void *context)
{
    collection *c = context;
    if (block->state == TARN_BLOCK_HELD_BACK) {
        c->groups->held_blocks++;
        c->groups->held_bytes += block->size;
    }
    bool chosen = tarn_block_owned(block) &&
                  (!c->choice->numbered || tarn_sequence_between(block->sequence, c->choice->since, c->next));
    if (!chosen) {
        return true;
    }
    block_group *row = add_row(c->groups);
    c->failed = row == NULL;
    if (row == NULL) {
        return false;
    }
    uint32_t owner = c->choice->by == GROUP_MODULE ? block->owner & UINT32_C(0xFFF00000) : block->owner;
    uint32_t site = c->choice->by == GROUP_SITE ? block->site : 0;
    *row = (block_group){owner, site, 1, block->size, block->sequence, block->offset};
    c->groups->blocks++;
    c->groups->bytes += block->size;
    return true;
}

static int by_identity(const void *left, const void *right)
{
    const block_group *a = left;
    const block_group *b = right;
    if (a->owner != b->owner) {
        return a->owner < b->owner ? -1 : 1;
    }
    if (a->site != b->site) {
        return a->site < b->site ? -1 : 1;
    }
    return a->offset < b->offset ? -1 : 1;
}

static int by_bytes(const void *left, const void *right)
{
    const block_group *a = left;
    const block_group *b = right;
    if (a->bytes != b->bytes) {
        return a->bytes > b->bytes ? -1 : 1;
    }
    return by_identity(left, right);
}

static void sum_up(block_groups *groups)
{
    size_t kept = 0;
    for (size_t i = 0; i < groups->count; i++) {
        block_group *row = &groups->rows[i];
        block_group *last = kept == 0 ? NULL : &groups->rows[kept - 1u];
        if (last == NULL || last->owner != row->owner || last->site != row->site) {
            groups->rows[kept++] = *row;
            continue;
        }
        last->blocks += row->blocks;
        last->bytes += row->bytes;
        last->oldest = row->oldest < last->oldest ? row->oldest : last->oldest;
    }
    groups->count = kept;
}

bool groups_make(const found_pool *pool, const group_choice *choice, block_groups *groups)
{
    memset(groups, 0, sizeof *groups);
    collection c = {choice, groups, 0, false};
    if (pool->kind == POOL_VARIABLE) {
        (void)tarn_view_sequence(&pool->variable, &c.next);
    }
    (void)pool_walk_objects(pool, collect, &c);
    if (c.failed) {
        groups_free(groups);
        return false;
    }
    if (groups->count != 0) {
        qsort(groups->rows, groups->count, sizeof *groups->rows, by_identity);
        sum_up(groups);
        qsort(groups->rows, groups->count, sizeof *groups->rows, by_bytes);
    }
    return true;
}

void groups_free(block_groups *groups)
{
    free(groups->rows);
    memset(groups, 0, sizeof *groups);
}
