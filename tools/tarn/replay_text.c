/* SPDX-License-Identifier: MIT */
/*
 * What a replay found out, as text.
 */
#include <inttypes.h>

#include "../../faces/malloc/setting_text.h"
#include "replay.h"

enum { SHOWN_SAMPLES = 16 };

/* Names come from files; what a terminal would take for a command is shown as '?'. */
static void print_name(FILE *out, const char *name)
{
    for (; *name != '\0'; name++) {
        (void)fputc((unsigned char)*name < ' ' || (unsigned char)*name > '~' ? '?' : *name, out);
    }
}

static void print_trace(FILE *out, const replay_result *result)
{
    const trace *t = result->t;
    (void)fprintf(out, "trace          ");
    print_name(out, result->request->file);
    (void)fprintf(out, ", format %s", t->format);
    if (t->process_count != 0) {
        const trace_process *p = &t->processes[t->process - 1];
        (void)fprintf(out, ", process %u of %u: ", t->process, t->process_count);
        print_name(out, p->program);
        (void)fprintf(out, ", pid %" PRIu64 "%s", p->pid, p->parent != 0 ? ", forked" : "");
    }
    (void)fprintf(out, "\noperations     %zu:", t->count);
    for (unsigned kind = 0; kind < TRACE_KINDS; kind++) {
        (void)fprintf(out, "%s %" PRIu64 " %s", kind != 0 ? "," : "", t->kinds[kind], replay_kind_text(kind));
    }
    (void)fprintf(out, "\npeak live      %" PRIu64 " bytes, %" PRIu64 " objects\n", t->peak_bytes, t->peak_objects);
    if (t->peak_usable != 0) {
        (void)fprintf(out, "recorded       %" PRIu64 " usable bytes at the peak of the program's own allocator\n",
                      t->peak_usable);
    }
    if (t->left != 0) {
        (void)fprintf(out, "left           %" PRIu64 " objects are never freed\n", t->left);
    }
    if (t->refused + t->unmatched + t->lost != 0) {
        (void)fprintf(out,
                      "left out       %" PRIu64 " calls that the program's allocator refused, %" PRIu64
                      " on blocks of unknown origin, %" PRIu64 " lost\n",
                      t->refused, t->unmatched, t->lost);
    }
}

static void print_pool(FILE *out, const replay_result *result)
{
    const tarn_stats *s = &result->stats;
    double live = (double)result->t->peak_bytes;
    (void)fprintf(out, "pool           %" PRIu64 " bytes, %s, granule %u, recognition %s; %u bytes are no block's\n",
                  s->bytes, tarn_engine_name(s->engine), s->granule, s->exact != 0 ? "exact" : "keyed",
                  result->control);
    if (result->request->park != 0) {
        (void)fprintf(out, "parked         at most %" PRIu64 " bytes of each small size\n",
                      replay_parks(result->request, s->bytes));
    }
    if (result->request->slab != 0) {
        (void)fprintf(out, "slab           requests of up to %" PRIu64 " bytes\n",
                      replay_slab(result->request, s->bytes));
    }
    (void)fprintf(out, "peak used      %" PRIu64 " bytes, %.4f of peak live\n", s->peak, (double)s->peak / live);
    if (result->minimum != 0) {
        (void)fprintf(out, "minimum pool   %" PRIu64 " bytes, %.4f of peak live; %u pools tried\n", result->minimum,
                      (double)result->minimum / live, result->tries);
    }
    (void)fprintf(out,
                  "time           %.2f ns per operation, %.2f without the replay's own; median of %u, from %.2f to "
                  "%.2f\n",
                  result->nanoseconds, result->nanoseconds - result->floor, result->rounds, result->least,
                  result->most);
    (void)fprintf(out, "throughput     %.2f million operations per second\n", 1000.0 / result->nanoseconds);
}

static void print_failure(FILE *out, const replay_result *result, const replay_failure *failure)
{
    const trace *t = result->t;
    const trace_op *op = &t->ops[failure->op];
    const tarn_verdict *v = &failure->verdict;
    (void)fprintf(out, "  operation %zu: %s of %" PRIu64 " bytes", failure->op, replay_kind_text(op->kind), op->size);
    if (op->kind == TRACE_ALIGNED) {
        (void)fprintf(out, " at a multiple of %" PRIu64, replay_alignment(op));
    }
    (void)fprintf(out, ": %s; it takes %" PRIu64 ", %" PRIu64 " are free in %u pieces, the largest of %" PRIu64 "\n",
                  tarn_why_text(v->verdict), v->needed, v->free, v->free_blocks, v->largest_free);
    if (v->verdict == TARN_WHY_FRAGMENTED && v->between != 0) {
        (void)fprintf(out, "    used blocks in between: %u, %" PRIu64 " bytes\n", v->between, v->between_bytes);
    }
    if (t->notes != NULL) {
        const trace_note *n = &t->notes[failure->op];
        (void)fprintf(out, "    %.6f s into the recorded run, thread %u, called from ", (double)n->time / 1e9,
                      n->thread);
        if (n->site != 0) {
            (void)fprintf(out, "0x%" PRIx64 " there\n", n->site);
        } else {
            (void)fprintf(out, "an unknown place\n");
        }
    }
}

static void print_failures(FILE *out, const replay_result *result)
{
    (void)fprintf(out, "failed         %" PRIu64 " requests", result->failed);
    const char *separator = ": ";
    for (uint32_t i = 0; i < REPLAY_VERDICTS; i++) {
        if (result->verdicts[i] != 0) {
            (void)fprintf(out, "%s%" PRIu64 " %s", separator, result->verdicts[i], tarn_why_text(i));
            separator = ", ";
        }
    }
    (void)fputc('\n', out);
    for (uint64_t i = 0; i < result->failed && i < REPLAY_FAILURES; i++) {
        print_failure(out, result, &result->first[i]);
    }
}

static void print_samples(FILE *out, const replay_result *result)
{
    double most = 0;
    double sum = 0;
    for (unsigned i = 0; i < REPLAY_SAMPLES; i++) {
        double scattered = replay_scattered(&result->samples[i]);
        most = scattered > most ? scattered : most;
        sum += scattered;
    }
    (void)fprintf(
        out, "fragmentation  %.2f %% of the free bytes outside the largest free block on average, %.2f %% at most\n",
        100 * sum / REPLAY_SAMPLES, 100 * most);
    (void)fprintf(out, "  %12s %12s %12s %12s %12s %10s %8s\n", "operations", "live", "used", "free", "largest",
                  "blocks", "frag");
    for (unsigned i = REPLAY_SAMPLES / SHOWN_SAMPLES - 1; i < REPLAY_SAMPLES; i += REPLAY_SAMPLES / SHOWN_SAMPLES) {
        const replay_sample *s = &result->samples[i];
        (void)fprintf(out, "  %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %10u %6.2f %%\n",
                      s->ops, s->live, s->used, s->free, s->largest_free, s->blocks, 100 * replay_scattered(s));
    }
}

void replay_print_text(FILE *out, const replay_result *result)
{
    print_trace(out, result);
    print_pool(out, result);
    print_failures(out, result);
    if (result->request->check) {
        (void)fprintf(
            out, "checked        %" PRIu64 " blocks and %" PRIu64 " bytes verified, the pool %" PRIu64 " times: %s\n",
            result->verified_blocks, result->verified_bytes, result->checks,
            result->problem[0] != '\0' ? result->problem : "nothing is wrong");
    }
    print_samples(out, result);
}
