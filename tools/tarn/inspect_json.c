/* SPDX-License-Identifier: MIT */
/*
 * What `tarn inspect --json` prints: docs/inspect.md names every field. A field never changes its meaning; new ones may
 * come without a new version.
 */
#include <string.h>

#include "../../faces/malloc/setting_text.h"
#include "inspect.h"
#include "json.h"

#define FORMAT "tarn-inspect"
enum { FORMAT_VERSION = 1 };

static void put_site(json *j, const inspection *all, const char *key, uint32_t site)
{
    site_name name;
    if (site == 0) {
        json_null(j, key);
        return;
    }
    bool known = symbols_name(all->names, site, &name);
    json_begin(j, key, '{');
    json_address(j, "word", site);
    json_text(j, "function", known ? name.function : NULL);
    json_text(j, "file", known ? name.file : NULL);
    if (known && name.file != NULL) {
        json_number(j, "line", (uint64_t)name.line);
    } else {
        json_null(j, "line");
    }
    json_end(j, '}');
}

static void put_owner(json *j, uint32_t owner)
{
    json_number(j, "module", owner >> 20);
    json_number(j, "task", owner & UINT32_C(0xFFFFF));
}

static void put_slab(json *j, const found_pool *pool)
{
    slab_figures slab;
    if (!pool_slab(pool, &slab)) {
        json_null(j, "slab");
        return;
    }
    json_begin(j, "slab", '{');
    json_number(j, "pages", slab.pages);
    json_number(j, "page_bytes", slab.page_bytes);
    json_number(j, "objects", slab.objects);
    json_number(j, "object_bytes", slab.object_bytes);
    json_end(j, '}');
}

static void put_stats(json *j, const found_pool *pool, const tarn_stats *s)
{
    json_number(j, "bytes", s->bytes);
    json_number(j, "capacity", s->capacity);
    json_number(j, "used", s->used);
    json_number(j, "free", s->free);
    json_number(j, "quarantined", s->quarantined);
    json_number(j, "held_back", pool_held_back(pool));
    json_number(j, "peak", s->peak);
    json_number(j, "largest_free", s->largest_free);
    json_number(j, "largest_request", s->largest_request);
    bool whole = pool->kind == POOL_BLOCKS || s->free < s->largest_free; /* any block serves; or the header lies */
    json_share(j, "fragmentation", whole ? 0 : s->free - s->largest_free, s->free);
    json_number(j, "blocks", s->blocks);
    json_number(j, "free_blocks", s->free_blocks);
    json_number(j, "refusals", s->refusals);
    json_number(j, "granule", s->granule);
    json_number(j, "words", pool_words(pool));
    json_number(j, "overhead", s->overhead);
    json_number(j, "check_bits", s->check_bits);
    json_truth(j, "exact", s->exact != 0);
    json_text(j, "policy", pool->kind == POOL_BLOCKS ? NULL : tarn_policy_name(s->policy));
    json_truth(j, "closed", s->closed != 0);
    put_slab(j, pool);
}

/* ---- sections ---- */

static const char *state_text(uint32_t state)
{
    static const char *const states[] = {
        [TARN_BLOCK_FREE] = "free",           [TARN_BLOCK_USED] = "used",           [TARN_BLOCK_CARRIES_POOL] = "used",
        [TARN_BLOCK_HELD_BACK] = "held back", [TARN_BLOCK_QUARANTINED] = "waiting", [TARN_BLOCK_SLAB] = "slab page"};
    return state < sizeof states / sizeof states[0] ? states[state] : "unknown";
}

/* Of owner, site and sequence, so many words are known. */
static void put_culprit(json *j, const inspection *all, const found_pool *pool, const char *key,
                        const tarn_block *block, uint32_t words)
{
    if (block->size == 0) {
        json_null(j, key);
        return;
    }
    json_begin(j, key, '{');
    json_address(j, "place", pool->place + block->offset);
    json_number(j, "usable", block->usable);
    json_text(j, "state", state_text(block->state));
    if (words >= TARN_WORDS_OWNER) {
        put_owner(j, block->owner);
    } else {
        json_null(j, "module");
        json_null(j, "task");
    }
    put_site(j, all, "site", block->site);
    put_site(j, all, "freed", block->freed);
    if (words >= TARN_WORDS_SEQUENCE) {
        json_number(j, "sequence", block->sequence);
    } else {
        json_null(j, "sequence");
    }
    json_begin(j, "callers", '[');
    for (uint32_t i = 0; i < TARN_WORDS_CALLERS_MAX && block->callers[i] != 0; i++) {
        put_site(j, all, NULL, block->callers[i]);
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void put_metadata(json *j, const found_pool *pool, const tarn_report *report)
{
    json_begin(j, "metadata", '{');
    json_address(j, "place", pool->place + report->words_at);
    json_begin(j, "words", '[');
    for (uint32_t i = 0; i < report->count && i < TARN_REPORT_WORDS; i++) {
        json_address(j, NULL, report->words[i]);
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void put_finding(json *j, const inspection *all, const found_pool *pool, const pool_facts *facts)
{
    char rule[RULE_NAME];
    const tarn_report *report = &facts->report;
    if (facts->sound) {
        json_null(j, "finding");
        return;
    }
    json_begin(j, "finding", '{');
    json_text(j, "rule", rule_name(report->rule, rule));
    json_number(j, "number", report->rule);
    json_text(j, "text", tarn_rule_text(report->rule));
    json_text(j, "guess", tarn_guess_text(report->guess));
    json_number(j, "amount", report->amount);
    json_address(j, "place", pool->place + report->offset);
    json_number(j, "offset", report->offset);
    json_address(j, "expected", report->expected);
    json_address(j, "found", report->found);
    if (report->first_bad == TARN_NOWHERE) {
        json_null(j, "first_bad");
    } else {
        json_address(j, "first_bad", pool->place + report->first_bad);
    }
    put_culprit(j, all, pool, "block", &report->block, report->block_words);
    put_culprit(j, all, pool, "left", &report->left, report->left_words);
    put_metadata(j, pool, report);
    json_end(j, '}');
}

static void put_why(json *j, const inspect_request *request, const found_pool *pool)
{
    tarn_verdict verdict;
    (void)pool_why(pool, request->why_size, request->why_alignment, &verdict);
    json_begin(j, "why", '{');
    json_number(j, "size", request->why_size);
    json_number(j, "alignment", request->why_alignment);
    json_text(j, "verdict", tarn_why_text(verdict.verdict));
    json_number(j, "needed", verdict.needed);
    json_number(j, "free", verdict.free);
    json_number(j, "largest_free", verdict.largest_free);
    json_number(j, "largest_request", verdict.largest_request);
    json_number(j, "between", verdict.between);
    json_number(j, "between_bytes", verdict.between_bytes);
    json_begin(j, "owners", '[');
    for (uint32_t i = 0; i < verdict.owners; i++) {
        json_begin(j, NULL, '{');
        put_owner(j, verdict.owner[i]);
        json_number(j, "blocks", verdict.owner_blocks[i]);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void put_map(json *j, const found_pool *pool)
{
    pool_map map;
    map_make(pool, &map);
    json_begin(j, "map", '{');
    json_number(j, "slice", map.slice);
    json_text(j, "cells", map.cells);
    json_end(j, '}');
}

static void put_histogram(json *j, const found_pool *pool)
{
    histogram h;
    histogram_make(pool, &h);
    json_begin(j, "histogram", '[');
    for (uint32_t row = 0; row < HISTOGRAM_ROWS; row++) {
        if (h.used_blocks[row] != 0 || h.free_blocks[row] != 0) {
            json_begin(j, NULL, '{');
            json_number(j, "from", UINT64_C(1) << row);
            json_number(j, "used_blocks", h.used_blocks[row]);
            json_number(j, "used_bytes", h.used_bytes[row]);
            json_number(j, "free_blocks", h.free_blocks[row]);
            json_number(j, "free_bytes", h.free_bytes[row]);
            json_end(j, '}');
        }
    }
    json_end(j, ']');
}

static void put_groups(json *j, const inspection *all, const found_pool *pool, const char *key,
                       const group_choice *choice)
{
    block_groups groups;
    if (pool_words(pool) == 0 || !groups_make(pool, choice, &groups)) {
        json_null(j, key);
        return;
    }
    json_begin(j, key, '[');
    for (size_t i = 0; i < groups.count; i++) {
        const block_group *row = &groups.rows[i];
        json_begin(j, NULL, '{');
        json_number(j, "module", row->owner >> 20);
        if (choice->by != GROUP_MODULE) {
            json_number(j, "task", row->owner & UINT32_C(0xFFFFF));
        }
        json_number(j, "blocks", row->blocks);
        json_number(j, "bytes", row->bytes);
        if (choice->by == GROUP_SITE) {
            put_site(j, all, "site", row->site);
            json_number(j, "oldest", row->oldest);
        }
        json_end(j, '}');
    }
    json_end(j, ']');
    groups_free(&groups);
}

static void put_reach(json *j, const found_pool *pool)
{
    static const char *const texts[] = {[WALK_WHOLE] = "whole", [WALK_ENDED] = "ended", [WALK_UNCERTAIN] = "uncertain"};
    uint64_t end;
    walk_reach reach = pool_reach(pool, &end);
    json_text(j, "walk", texts[reach]);
    if (reach == WALK_ENDED) {
        json_address(j, "walk_end", pool->place + end);
    } else {
        json_null(j, "walk_end");
    }
}

static void put_sections(json *j, const inspection *all, const found_pool *pool)
{
    const inspect_request *request = all->request;
    const group_choice modules = {GROUP_MODULE, false, 0};
    const group_choice tasks = {GROUP_TASK, false, 0};
    const group_choice leaks = {GROUP_SITE, request->since_given, request->since};
    if (request->why) {
        put_why(j, request, pool);
    }
    if (request->map) {
        put_map(j, pool);
    }
    if (request->histogram) {
        put_histogram(j, pool);
    }
    if (request->owners) {
        put_groups(j, all, pool, "modules", &modules);
        put_groups(j, all, pool, "tasks", &tasks);
    }
    if (request->leaks && request->since_given && pool_words(pool) < TARN_WORDS_SEQUENCE) {
        json_null(j, "leaks");
    } else if (request->leaks) {
        put_groups(j, all, pool, "leaks", &leaks);
    }
}

/* ---- everything ---- */

static bool put_pool(json *j, const inspection *all, const found_pool *pool)
{
    pool_facts facts;
    inspect_facts(pool, &facts);
    json_begin(j, NULL, '{');
    json_address(j, "place", pool->place);
    json_text(j, "kind", pool->kind == POOL_BLOCKS ? "blocks" : "variable");
    json_text(j, "engine", pool->kind == POOL_BLOCKS ? NULL : inspect_engine_text(pool, &facts.stats));
    json_text(j, "order", inspect_order_text(pool));
    json_number(j, "depth", pool->depth);
    if (pool->depth != 0) {
        json_address(j, "inside", all->found->rows[pool->around].place);
    } else {
        json_null(j, "inside");
    }
    put_stats(j, pool, &facts.stats);
    json_truth(j, "sound", facts.sound);
    put_finding(j, all, pool, &facts);
    put_reach(j, pool);
    put_sections(j, all, pool);
    json_end(j, '}');
    return facts.sound;
}

static void put_source(json *j, const inspection *all)
{
    json_begin(j, "source", '{');
    json_text(j, "kind", inspect_kind_text(all->memory));
    json_text(j, "file", all->request->file);
    if (all->request->pid != 0) {
        json_number(j, "process", (uint64_t)all->request->pid);
    } else {
        json_null(j, "process");
    }
    json_number(j, "missing", all->memory->missing);
    json_end(j, '}');
}

static void put_rejected(json *j, const inspection *all)
{
    json_begin(j, "rejected", '[');
    for (size_t i = 0; i < all->found->count; i++) {
        const found_pool *pool = &all->found->rows[i];
        if (pool->rejected != NULL) {
            json_begin(j, NULL, '{');
            json_address(j, "place", pool->place);
            json_text(j, "kind", pool->kind == POOL_BLOCKS ? "blocks" : "variable");
            json_text(j, "reason", pool->rejected);
            json_end(j, '}');
        }
    }
    json_end(j, ']');
}

size_t inspect_print_json(FILE *out, const inspection *all)
{
    json j = {out, false};
    size_t damaged = 0;
    json_begin(&j, NULL, '{');
    json_text(&j, "format", FORMAT);
    json_number(&j, "version", FORMAT_VERSION);
    put_source(&j, all);
    json_begin(&j, "pools", '[');
    for (size_t i = 0; i < all->found->count; i++) {
        if (all->found->rows[i].rejected == NULL) {
            damaged += !put_pool(&j, all, &all->found->rows[i]);
        }
    }
    json_end(&j, ']');
    json_number(&j, "rejected_places", all->found->count - all->found->accepted);
    json_truth(&j, "complete", !all->found->too_many);
    if (all->request->all || all->request->at_given) {
        put_rejected(&j, all);
    }
    json_end(&j, '}');
    (void)fputc('\n', out);
    return damaged;
}
