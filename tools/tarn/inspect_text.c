/* SPDX-License-Identifier: MIT */
/*
 * What `tarn inspect` prints for people: a line per pool, nested ones indented, then the sections asked for.
 */
#include <inttypes.h>
#include <string.h>

#include "../../faces/malloc/setting_text.h"
#include "inspect.h"

enum { MAP_LINE = 64, NAME = 256, ROWS_SHOWN = 1000 };

/* ---- names ---- */

/* Files and functions are named by whoever made the file: nothing of it may reach the terminal as a command. */
static void put_plain(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        bool control = (unsigned char)*text < 0x20 || *text == 0x7F;
        (void)fputc(control ? '?' : *text, out);
    }
}

static void print_owner(FILE *out, uint32_t owner)
{
    fprintf(out, "module %" PRIu32 " task %" PRIu32, owner >> 20, owner & UINT32_C(0xFFFFF));
}

/* ", called in function (file:line)", or what else leads there, as far as it is known. */
static void print_place(FILE *out, const inspection *all, const char *lead, uint32_t site)
{
    site_name name;
    if (site == 0) {
        return;
    }
    if (!symbols_name(all->names, site, &name)) {
        fprintf(out, ", call site %#" PRIx32, site);
        return;
    }
    fputs(lead, out);
    put_plain(out, name.function != NULL ? name.function : "?");
    if (name.file != NULL) {
        fputs(" (", out);
        put_plain(out, name.file);
        fprintf(out, ":%d)", name.line);
    }
}

static void print_site(FILE *out, const inspection *all, uint32_t site)
{
    print_place(out, all, ", called in ", site);
}

/* words: how many of owner, site and sequence are known of it. */
static void print_who(FILE *out, const inspection *all, const found_pool *pool, const tarn_block *block, uint32_t words)
{
    if (block->state == TARN_BLOCK_HELD_BACK) {
        fputs(", held back", out);
    }
    if (block->state == TARN_BLOCK_FREE) {
        fputs(", free", out);
    } else if (block->state == TARN_BLOCK_SLAB) {
        fputs(", page of the slab", out);
        return;
    } else if (pool_words(pool) == 0 && block->state == TARN_BLOCK_HELD_BACK) {
        return;
    } else if (pool_words(pool) == 0) {
        fputs(", in use", out);
    } else if (words == 0) {
        fputs(", owner unknown", out);
        return;
    } else {
        fputs(", ", out);
        print_owner(out, block->owner);
        print_site(out, all, block->site);
    }
    if (block->state != TARN_BLOCK_FREE && words >= TARN_WORDS_SEQUENCE) {
        fprintf(out, ", allocation %" PRIu32, block->sequence);
    }
    if (block->state == TARN_BLOCK_QUARANTINED || block->freed != 0) {
        fputs(block->state == TARN_BLOCK_QUARANTINED ? ", given back and waiting" : ", given back", out);
        print_place(out, all, " in ", block->freed);
    }
}

/* ---- the list ---- */

/* Blocks of one size do not break up: any of them serves. */
static double fragmentation(const found_pool *pool, const tarn_stats *stats)
{
    bool none = stats->free == 0 || pool->kind == POOL_BLOCKS;
    return none ? 0 : 1.0 - (double)stats->largest_free / (double)stats->free;
}

static void print_header(FILE *out)
{
    fprintf(out, "  %-26s %-8s %-6s %12s %12s %12s %12s %12s %12s %5s %8s  %s\n", "place", "engine", "order", "bytes",
            "used", "free", "waiting", "peak", "largest", "frag", "blocks", "state");
}

/* What only a walk tells is not known of a damaged pool. */
static void print_walked(FILE *out, const found_pool *pool, const pool_facts *facts)
{
    if (facts->sound) {
        fprintf(out, " %12" PRIu64 " %4.0f%%", facts->stats.largest_free, 100.0 * fragmentation(pool, &facts->stats));
    } else {
        fprintf(out, " %12s %5s", "-", "-");
    }
}

static void print_slab(FILE *out, const found_pool *pool)
{
    slab_figures slab;
    if (pool_slab(pool, &slab)) {
        fprintf(out, ", slab: %" PRIu64 " objects of %" PRIu64 " bytes in %" PRIu64 " pages of %" PRIu64, slab.objects,
                slab.object_bytes, slab.pages, slab.page_bytes);
    }
}

/* Of one that is not the usual, and whether it has closed the pool. */
static void print_policy(FILE *out, const tarn_stats *s)
{
    const char *name = tarn_policy_name(s->policy);
    if (s->closed != 0) {
        fputs(", closed", out);
    } else if (s->policy != TARN_POLICY_STOP) {
        fprintf(out, ", policy %s", name != NULL ? name : "unknown");
    }
    fputc('\n', out);
}

static void print_line(FILE *out, const found_pool *pool, const pool_facts *facts)
{
    char place[64];
    char rule[RULE_NAME];
    const tarn_stats *s = &facts->stats;
    (void)snprintf(place, sizeof place, "%*s0x%08" PRIx64, (int)(2u * pool->depth), "", pool->place);
    fprintf(out, "  %-26s %-8s %-6s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64, place,
            pool->kind == POOL_BLOCKS ? "blocks" : inspect_engine_text(pool, s), inspect_order_text(pool), s->bytes,
            s->used, s->free, s->quarantined, s->peak);
    print_walked(out, pool, facts);
    fprintf(out, " %8" PRIu32 "  %s%s", s->blocks,
            facts->sound ? "sound" : "damaged: ", facts->sound ? "" : rule_name(facts->report.rule, rule));
    print_slab(out, pool);
    print_policy(out, s);
}

/* ---- sections ---- */

/* By how much, where the guess has an amount. */
static void print_amount(FILE *out, const tarn_report *report)
{
    switch (report->guess) {
    case TARN_GUESS_OVERRUN:
        fprintf(out, " of the %s by at least %" PRIu32 " bytes",
                tarn_report_is_own(report) ? "block there" : "left neighbour", report->amount);
        if (tarn_report_skipped(report) != 0) {
            fprintf(out, " that skipped %" PRIu32, tarn_report_skipped(report));
        }
        break;
    case TARN_GUESS_UNDERRUN:
        fprintf(out, " of the block there by %" PRIu32 " bytes", report->amount);
        break;
    case TARN_GUESS_BIT_FLIP:
        fprintf(out, ", bit %" PRIu32, report->amount);
        break;
    default:
        break;
    }
}

static void print_culprit(FILE *out, const inspection *all, const found_pool *pool, const char *which,
                          const tarn_block *block, uint32_t words)
{
    if (block->size == 0) {
        return;
    }
    fprintf(out, "    %s 0x%" PRIx64 ", %" PRIu32 " bytes", which, pool->place + block->offset, block->usable);
    print_who(out, all, pool, block, words);
    fputc('\n', out);
    for (uint32_t i = 0; i < TARN_WORDS_CALLERS_MAX && block->callers[i] != 0; i++) {
        fputs("                         one level up", out);
        print_site(out, all, block->callers[i]);
        fputc('\n', out);
    }
}

static void print_report(FILE *out, const inspection *all, const found_pool *pool, const tarn_report *report)
{
    char rule[RULE_NAME];
    fprintf(out, "  %s", tarn_guess_text(report->guess));
    print_amount(out, report);
    fprintf(out, "\n  %s broken at 0x%" PRIx64 ": %s\n    ", rule_name(report->rule, rule),
            pool->place + report->offset, tarn_rule_text(report->rule));
    if (report->rule != TARN_RULE_CHECK || report->expected != report->found) {
        fprintf(out, "expected 0x%08" PRIx32 ", ", report->expected);
    }
    fprintf(out, "found 0x%08" PRIx32 "\n", report->found);
    if (report->first_bad != TARN_NOWHERE) {
        fprintf(out, "    first bad byte:      0x%" PRIx64 "\n", pool->place + report->first_bad);
    }
    print_culprit(out, all, pool, "the left neighbour:", &report->left, report->left_words);
    print_culprit(out, all, pool, "the block there:   ", &report->block, report->block_words);
    if (report->count != 0) {
        fprintf(out, "    metadata at 0x%" PRIx64 ":", pool->place + report->words_at);
        for (uint32_t i = 0; i < report->count && i < TARN_REPORT_WORDS; i++) {
            fprintf(out, " %08" PRIx32, report->words[i]);
        }
        fputc('\n', out);
    }
}

static void print_between(FILE *out, const found_pool *pool, const tarn_verdict *verdict)
{
    fprintf(out, "    %" PRIu32 " used blocks of %" PRIu64 " bytes in between, the first at 0x%" PRIx64 "\n",
            verdict->between, verdict->between_bytes, pool->place + verdict->between_at);
    for (uint32_t i = 0; i < verdict->owners; i++) {
        fprintf(out, "    %" PRIu32 " of them: ", verdict->owner_blocks[i]);
        print_owner(out, verdict->owner[i]);
        fputc('\n', out);
    }
}

static void print_why(FILE *out, const inspect_request *request, const found_pool *pool)
{
    tarn_verdict verdict;
    (void)pool_why(pool, request->why_size, request->why_alignment, &verdict);
    fprintf(out, "  %" PRIu64 " bytes", request->why_size);
    if (request->why_alignment != 0) {
        fprintf(out, " at a multiple of %" PRIu64, request->why_alignment);
    }
    fprintf(out,
            ": %s (needs %" PRIu64 ", free %" PRIu64 ", largest free block %" PRIu64 ", largest request %" PRIu64 ")\n",
            tarn_why_text(verdict.verdict), verdict.needed, verdict.free, verdict.largest_free,
            verdict.largest_request);
    if (verdict.between != 0) {
        print_between(out, pool, &verdict);
    }
}

static void print_map(FILE *out, const found_pool *pool)
{
    pool_map map;
    map_make(pool, &map);
    fprintf(
        out,
        "  map, %" PRIu64
        " bytes per character: = control data, # used, . free, q waiting, h held back, s page of the slab, + several,"
        " ? behind damage\n",
        map.slice);
    for (size_t at = 0; at < map.count; at += MAP_LINE) {
        fprintf(out, "    0x%08" PRIx64 " %.*s\n", pool->place + at * map.slice, MAP_LINE, map.cells + at);
    }
}

static void print_histogram(FILE *out, const found_pool *pool)
{
    histogram h;
    histogram_make(pool, &h);
    fprintf(out, "  %12s %10s %14s %10s %14s\n", "payload from", "used", "bytes", "free", "bytes");
    for (uint32_t row = 0; row < HISTOGRAM_ROWS; row++) {
        if (h.used_blocks[row] != 0 || h.free_blocks[row] != 0) {
            fprintf(out, "  %12" PRIu64 " %10" PRIu64 " %14" PRIu64 " %10" PRIu64 " %14" PRIu64 "\n",
                    UINT64_C(1) << row, h.used_blocks[row], h.used_bytes[row], h.free_blocks[row], h.free_bytes[row]);
        }
    }
}

static void print_group(FILE *out, const inspection *all, group_by by, const block_group *row)
{
    fprintf(out, "    %12" PRIu64 " bytes in %8" PRIu64 " blocks: ", row->bytes, row->blocks);
    if (by == GROUP_MODULE) {
        fprintf(out, "module %" PRIu32, row->owner >> 20);
    } else {
        print_owner(out, row->owner);
    }
    print_site(out, all, row->site);
}

static void print_groups(FILE *out, const inspection *all, const found_pool *pool, const group_choice *choice)
{
    block_groups groups;
    if (!groups_make(pool, choice, &groups)) {
        fputs("    not enough memory to sum them up\n", out);
        return;
    }
    for (size_t i = 0; i < groups.count && i < ROWS_SHOWN; i++) {
        print_group(out, all, choice->by, &groups.rows[i]);
        if (choice->by == GROUP_SITE && pool_words(pool) >= TARN_WORDS_SEQUENCE) {
            fprintf(out, ", oldest allocation %" PRIu32, groups.rows[i].oldest);
        }
        fputc('\n', out);
    }
    if (groups.count > ROWS_SHOWN) {
        fprintf(out, "    and %zu more\n", groups.count - ROWS_SHOWN);
    }
    fprintf(out, "    %12" PRIu64 " bytes in %8" PRIu64 " blocks together\n", groups.bytes, groups.blocks);
    if (groups.held_blocks != 0) {
        fprintf(out, "    %12" PRIu64 " bytes in %8" PRIu64 " blocks held back, nobody's\n", groups.held_bytes,
                groups.held_blocks);
    }
    groups_free(&groups);
}

static void print_owners(FILE *out, const inspection *all, const found_pool *pool)
{
    const group_choice modules = {GROUP_MODULE, false, 0};
    const group_choice tasks = {GROUP_TASK, false, 0};
    if (pool_words(pool) == 0) {
        fputs("  owners: the pool was made without them\n", out);
        return;
    }
    fputs("  modules\n", out);
    print_groups(out, all, pool, &modules);
    fputs("  tasks\n", out);
    print_groups(out, all, pool, &tasks);
}

static void print_leaks(FILE *out, const inspection *all, const found_pool *pool)
{
    const inspect_request *request = all->request;
    const group_choice choice = {GROUP_SITE, request->since_given, request->since};
    if (pool_words(pool) == 0) {
        fputs("  live blocks: the pool was made without owners\n", out);
    } else if (request->since_given && pool_words(pool) < TARN_WORDS_SEQUENCE) {
        fputs("  live blocks: the pool was made without sequence numbers\n", out);
    } else {
        fputs("  live blocks by owner and call site\n", out);
        print_groups(out, all, pool, &choice);
    }
}

/* Sums of a pool that a walk does not reach all of are too small, or wrong. */
static void print_reach(FILE *out, const found_pool *pool)
{
    uint64_t end;
    switch (pool_reach(pool, &end)) {
    case WALK_ENDED:
        fprintf(out,
                "  the walk ends at damage, at 0x%" PRIx64 ": blocks from there on are in none of the sums below\n",
                pool->place + end);
        break;
    case WALK_UNCERTAIN:
        fputs("  the lists of free blocks are broken: blocks called used below may be free\n", out);
        break;
    default:
        break;
    }
}

static void print_sections(FILE *out, const inspection *all, const found_pool *pool, const pool_facts *facts)
{
    const inspect_request *request = all->request;
    bool any = request->why || request->map || request->histogram || request->owners || request->leaks;
    if (facts->sound && !any) {
        return;
    }
    fprintf(out, "\npool at 0x%08" PRIx64 "\n", pool->place);
    if (!facts->sound) {
        print_report(out, all, pool, &facts->report);
    }
    if (request->why) {
        print_why(out, request, pool);
    }
    if (request->map) {
        print_map(out, pool);
    }
    if (!facts->sound && (request->histogram || request->owners || request->leaks)) {
        print_reach(out, pool);
    }
    if (request->histogram) {
        print_histogram(out, pool);
    }
    if (request->owners) {
        print_owners(out, all, pool);
    }
    if (request->leaks) {
        print_leaks(out, all, pool);
    }
}

/* ---- everything ---- */

static void print_source(FILE *out, const inspection *all)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < all->memory->piece_count; i++) {
        bytes += all->memory->pieces[i].size;
    }
    if (all->request->file != NULL) {
        put_plain(out, all->request->file);
    } else {
        fprintf(out, "process %ld", all->request->pid);
    }
    fprintf(out, ": %s, %" PRIu64 " bytes of memory, %zu pools\n", inspect_kind_text(all->memory), bytes,
            all->found->accepted);
}

static void print_rejected(FILE *out, const inspection *all)
{
    size_t rejected = all->found->count - all->found->accepted;
    if (rejected != 0 && !all->request->all && !all->request->at_given) {
        fprintf(out, "%zu places look like pools and are none; --all shows them\n", rejected);
        return;
    }
    for (size_t i = 0; i < all->found->count; i++) {
        const found_pool *pool = &all->found->rows[i];
        if (pool->rejected != NULL) {
            fprintf(out, "no pool at 0x%08" PRIx64 " (%s): %s\n", pool->place,
                    pool->kind == POOL_BLOCKS ? "blocks" : "variable", pool->rejected);
        }
    }
}

size_t inspect_print_text(FILE *out, const inspection *all)
{
    size_t damaged = 0;
    pool_facts facts;
    print_source(out, all);
    if (all->found->accepted != 0) {
        print_header(out);
    }
    for (size_t i = 0; i < all->found->count; i++) {
        if (all->found->rows[i].rejected == NULL) {
            inspect_facts(&all->found->rows[i], &facts);
            print_line(out, &all->found->rows[i], &facts);
            damaged += !facts.sound;
        }
    }
    print_rejected(out, all);
    if (all->found->too_many) {
        fputs("the search ended early: too many places look like pools\n", out);
    }
    for (size_t i = 0; i < all->found->count; i++) {
        if (all->found->rows[i].rejected == NULL) {
            inspect_facts(&all->found->rows[i], &facts);
            print_sections(out, all, &all->found->rows[i], &facts);
        }
    }
    return damaged;
}
