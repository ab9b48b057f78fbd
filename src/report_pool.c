/* SPDX-License-Identifier: MIT */
/*
 * Reports about pools of blocks of any size, from the bytes of the image alone.
 *
 * R1 The place is that of the block that the refused call was about, if its own end or fill is broken; else of the first
 *    broken rule in the order of the full check; the left neighbour is reached by
 *    walking from the first block, so that it is the one who could write there.
 * R2 A guess rests on bytes: which of a broken header's bytes are as they must have been. Where the block's size can be
 *    found again (the next header that proves itself), the true header is known.
 * R3 Owners of blocks whose extension words were written over are not told.
 * Bound: the full check; blocks up to the place; where a header is broken, granules up to the next that proves itself.
 */
#include "account.h"
#include "backup.h"
#include "check.h"
#include "fill.h"
#include "report.h"
#include "tail.h"

/* A place with what lies around it. */
typedef struct scene {
    const tarn_view *view;
    image im; /* geometry only */
    tarn_report *report;
    block_ref block; /* size 0: none */
    block_ref left;
} scene;

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
    uint64_t at = record->offset - s->im.lead_bytes;
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
    copy_words(s, payload - s->im.lead_bytes, payload);
}

/* ---- a broken header ---- */

/* Granules from a broken header to the next one that proves itself and leads on; 0 if there is none. */
static uint32_t size_again(const scene *s, uint32_t offset)
{
    for (uint32_t at = offset + s->im.minimum; at < s->view->top && at > offset; at++) {
        if (tarn_view_leads_on(s->view, at, view_header(s->view, at))) {
            return at - offset;
        }
    }
    bool top = block_proves(&s->im, s->view->top, view_header(s->view, s->view->top));
    return top && s->view->top > offset ? s->view->top - offset : 0;
}

static uint32_t in_image_order(const scene *s, uint32_t word)
{
    return s->view->swapped != 0 ? swap_word(word) : word;
}

/* How many bytes of the word at a place are as they must be, from its first byte on or from its last. */
static uint32_t bytes_kept(const scene *s, uint64_t at, uint32_t word, bool from_last)
{
    unsigned char must[4];
    unsigned char is[4];
    uint32_t kept = 0;
    word = in_image_order(s, word);
    memcpy(must, &word, 4);
    word = in_image_order(s, view_word(s->view, at));
    memcpy(is, &word, 4);
    while (kept < 4u && must[from_last ? 3u - kept : kept] == is[from_last ? 3u - kept : kept]) {
        kept++;
    }
    return kept;
}

static uint32_t header_of(const scene *s, uint32_t size, uint32_t flags)
{
    uint32_t left_free = s->left.size != 0 && !block_used(s->left.header) ? BLOCK_LEFT_FREE : 0;
    return block_seal(&s->im, s->block.offset, size << BLOCK_SIZE_SHIFT | flags) | left_free;
}

/* The true header, of those that a block of this size may have the one that has most in common with what is there. The
 * header behind it, which holds, says whether the block is free. */
static uint32_t likely_header(const scene *s, uint32_t size)
{
    static const uint32_t states[] = {0, BLOCK_USED, BLOCK_USED | BLOCK_MARK};
    uint64_t at = view_payload(s->view, s->block.offset) - 4u;
    bool is_free = (view_header(s->view, s->block.offset + size) & BLOCK_LEFT_FREE) != 0;
    uint32_t best = header_of(s, size, is_free ? 0 : BLOCK_USED);
    uint32_t most = 0;
    for (uint32_t i = is_free ? 0 : 1u; i < (is_free ? 1u : 3u); i++) {
        uint32_t header = header_of(s, size, states[i]);
        uint32_t kept = bytes_kept(s, at, header, false) + bytes_kept(s, at, header, true);
        if (kept > most) {
            best = header;
            most = kept;
        }
    }
    return best;
}

/* Who wrote over the header: with bytes kept at its end the left neighbour did, from below; with bytes kept at its
 * start the block's own owner, from above. With none kept the left neighbour, unless its tail vouches for it. */
static void guess_writer(const scene *s, uint32_t kept_first, uint32_t kept_last)
{
    tarn_report *report = s->report;
    uint64_t payload = view_payload(s->view, s->block.offset);
    uint32_t slack;
    bool left_used = s->left.size != 0 && block_used(s->left.header);
    bool left_whole = left_used && tarn_view_slack(s->view, &s->left, &slack); /* what it wrote ended before its tail */
    if (kept_last == 0 && (kept_first != 0 || left_whole)) {
        report_guess(report, TARN_GUESS_UNDERRUN, 4u - kept_first);
        report->first_bad = payload - (4u - kept_first);
    } else if (kept_first == 0 && left_used && !left_whole) {
        report_guess(report, TARN_GUESS_OVERRUN, s->im.lead_bytes - kept_last);
        report->first_bad = payload - s->im.lead_bytes;
    } else {
        report_guess(report, TARN_GUESS_WILD_WRITE, 0);
        report->first_bad = payload - 4u + kept_first;
    }
}

static bool words_are_lost(const tarn_report *report)
{
    return report->guess == TARN_GUESS_OVERRUN || report->guess == TARN_GUESS_WILD_WRITE;
}

/* The block as it must have been, without what its extension words say (R3). */
static void describe_again(const scene *s, uint32_t size, uint32_t header)
{
    block_ref b = {s->block.offset, size, header};
    tarn_block *record = &s->report->block;
    tarn_view_describe(s->view, &b, record);
    if (words_are_lost(s->report)) {
        record->owner = record->site = record->sequence = record->tag = 0;
        memset(record->callers, 0, sizeof record->callers);
    }
}

static void report_header(scene *s)
{
    tarn_report *report = s->report;
    uint32_t offset = s->block.offset;
    uint64_t at = view_payload(s->view, offset) - 4u;
    uint32_t found = view_header(s->view, offset);
    uint32_t bit = offset == s->view->top ? 32u : tarn_view_flipped_bit(s->view, offset, found);
    uint32_t size = bit == 32u ? size_again(s, offset) : block_size(&s->im, found ^ UINT32_C(1) << bit);
    report->found = found;
    if (bit != 32u) {
        report->expected = found ^ UINT32_C(1) << bit;
        report_guess(report, TARN_GUESS_BIT_FLIP, bit);
    } else if (offset == s->view->top) {
        report->expected = block_seal(&s->im, offset, (s->view->end - offset) << BLOCK_SIZE_SHIFT);
        report_guess_word(report, TARN_GUESS_WILD_WRITE);
    } else if (size != 0) {
        report->expected = likely_header(s, size);
    }
    if (report->guess == TARN_GUESS_BIT_FLIP) {
        report->first_bad = at;
    } else {
        bool known = offset == s->view->top || size != 0;
        uint32_t kept_first = known ? bytes_kept(s, at, report->expected, false) : 0;
        uint32_t kept_last = known ? bytes_kept(s, at, report->expected, true) : 0;
        guess_writer(s, kept_first, kept_last);
    }
    if (size != 0) {
        describe_again(s, size, report->expected);
    }
}

/* ---- a broken tail or guard: its own block's owner wrote on ---- */

/* The slack is known. An overrun, to the last byte that differs, whether or not it skipped the first ones (an index too
 * large, padding of a structure); but one bit of one byte that it would have had to skip to may have changed by itself. */
static void report_guard(const scene *s)
{
    tarn_report *report = s->report;
    uint64_t tail = view_last_word(s->view, &s->block) - layout_backup_bytes(s->view->layout);
    uint32_t slack = 0;
    (void)tarn_view_slack(s->view, &s->block, &slack);
    uint64_t first = tail - slack;
    uint64_t last = tail;
    while (last > first && view_byte(s->view, last - 1u) == TAIL_GUARD) {
        last--;
    }
    report->first_bad = first;
    while (report->first_bad < last && view_byte(s->view, report->first_bad) == TAIL_GUARD) {
        report->first_bad++;
    }
    report_guess(report, TARN_GUESS_OVERRUN, (uint32_t)(last - first));
    if (report->first_bad != first && report->first_bad + 1u == last) {
        report_guess_word(report, TARN_GUESS_OVERRUN);
        report->amount = report->guess == TARN_GUESS_OVERRUN ? (uint32_t)(last - first) : report->amount;
    }
}

/* Bytes of the tail as it must have been for this slack that are still there, from its last byte on. */
static uint32_t tail_kept(const scene *s, uint64_t at, uint32_t slack)
{
    return bytes_kept(s, at, tail_seal(&s->im, s->block.offset, slack), true);
}

/* The slack is not known: of those possible the one whose tail has most left at its end, where a write from below comes
 * to last. One byte is left by chance too. */
static void report_tail(const scene *s)
{
    tarn_report *report = s->report;
    uint64_t at = view_last_word(s->view, &s->block);
    uint32_t copy = layout_backup_bytes(s->view->layout); /* between slack and tail */
    uint64_t usable = at - copy - view_payload(s->view, s->block.offset);
    uint32_t bit = 0;
    while (bit < 32u && !tail_proves(&s->im, s->block.offset, report->found ^ UINT32_C(1) << bit)) {
        bit++;
    }
    report->first_bad = at;
    if (bit < 32u) {
        report->expected = report->found ^ UINT32_C(1) << bit;
        report_guess(report, TARN_GUESS_BIT_FLIP, bit);
        return;
    }
    uint32_t least = layout_reserve_bytes(s->view->layout);
    uint32_t best = least;
    for (uint32_t slack = least + 1u; slack <= TAIL_SLACK_MAX && slack < usable; slack++) {
        best = tail_kept(s, at, slack) > tail_kept(s, at, best) ? slack : best;
    }
    uint32_t kept = tail_kept(s, at, best);
    if (kept < 2u) {
        best = least;
        kept = 0;
    }
    report->expected = tail_seal(&s->im, s->block.offset, best);
    report->first_bad = at - copy - best;
    report_guess(report, TARN_GUESS_OVERRUN, best + copy + 4u - kept);
}

/* Of a used block its owner, who wrote on past the payload, if nothing in between says otherwise; of a free one
 * somebody who had it before. */
static void report_backup(const scene *s)
{
    tarn_report *report = s->report;
    uint64_t at = view_backup(s->view, &s->block);
    uint32_t kept_first = bytes_kept(s, at, report->expected, false);
    uint32_t kept_last = bytes_kept(s, at, report->expected, true);
    uint32_t slack = 0;
    bool used = block_used(s->block.header);
    bool slackless = !tarn_view_slack(s->view, &s->block, &slack) || slack == 0;
    report_guess_word(report, used ? TARN_GUESS_WILD_WRITE : TARN_GUESS_USE_AFTER_FREE);
    if (report->guess != TARN_GUESS_BIT_FLIP && used && slackless && kept_first == 0) {
        report_guess(report, TARN_GUESS_OVERRUN, 4u - kept_last);
    }
    report->first_bad = report->guess == TARN_GUESS_BIT_FLIP ? at : at + kept_first;
}

/* ---- damage elsewhere ---- */

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

/* A word that is broken tells by itself who wrote it, as far as can be told. */
static void report_word_at(const scene *s, uint64_t at, uint32_t guess)
{
    s->report->first_bad = at;
    report_guess_word(s->report, guess);
}

/* Links lie in what was a user's: a program that writes one bit there is likelier than memory that loses it. */
static void report_links(const scene *s, uint64_t payload)
{
    if (block_used(s->block.header)) {
        report_word_at(s, payload, TARN_GUESS_WILD_WRITE);
    } else {
        s->report->first_bad = payload;
        report_guess(s->report, TARN_GUESS_USE_AFTER_FREE, 0);
    }
}

/* What lies in the block, or behind what its user asked for. */
static bool report_block_memory(scene *s)
{
    tarn_report *report = s->report;
    switch (report->rule) {
    case TARN_RULE_TAIL:
        report_tail(s);
        return true;
    case TARN_RULE_GUARD:
        report_guard(s);
        return true;
    case TARN_RULE_FILL:
        report->first_bad = tarn_fill_broken(s->view, &s->block);
        report_guess(report, TARN_GUESS_USE_AFTER_FREE, 0);
        return true;
    case TARN_RULE_BACKUP:
        report_backup(s);
        return true;
    default:
        return false;
    }
}

/* A rule about a block that is there: its header holds. */
static void report_block_rule(scene *s)
{
    tarn_report *report = s->report;
    uint64_t payload = view_payload(s->view, s->block.offset);
    if (report_block_memory(s)) {
        return;
    }
    switch (report->rule) {
    case TARN_RULE_TAG:
        report_word_at(s, view_last_word(s->view, &s->block), TARN_GUESS_USE_AFTER_FREE);
        break;
    case TARN_RULE_LISTED:
    case TARN_RULE_LINKS:
        report_links(s, payload);
        break;
    case TARN_RULE_PARKED: /* link and rest lie where the former user wrote */
        report_guess(report, TARN_GUESS_USE_AFTER_FREE, 0);
        break;
    case TARN_RULE_LEFT:
        report->first_bad = payload - 4u;
        report_guess(report, TARN_GUESS_BIT_FLIP, 1);
        break;
    case TARN_RULE_MAP:
        report_word_at(s, IMAGE_HEADER_BYTES + 4u + 4u * (uint64_t)(s->block.offset >> 5), TARN_GUESS_WILD_WRITE);
        break;
    case TARN_RULE_SEQUENCE: /* the number or the counter */
        report->first_bad = TARN_NOWHERE;
        report_guess(report, TARN_GUESS_WILD_WRITE, 0);
        break;
    default:
        report_guess_word(report, TARN_GUESS_WILD_WRITE);
    }
}

/* Control data. A map that has other marks than blocks does not say where; the head of a list of parked blocks is what the
 * block said that was handed out last. */
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
    (void)scene_find(s, finding->offset >> s->im.shift);
    describe(s, &s->left, &s->report->left);
    bool holds = finding->rule == TARN_RULE_CHECK && header_holds(s);
    if ((finding->rule == TARN_RULE_CHECK || finding->rule == TARN_RULE_TILING) && !holds) {
        report_header(s);
    } else if (holds) {
        describe(s, &s->block, &s->report->block);
        s->report->first_bad = TARN_NOWHERE;
    } else {
        describe(s, &s->block, &s->report->block);
        report_block_rule(s);
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
    uint64_t lead = s->im.lead_bytes;
    uint64_t granule = (at + lead) >> s->im.shift;
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
    uint64_t granule = (at + s->im.lead_bytes) >> s->im.shift;
    if (granule < s->view->first || granule >= s->view->top || !scene_find(s, granule) || s->block.size == 0 ||
        !block_used(s->block.header) || view_payload(s->view, s->block.offset) != at) {
        return false;
    }
    memset(&finding, 0, sizeof finding);
    tarn_check_open(&c, s->view, &finding);
    if (!tarn_check_block(&c, &s->block, s->left.size != 0 && !block_used(s->left.header))) {
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
    uint64_t granule = (at + s->im.lead_bytes) >> s->im.shift;
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
