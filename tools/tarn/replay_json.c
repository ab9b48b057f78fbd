/* SPDX-License-Identifier: MIT */
/*
 * What a replay found out, as one JSON object: docs/replay.md.
 */
#include "../../faces/malloc/setting_text.h"
#include "json.h"
#include "replay.h"

static void put_processes(json *j, const trace *t)
{
    json_begin(j, "processes", '[');
    for (uint32_t i = 0; i < t->process_count; i++) {
        const trace_process *p = &t->processes[i];
        json_begin(j, NULL, '{');
        json_number(j, "number", i + 1);
        json_number(j, "pid", p->pid);
        json_text(j, "program", p->program);
        json_number(j, "forked_from", p->parent);
        json_number(j, "calls", p->calls);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_trace(json *j, const replay_result *result)
{
    const trace *t = result->t;
    json_begin(j, "trace", '{');
    json_text(j, "file", result->request->file);
    json_text(j, "format", t->format);
    json_number(j, "operations", t->count);
    for (unsigned kind = 0; kind < TRACE_KINDS; kind++) {
        json_number(j, replay_kind_text(kind), t->kinds[kind]);
    }
    json_number(j, "objects", t->objects);
    json_number(j, "requested", t->requested);
    json_number(j, "peak_live", t->peak_bytes);
    json_number(j, "peak_objects", t->peak_objects);
    json_number(j, "peak_usable", t->peak_usable);
    json_number(j, "left", t->left);
    json_number(j, "refused", t->refused);
    json_number(j, "unmatched", t->unmatched);
    json_number(j, "lost", t->lost);
    json_number(j, "process", t->process);
    put_processes(j, t);
    json_end(j, '}');
}

static void put_pool(json *j, const replay_result *result)
{
    const tarn_stats *s = &result->stats;
    json_begin(j, "pool", '{');
    json_number(j, "bytes", s->bytes);
    json_text(j, "engine", tarn_engine_name(s->engine));
    json_number(j, "granule", s->granule);
    json_text(j, "recognition", s->exact != 0 ? "exact" : "keyed");
    json_number(j, "park", replay_parks(result->request, s->bytes));
    json_number(j, "slab", replay_slab(result->request, s->bytes));
    json_number(j, "control", result->control);
    json_number(j, "peak_used", s->peak);
    if (result->minimum != 0) {
        json_number(j, "minimum", result->minimum);
        json_share(j, "minimum_per_live", result->minimum, result->t->peak_bytes);
        json_number(j, "tries", result->tries);
    }
    json_end(j, '}');
}

static void put_time(json *j, const replay_result *result)
{
    json_begin(j, "time", '{');
    json_number(j, "rounds", result->rounds);
    json_decimal(j, "ns_per_operation", result->nanoseconds);
    json_decimal(j, "least", result->least);
    json_decimal(j, "most", result->most);
    json_decimal(j, "floor", result->floor);
    json_decimal(j, "million_per_second", 1000.0 / result->nanoseconds);
    json_end(j, '}');
}

static void put_failure(json *j, const replay_result *result, const replay_failure *failure)
{
    const trace *t = result->t;
    const trace_op *op = &t->ops[failure->op];
    const tarn_verdict *v = &failure->verdict;
    json_begin(j, NULL, '{');
    json_number(j, "operation", failure->op);
    json_text(j, "call", replay_kind_text(op->kind));
    json_number(j, "size", op->size);
    json_number(j, "alignment", replay_alignment(op));
    json_text(j, "why", tarn_why_text(v->verdict));
    json_number(j, "needed", v->needed);
    json_number(j, "free", v->free);
    json_number(j, "free_blocks", v->free_blocks);
    json_number(j, "largest_free", v->largest_free);
    json_number(j, "between", v->between);
    if (t->notes != NULL) {
        json_number(j, "time", t->notes[failure->op].time);
        json_number(j, "thread", t->notes[failure->op].thread);
        json_number(j, "owner", t->notes[failure->op].owner);
        json_address(j, "site", t->notes[failure->op].site);
    }
    json_end(j, '}');
}

static void put_failures(json *j, const replay_result *result)
{
    json_begin(j, "failed", '{');
    json_number(j, "requests", result->failed);
    for (uint32_t i = 0; i < REPLAY_VERDICTS; i++) {
        if (result->verdicts[i] != 0) {
            json_number(j, tarn_why_text(i), result->verdicts[i]);
        }
    }
    json_begin(j, "first", '[');
    for (uint64_t i = 0; i < result->failed && i < REPLAY_FAILURES; i++) {
        put_failure(j, result, &result->first[i]);
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void put_check(json *j, const replay_result *result)
{
    json_begin(j, "check", '{');
    json_number(j, "blocks", result->verified_blocks);
    json_number(j, "bytes", result->verified_bytes);
    json_number(j, "checks", result->checks);
    json_text(j, "problem", result->problem[0] != '\0' ? result->problem : NULL);
    json_end(j, '}');
}

static void put_samples(json *j, const replay_result *result)
{
    json_begin(j, "samples", '[');
    for (unsigned i = 0; i < REPLAY_SAMPLES; i++) {
        const replay_sample *s = &result->samples[i];
        json_begin(j, NULL, '{');
        json_number(j, "operations", s->ops);
        json_number(j, "live", s->live);
        json_number(j, "used", s->used);
        json_number(j, "free", s->free);
        json_number(j, "largest_free", s->largest_free);
        json_number(j, "blocks", s->blocks);
        json_number(j, "free_blocks", s->free_blocks);
        json_share(j, "fragmentation", s->free - s->largest_free, s->free);
        json_end(j, '}');
    }
    json_end(j, ']');
}

void replay_print_json(FILE *out, const replay_result *result)
{
    json j = {.out = out};
    json_begin(&j, NULL, '{');
    json_number(&j, "version", 1);
    put_trace(&j, result);
    put_pool(&j, result);
    put_time(&j, result);
    put_failures(&j, result);
    if (result->request->check) {
        put_check(&j, result);
    }
    put_samples(&j, result);
    json_end(&j, '}');
    (void)fputc('\n', out);
}
