/* SPDX-License-Identifier: MIT */
/*
 * tarn's own trace format, read: the calls of one process become a trace.
 *
 * Which process is chosen, and where it was forked, is known only at the end of the file, and what a forked process
 * inherits stands anywhere before: so the file is read once to learn its processes, and once for each process in the
 * line from a program's start to the one chosen.
 *
 * R1: a block that is handed out while one lives at its address had been freed by a call that was not recorded.
 * R2: a realloc holds its old block from its first row to its second; in between, the address is free for others.
 *
 * Bound: a reading of the file for each process in that line, at most LINE_MAX; constant memory beside the trace.
 */
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "rows.h"

enum { LINE_MAX = 64, PROCESSES_MAX = 1 << 16 };

typedef struct recording {
    stream *s;
    trace *t;
    builder b;
    row_format format;
    slot_map blocks;  /* from address to slot */
    slot_map resizes; /* from thread to slot: reallocs under way */
    uint64_t *sites;  /* addresses */
    size_t site_count, site_room;
} recording;

/* ---- the first reading ---- */

static bool add_process(recording *g, const row *r)
{
    trace *t = g->t;
    uint32_t count = t->process_count;
    if (count == PROCESSES_MAX || r->value[COLUMN_PARENT] > count) {
        return stream_fail(g->s, "more than %d processes, or one whose parent comes later", PROCESSES_MAX);
    }
    if ((count & (count - 1)) == 0) {
        trace_process *more = realloc(t->processes, (size_t)(count != 0 ? 2 * count : 1) * sizeof *more);
        if (more == NULL) {
            return stream_fail(g->s, "no memory for its processes");
        }
        t->processes = more;
    }
    trace_process *p = &t->processes[t->process_count++];
    *p = (trace_process){.pid = r->value[COLUMN_NUMBER],
                         .forked_at = r->value[COLUMN_PLACE],
                         .parent = (uint32_t)r->value[COLUMN_PARENT]};
    memcpy(p->program, r->text, sizeof p->program);
    return true;
}

static bool is_call(unsigned kind)
{
    return kind >= ROW_MALLOC && kind <= ROW_FREE && kind != ROW_REALLOC;
}

static bool is_place(unsigned kind)
{
    return kind >= ROW_MALLOC && kind <= ROW_GAP;
}

/* The process of a row that has one; NULL, with the reason, if there is none such. */
static trace_process *process_of(recording *g, const row *r)
{
    uint64_t number = r->value[COLUMN_PROCESS];
    if (number == 0 || number > g->t->process_count) {
        (void)stream_fail(g->s, "a row of process %llu, which has not begun", (unsigned long long)number);
        return NULL;
    }
    return &g->t->processes[number - 1];
}

static bool learn_row(recording *g, const row *r)
{
    if (r->kind == ROW_PROCESS) {
        return add_process(g, r);
    }
    if (!is_place(r->kind) && r->kind != ROW_SITE) {
        return true;
    }
    trace_process *p = process_of(g, r);
    if (p == NULL) {
        return false;
    }
    p->rows += is_place(r->kind);
    p->calls += is_call(r->kind);
    return true;
}

static bool check_end(recording *g, const row *r, uint64_t rows)
{
    if (r->value[COLUMN_NUMBER] != rows) {
        return stream_fail(g->s, "its last row counts %llu before it, and there are %llu",
                           (unsigned long long)r->value[COLUMN_NUMBER], (unsigned long long)rows);
    }
    g->t->lost = r->value[COLUMN_LOST];
    return stream_ended(g->s) ? g->s->why[0] == '\0' : stream_fail(g->s, "bytes follow its last row");
}

static bool learn(recording *g)
{
    row r;
    bool ok = rows_read_head(g->s, &g->format);
    for (uint64_t rows = 0; ok; rows++) {
        ok = rows_read(g->s, &g->format, &r);
        if (ok && r.kind == ROW_END) {
            return check_end(g, &r, rows);
        }
        ok = ok && learn_row(g, &r);
    }
    return false;
}

/* ---- the others ---- */

static bool add_site(recording *g, uint64_t address)
{
    if (g->site_count == g->site_room) {
        size_t room = g->site_room != 0 ? g->site_room * 2 : 1024;
        uint64_t *sites = realloc(g->sites, room * sizeof *sites);
        if (sites == NULL) {
            return stream_fail(g->s, "no memory for its call sites");
        }
        g->sites = sites;
        g->site_room = room;
    }
    g->sites[g->site_count++] = address;
    return true;
}

static bool note(recording *g, const row *r)
{
    uint64_t site = r->value[COLUMN_SITE];
    if (site > g->site_count) {
        return stream_fail(g->s, "a row of call site %llu, which has not come", (unsigned long long)site);
    }
    g->b.note = (trace_note){.time = r->value[COLUMN_TIME],
                             .site = site != 0 ? g->sites[site - 1] : 0,
                             .thread = (uint32_t)r->value[COLUMN_THREAD],
                             .owner = (uint32_t)r->value[COLUMN_OWNER]};
    return true;
}

/* The block lives at its address from now on. */
static bool place(recording *g, uint64_t block, uint32_t slot)
{
    uint32_t before;
    if (slot_map_take(&g->blocks, block, &before)) { /* R1 */
        g->t->unmatched++;
        if (!build_free(&g->b, before)) {
            return false;
        }
    }
    return slot_map_put(&g->blocks, block, slot) || stream_fail(g->s, "no memory for its blocks");
}

static bool alignment_of(recording *g, const row *r, unsigned *log2)
{
    uint64_t alignment = r->value[COLUMN_ALIGNMENT];
    *log2 = 0;
    while (r->kind == ROW_ALIGNED && *log2 < 40 && alignment != UINT64_C(1) << *log2) {
        (*log2)++;
    }
    return *log2 < 40 || stream_fail(g->s, "an alignment of %llu", (unsigned long long)alignment);
}

static bool on_take(recording *g, const row *r)
{
    static const unsigned kinds[] = {TRACE_MALLOC, TRACE_CALLOC, TRACE_ALIGNED};
    unsigned log2;
    uint32_t slot;
    if (r->value[COLUMN_BLOCK] == 0) {
        g->t->refused++;
        return true;
    }
    unsigned kind = r->kind == ROW_RESIZED ? TRACE_MALLOC : kinds[r->kind - ROW_MALLOC];
    return alignment_of(g, r, &log2) && note(g, r) &&
           build_take(&g->b, kind, log2, r->value[COLUMN_SIZE], r->value[COLUMN_USABLE], &slot) &&
           place(g, r->value[COLUMN_BLOCK], slot);
}

static bool on_free(recording *g, const row *r)
{
    uint32_t slot;
    if (r->value[COLUMN_BLOCK] == 0) {
        return true;
    }
    if (!slot_map_take(&g->blocks, r->value[COLUMN_BLOCK], &slot)) {
        g->t->unmatched++;
        return true;
    }
    return note(g, r) && build_free(&g->b, slot);
}

/* R2 */
static bool on_realloc(recording *g, const row *r)
{
    uint32_t slot;
    uint32_t forgotten;
    if (r->value[COLUMN_BLOCK] == 0) {
        return true;
    }
    if (!slot_map_take(&g->blocks, r->value[COLUMN_BLOCK], &slot)) {
        g->t->unmatched++;
        return true;
    }
    if (slot_map_take(&g->resizes, r->value[COLUMN_THREAD], &forgotten) && !build_free(&g->b, forgotten)) {
        return false;
    }
    /* Until the second row, the slot stands for the thread, and where it was is noted for a refusal. */
    g->b.slots[slot].address = r->value[COLUMN_BLOCK];
    return slot_map_put(&g->resizes, r->value[COLUMN_THREAD], slot) || stream_fail(g->s, "no memory for its blocks");
}

static bool on_resized(recording *g, const row *r)
{
    uint32_t slot;
    if (!slot_map_take(&g->resizes, r->value[COLUMN_THREAD], &slot)) {
        return on_take(g, r);
    }
    if (!note(g, r)) {
        return false;
    }
    if (r->value[COLUMN_BLOCK] != 0) {
        return build_resize(&g->b, slot, r->value[COLUMN_SIZE], r->value[COLUMN_USABLE]) &&
               place(g, r->value[COLUMN_BLOCK], slot);
    }
    if (r->value[COLUMN_SIZE] == 0) {
        return build_free(&g->b, slot);
    }
    g->t->refused++;
    return place(g, g->b.slots[slot].address, slot);
}

static bool apply_row(recording *g, const row *r)
{
    switch (r->kind) {
    case ROW_MALLOC:
    case ROW_CALLOC:
    case ROW_ALIGNED:
        return on_take(g, r);
    case ROW_FREE:
        return on_free(g, r);
    case ROW_REALLOC:
        return on_realloc(g, r);
    case ROW_RESIZED:
        return on_resized(g, r);
    default:
        return true;
    }
}

/* Applies the rows of one process before its place `until`. */
static bool apply(recording *g, uint32_t process, uint64_t until)
{
    row r;
    char magic[8];
    uint64_t places = 0;
    g->site_count = 0;
    /* What a realloc held when its process forked is nobody's in the child. */
    slot_map_free(&g->resizes);
    bool ok = stream_restart(g->s) && stream_bytes(g->s, magic, sizeof magic) && rows_read_head(g->s, &g->format);
    while (ok && rows_read(g->s, &g->format, &r) && r.kind != ROW_END && places < until) {
        if (r.kind == ROW_SITE) {
            ok = add_site(g, r.value[COLUMN_ADDRESS]);
        } else if (is_place(r.kind) && r.value[COLUMN_PROCESS] == process) {
            places++;
            ok = apply_row(g, &r);
        }
    }
    return ok && g->s->why[0] == '\0' && g->t->why[0] == '\0';
}

static bool choose(trace *t, uint32_t process)
{
    if (t->process_count == 0) {
        return build_fail(t, "nothing was recorded: it has no process");
    }
    if (process > t->process_count) {
        return build_fail(t, "has %u processes, and no process %u", t->process_count, process);
    }
    t->process = process != 0 ? process : 1;
    for (uint32_t i = 0; process == 0 && i < t->process_count; i++) {
        if (t->processes[i].calls > t->processes[t->process - 1].calls) {
            t->process = i + 1;
        }
    }
    return true;
}

static bool apply_line(recording *g)
{
    const trace *t = g->t;
    uint32_t line[LINE_MAX];
    unsigned length = 0;
    for (uint32_t number = t->process; number != 0; number = t->processes[number - 1].parent) {
        if (length == LINE_MAX) {
            return stream_fail(g->s, "a process forked %d deep", LINE_MAX);
        }
        line[length++] = number;
    }
    bool ok = true;
    while (ok && length-- != 0) {
        uint64_t until = length != 0 ? t->processes[line[length - 1] - 1].forked_at : UINT64_MAX;
        ok = apply(g, line[length], until);
    }
    return ok;
}

bool recording_read(stream *s, trace *t, uint32_t process)
{
    recording *g = calloc(1, sizeof *g);
    if (g == NULL) {
        return stream_fail(s, "no memory to read it");
    }
    g->s = s;
    g->t = t;
    build_begin(&g->b, t);
    bool ok = learn(g) && choose(t, process) && apply_line(g);
    build_end(&g->b);
    slot_map_free(&g->blocks);
    slot_map_free(&g->resizes);
    free(g->sites);
    free(g);
    return ok;
}
