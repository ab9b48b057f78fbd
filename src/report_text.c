/* SPDX-License-Identifier: MIT */
/*
 * Reports as text, a line at a time: what happened and where, the two blocks with who has them, the metadata words.
 *
 * Addresses are printed where the report has them; off the target, places in the image are.
 * Bound: constant.
 */
#include "report.h"

enum { LINE = 160 };

/* A line being written. */
typedef struct line {
    tarn_report_writer *write;
    void *context;
    tarn_report_resolver *resolve;
    size_t length;
    char text[LINE];
} line;

static void put(line *l, const char *text)
{
    while (*text != '\0' && l->length < LINE) {
        l->text[l->length++] = *text++;
    }
}

static void put_hex(line *l, uint64_t value, uint32_t least)
{
    char digits[17];
    uint32_t count = 0;
    digits[16] = '\0';
    do {
        digits[15u - count++] = "0123456789abcdef"[value & 15u];
        value >>= 4;
    } while (value != 0 || count < least);
    put(l, digits + 16u - count);
}

/* What does not fit 32 bits is rare here, and a 64-bit division is large on small cores. */
static void put_number(line *l, uint64_t value)
{
    char digits[11];
    uint32_t count = 0;
    uint32_t small = (uint32_t)value;
    digits[10] = '\0';
    if (value > UINT32_MAX) {
        put(l, "0x");
        put_hex(l, value, 1);
        return;
    }
    do {
        digits[9u - count++] = (char)('0' + (int)(small % 10u));
        small /= 10u;
    } while (small != 0);
    put(l, digits + 10u - count);
}

static void end_line(line *l)
{
    if (l->length == LINE) {
        l->length--;
    }
    l->text[l->length++] = '\n';
    l->write(l->text, l->length, l->context);
    l->length = 0;
}

/* An address where the report has them, else a place. */
static void put_place(line *l, const tarn_report *report, uint64_t offset)
{
    if (report->image != 0) {
        put(l, "0x");
        put_hex(l, report->image + offset, 8);
    } else {
        put(l, "offset 0x");
        put_hex(l, offset, 1);
    }
}

const char *tarn_guess_text(uint32_t guess)
{
    static const char *const texts[] = {
        [TARN_GUESS_NONE] = "nothing found",
        [TARN_GUESS_OVERRUN] = "overrun",
        [TARN_GUESS_UNDERRUN] = "underrun",
        [TARN_GUESS_USE_AFTER_FREE] = "use after free",
        [TARN_GUESS_DOUBLE_FREE] = "double free",
        [TARN_GUESS_FOREIGN] = "foreign pointer",
        [TARN_GUESS_OTHER_POOL] = "pointer of another pool",
        [TARN_GUESS_INTERIOR] = "interior pointer",
        [TARN_GUESS_STALE] = "stale pointer",
        [TARN_GUESS_WILD_WRITE] = "wild write",
        [TARN_GUESS_BIT_FLIP] = "bit flip",
        [TARN_GUESS_HEADER] = "pointer into a header",
    };
    return guess < sizeof texts / sizeof texts[0] ? texts[guess] : "unknown";
}

bool tarn_report_is_own(const tarn_report *report)
{
    if (report == NULL || report->guess != TARN_GUESS_OVERRUN) {
        return false;
    }
    bool behind =
        report->block.size != 0 && report->first_bad != TARN_NOWHERE && report->first_bad >= report->block.offset;
    return behind || report->kind == TARN_REPORT_BLOCKS;
}

uint32_t tarn_report_skipped(const tarn_report *report)
{
    bool known = report != NULL && report->guess == TARN_GUESS_OVERRUN &&
                 (report->rule == TARN_RULE_GUARD || report->rule == TARN_RULE_BACKUP);
    return known ? (uint32_t)(report->first_bad - report->block.offset - report->block.usable) : 0;
}

/* ---- the lines ---- */

static void put_bytes(line *l, uint32_t bytes)
{
    put_number(l, bytes);
    put(l, bytes == 1u ? " byte" : " bytes");
}

static void put_amount(line *l, const tarn_report *report)
{
    switch (report->guess) {
    case TARN_GUESS_OVERRUN:
        put(l, tarn_report_is_own(report) ? " of the block by at least " : " of the left neighbour by at least ");
        break;
    case TARN_GUESS_UNDERRUN:
        put(l, " of the block by ");
        break;
    case TARN_GUESS_INTERIOR:
        put(l, ", into the block by ");
        break;
    case TARN_GUESS_HEADER:
        put(l, ", before the block's payload by ");
        break;
    case TARN_GUESS_BIT_FLIP:
        put(l, ", bit ");
        put_number(l, report->amount);
        return;
    default:
        return;
    }
    put_bytes(l, report->amount);
    if (tarn_report_skipped(report) != 0) {
        put(l, " that skipped ");
        put_bytes(l, tarn_report_skipped(report));
    }
}

static void write_head(line *l, const tarn_report *report)
{
    static const char *const kinds[] = {"pool", "block pool", "heap"};
    bool refused = report->rule == 0 && report->status != TARN_OK;
    put(l, "tarn: ");
    put(l, refused && report->guess == TARN_GUESS_NONE ? tarn_status_text(report->status)
                                                       : tarn_guess_text(report->guess));
    put_amount(l, report);
    put(l, refused ? ", given to " : " in ");
    put(l, kinds[report->kind <= TARN_REPORT_HEAP ? report->kind : 0]);
    if (report->pool != 0) {
        put(l, " 0x");
        put_hex(l, report->pool, 8);
    }
    end_line(l);
}

/* As the documentation numbers them: I1 and on of pools, B1 and on of block pools; a heap's table has one, of no
 * number. */
static void put_rule(line *l, uint32_t rule)
{
    if (rule < TARN_RULE_BLOCKS_HEADER) {
        put(l, "I");
        put_number(l, rule);
    } else if (rule < TARN_RULE_REGIONS) {
        put(l, "B");
        put_number(l, rule - TARN_RULE_BLOCKS_HEADER + 1u);
    } else {
        put(l, "of the heap");
    }
}

static void write_rule(line *l, const tarn_report *report)
{
    if (report->rule == 0 && report->status == TARN_OK) {
        put(l, "  about the address 0x");
        put_hex(l, report->address, 8);
        end_line(l);
        return;
    }
    if (report->rule == 0) {
        put(l, "  the pointer 0x");
        put_hex(l, report->address, 8);
        put(l, " was refused: ");
        put(l, tarn_status_text(report->status));
        if (report->other != 0) {
            put(l, "; it lies in the pool 0x");
            put_hex(l, report->other, 8);
        }
        end_line(l);
        return;
    }
    put(l, "  rule ");
    put_rule(l, report->rule);
    put(l, " (");
    put(l, tarn_rule_text(report->rule));
    put(l, ") is broken at ");
    put_place(l, report, report->offset);
    put(l, ": 0x");
    put_hex(l, report->found, 8);
    if (report->rule != TARN_RULE_CHECK || report->expected != report->found) {
        put(l, " instead of 0x");
        put_hex(l, report->expected, 8);
    }
    end_line(l);
    if (report->first_bad != TARN_NOWHERE && report->first_bad != report->offset) {
        put(l, "  first bad byte: ");
        put_place(l, report, report->first_bad);
        end_line(l);
    }
}

/* Sites count from tarn_alloc(), modulo 2^32: code is nearer to it than 2 GiB either way. */
static void put_site(line *l, const tarn_report *report, uint32_t site)
{
    uint64_t distance = (site & UINT32_C(0x80000000)) != 0 ? (uint64_t)site | UINT64_C(0xFFFFFFFF00000000) : site;
    uint64_t address = report->anchor != 0 ? report->anchor + distance : 0;
    address = l->resolve != NULL ? l->resolve(site) : address;
    if (address != 0) {
        put(l, "0x");
        put_hex(l, address, 8);
    } else {
        put(l, "tarn_alloc + 0x");
        put_hex(l, site, 1);
    }
}

/* Of owner, site and sequence so many as are known; 0 is a module, a task and a number like others. */
static void put_holder(line *l, const tarn_report *report, const tarn_block *block, uint32_t words)
{
    uint32_t task = block->owner & TARN_TASK_NONE;
    if (words >= TARN_WORDS_OWNER) {
        put(l, ", module ");
        put_number(l, block->owner >> 20);
        if (task != TARN_TASK_NONE) {
            put(l, ", task ");
            put_number(l, task);
        }
    }
    if (block->site != 0) {
        put(l, ", from ");
        put_site(l, report, block->site);
    }
    if (words >= TARN_WORDS_SEQUENCE) {
        put(l, ", allocation ");
        put_number(l, block->sequence);
    }
    if (block->freed != 0) {
        put(l, ", given back from ");
        put_site(l, report, block->freed);
    }
}

static void write_block(line *l, const tarn_report *report, const char *which, const tarn_block *block, uint32_t words)
{
    static const char *const states[] = {
        "free", "used", "used by a pool in it", "held back", "given back, waiting", "page of the slab"};
    if (block->size == 0) {
        return;
    }
    put(l, which);
    put_place(l, report, block->offset);
    put(l, ", ");
    put_number(l, block->usable);
    put(l, block->usable == UINT32_MAX ? " bytes or more, " : " bytes, "); /* the record holds no more */
    put(l, states[block->state <= TARN_BLOCK_SLAB ? block->state : 0]);
    put_holder(l, report, block, words);
    end_line(l);
    for (uint32_t i = 0; i < TARN_WORDS_CALLERS_MAX && block->callers[i] != 0; i++) {
        put(l, "    called from ");
        put_site(l, report, block->callers[i]);
        end_line(l);
    }
}

static void write_words(line *l, const tarn_report *report)
{
    if (report->count == 0) {
        return;
    }
    put(l, "  metadata at ");
    put_place(l, report, report->words_at);
    put(l, ":");
    for (uint32_t i = 0; i < report->count && i < TARN_REPORT_WORDS; i++) {
        put(l, " ");
        put_hex(l, report->words[i], 8);
    }
    end_line(l);
}

void tarn_report_text(const tarn_report *report, tarn_report_writer *write, void *context)
{
    tarn_report_text_resolved(report, write, context, NULL);
}

void tarn_report_text_resolved(const tarn_report *report, tarn_report_writer *write, void *context,
                               tarn_report_resolver *resolve)
{
    if (report == NULL || write == NULL) {
        return;
    }
    line l;
    l.write = write;
    l.context = context;
    l.resolve = resolve;
    l.length = 0;
    write_head(&l, report);
    write_rule(&l, report);
    write_block(&l, report, "  block ", &report->block, report->block_words);
    write_block(&l, report, "  left neighbour ", &report->left, report->left_words);
    write_words(&l, report);
    if (report->task != TARN_TASK_NONE) {
        put(&l, "  noticed by task ");
        put_number(&l, report->task);
        end_line(&l);
    }
}
