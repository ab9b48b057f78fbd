/* SPDX-License-Identifier: MIT */
/*
 * Reports about block pools, from the bytes of the image alone. Blocks are where the geometry says, so that nothing has
 * to be found again; a guard tells an overrun of its own block, a fill or a link a write after put.
 *
 * Bound: the full check, and the free list for each of the two blocks.
 */
#include "report.h"

static uint32_t number_of(const blocks_shape *shape, uint64_t at)
{
    return (uint32_t)((at - shape->first) / shape->stride);
}

static void blocks_describe(const tarn_blocks_view *view, const blocks_shape *shape, uint32_t number,
                            tarn_block *record)
{
    blocks_window window;
    bool known = tarn_blocks_view_window(view, number & ~31u, false, &window);
    bool is_free = number >= shape->fresh || (known && blocks_window_free(&window, number));
    tarn_blocks_view_describe(view, shape, number, is_free, record);
}

/* Bytes of the guard that are not what they must be, up to the last such: so far the owner wrote at least. */
static uint32_t guard_depth(const tarn_blocks_view *view, const tarn_report *report)
{
    uint32_t difference = blocks_view_order(view, report->expected ^ report->found);
    unsigned char bytes[4];
    uint32_t depth = 4;
    memcpy(bytes, &difference, 4);
    while (depth != 0 && bytes[depth - 1u] == 0) {
        depth--;
    }
    return depth;
}

static void guess_rule(const tarn_blocks_view *view, tarn_report *report)
{
    switch (report->rule) {
    case TARN_RULE_BLOCKS_MAP: /* marks are compared with lists and counts: which of them is wrong is not known */
        report->first_bad = TARN_NOWHERE;
        report_guess(report, TARN_GUESS_WILD_WRITE, 0);
        break;
    case TARN_RULE_BLOCKS_GUARD:
        report_guess(report, TARN_GUESS_OVERRUN, guard_depth(view, report));
        break;
    case TARN_RULE_BLOCKS_POISON:
        report_guess_word(report, TARN_GUESS_USE_AFTER_FREE);
        break;
    case TARN_RULE_BLOCKS_LINK:
    case TARN_RULE_BLOCKS_LISTED:
        report_guess(report, TARN_GUESS_USE_AFTER_FREE, 0);
        break;
    default:
        report_guess_word(report, TARN_GUESS_WILD_WRITE);
    }
}

/* A block's first word is its link, the last one its guard: all that is metadata. */
static void blocks_copy_words(const tarn_blocks_view *view, uint64_t at, tarn_report *report)
{
    report->words_at = at & ~(uint64_t)3u;
    report->words[0] = blocks_view_payload(view, report->words_at);
    report->count = 1;
}

static void report_around(const tarn_blocks_view *view, const blocks_shape *shape, uint64_t at, tarn_report *report)
{
    uint32_t number = number_of(shape, at);
    blocks_describe(view, shape, number, &report->block);
    if (number != 0) {
        blocks_describe(view, shape, number - 1u, &report->left);
    }
}

/* A block whose link or fill is broken was reached through a list, which may not be followed to its end. */
static void tell_listed(const tarn_blocks_view *view, const blocks_shape *shape, tarn_report *report)
{
    bool listed = report->rule == TARN_RULE_BLOCKS_LINK || report->rule == TARN_RULE_BLOCKS_LISTED ||
                  report->rule == TARN_RULE_BLOCKS_POISON;
    if (listed && report->block.state != TARN_BLOCK_HELD_BACK) {
        tarn_blocks_view_describe(view, shape, number_of(shape, report->offset), true, &report->block);
    }
}

static void blocks_report_pointer(const tarn_blocks_view *view, const blocks_shape *shape, uint64_t at,
                                  tarn_report *report)
{
    uint32_t into = 0;
    report_around(view, shape, at, report);
    into = (uint32_t)(at - report->block.offset);
    bool is_free = report->block.state == TARN_BLOCK_FREE;
    if (into != 0) {
        report_guess(report, is_free ? TARN_GUESS_STALE : TARN_GUESS_INTERIOR, is_free ? 0 : into);
    } else {
        report_guess(report, is_free ? TARN_GUESS_DOUBLE_FREE : TARN_GUESS_NONE, 0);
    }
}

/* False with what was written to in a block that get has just held back; the check passes over it. */
static bool held_sound(const tarn_blocks_view *view, const blocks_shape *shape, uint64_t at, tarn_finding *finding)
{
    uint32_t number = number_of(shape, at);
    memset(finding, 0, sizeof *finding);
    return !blocks_view_held(view, shape, number) || tarn_blocks_check_held(view, number, finding);
}

/* What is broken, and the blocks there if it lies among them. */
static void blocks_report_damage(const tarn_blocks_view *view, const blocks_shape *shape, const tarn_finding *finding,
                                 tarn_report *report)
{
    uint64_t end = shape->first + (uint64_t)shape->count * shape->stride;
    report_finding(report, finding);
    guess_rule(view, report);
    blocks_copy_words(view, finding->offset, report);
    if (finding->offset >= shape->first && finding->offset < end) {
        report_around(view, shape, finding->offset, report);
        tell_listed(view, shape, report);
    }
}

static void blocks_report_on(const tarn_blocks_view *view, uint64_t at, tarn_status status, tarn_report *report)
{
    blocks_shape shape = tarn_blocks_view_shape(view);
    uint64_t end = shape.first + (uint64_t)shape.count * shape.stride;
    tarn_finding finding;
    bool inside = at >= shape.first && at < end;
    bool sound = status == TARN_E_DAMAGED && inside ? held_sound(view, &shape, at, &finding) : true;
    sound = sound && tarn_blocks_view_check(view, &finding) == TARN_OK;
    if (status == TARN_E_DAMAGED && !sound) {
        blocks_report_damage(view, &shape, &finding, report);
    } else if (!inside) {
        report_guess(report, TARN_GUESS_FOREIGN, 0);
    } else {
        blocks_report_pointer(view, &shape, at, report);
    }
}

/* What a block pool knows of a block is its owner, while somebody has it; of one held back only what was left there. */
static uint32_t blocks_words_known(const tarn_blocks_view *view, const tarn_block *record)
{
    bool owned = record->size != 0 && (record->state == TARN_BLOCK_USED || record->owner != 0);
    return owned && blocks_has(tarn_blocks_view_shape(view).layout, TARN_BLOCKS_OWNER) ? TARN_WORDS_OWNER : 0;
}

static void blocks_count_words(const tarn_blocks_view *view, tarn_report *report)
{
    report->block_words = blocks_words_known(view, &report->block);
    report->left_words = blocks_words_known(view, &report->left);
}

void tarn_report_blocks_view(const tarn_blocks_view *view, uint64_t at, tarn_status status, tarn_report *report)
{
    blocks_report_on(view, at, status, report);
    blocks_count_words(view, report);
}

void tarn_report_blocks_view_finding(const tarn_blocks_view *view, const tarn_finding *finding, tarn_report *report)
{
    blocks_shape shape = tarn_blocks_view_shape(view);
    blocks_report_damage(view, &shape, finding, report);
    blocks_count_words(view, report);
}

tarn_status tarn_blocks_view_report(const tarn_blocks_view *view, uint64_t at, tarn_status status, tarn_report *report)
{
    if (report == NULL) {
        return TARN_E_NULL;
    }
    memset(report, 0, sizeof *report);
    if (view == NULL || view->base == NULL) {
        return TARN_E_NULL;
    }
    report_begin(report, TARN_REPORT_BLOCKS, status);
    tarn_report_blocks_view(view, at, status, report);
    return TARN_OK;
}
