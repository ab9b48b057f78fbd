/* SPDX-License-Identifier: MIT */
/*
 * Leaks: blocks that somebody has, selected by number and by whether their owner is gone, summed up by owner and call
 * site into the caller's rows. One visitor serves live pools and views.
 *
 * Bound: rows for each block.
 */
#include "tarn/account.h"

#include "slab.h"
#include "view.h"

/* A walk under way. */
typedef struct grouping {
    const tarn_selection *what;
    tarn_groups *groups;
} grouping;

static bool selected(const tarn_selection *what, const tarn_block *block)
{
    if (!tarn_block_owned(block)) {
        return false;
    }
    if (what->by_number && !tarn_sequence_between(block->sequence, what->first, what->end)) {
        return false;
    }
    return what->gone == NULL || what->gone(block->owner, what->context);
}

/* The row of these two words, the next free one if none has them yet; NULL if there is no room. */
static tarn_group *row_for(tarn_groups *groups, uint32_t owner, uint32_t site)
{
    uint32_t i = 0;
    while (i < groups->count && !(groups->rows[i].owner == owner && groups->rows[i].site == site)) {
        i++;
    }
    return i < groups->capacity ? &groups->rows[i] : NULL;
}

static void enter(tarn_group *row, const tarn_block *block, bool fresh)
{
    if (fresh) {
        memset(row, 0, sizeof *row);
        row->owner = block->owner;
        row->site = block->site;
    }
    if (fresh || block->sequence < row->oldest) {
        row->oldest = block->sequence;
        row->offset = block->offset;
    }
    row->blocks++;
    row->bytes += block->size;
}

static bool group(const tarn_block *block, void *context)
{
    const grouping *g = context;
    tarn_groups *groups = g->groups;
    if (!selected(g->what, block)) {
        return true;
    }
    groups->blocks++;
    groups->bytes += block->size;
    tarn_group *row = row_for(groups, block->owner, block->site);
    if (row == NULL) {
        groups->unlisted_blocks++;
        return true;
    }
    bool fresh = row == &groups->rows[groups->count];
    enter(row, block, fresh);
    groups->count += fresh ? 1u : 0;
    return true;
}

static void groups_clear(tarn_groups *groups)
{
    groups->count = 0;
    groups->blocks = 0;
    groups->unlisted_blocks = 0;
    groups->bytes = 0;
}

/* Whether so many words can answer what is asked. */
static tarn_status may_group(uint32_t words, const tarn_selection *what, const tarn_groups *groups)
{
    if (groups->rows == NULL && groups->capacity != 0) {
        return TARN_E_NULL;
    }
    bool known =
        (!what->by_number || words >= TARN_WORDS_SEQUENCE) && (what->gone == NULL || words >= TARN_WORDS_OWNER);
    return known ? TARN_OK : TARN_E_ARGUMENT;
}

/* A selection with an end, for groups that are empty. */
static tarn_selection begin(const tarn_selection *what, tarn_groups *groups)
{
    static const tarn_selection everything;
    groups_clear(groups);
    return what != NULL ? *what : everything;
}

static tarn_status groups_finish(tarn_status status, tarn_groups *groups)
{
    if (status != TARN_OK) {
        groups_clear(groups);
    }
    return status;
}

tarn_status tarn_view_groups(const tarn_view *view, const tarn_selection *what, tarn_groups *groups)
{
    if (view == NULL || view->base == NULL || groups == NULL) {
        return TARN_E_NULL;
    }
    tarn_selection chosen = begin(what, groups);
    grouping g = {&chosen, groups};
    tarn_status status = may_group(layout_extension(view->layout), &chosen, groups);
    if (status == TARN_OK && chosen.by_number && chosen.open) {
        status = tarn_view_sequence(view, &chosen.end);
    }
    if (status == TARN_OK) {
        status = tarn_view_walk(view, group, &g);
    }
    uint64_t position = 0;
    tarn_block object;
    while (status == TARN_OK && tarn_slab_next(view, &position, &object)) {
        (void)group(&object, &g);
    }
    return groups_finish(status, groups);
}

tarn_status tarn_groups_get(const tarn_pool *pool, const tarn_selection *what, tarn_groups *groups)
{
    tarn_stats stats;
    if (groups == NULL) {
        return TARN_E_NULL;
    }
    tarn_selection chosen = begin(what, groups);
    grouping g = {&chosen, groups};
    tarn_status status = tarn_counts_get(pool, &stats);
    if (status == TARN_OK) {
        status = may_group(stats.extension_words, &chosen, groups);
    }
    if (status == TARN_OK && chosen.by_number && chosen.open) {
        status = tarn_sequence_get(pool, &chosen.end);
    }
    if (status == TARN_OK) {
        status = tarn_walk(pool, group, &g);
        status = status == TARN_OK ? tarn_slab_walk(pool, group, &g) : status;
    }
    return groups_finish(status, groups);
}
