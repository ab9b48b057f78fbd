/* SPDX-License-Identifier: MIT */
/*
 * What happened to a broken block of a pool: the first byte that is not as it must have been, and who may have written
 * there.
 *
 * R2 A guess rests on bytes: which of a broken header's bytes are as they must have been. Where the block's size can be
 *    found again (the next header that proves itself), the true header is known.
 * R3 Owners of blocks whose extension words were written over are not told.
 * Bound: the block; where its header is broken, granules up to the next that proves itself.
 */
#include "backup.h"
#include "fill.h"
#include "report_scene.h"
#include "tail.h"

/* ---- a broken header ---- */

/* Granules from a broken header to the next one that proves itself and leads on; 0 if there is none. */
static uint32_t size_again(const scene *s, uint32_t offset)
{
    for (uint32_t at = offset + image_minimum(&s->im); at < s->view->top && at > offset; at++) {
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
    uint32_t left_free = s->left.size != 0 && block_free(s->left.header) ? BLOCK_LEFT_FREE : 0;
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
        report_guess(report, TARN_GUESS_OVERRUN, image_lead_bytes(&s->im) - kept_last);
        report->first_bad = payload - image_lead_bytes(&s->im);
    } else {
        report_guess(report, TARN_GUESS_WILD_WRITE, 0);
        report->first_bad = payload - 4u + kept_first;
    }
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

void tarn_report_header(scene *s)
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
    } else {
        report->expected = found; /* of which nothing is known */
        report_guess(report, TARN_GUESS_WILD_WRITE, 0);
    }
    if (report->guess == TARN_GUESS_BIT_FLIP || report->expected == found) {
        report->first_bad = at;
    } else {
        guess_writer(s, bytes_kept(s, at, report->expected, false), bytes_kept(s, at, report->expected, true));
    }
    if (size != 0) {
        describe_again(s, size, report->expected);
    }
}

/* ---- a broken tail or guard: its own block's owner wrote on ---- */

/* The slack is known. An overrun, to the last byte that differs, whether or not it skipped the first ones (an index too
 * large, padding of a structure); but one bit of one byte that it would have had to skip to may have changed by
 * itself. */
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

/* Of a used block its owner, who wrote on past the payload, whether or not the first bytes behind it were skipped, or
 * happened to be what was written; of a free one somebody who had it before. */
static void report_backup(const scene *s)
{
    tarn_report *report = s->report;
    uint64_t at = view_backup(s->view, &s->block);
    uint32_t kept_first = bytes_kept(s, at, report->expected, false);
    uint32_t kept_last = bytes_kept(s, at, report->expected, true);
    uint32_t slack = 0;
    bool used = block_used(s->block.header);
    bool known = tarn_view_slack(s->view, &s->block, &slack);
    report_guess_word(report, used ? TARN_GUESS_OVERRUN : TARN_GUESS_USE_AFTER_FREE);
    if (report->guess == TARN_GUESS_OVERRUN) {
        report->amount = (known ? slack : 0) + 4u - kept_last;
    }
    report->first_bad = report->guess == TARN_GUESS_BIT_FLIP ? at : at + kept_first;
}

/* ---- damage elsewhere ---- */

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
static bool report_block_memory(const scene *s)
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
void tarn_report_block_rule(const scene *s)
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
