/* SPDX-License-Identifier: MIT */
/*
 * Putting a pool's metadata right from what is left of it.
 *
 * RP1 Nothing is written before every block from the first to the wilderness is known: each header proves itself, or is
 *     the only one that its copy (backup.h) proves, or that undoing one bit makes prove itself and lead on; that of the
 *     wilderness is as top and end say.
 * RP2 No two free blocks are neighbours (I4), so that each keeps its place, and none of a user's bytes is taken for
 * free.
 * RP3 At most one size tag is wrong and another is right: else the layout word may be what is wrong, and with it where
 *     tags and links lie.
 * RP4 Where copies are wrong, others of blocks in the same state are right, for the same reason. Then the layout is
 *     known, and the wilderness's header follows from top and end where what is there is no header at all.
 * Bound: blocks, 32 times; index and map; with copies, granules for each header that is lost.
 */
#include "repair.h"

#include "access.h"
#include "account.h"
#include "backup.h"
#include "cursor.h"
#include "policy.h"
#include "quarantine.h"
#include "slab.h"
#include "view.h"

/* The block at offset as it must have been; false if that is not certain. */
static bool block_again(const tarn_view *view, uint32_t offset, block_ref *b)
{
    if (tarn_view_block(view, offset, b)) {
        return true;
    }
    if (layout_has_backup(view->layout) && tarn_view_backup_find(view, offset, b)) {
        return true;
    }
    image im = view_geometry(view);
    uint32_t bit = tarn_view_flipped_bit(view, offset, b->header);
    if (bit == 32u) {
        return false;
    }
    uint32_t header = b->header ^ UINT32_C(1) << bit;
    for (bit++; bit < 32u; bit++) {
        if (tarn_view_leads_on(view, offset, b->header ^ UINT32_C(1) << bit)) {
            return false;
        }
    }
    *b = (block_ref){offset, block_size(&im, header), header};
    return true;
}

static tarn_status repair_tell(tarn_finding *finding, const tarn_view *view, uint32_t rule, const block_ref *b)
{
    *finding = (tarn_finding){rule, 0, view_payload(view, b->offset), b->header, 0};
    return TARN_E_DAMAGED;
}

/* The wilderness's header is what top and end make it but for a bit: else one of them is wrong, and behind a wrong top
 * lie blocks. But a top where blocks end, all of them known by a layout that copies prove, and no header is, is one. */
static bool top_again(const tarn_view *view, const block_ref *top, bool proved)
{
    image im = view_geometry(view);
    uint32_t different = top->header ^ block_seal(&im, top->offset, top->size << BLOCK_SIZE_SHIFT);
    return (different & (different - 1u)) == 0 || (proved && !block_proves(&im, top->offset, top->header));
}

/* What the copies of blocks in one state say. */
typedef struct copies {
    uint32_t right;
    uint32_t wrong;
    block_ref last; /* with a wrong one */
} copies;

static void look_at_copy(const tarn_view *view, const block_ref *b, copies *counts)
{
    image im = view_geometry(view);
    if (!layout_has_backup(view->layout)) {
        return;
    }
    if (view_word(view, view_backup(view, b)) == backup_of(&im, b->offset, b->header)) {
        counts->right++;
    } else {
        counts->wrong++;
        counts->last = *b;
    }
}

static bool tag_holds(const tarn_view *view, const block_ref *b)
{
    return view_word(view, view_last_word(view, b)) == b->size;
}

/* A block that its neighbours take for a used one. */
static bool stands_alone(const tarn_view *view, const block_ref *b)
{
    return block_used(b->header) || (layout_parks(view->layout) && block_parked(b->header));
}

/* RP1 to RP4. */
static tarn_status look_for_blocks(const tarn_view *view, tarn_finding *finding)
{
    block_ref b;
    block_ref untagged = {0, 0, 0};
    uint32_t wrong = 0;
    uint32_t right = 0;
    bool left_free = false;
    copies by_state[2] = {{0, 0, {0, 0, 0}}, {0, 0, {0, 0, 0}}};
    for (uint32_t offset = view->first; offset != view->top; offset += b.size) {
        if (!block_again(view, offset, &b)) {
            return repair_tell(finding, view, TARN_RULE_CHECK, &b);
        }
        bool is_free = !stands_alone(view, &b);
        look_at_copy(view, &b, &by_state[is_free]);
        if (b.size < layout_minimum(view->layout)) {
            return repair_tell(finding, view, TARN_RULE_TILING, &b);
        }
        if (is_free && (left_free || b.offset + b.size == view->top)) {
            return repair_tell(finding, view, TARN_RULE_MERGED, &b);
        }
        if (is_free && !tag_holds(view, &b)) {
            untagged = b;
            wrong++;
        }
        right += is_free && tag_holds(view, &b) ? 1u : 0;
        left_free = is_free;
    }
    if (wrong > 1 || (wrong == 1 && right == 0)) {
        return repair_tell(finding, view, TARN_RULE_TAG, &untagged);
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (by_state[i].wrong != 0 && by_state[i].right == 0) {
            return repair_tell(finding, view, TARN_RULE_BACKUP, &by_state[i].last);
        }
    }
    block_ref top = {view->top, view->end - view->top, view_header(view, view->top)};
    bool proved = by_state[0].right + by_state[1].right != 0;
    return top_again(view, &top, proved) ? TARN_OK : repair_tell(finding, view, TARN_RULE_CHECK, &top);
}

/* ---- writing ---- */

/* A block of the quarantine goes back to its end. */
static bool waits_again(const image *im, const block_ref *b)
{
    uint32_t tail = layout_quarantines(im->layout) ? word_load(tail_word(im, b->offset, b->size)) : 0;
    if (!layout_quarantines(im->layout) || !tail_proves(im, b->offset, tail) || tail_counts(im->layout, tail)) {
        return false;
    }
    if (tail_state(tail) == TAIL_QUARANTINED) {
        tarn_quarantine_append(im, b);
    }
    return true;
}

static void count_again(const image *im, const block_ref *b)
{
    map_mark(im, b->offset);
    if (!waits_again(im, b)) {
        image_set(im, IMAGE_USED, image_get(im, IMAGE_USED) + b->size);
        image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) + 1u);
        if (has_modules(im)) {
            row_add(row_of_owner(im, word_load(owner_word(im, b->offset))), b->size, 1);
        }
    }
    if (layout_numbers(im->layout)) {
        uint32_t number = word_load(owner_word(im, b->offset) + 4u * (TARN_WORDS_SEQUENCE - 1u));
        if (word_load(account_counter(im)) <= number) {
            word_store(account_counter(im), number == UINT32_MAX ? COUNTER_TURN : number + 1u);
        }
    }
}

static void forget_counts(const image *im)
{
    image_set(im, IMAGE_USED, 0);
    image_set(im, IMAGE_BLOCKS, 0);
    if (layout_has_map(im->layout)) {
        unsigned char *map = im->base + IMAGE_HEADER_BYTES;
        memset(map + 4, 0, 4u * (size_t)word_load(map));
    }
    for (uint32_t i = 0; i < layout_modules(im->layout); i++) {
        row_set(account_row(im, i), ROW_LIVE, 0);
        row_set(account_row(im, i), ROW_BLOCKS, 0);
    }
    for (uint32_t i = 0; layout_quarantines(im->layout) && i < WAIT_LIMIT; i++) {
        wait_set(im, i, 0);
    }
}

/* Of limit and seal, the one that leads to no possible limit is written anew; if neither does, both stay. */
static void limit_again(const image *im)
{
    uint32_t granules = wait_get(im, WAIT_GRANULES);
    uint32_t limit = wait_get(im, WAIT_LIMIT);
    uint32_t sealed = wait_sealed(wait_get(im, WAIT_SEAL));
    if (wait_limit_may_be(im->layout, sealed, granules)) {
        wait_limit_set(im, sealed);
    } else if (wait_limit_may_be(im->layout, limit, granules)) {
        wait_limit_set(im, limit);
    }
}

/* A peak that cannot be is what is used now. */
static uint32_t peak_again(uint32_t peak, uint32_t used, uint32_t capacity)
{
    return peak < used || peak > capacity ? used : peak;
}

static void peaks_again(const image *im)
{
    uint32_t capacity = image_get(im, IMAGE_END) - im->first;
    image_set(im, IMAGE_PEAK, peak_again(image_get(im, IMAGE_PEAK), image_get(im, IMAGE_USED), capacity));
    for (uint32_t i = 0; i < layout_modules(im->layout); i++) {
        unsigned char *row = account_row(im, i);
        row_set(row, ROW_PEAK, peak_again(row_get(row, ROW_PEAK), row_get(row, ROW_LIVE), capacity));
    }
}

/* All that look_for_blocks() found possible. */
static void write_blocks(const image *im, const tarn_view *view)
{
    block_ref b;
    uint32_t left_free = 0;
    forget_counts(im);
    for (uint32_t offset = view->first; offset != view->top && block_again(view, offset, &b); offset += b.size) {
        bool used = stands_alone(view, &b);
        block_write(im, offset, b.size, (b.header & (used ? BLOCK_USED | BLOCK_MARK : 0)) | left_free);
        left_free = used ? 0 : BLOCK_LEFT_FREE;
        if (used) {
            count_again(im, &b);
        } else {
            word_store(block_left_tag(im, offset + b.size), b.size);
        }
        if (layout_has_backup(im->layout)) {
            tarn_backup_write(im, offset);
        }
    }
    block_set_top(im, view->top);
    cursor_reset(im);
    engine_of(im)->rebuild(im, true);
    if (layout_parks(im->layout)) {
        tarn_park_format(im->base);
        tarn_park_reap(im);
    }
    if (layout_has_slab(im->layout)) {
        tarn_slab_rebuild(im);
    }
    if (layout_quarantines(im->layout)) {
        limit_again(im);
    }
    peaks_again(im);
}

/* False, and said in *finding, if the pool's own header is broken. */
static bool view_whole(const image *im, tarn_view *view, tarn_finding *finding)
{
    memset(finding, 0, sizeof *finding);
    finding->rule = image_view(im, view) == TARN_OK ? 0 : TARN_RULE_HEADER;
    return finding->rule == 0;
}

/* Until the check is content. */
static tarn_status repair_for(const image *im, tarn_finding *finding,
                              tarn_status (*look)(const tarn_view *, tarn_finding *))
{
    tarn_view view;
    if (!view_whole(im, &view, finding)) {
        return TARN_E_DAMAGED;
    }
    tarn_status status = look_for_blocks(&view, finding);
    if (status == TARN_OK && look(&view, finding) != TARN_OK) {
        write_blocks(im, &view);
        status = look(&view, finding);
    }
    return status;
}

tarn_status tarn_repair_image(const image *im, tarn_finding *finding)
{
    return repair_for(im, finding, tarn_view_check);
}

/* What no repair puts right, a user's write past a block, is no reason to serve nobody. */
static bool repair_own(const image *im)
{
    tarn_finding finding;
    return repair_for(im, &finding, tarn_view_check_own) == TARN_OK;
}

static bool suspect_own(const image *im)
{
    tarn_view view;
    tarn_finding finding;
    return !view_whole(im, &view, &finding) || tarn_view_check_own(&view, &finding) != TARN_OK;
}

/* Enters the pool, open or closed, and does it to its image. */
static tarn_status do_to(tarn_pool *pool, tarn_finding *finding, tarn_status (*what)(const image *, tarn_finding *))
{
    access a;
    tarn_finding unused;
    finding = finding != NULL ? finding : &unused;
    memset(finding, 0, sizeof *finding);
    tarn_status status = access_begin_settled(pool, &a);
    if (status != TARN_OK) {
        finding->rule = status == TARN_E_DAMAGED ? TARN_RULE_HEADER : 0;
        return status;
    }
    status = what(&a.im, finding);
    access_end(&a);
    return status;
}

tarn_status tarn_repair(tarn_pool *pool, tarn_finding *finding)
{
    return do_to(pool, finding, tarn_repair_image);
}

tarn_status tarn_repairs_on(void)
{
    static const policy_repairer repairer = {suspect_own, repair_own};
    tarn_policy_repairer = &repairer;
    return TARN_OK;
}

/* ---- opening again ---- */

tarn_status tarn_reopen_image(const image *im, tarn_finding *finding)
{
    tarn_view view;
    if (!view_whole(im, &view, finding)) {
        return TARN_E_DAMAGED;
    }
    tarn_status status = tarn_view_check(&view, finding);
    if (status == TARN_OK) {
        word_store_shared(im->base + 4u * IMAGE_MAGIC, IMAGE_MAGIC_VALUE);
    }
    return status;
}

tarn_status tarn_reopen(tarn_pool *pool, tarn_finding *finding)
{
    return do_to(pool, finding, tarn_reopen_image);
}
