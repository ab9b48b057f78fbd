/* SPDX-License-Identifier: MIT */
/*
 * Runs the program's fault at every tier in every engine and compares what is told (fault.h). Prints a line per tier
 * and, last, one for machines: fault NAME KIND and a word per tier, found, silent or none.
 *
 * A report is compared with one made of what a walk said before the fault, never with what the report says itself.
 */
#include "fault.h"

#include <stdio.h>
#include <stdlib.h>

#include "tarn/events.h"
#include "tarn/port.h"

enum { ARENA = 3 * POOL_BYTES, RECORDS = 64 };

/* First the pool, then the heap's second region, then its table. */
static _Alignas(4096) unsigned char arena[ARENA];
static _Alignas(4096) unsigned char other_memory[POOL_BYTES];
static unsigned char before[ARENA];
static unsigned char after[ARENA];

static tarn_block records[RECORDS];
static uint32_t record_count;

static tarn_report delivered;
static uint32_t deliveries;
static const void *caller; /* of the last allocation or return */
static tarn_status failed; /* status of the last refused call */

static const char *program;
static scene now;

void tarn_port_report(const tarn_report *report)
{
    delivered = *report;
    deliveries++;
}

static void on_event(const tarn_event *event, void *context)
{
    (void)context;
    if (event->kind == TARN_EVENT_ALLOC || event->kind == TARN_EVENT_FREE) {
        caller = event->caller;
    } else if (event->kind == TARN_EVENT_FAIL || event->kind == TARN_EVENT_CORRUPT ||
               event->kind == TARN_EVENT_REFUSE) {
        failed = event->status;
    }
}

/* ---- failing ---- */

static const char *engine_name(uint32_t engine)
{
    static const char *const names[] = {"", "tlsf", "bestfit", "linear"};
    return names[engine];
}

static void wrong(const char *what, uint64_t wanted, uint64_t is)
{
    fprintf(stderr, "%s: tier %u%s%s: %s is %lld (0x%llx), not %lld (0x%llx)\n", program, now.tier,
            now.engine != 0 ? ", " : "", engine_name(now.engine), what, (long long)is, (unsigned long long)is,
            (long long)wanted, (unsigned long long)wanted);
}

static uint32_t mistakes;

static void same(const char *what, uint64_t wanted, uint64_t is)
{
    if (wanted != is) {
        wrong(what, wanted, is);
        mistakes++;
    }
}

static void same_status(const char *what, tarn_status wanted, tarn_status is)
{
    same(what, (uint64_t)wanted, (uint64_t)is);
}

static void must(const char *what, tarn_status status)
{
    if (status != TARN_OK) {
        wrong(what, TARN_OK, (uint64_t)status);
        exit(1);
    }
}

/* ---- scenes ---- */

static uint32_t size_of_neighbours(void)
{
    return the_fault.size != 0 ? the_fault.size : (uint32_t)SIZE;
}

enum { POOL_GUARDS = TARN_POOL_GUARD | TARN_POOL_POISON };

static tarn_options pool_options(const scene *s)
{
    tarn_options options = {0};
    options.engine = s->engine;
    options.extension_words = the_fault.words;
    options.modules = the_fault.modules;
    options.recognition = s->tier == 1 ? TARN_RECOGNISE_KEYED : TARN_RECOGNISE_EXACT;
    options.flags = the_fault.flags;
    if (s->tier == 3) {
        options.flags |= the_fault.guards != 0 ? the_fault.guards : (uint32_t)POOL_GUARDS;
        options.quarantine = the_fault.quarantine;
    }
    return options;
}

static void make_pool(scene *s)
{
    tarn_options options = pool_options(s);
    must("init", tarn_init(&s->pool, s->memory, POOL_BYTES, &options));
}

static void make_blocks(scene *s)
{
    static const uint32_t flags[TIERS] = {0, 0, TARN_BLOCKS_MAP, TARN_BLOCKS_MAP, TARN_BLOCKS_MAP};
    tarn_blocks_options options = {0};
    options.count = 8;
    options.flags = flags[s->tier] | (the_fault.words != 0 ? TARN_BLOCKS_OWNER : 0);
    if (s->tier == 3) {
        options.flags |= the_fault.guards != 0 ? the_fault.guards : TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON;
    }
    (void)tarn_events_remove(on_event, NULL); /* a sink at init would imply TARN_BLOCKS_EVENTS */
    must("init", tarn_blocks_init(&s->blocks, s->memory, POOL_BYTES, size_of_neighbours(), &options));
    must("events", tarn_events_add(on_event, NULL));
}

static void make_heap(scene *s)
{
    tarn_region_options options = {0};
    options.pool = pool_options(s);
    must("heap", tarn_heap_init(&s->heap, arena + 2 * POOL_BYTES, POOL_BYTES));
    must("first region", tarn_heap_add(s->heap, s->memory, POOL_BYTES, &options));
    must("second region", tarn_heap_add(s->heap, s->memory + POOL_BYTES, POOL_BYTES, &options));
}

static void own(const scene *s, uint32_t block)
{
    uint32_t owner = TARN_OWNER(block, 11u * block);
    if (the_fault.words == 0) {
        return;
    }
    switch (the_fault.kind) {
    case BLOCK_POOL:
        must("owner", tarn_blocks_owner_set(s->blocks, s->block[block], owner));
        break;
    case HEAP:
        must("owner", tarn_heap_owner_set(s->heap, s->block[block], owner));
        break;
    default:
        must("owner", tarn_owner_set(s->pool, s->block[block], owner));
    }
}

static void make_neighbours(scene *s)
{
    for (uint32_t block = A; block < NEIGHBOURS; block++) {
        must("allocation", take(s, size_of_neighbours()));
        s->block[block] = s->taken;
        memset(s->block[block], (int)block, size_of_neighbours());
        s->site[block] = (uint32_t)((uintptr_t)caller - (uintptr_t)tarn_alloc);
        own(s, block);
    }
    s->taken = NULL;
    s->pointer = NULL;
}

static void make_scene(scene *s)
{
    static void (*const makers[])(scene *) = {make_pool, make_blocks, make_heap};
    memset(arena, 0, sizeof arena);
    must("events", tarn_events_add(on_event, NULL));
    must("other pool", tarn_init(&s->other, other_memory, POOL_BYTES, NULL));
    s->foreign = tarn_alloc(s->other, SIZE);
    if (the_fault.make != NULL) {
        the_fault.make(s);
    } else {
        makers[the_fault.kind](s);
        make_neighbours(s);
    }
    must("reports", tarn_reports_on());
}

static void end_scene(scene *s)
{
    (void)tarn_reports_off();
    (void)tarn_events_remove(on_event, NULL);
    (void)tarn_deinit(s->pool);
    (void)tarn_blocks_deinit(s->blocks);
    (void)tarn_heap_deinit(s->heap);
    (void)tarn_deinit(s->other);
}

/* ---- what fault.h offers ---- */

tarn_status give_back(scene *s, void *pointer)
{
    s->pointer = pointer;
    switch (the_fault.kind) {
    case BLOCK_POOL:
        return tarn_blocks_put(s->blocks, pointer);
    case HEAP:
        return tarn_heap_free(s->heap, pointer);
    default:
        return tarn_free(s->pool, pointer);
    }
}

tarn_status take(scene *s, size_t size)
{
    s->pointer = NULL;
    switch (the_fault.kind) {
    case BLOCK_POOL:
        s->taken = tarn_blocks_get(s->blocks);
        break;
    case HEAP:
        s->taken = tarn_heap_alloc(s->heap, size, NULL);
        break;
    default:
        s->taken = tarn_alloc(s->pool, size);
    }
    return answer(s->taken != NULL);
}

tarn_status answer(bool served)
{
    return served ? TARN_OK : failed;
}

tarn_status regrow(scene *s, void *pointer, size_t size)
{
    s->pointer = pointer;
    s->taken =
        the_fault.kind == HEAP ? tarn_heap_realloc(s->heap, pointer, size, NULL) : tarn_realloc(s->pool, pointer, size);
    return answer(s->taken != NULL);
}

void must_give_back(scene *s, uint32_t block)
{
    must("an orderly return", give_back(s, s->block[block]));
    s->freed[block] = (uint32_t)((uintptr_t)caller - (uintptr_t)tarn_alloc);
}

unsigned char *end_of(const scene *s, uint32_t block)
{
    switch (the_fault.kind) {
    case BLOCK_POOL:
        return s->block[block] + tarn_blocks_usable(s->blocks);
    case HEAP:
        return s->block[block] + tarn_heap_usable(s->heap, s->block[block]);
    default:
        return s->block[block] + tarn_usable(s->pool, s->block[block]);
    }
}

uint32_t lead_of(const scene *s)
{
    (void)s;
    return the_fault.kind == BLOCK_POOL ? 0 : 4u + 4u * the_fault.words;
}

/* ---- what is true before the fault ---- */

static bool keep_record(const tarn_block *block, void *context)
{
    (void)context;
    records[record_count++] = *block;
    return record_count < RECORDS;
}

static void remember(void)
{
    tarn_view view;
    tarn_blocks_view blocks;
    record_count = 0;
    memcpy(before, arena, ARENA);
    if (the_fault.kind == BLOCK_POOL) {
        must("view", tarn_blocks_view_open(&blocks, arena, POOL_BYTES));
        must("walk", tarn_blocks_view_walk(&blocks, keep_record, NULL));
    } else {
        must("view", tarn_view_open(&view, arena, POOL_BYTES));
        must("walk", tarn_view_walk(&view, keep_record, NULL));
    }
}

/* As a request for so many bytes has cut it and left it. */
static void set_aside(tarn_block *record, uint32_t asked)
{
    uint64_t need = (asked + lead_of(&now) + 4u + 7u) & ~(uint64_t)7u;
    record->size = record->size - need < 16u ? record->size : need;
    record->usable = asked;
    record->state = TARN_BLOCK_HELD_BACK;
}

/* Extension words of a block that are still what they were, and told. */
static uint32_t words_kept(const told *t, uint32_t block, bool is_free)
{
    bool of_header = t->rule == TARN_RULE_CHECK && block == t->block;
    if (of_header && (is_free || t->guess == TARN_GUESS_OVERRUN || t->guess == TARN_GUESS_WILD_WRITE)) {
        return 0;
    }
    if (the_fault.kind == BLOCK_POOL) {
        return is_free ? 0 : the_fault.words;
    }
    return is_free && the_fault.words != 0 ? the_fault.words - 1u : the_fault.words;
}

/* A neighbour as it was. A free one shows who had it last, as far as its words are kept. */
static tarn_block truth(const scene *s, const told *t, uint32_t block)
{
    tarn_block record = {0};
    uint64_t offset = (uint64_t)(s->block[block] - arena);
    for (uint32_t i = 0; i < record_count && block != NONE; i++) {
        if (records[i].offset == offset) {
            record = records[i];
        }
    }
    if (block != NONE && record.size == 0) {
        wrong("the neighbour's place", offset, 0);
        exit(1);
    }
    bool is_free = record.state == TARN_BLOCK_FREE;
    if (t->held != 0 && block == t->block) {
        set_aside(&record, t->held);
    }
    uint32_t kept = block == NONE ? 0 : words_kept(t, block, is_free);
    record.owner = kept < 1u ? 0 : TARN_OWNER(block, 11u * block);
    record.site = kept < 2u || the_fault.kind == BLOCK_POOL ? 0 : s->site[block];
    record.sequence = kept < 3u ? 0 : block - A;
    bool noted = record.state == TARN_BLOCK_QUARANTINED && the_fault.words >= 2u;
    record.freed = noted ? s->freed[block] : 0;
    record.state = t->aside && block == t->block ? TARN_BLOCK_HELD_BACK : record.state;
    if (the_fault.kind == BLOCK_POOL && t->rule == TARN_RULE_BLOCKS_POISON && block == t->block && s->pointer != NULL) {
        record.state = TARN_BLOCK_HELD_BACK; /* by the get that found it */
    }
    record.tag = 0;
    memset(record.callers, 0, sizeof record.callers);
    return record;
}

static uint64_t offset_of(const scene *s, const place *p)
{
    uint64_t payload = (uint64_t)(s->block[p->block] - arena);
    switch (p->from) {
    case PAYLOAD:
        return payload + (uint64_t)(int64_t)p->bytes;
    case LEAD:
        return payload - lead_of(s) + (uint64_t)(int64_t)p->bytes;
    case END: {
        told nothing = {0};
        tarn_block b = truth(s, &nothing, p->block);
        return payload + b.size - lead_of(s) + (uint64_t)(int64_t)p->bytes;
    }
    case IMAGE:
        return (uint64_t)((int64_t)p->bytes + s->bytes);
    default:
        return TARN_NOWHERE;
    }
}

/* ---- the report ---- */

static void same_block(const char *whose, const tarn_block *wanted, const tarn_block *is)
{
    char what[64];
#define FIELD(field)                                              \
    (void)snprintf(what, sizeof what, "the %s's " #field, whose); \
    same(what, wanted->field, is->field)
    FIELD(offset);
    FIELD(size);
    FIELD(usable);
    FIELD(state);
    FIELD(owner);
    FIELD(site);
    FIELD(sequence);
    FIELD(tag);
    FIELD(freed);
#undef FIELD
    for (uint32_t i = 0; i < TARN_WORDS_CALLERS_MAX; i++) {
        same("a caller of a block", wanted->callers[i], is->callers[i]);
    }
}

static void same_known(const char *what, const told *t, uint32_t block, const tarn_block *is, uint32_t known)
{
    bool is_free = is->state == TARN_BLOCK_FREE;
    bool nobody = is_free && (is->owner | is->site | is->sequence) == 0;
    uint32_t kept = block == NONE || nobody ? 0 : words_kept(t, block, is_free);
    same(what, kept < TARN_WORDS_SEQUENCE ? kept : TARN_WORDS_SEQUENCE, known);
}

/* Where the rule is about one word: what it was, and what it is. */
static bool word_place(const told *t, const tarn_report *r, const tarn_block *block, uint64_t *at)
{
    switch (t->rule) {
    case TARN_RULE_CHECK:
        *at = r->offset - 4u;
        return true;
    case TARN_RULE_TAG:
    case TARN_RULE_TAIL:
    case TARN_RULE_BACKUP: /* of a used block in a pool without tails */
        *at = block->offset + block->size - lead_of(&now) - 4u;
        return true;
    case TARN_RULE_COUNTS:
    case TARN_RULE_BLOCKS_GUARD:
    case TARN_RULE_BLOCKS_POISON:
        *at = r->offset;
        return true;
    default:
        return false;
    }
}

static void same_words(const told *t, const tarn_report *r, const tarn_block *block)
{
    uint64_t at;
    if (word_place(t, r, block, &at) && at <= ARENA - 4u) {
        same("the word wanted", get_word(before + at), r->expected);
        same("the word found", get_word(arena + at), r->found);
    } else if (t->rule == TARN_RULE_GUARD) {
        same("the byte wanted", before[r->first_bad % ARENA], r->expected);
        same("the byte found", arena[r->first_bad % ARENA], r->found);
    } else if (t->rule == 0) {
        same("the word wanted", 0, r->expected);
        same("the word found", 0, r->found);
    }
    for (uint32_t i = 0; i < r->count && r->words_at <= ARENA - 4u * TARN_REPORT_WORDS; i++) {
        same("a metadata word", get_word(arena + r->words_at + 4u * i), r->words[i]);
    }
    if (t->rule != 0 && t->rule != TARN_RULE_HEADER && t->rule != TARN_RULE_BLOCKS_HEADER) {
        same("whether there are metadata words", true, r->count != 0);
    }
}

static const void *handle(const scene *s)
{
    const void *handles[] = {s->pool, s->blocks, s->heap};
    return handles[the_fault.kind];
}

static void compare(const scene *s, const told *t, const tarn_report *r, const void *address)
{
    tarn_block block = truth(s, t, t->block);
    tarn_block left = truth(s, t, t->left);
    place at = t->at.from != NOWHERE ? t->at : (place){t->block == NONE ? NOWHERE : PAYLOAD, t->block, 0};
    uint64_t offset = t->rule == 0 ? TARN_NOWHERE : offset_of(s, &at);
    same("version", TARN_REPORT_VERSION, r->version);
    same("kind", the_fault.kind, r->kind);
    same("rule", t->rule, r->rule);
    same_status("status", t->status, r->status);
    same("guess", t->guess, r->guess);
    same("amount", t->amount + s->amount + (t->by_lead ? lead_of(s) - 4u : 0), r->amount);
    same("task", tarn_port_task(), r->task);
    same("pool", (uintptr_t)handle(s), r->pool);
    same("anchor", (uintptr_t)tarn_alloc, r->anchor);
    same("address", (uintptr_t)address, r->address);
    same("other", t->guess == TARN_GUESS_OTHER_POOL ? (uintptr_t)s->other : 0, r->other);
    same("offset", offset, r->offset);
    same("first bad byte", offset_of(s, &t->first_bad), r->first_bad);
    if (t->block != NONE || t->rule != 0) {
        same("image", the_fault.kind == HEAP && t->rule == TARN_RULE_REGIONS ? (uintptr_t)handle(s) : (uintptr_t)arena,
             r->image);
    }
    same_block("block", &block, &r->block);
    same_block("left neighbour", &left, &r->left);
    same_known("words known of the block", t, t->block, &r->block, r->block_words);
    same_known("words known of the left neighbour", t, t->left, &r->left, r->left_words);
    same_words(t, r, &block);
}

/* ---- the tiers ---- */

static tarn_status check(const scene *s, tarn_finding *finding)
{
    tarn_heap_finding in_heap = {0};
    tarn_status status;
    switch (the_fault.kind) {
    case BLOCK_POOL:
        return tarn_blocks_check(s->blocks, finding);
    case HEAP:
        status = tarn_heap_check(s->heap, NULL, &in_heap);
        *finding = in_heap.finding;
        return status;
    default:
        return tarn_check(s->pool, finding);
    }
}

/* FA3: bytes that nothing has written since are as before the fault; then all is sound. */
static void undo_and_check(const scene *s, bool too_late)
{
    tarn_finding finding = {0};
    for (size_t i = 0; i < ARENA; i++) {
        if (before[i] != after[i] && arena[i] == after[i]) {
            arena[i] = before[i];
        }
    }
    uint32_t later = too_late ? the_fault.later : 0;
    same_status("the check when all is undone", later == 0 ? TARN_OK : TARN_E_DAMAGED, check(s, &finding));
    same("the rule broken when all is undone", later, finding.rule);
}

/* A suspect is looked at in tier 1 of a pool, where no call follows that went further. */
static bool only_looks(uint32_t tier)
{
    return tier == 1 && the_fault.kind != BLOCK_POOL;
}

static tarn_status recognise(const scene *s)
{
    return the_fault.kind == HEAP ? tarn_heap_recognise(s->heap, s->suspect) : tarn_recognise(s->pool, s->suspect);
}

static tarn_status call(scene *s)
{
    return the_fault.use != NULL ? the_fault.use(s) : give_back(s, s->suspect);
}

static void calls(scene *s, const told *t)
{
    uint32_t deliveries_before = deliveries;
    tarn_status status = call(s);
    same_status("the answer", t == NULL ? TARN_OK : t->status, status);
    same("reports", t == NULL || t->no_record ? 0 : 1u, deliveries - deliveries_before);
    if (t != NULL && deliveries != deliveries_before) {
        compare(s, t, &delivered, t->held != 0 ? s->block[t->block] : s->pointer);
    }
}

/* Tier 1 of a variable pool: what the look at the pointer and its header tells, before the call goes further. */
static void looks(scene *s, const told *t)
{
    tarn_status status = s->suspect == NULL ? TARN_OK : recognise(s);
    if (t == NULL) {
        same_status("the look", TARN_OK, status);
        return;
    }
    same_status("the look", s->suspect == NULL ? TARN_OK : t->status, status);
    calls(s, t);
}

static void checks(const scene *s, const told *t)
{
    tarn_finding finding = {0};
    tarn_report report = {0};
    same_status("the check", t == NULL ? TARN_OK : t->status, check(s, &finding));
    same("the rule", t == NULL ? 0 : t->rule, finding.rule);
    if (t == NULL || t->no_record) {
        return;
    }
    switch (the_fault.kind) {
    case BLOCK_POOL:
        must("report", tarn_blocks_report(s->blocks, NULL, TARN_E_DAMAGED, &report));
        break;
    case HEAP:
        must("report", tarn_heap_report(s->heap, NULL, TARN_E_DAMAGED, &report));
        break;
    default:
        must("report", tarn_report_about(s->pool, NULL, TARN_E_DAMAGED, &report));
    }
    compare(s, t, &report, NULL);
}

/* FA4. A call may meet another of the rules that are broken than a walk does. */
static void check_agrees(const scene *s, const told *t)
{
    tarn_finding finding = {0};
    if (t != NULL && t->rule != 0) {
        same_status("the check before the call", TARN_E_DAMAGED, check(s, &finding));
        bool by_walk = the_fault.tier[4] != NULL && finding.rule == the_fault.tier[4]->rule;
        same("its rule", by_walk ? finding.rule : t->rule, finding.rule);
    }
}

static void run(uint32_t tier, uint32_t engine)
{
    scene *s = &now;
    const told *t = the_fault.tier[tier];
    memset(s, 0, sizeof *s);
    s->tier = tier;
    s->engine = engine;
    s->memory = arena;
    make_scene(s);
    if (the_fault.prepare != NULL) {
        the_fault.prepare(s);
    }
    remember();
    the_fault.commit(s);
    memcpy(after, arena, ARENA);
    if (tier == 4) {
        checks(s, t);
    } else if (only_looks(tier)) {
        looks(s, t);
    } else {
        if (tier == 3) {
            check_agrees(s, t);
        }
        calls(s, t);
    }
    undo_and_check(s, (t == NULL && tier != 4 && !only_looks(tier)) || (t != NULL && t->takes_out));
    end_scene(s);
}

static bool has_engine(uint32_t engine)
{
    tarn_pool *pool;
    tarn_options options = {.engine = engine, .flags = TARN_POOL_UNREGISTERED};
    bool wanted = the_fault.engines == 0 || (the_fault.engines >> engine & 1u) != 0;
    return wanted && tarn_init(&pool, arena, POOL_BYTES, &options) == TARN_OK;
}

static uint32_t run_engines(uint32_t tier)
{
    uint32_t engines = 0;
    if (the_fault.kind == BLOCK_POOL) {
        run(tier, 0);
        return 1;
    }
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        if (has_engine(engine)) {
            run(tier, engine);
            engines++;
        }
    }
    return engines;
}

static bool has_tier(uint32_t tier)
{
    bool guards = the_fault.kind == BLOCK_POOL || the_fault.make == NULL;
    return tier >= the_fault.from && (tier != 3 || guards) && (tier != 4 || the_fault.from <= 2);
}

int main(int argc, char **argv)
{
    static const char *const kinds[] = {"pool", "blocks", "heap"};
    const char *words[TIERS] = {"", "", "", "", ""};
    (void)argc;
    const char *slash = strrchr(argv[0], '/');
    program = slash == NULL ? argv[0] : slash + 1;
    for (uint32_t tier = 1; tier < TIERS; tier++) {
        uint32_t engines = has_tier(tier) ? run_engines(tier) : 0;
        words[tier] = engines == 0 ? "none" : the_fault.tier[tier] != NULL ? "found" : "silent";
        printf("%s: tier %u: %s", program, tier,
               engines == 0                   ? "no such pool"
               : the_fault.tier[tier] == NULL ? "not promised, silent and safe"
                                              : "found, and told as it is");
        printf(engines > 1 ? ", %u engines\n" : "\n", engines);
    }
    printf("fault %s %s %s %s %s %s\n", program, kinds[the_fault.kind], words[1], words[2], words[3], words[4]);
    return mistakes != 0;
}
