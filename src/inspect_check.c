/* SPDX-License-Identifier: MIT */
/*
 * The full check: every invariant of an image (inspect.h, TARN_RULE_*), on bytes that nothing vouches for.
 *
 * One walk over the blocks verifies I2..I6, I11, I14 to I17 and, for each free block, that the word said to name it
 * does (I8); then the index is followed from its heads and must meet as many blocks as the walk did (I7, I9), and the
 * list of those that wait (I18, inspect_waiting.c); last the counts (I10, I12, I13), those of modules by one more walk
 * for every 16.
 * It proves the image consistent, not that it is what the program meant. An index forged so that its counts agree can
 * name bytes inside a user's block; tarn_adopt() therefore rebuilds the index instead of using it.
 *
 * Bound: blocks, plus the index's heads and the map's words; each list is followed no further than blocks exist.
 */
#include "account.h"
#include "backup.h"
#include "check.h"
#include "fill.h"
#include "park.h"
#include "slab.h"
#include "tail.h"

enum { ROWS_AT_ONCE = 16 }; /* modules counted per walk: 128 bytes of stack */

void tarn_check_open(check *c, const tarn_view *view, tarn_finding *finding)
{
    uint32_t size_bits = layout_size_bits(view->layout);
    memset(c, 0, sizeof *c);
    c->view = view;
    c->im = view_geometry(view);
    c->finding = finding;
    c->index = view_index(view);
    c->narrow = heads_narrow(size_bits);
    c->place = view_place(view);
    if (layout_engine(view->layout) == TARN_ENGINE_TLSF) {
        c->lists = tlsf_bins(size_bits);
        c->heads = c->index + 4u * tlsf_bitmap_words(size_bits);
    } else if (layout_engine(view->layout) == TARN_ENGINE_BESTFIT) {
        c->lists = bestfit_lists(size_bits);
        c->tries = bestfit_tries(size_bits);
        c->heads = c->index + 8u;
    }
}

/* ---- one free block: the word that names it (I8) ---- */

static bool check_where(const check *c, uint32_t offset, uint32_t size)
{
    uint32_t back = where(c, offset);
    if (!where_is_head(back)) {
        uint32_t before = back >> 1;
        if (!view_holds(c->view, before) || view_link(c->view, before, 0) != offset) {
            return fail(c, TARN_RULE_LINKS, offset, offset, view_link(c->view, before, 0));
        }
        return true;
    }
    uint32_t list = back >> 1;
    if (list >= c->lists || list != list_of(c, size)) {
        return fail(c, TARN_RULE_LISTED, offset, list_of(c, size), list);
    }
    return head(c, list) == offset || fail(c, TARN_RULE_LINKS, offset, offset, head(c, list));
}

/* Up from a node to its root: every slot on the way names its block, and the sides taken are the bits of the size. */
static bool check_climb(const check *c, uint32_t offset, uint32_t size)
{
    uint32_t trie = bestfit_trie(size);
    uint32_t node = offset;
    uint32_t path = 0; /* sides from here to the root, the last taken in bit 31 */
    for (uint32_t depth = 0; depth <= IMAGE_SIZE_BITS_MAX; depth++) {
        uint32_t slot = view_link(c->view, node, NODE_SLOT);
        uint32_t parent = slot >> 2;
        if ((slot & SLOT_KIND) == SLOT_ROOT) {
            uint32_t wanted = depth == 0 ? 0 : bestfit_path(size) >> (32u - depth) << (32u - depth);
            if (parent != trie) {
                return fail(c, TARN_RULE_LISTED, offset, trie, parent);
            }
            if (head(c, c->lists + trie) != node) {
                return fail(c, TARN_RULE_LINKS, offset, node, head(c, c->lists + trie));
            }
            return path == wanted || fail(c, TARN_RULE_LISTED, offset, wanted, path);
        }
        if ((slot & SLOT_KIND) == SLOT_BEHIND || !view_holds(c->view, parent) ||
            view_link(c->view, parent, NODE_CHILD + (slot & 1u)) != node) {
            return fail(c, TARN_RULE_LINKS, offset, node, slot);
        }
        path = path >> 1 | (slot & 1u) << 31;
        node = parent;
    }
    return fail(c, TARN_RULE_LINKS, offset, 0, node);
}

/* Down the list behind a node: as many blocks as hang there, all of the node's size. */
static bool check_behind(check *c, uint32_t node, uint32_t size)
{
    uint32_t before = node;
    uint32_t limit = view_get(c->view, IMAGE_LISTED);
    for (uint32_t at = view_link(c->view, node, 0); at != 0; at = view_link(c->view, at, 0)) {
        if (c->reached++ >= limit || !is_free_block(c, at) || free_size(c, at) != size ||
            where(c, at) != where_block(before) || view_link(c->view, at, NODE_SLOT) != SLOT_BEHIND) {
            return fail(c, TARN_RULE_LISTED, node, before, at);
        }
        before = at;
    }
    return true;
}

static bool check_node(check *c, uint32_t offset, uint32_t size)
{
    if (view_link(c->view, offset, NODE_SLOT) == SLOT_BEHIND) {
        return where_is_head(where(c, offset)) ? fail(c, TARN_RULE_LINKS, offset, 0, where(c, offset))
                                               : check_where(c, offset, size);
    }
    for (uint32_t side = 0; side < 2; side++) {
        uint32_t child = view_link(c->view, offset, NODE_CHILD + side);
        if (child != 0 && (!is_free_block(c, child) || view_link(c->view, child, NODE_SLOT) != (offset << 2 | side))) {
            return fail(c, TARN_RULE_LINKS, offset, offset << 2 | side, child);
        }
    }
    c->reached++;
    return check_climb(c, offset, size) && (c->local || check_behind(c, offset, size));
}

static bool check_listed(check *c, uint32_t offset, uint32_t size)
{
    if (c->lists == 0) {
        c->reached++;
        return true;
    }
    return c->tries != 0 && !bestfit_is_small(size) ? check_node(c, offset, size) : check_where(c, offset, size);
}

/* ---- one block ---- */

/* Of a free block whose size and tag hold, of the wilderness, or of a block that waits. */
static bool check_fill(const check *c, const block_ref *b)
{
    bool verified = (layout_poisons(c->view->layout) || block_used(b->header)) && !c->local && !c->own;
    uint64_t at = verified ? tarn_fill_broken(c->view, b) : TARN_NOWHERE;
    return at == TARN_NOWHERE || fail(c, TARN_RULE_FILL, b->offset, fill_byte(c->view->layout), view_byte(c->view, at));
}

static bool check_free(check *c, const block_ref *b, bool left_free)
{
    uint32_t end = b->offset + b->size;
    uint32_t tag = view_word(c->view, view_payload(c->view, end) - image_lead_bytes(&c->im) - 4u);
    c->listed++;
    if (left_free && !c->local) {
        return fail(c, TARN_RULE_MERGED, b->offset, 1, 0);
    }
    if ((b->header & BLOCK_MARK) != 0) {
        return fail(c, TARN_RULE_CHECK, b->offset, b->header & ~BLOCK_MARK, b->header);
    }
    if (tag != b->size) {
        return fail(c, TARN_RULE_TAG, b->offset, b->size, tag);
    }
    return check_listed(c, b->offset, b->size) && check_fill(c, b);
}

static bool check_mapped(const check *c, uint32_t offset, bool used)
{
    if (!layout_has_map(c->view->layout)) {
        return true;
    }
    uint32_t word = view_word(c->view, IMAGE_HEADER_BYTES + 4u + 4u * (uint64_t)(offset >> 5));
    return view_marked(c->view, offset) == used ||
           fail(c, TARN_RULE_MAP, offset, word ^ UINT32_C(1) << (offset & 31u), word);
}

/* The word that should be there differs from the one that is by its check, as far as that can be told. */
static bool check_tail(check *c, const block_ref *b)
{
    uint32_t slack;
    uint64_t tail = view_last_word(c->view, b);
    if (!layout_has_tail(c->view->layout)) {
        return true;
    }
    if (!tarn_view_slack(c->view, b, &slack)) {
        uint32_t word = view_word(c->view, tail);
        return c->own || fail(c, TARN_RULE_TAIL, b->offset, tail_seal(&c->im, b->offset, tail_body(word)), word);
    }
    uint32_t state = tail_state(view_word(c->view, tail));
    if (state == TAIL_QUARANTINED) {
        c->waiting++;
        c->waiting_granules += b->size;
        return check_fill(c, b);
    }
    bool guarded = layout_guards(c->view->layout) && state == TAIL_USED && !c->own;
    uint64_t end = tail - layout_backup_bytes(c->view->layout);
    for (uint64_t at = end - slack; guarded && at < end; at++) {
        if (view_byte(c->view, at) != TAIL_GUARD) {
            return fail(c, TARN_RULE_GUARD, b->offset, TAIL_GUARD, view_byte(c->view, at));
        }
    }
    return true;
}

static bool check_backup(const check *c, const block_ref *b)
{
    if (!layout_has_backup(c->view->layout)) {
        return true;
    }
    uint32_t wanted = backup_of(&c->im, b->offset, b->header);
    uint32_t copy = view_word(c->view, view_backup(c->view, b));
    return copy == wanted || fail(c, TARN_RULE_BACKUP, b->offset, wanted, copy);
}

bool tarn_check_block(check *c, const block_ref *b, bool left_free)
{
    bool parked = is_parked_block(c, b);
    bool used = block_used(b->header);
    bool flagged = (b->header & BLOCK_LEFT_FREE) != 0;
    if (b->size < image_minimum(&c->im)) {
        return fail(c, TARN_RULE_TILING, b->offset, image_minimum(&c->im), b->size);
    }
    if (flagged != left_free) {
        return fail(c, TARN_RULE_LEFT, b->offset, left_free, flagged);
    }
    c->marks += used ? 1u : 0;
    c->parked += parked ? 1u : 0;
    if (parked || tarn_view_counts(c->view, b)) {
        c->used += b->size;
        c->blocks++;
    }
    return check_mapped(c, b->offset, used) && (parked || (used ? check_tail(c, b) : check_free(c, b, left_free))) &&
           check_backup(c, b);
}

bool tarn_check_broken(const check *c, uint32_t offset, const block_ref *b)
{
    if (!block_proves(&c->im, offset, b->header)) {
        uint32_t body = b->header & c->im.body_mask & ~BLOCK_LEFT_FREE;
        uint32_t sealed = block_seal(&c->im, offset, body) | (b->header & BLOCK_LEFT_FREE);
        return fail(c, TARN_RULE_CHECK, offset, sealed, b->header);
    }
    return fail(c, TARN_RULE_TILING, offset, c->view->top - offset, b->size);
}

/* The wilderness is a header that says what lies behind it, never beside another free block. */
bool tarn_check_top(const check *c, bool left_free)
{
    uint32_t top = c->view->top;
    uint32_t wanted = block_seal(&c->im, top, (c->view->end - top) << BLOCK_SIZE_SHIFT);
    if (left_free) {
        return fail(c, TARN_RULE_MERGED, top, 1, 0);
    }
    uint32_t header = view_header(c->view, top);
    if (header != wanted) {
        return fail(c, TARN_RULE_CHECK, top, wanted, header);
    }
    block_ref b = {top, c->view->end - top, header};
    return check_fill(c, &b);
}

static bool check_blocks(check *c)
{
    block_ref b;
    bool left_free = false;
    for (uint32_t offset = c->view->first; offset != c->view->top; offset += b.size) {
        if (!tarn_view_block(c->view, offset, &b)) {
            return tarn_check_broken(c, offset, &b);
        }
        c->place_met |= offset == c->place.next;
        if (!tarn_check_block(c, &b, left_free)) {
            return false;
        }
        left_free = !block_used(b.header) && !is_parked_block(c, &b);
    }
    c->place_met |= c->place.next == c->view->top;
    return tarn_check_top(c, left_free);
}

/* ---- the index ---- */

/* What names a block that does not belong there: the head, or the link in the block before. */
static bool fail_link(const check *c, uint32_t list, uint32_t back, uint32_t at)
{
    if (where_is_head(back)) {
        return fail_at(c, TARN_RULE_LISTED, c->heads + (c->narrow ? 2u : 4u) * (uint64_t)list, list, at);
    }
    return fail(c, TARN_RULE_LISTED, back >> 1, 0, at);
}

/* Follows one list; every block in it is a free block of this list. */
static bool check_list(check *c, uint32_t list)
{
    uint32_t back = where_head(list);
    for (uint32_t at = head(c, list); at != 0; at = view_link(c->view, at, 0)) {
        if (!is_free_block(c, at) || list_of(c, free_size(c, at)) != list || c->reached >= c->listed) {
            return fail_link(c, list, back, at);
        }
        if (where(c, at) != back) {
            return fail(c, TARN_RULE_LINKS, at, back, where(c, at));
        }
        c->reached++;
        back = where_block(at);
    }
    return true;
}

/* Bit and head agree; heads run on across the bitmap's words, roots have a word of their own. */
bool tarn_check_bit(const check *c, uint32_t index)
{
    bool root = index >= c->lists;
    uint32_t bit = root ? index - c->lists : index;
    uint64_t at = c->index + 4u * (uint64_t)(root ? 1u : bit >> 5);
    uint32_t word = view_word(c->view, at);
    bool set = (word >> (bit & 31u) & 1u) != 0;
    bool filled = head(c, index) != 0;
    return set == filled || fail_at(c, TARN_RULE_BITMAP, at, word ^ UINT32_C(1) << (bit & 31u), word);
}

static bool check_spare_bits(const check *c, uint32_t word, uint32_t count)
{
    uint64_t at = c->index + 4u * (uint64_t)word;
    uint32_t bits = view_word(c->view, at);
    uint32_t spare = count >= 32u ? 0 : bits >> count;
    return spare == 0 || fail_at(c, TARN_RULE_BITMAP, at, bits ^ spare << count, bits);
}

/* Bits beyond the last list or root would lead a search astray. */
bool tarn_check_spare(const check *c)
{
    bool trie = layout_engine(c->view->layout) == TARN_ENGINE_BESTFIT;
    return (c->lists == 0 || check_spare_bits(c, (c->lists - 1u) >> 5, ((c->lists - 1u) & 31u) + 1u)) &&
           (!trie || check_spare_bits(c, 1, c->tries));
}

static bool check_index(check *c)
{
    for (uint32_t i = 0; i < c->lists + c->tries; i++) {
        if (!tarn_check_bit(c, i) || (i < c->lists && !check_list(c, i))) {
            return false;
        }
    }
    return tarn_check_spare(c) &&
           (c->reached == c->listed || fail_at(c, TARN_RULE_LISTED, c->heads, c->listed, c->reached));
}

/* ---- parked blocks (I20) ---- */

/* A word of a parked block, or of what stands at the end of a list. */
static uint64_t park_word(const check *c, uint32_t offset, uint32_t index)
{
    return view_payload(c->view, offset) + 4u * (uint64_t)index;
}

/* Counts down what the walk met. */
static bool check_parked_list(check *c, uint32_t size)
{
    block_ref b;
    uint64_t at = 4u * (uint64_t)(IMAGE_PARK_HEADS + size - PARK_SMALLEST);
    uint32_t none = park_none(&c->im);
    for (uint32_t offset = view_word(c->view, at); offset != none; offset = view_word(c->view, at)) {
        if (!view_holds(c->view, offset) || !tarn_view_block(c->view, offset, &b) || !block_parked(b.header) ||
            b.size != size || c->parked == 0) {
            return fail_at(c, TARN_RULE_PARKED, at, none, offset);
        }
        at = park_word(c, offset, 0);
        uint32_t next = view_word(c->view, at);
        uint32_t rest = view_word(c->view, park_word(c, offset, 1));
        uint32_t wanted = view_word(c->view, park_word(c, next, 1)) - size;
        if (rest != wanted || rest > view_get(c->view, IMAGE_PARK_LIMIT)) {
            return fail_at(c, TARN_RULE_PARKED, park_word(c, offset, 1), wanted, rest);
        }
        c->parked--;
    }
    return true;
}

static bool check_parked(check *c)
{
    uint32_t wanted[IMAGE_PARK_LIMIT - IMAGE_PARK_CHECK];
    park_words(c->view->layout, c->view->key, wanted);
    for (uint32_t i = 0; layout_parks(c->view->layout) && i < sizeof wanted / sizeof wanted[0]; i++) {
        uint32_t word = view_get(c->view, IMAGE_PARK_CHECK + i);
        if (word != wanted[i]) {
            return fail_at(c, TARN_RULE_PARKED, 4u * (uint64_t)(IMAGE_PARK_CHECK + i), wanted[i], word);
        }
    }
    for (uint32_t size = PARK_SMALLEST; layout_parks(c->view->layout) && size <= PARK_LARGEST; size++) {
        if (!check_parked_list(c, size)) {
            return false;
        }
    }
    return c->parked == 0 || fail_at(c, TARN_RULE_PARKED, 4u * IMAGE_PARK_HEADS, 0, c->parked);
}

/* ---- the slab (I21) ---- */

static bool check_slab(const check *c)
{
    uint64_t at = 0;
    uint32_t wanted = 0;
    return !layout_has_slab(c->view->layout) || tarn_slab_sound(c->view, &at, &wanted) ||
           fail_at(c, TARN_RULE_SLAB, at, wanted, view_word(c->view, at));
}

/* ---- counts ---- */

static bool check_count(const check *c, uint32_t word, uint32_t counted)
{
    uint32_t stated = view_get(c->view, word);
    return stated == counted || fail_at(c, TARN_RULE_COUNTS, 4u * (uint64_t)word, counted, stated);
}

bool tarn_check_peak(const check *c, uint32_t used)
{
    uint32_t peak = view_get(c->view, IMAGE_PEAK);
    return (peak >= used && peak <= c->view->end - c->view->first) ||
           fail_at(c, TARN_RULE_COUNTS, 4u * IMAGE_PEAK, used, peak);
}

static bool check_counts(const check *c)
{
    return tarn_check_peak(c, c->used) && check_count(c, IMAGE_USED, c->used) &&
           check_count(c, IMAGE_BLOCKS, c->blocks) && check_count(c, IMAGE_LISTED, c->listed);
}

static uint32_t count_bits(uint32_t word)
{
    uint32_t count = 0;
    for (; word != 0; word &= word - 1u) {
        count++;
    }
    return count;
}

/* Every used block's bit was seen set; as many bits as blocks means that no other is. */
static bool check_map(const check *c)
{
    uint32_t marks = 0;
    uint32_t words = layout_has_map(c->view->layout) ? view_word(c->view, IMAGE_HEADER_BYTES) : 0;
    for (uint32_t i = 0; i < words; i++) {
        marks += count_bits(view_word(c->view, IMAGE_HEADER_BYTES + 4u + 4u * (uint64_t)i));
    }
    return words == 0 || marks == c->marks || fail_at(c, TARN_RULE_MAP, IMAGE_HEADER_BYTES, c->marks, marks);
}

/* ---- modules and numbers (I12, I13) ---- */

/* What a walk counts of some modules. */
typedef struct row_counts {
    uint32_t from;
    uint32_t live[ROWS_AT_ONCE];
    uint32_t blocks[ROWS_AT_ONCE];
} row_counts;

static uint32_t word_before(const check *c, uint32_t offset, uint32_t index)
{
    return view_word(c->view, view_payload(c->view, offset) - image_lead_bytes(&c->im) + 4u * (uint64_t)index);
}

static void count_rows(const check *c, row_counts *counts)
{
    block_ref b;
    for (uint32_t offset = c->view->first; offset != c->view->top; offset += b.size) {
        if (!tarn_view_block(c->view, offset, &b)) {
            return; /* the walk before would have said so */
        }
        uint32_t row = row_of_module(c->view->layout, owner_module(word_before(c, offset, 0))) - counts->from;
        if (tarn_view_counts(c->view, &b) && row < ROWS_AT_ONCE) {
            counts->live[row] += b.size;
            counts->blocks[row]++;
        }
    }
}

static bool check_row(const check *c, uint64_t at, uint32_t live, uint32_t blocks)
{
    uint32_t peak = view_word(c->view, at + 4u * ROW_PEAK);
    if (view_word(c->view, at + 4u * ROW_LIVE) != live) {
        return fail_at(c, TARN_RULE_MODULES, at + 4u * ROW_LIVE, live, view_word(c->view, at + 4u * ROW_LIVE));
    }
    if (view_word(c->view, at + 4u * ROW_BLOCKS) != blocks) {
        return fail_at(c, TARN_RULE_MODULES, at + 4u * ROW_BLOCKS, blocks, view_word(c->view, at + 4u * ROW_BLOCKS));
    }
    return (peak >= live && peak <= c->view->end - c->view->first) ||
           fail_at(c, TARN_RULE_MODULES, at + 4u * ROW_PEAK, live, peak);
}

static bool check_modules(const check *c)
{
    uint32_t rows = layout_modules(c->view->layout);
    uint64_t table = view_account(c->view);
    for (uint32_t from = 0; from < rows; from += ROWS_AT_ONCE) {
        row_counts counts = {from, {0}, {0}};
        count_rows(c, &counts);
        for (uint32_t i = 0; i < ROWS_AT_ONCE && from + i < rows; i++) {
            if (!check_row(c, table + 4u * ROW_WORDS * (uint64_t)(from + i), counts.live[i], counts.blocks[i])) {
                return false;
            }
        }
    }
    return true;
}

bool tarn_check_number(const check *c, const block_ref *b)
{
    if (!block_used(b->header) || !layout_numbers(c->view->layout) || tarn_slab_begins(c->view, b->offset)) {
        return true;
    }
    uint32_t counter = view_word(c->view, view_account_end(c->view) - 4u);
    uint32_t number = word_before(c, b->offset, TARN_WORDS_SEQUENCE - 1u);
    return counter >= COUNTER_TURN || number < counter || fail(c, TARN_RULE_SEQUENCE, b->offset, counter, number);
}

static bool check_numbers(const check *c)
{
    block_ref b;
    for (uint32_t offset = c->view->first; layout_numbers(c->view->layout) && offset != c->view->top;
         offset += b.size) {
        if (!tarn_view_block(c->view, offset, &b)) {
            return false;
        }
        if (!tarn_check_number(c, &b)) {
            return false;
        }
    }
    return true;
}

/* ---- the place of the check in steps (I19) ---- */

bool tarn_check_place(const check *c, bool begins)
{
    if (!layout_has_cursor(c->view->layout)) {
        return true;
    }
    uint32_t next = c->place.next;
    bool sound = next == 0
                     ? c->place.seen < check_front_parts(c)
                     : begins && next >= c->view->first && next <= c->view->top && c->place.seen <= check_reach(c);
    return sound || fail_at(c, TARN_RULE_CURSOR, view_cursor(c->view), 0, next);
}

static tarn_status check_all(check *c)
{
    bool sound = check_blocks(c) && check_index(c) && tarn_check_waiting(c) && check_parked(c) && check_slab(c) &&
                 check_counts(c) && check_map(c) && check_modules(c) && check_numbers(c) &&
                 tarn_check_place(c, c->place_met);
    return sound ? TARN_OK : TARN_E_DAMAGED;
}

tarn_status tarn_view_check(const tarn_view *view, tarn_finding *finding)
{
    tarn_finding unused;
    finding = finding != NULL ? finding : &unused;
    memset(finding, 0, sizeof *finding);
    if (view == NULL || view->base == NULL) {
        return TARN_E_NULL;
    }
    check c;
    tarn_check_open(&c, view, finding);
    return check_all(&c);
}

tarn_status tarn_view_check_own(const tarn_view *view, tarn_finding *finding)
{
    check c;
    memset(finding, 0, sizeof *finding);
    tarn_check_open(&c, view, finding);
    c.own = true;
    return check_all(&c);
}
