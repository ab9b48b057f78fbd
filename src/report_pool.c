/* SPDX-License-Identifier: MIT */
/*
 * Reports about pools of blocks of any size, from the bytes of the image alone.
 *
 * R1 The place is that of the block that the refused call was about, if its own end or fill is broken; else of the
 *    first broken rule in the order of the full check; the left neighbour is reached by walking from the first block,
 *    so that it is the one who could write there.
 * Bound: the full check; blocks up to the place; where a header is broken, granules up to the next that proves itself.
 */
#include "account.h"
#include "check.h"
#include "fill.h"
#include "report_scene.h"

static scene scene_open(const tarn_view *view, tarn_report *report)
{
    scene s = {view, view_geometry(view), report, {0, 0, 0}, {0, 0, 0}};
    return s;
}

/* Walks to the block whose extent holds the granule; false where the walk meets damage before, which is then the block
 * with size 0. The wilderness is a block too. */
static bool scene_find(scene *s, uint64_t offset)
{
    block_ref b = {s->view->first, 0, 0};
    while (view_holds(s->view, b.offset)) {
        if (!tarn_view_block(s->view, b.offset, &b)) {
            s->block = (block_ref){b.offset, 0, b.header};
            return offset == b.offset;
        }
        if (offset - b.offset < b.size) {
            s->block = b;
            return true;
        }
        s->left = b;
        b.offset += b.size;
    }
    s->block = (block_ref){s->view->top, s->view->end - s->view->top, 0};
    return true;
}

/* The words that the last owner of a free block left: all but the last, which holds a link; zero where no block began
 * (steps.h). A number that no block has had (I13) says that they were written over. */
static void describe_former(const scene *s, tarn_block *record)
{
    uint32_t words = layout_extension(s->view->layout);
    uint64_t at = record->offset - image_lead_bytes(&s->im);
    uint32_t counter = words > 3u ? view_word(s->view, view_account_end(s->view) - 4u) : COUNTER_TURN;
    if (counter < COUNTER_TURN && view_word(s->view, at + 8u) >= counter) {
        return;
    }
    record->owner = words > 1u ? view_word(s->view, at) : 0;
    record->site = words > 2u ? view_word(s->view, at + 4u) : 0;
    record->sequence = words > 3u ? view_word(s->view, at + 8u) : 0;
}

static void describe(const scene *s, const block_ref *b, tarn_block *record)
{
    if (b->size == 0) {
        return;
    }
    tarn_view_describe(s->view, b, record);
    if (record->state == TARN_BLOCK_FREE && b->offset != s->view->top) {
        describe_former(s, record);
    }
}

/* Metadata words only: extension words and header of the block at the place, or the words of the pool's header. */
static void copy_words(const scene *s, uint64_t from, uint64_t to)
{
    tarn_report *report = s->report;
    report->words_at = from;
    for (uint64_t at = from; at < to && report->count < TARN_REPORT_WORDS; at += 4u) {
        report->words[report->count++] = view_word(s->view, at);
    }
}

static void copy_block_words(const scene *s)
{
    uint64_t payload = view_payload(s->view, s->block.offset);
    copy_words(s, payload - image_lead_bytes(&s->im), payload);
}

/* ---- damage ---- */

static bool is_about_block(const tarn_view *view, const tarn_finding *finding)
{
    bool of_blocks = finding->rule >= TARN_RULE_TILING && finding->rule <= TARN_RULE_LINKS;
    bool of_memory = finding->rule >= TARN_RULE_TAIL && finding->rule <= TARN_RULE_BACKUP;
    bool of_any = finding->rule == TARN_RULE_MAP || finding->rule == TARN_RULE_SEQUENCE ||
                  finding->rule == TARN_RULE_QUARANTINE || finding->rule == TARN_RULE_PARKED ||
                  finding->rule == TARN_RULE_SLAB;
    return (of_blocks || of_memory || of_any) && finding->offset >= view_payload(view, view->first) &&
           finding->offset <= view_payload(view, view->end);
}

/* Control data. A map that has other marks than blocks does not say where; the head of a list of parked blocks is what
 * the block said that was handed out last. */
static void report_guess_control(tarn_report *report)
{
    if (report->rule == TARN_RULE_MAP) {
        report->first_bad = TARN_NOWHERE;
        report_guess(report, TARN_GUESS_WILD_WRITE, 0);
    } else if (report->rule == TARN_RULE_PARKED && report->offset >= 4u * IMAGE_PARK_HEADS) {
        report_guess(report, TARN_GUESS_USE_AFTER_FREE, 0);
    } else {
        report_guess_word(report, TARN_GUESS_WILD_WRITE);
    }
}

/* Whether the header there, which was found broken, has been put right since. */
static bool header_holds(const scene *s)
{
    uint32_t size = s->view->end - s->view->top;
    uint32_t top = block_seal(&s->im, s->view->top, size << BLOCK_SIZE_SHIFT);
    return s->block.size != 0 && (s->block.offset != s->view->top || view_header(s->view, s->view->top) == top);
}

static void report_damage(scene *s, const tarn_finding *finding)
{
    report_finding(s->report, finding);
    if (!is_about_block(s->view, finding)) {
        report_guess_control(s->report);
        copy_words(s, finding->offset & ~(uint64_t)3u, (finding->offset & ~(uint64_t)3u) + 16u);
        return;
    }
    (void)scene_find(s, finding->offset >> image_shift(&s->im));
    describe(s, &s->left, &s->report->left);
    bool holds = finding->rule == TARN_RULE_CHECK && header_holds(s);
    if ((finding->rule == TARN_RULE_CHECK || finding->rule == TARN_RULE_TILING) && !holds) {
        tarn_report_header(s);
    } else if (holds) {
        describe(s, &s->block, &s->report->block);
        s->report->first_bad = TARN_NOWHERE;
    } else {
        describe(s, &s->block, &s->report->block);
        tarn_report_block_rule(s);
    }
    copy_block_words(s);
}

/* ---- a refused pointer ---- */

/* A block set aside because somebody wrote to it while it was free; false if its bytes do not say so. */
static bool report_held(const scene *s)
{
    tarn_report *report = s->report;
    uint64_t at = report->block.offset;
    uint64_t end = at + report->block.usable;
    bool verified = layout_poisons(s->view->layout) || layout_quarantines(s->view->layout);
    if (layout_quarantines(s->view->layout) && report->block.freed != 0) {
        end = view_reserve(s->view, &s->block); /* it was set aside when it left, all of it filled */
    }
    while (at < end && view_byte(s->view, at) == fill_byte(s->view->layout)) {
        at++;
    }
    if (!verified || at == end || report->status == TARN_E_DOUBLE_FREE) {
        return false;
    }
    tarn_finding finding = {TARN_RULE_FILL, fill_byte(s->view->layout), report->block.offset, view_byte(s->view, at),
                            0};
    report_finding(report, &finding);
    report->first_bad = at;
    report_guess(report, TARN_GUESS_USE_AFTER_FREE, 0);
    return true;
}

/* What an address in a used block is: its payload's, or one in the header and words in front of it. */
static void report_into(tarn_report *report, uint64_t at, uint64_t payload)
{
    if (at < payload) {
        report_guess(report, TARN_GUESS_HEADER, (uint32_t)(payload - at));
    } else {
        report_guess(report, at == payload ? TARN_GUESS_NONE : TARN_GUESS_INTERIOR, (uint32_t)(at - payload));
    }
}

/* Where in the pool it leads; the rules hold. */
static void report_pointer(scene *s, uint64_t at)
{
    tarn_report *report = s->report;
    uint64_t lead = image_lead_bytes(&s->im);
    uint64_t granule = (at + lead) >> image_shift(&s->im);
    if (granule < s->view->first || granule >= s->view->end) {
        report_guess(report, TARN_GUESS_FOREIGN, 0);
        return;
    }
    (void)scene_find(s, granule);
    describe(s, &s->left, &report->left);
    describe(s, &s->block, &report->block);
    uint64_t payload = view_payload(s->view, s->block.offset);
    if (report->block.state == TARN_BLOCK_HELD_BACK && report_held(s)) {
        copy_block_words(s);
        return;
    }
    bool gone = report->block.state == TARN_BLOCK_FREE || report->block.state == TARN_BLOCK_QUARANTINED;
    if (!gone) {
        report_into(report, at, payload);
    } else {
        bool twice = at == payload || report->status == TARN_E_DOUBLE_FREE;
        report_guess(report, twice ? TARN_GUESS_DOUBLE_FREE : TARN_GUESS_STALE, 0);
    }
    copy_block_words(s);
}

/* A pointer that is no block's because the header in front of it is broken is a matter of damage. */
static bool is_damage(const tarn_finding *finding, uint64_t at, tarn_status status)
{
    bool here = finding->offset == at && (status == TARN_E_NOT_A_BLOCK || status == TARN_OK);
    return finding->rule != 0 && (status == TARN_E_DAMAGED || here);
}

/* The block that a call met damage at, if its own end, or fill, is broken: there may be more in the pool, but that is
 * what the call is about, and what its policy does away with. */
static bool report_own(scene *s, uint64_t at)
{
    check c;
    tarn_finding finding;
    uint64_t granule = (at + image_lead_bytes(&s->im)) >> image_shift(&s->im);
    if (granule < s->view->first || granule >= s->view->top || !scene_find(s, granule) || s->block.size == 0 ||
        !block_used(s->block.header) || view_payload(s->view, s->block.offset) != at) {
        return false;
    }
    memset(&finding, 0, sizeof finding);
    tarn_check_open(&c, s->view, &finding);
    if (!tarn_check_block(&c, &s->block, s->left.size != 0 && block_free(s->left.header))) {
        report_damage(s, &finding);
        return true;
    }
    tarn_view_describe(s->view, &s->block, &s->report->block);
    if (s->report->block.state != TARN_BLOCK_HELD_BACK || !report_held(s)) {
        memset(&s->report->block, 0, sizeof s->report->block);
        return false;
    }
    describe(s, &s->left, &s->report->left);
    copy_block_words(s);
    return true;
}

/* Whether the way to a pointer that is no block ends at a header, its own or one in front, that proves nothing: then
 * that is what there is to tell, whatever else the check found before it. */
static bool finds_broken_header(scene *s, uint64_t at, tarn_finding *finding)
{
    uint64_t granule = (at + image_lead_bytes(&s->im)) >> image_shift(&s->im);
    if (granule < s->view->first || granule >= s->view->end) {
        return false;
    }
    (void)scene_find(s, granule);
    if (s->block.size != 0 || s->block.offset == s->view->top) {
        return false;
    }
    check c;
    memset(finding, 0, sizeof *finding);
    tarn_check_open(&c, s->view, finding);
    (void)tarn_check_broken(&c, s->block.offset, &s->block);
    return true;
}

static void report_on(const tarn_view *view, uint64_t at, tarn_status status, tarn_report *report)
{
    scene s = scene_open(view, report);
    tarn_finding finding;
    if (status == TARN_E_DAMAGED && report_own(&s, at)) {
        return;
    }
    s = scene_open(view, report);
    (void)tarn_view_check(view, &finding);
    bool lost = finding.rule != 0 && status == TARN_E_NOT_A_BLOCK && finds_broken_header(&s, at, &finding);
    s = scene_open(view, report);
    if (lost || is_damage(&finding, at, status)) {
        report_damage(&s, &finding);
    } else {
        report_pointer(&s, at);
    }
}

/* Of owner, site and sequence, how many a record has from its block. */
static uint32_t words_known(const tarn_view *view, const tarn_block *record)
{
    uint32_t words = layout_extension(view->layout);
    bool is_free = record->state == TARN_BLOCK_FREE;
    if (record->size == 0 || (is_free && (record->owner | record->site | record->sequence) == 0)) {
        return 0;
    }
    words -= is_free && words != 0 ? 1u : 0; /* describe_former() */
    return words < TARN_WORDS_SEQUENCE ? words : TARN_WORDS_SEQUENCE;
}

static void count_words(const tarn_view *view, tarn_report *report)
{
    bool of_header = report->rule == TARN_RULE_CHECK || report->rule == TARN_RULE_TILING;
    bool lost = of_header && words_are_lost(report); /* R3 */
    report->block_words = lost ? 0 : words_known(view, &report->block);
    report->left_words = words_known(view, &report->left);
}

void tarn_report_view(const tarn_view *view, uint64_t at, tarn_status status, tarn_report *report)
{
    report_on(view, at, status, report);
    count_words(view, report);
}

void tarn_report_view_finding(const tarn_view *view, const tarn_finding *finding, tarn_report *report)
{
    scene s = scene_open(view, report);
    report_damage(&s, finding);
    count_words(view, report);
}

tarn_status tarn_view_report(const tarn_view *view, uint64_t at, tarn_status status, tarn_report *report)
{
    if (report == NULL) {
        return TARN_E_NULL;
    }
    memset(report, 0, sizeof *report);
    if (view == NULL || view->base == NULL) {
        return TARN_E_NULL;
    }
    report_begin(report, TARN_REPORT_POOL, status);
    tarn_report_view(view, at, status, report);
    return TARN_OK;
}
