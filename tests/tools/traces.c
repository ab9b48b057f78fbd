/* SPDX-License-Identifier: MIT */
/*
 * Traces for the run_replay*.sh and run_record.sh scripts, with the reader of the command.
 *
 *   traces make atrace|tarn SEED COUNT FILE  writes a trace of about COUNT random calls, not compressed
 *   traces show FILE [PROCESS]               prints a line for each operation: kind, slot, size, log2 of the alignment
 *   traces hostile SEED COUNT FILE...        cuts and corrupts each file, and reads what comes of it: a refusal with a
 *                                            reason, or a trace that holds together
 */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/trace/rows.h"
#include "../../tools/trace/trace.h"
#include "../support/prng.h"

enum { LIVE_MAX = 64 };

static void die(const char *what)
{
    (void)fprintf(stderr, "traces: %s\n", what);
    exit(1);
}

/* ---- make ---- */

typedef struct output {
    unsigned char *bytes;
    size_t length, room;
} output;

static void put(output *o, const void *bytes, size_t count)
{
    if (o->length + count > o->room) {
        o->room = 2 * (o->length + count);
        o->bytes = realloc(o->bytes, o->room);
    }
    if (o->bytes == NULL) {
        die("no memory");
    }
    memcpy(o->bytes + o->length, bytes, count);
    o->length += count;
}

static void put_number(output *o, uint64_t number)
{
    for (;; number >>= 7) {
        unsigned char byte = (unsigned char)((number & 0x7F) | (number > 0x7F ? 0x80 : 0));
        put(o, &byte, 1);
        if (number <= 0x7F) {
            return;
        }
    }
}

/* The calls of a random program; sums as ATRACE1 has them. */
typedef struct random_calls {
    prng random;
    uint64_t ids[LIVE_MAX], sizes[LIVE_MAX];
    unsigned live;
    uint64_t ops, objects, peak_live, peak_bytes, bytes, requested;
} random_calls;

static void sum(random_calls *c, uint64_t size)
{
    c->requested += size;
    c->peak_live = c->live > c->peak_live ? c->live : c->peak_live;
    c->peak_bytes = c->bytes > c->peak_bytes ? c->bytes : c->peak_bytes;
}

static uint64_t size_of(random_calls *c)
{
    return 1 + prng_below(&c->random, 1u << (1 + prng_below(&c->random, 13)));
}

static void remove_live(random_calls *c, unsigned i)
{
    c->bytes -= c->sizes[i];
    c->live--;
    c->ids[i] = c->ids[c->live];
    c->sizes[i] = c->sizes[c->live];
}

static void add_live(random_calls *c, uint64_t size)
{
    c->ids[c->live] = c->objects++;
    c->sizes[c->live++] = size;
    c->bytes += size;
    sum(c, size);
}

static void resize_live(random_calls *c, unsigned i, uint64_t size)
{
    c->bytes += size - c->sizes[i];
    c->sizes[i] = size;
    sum(c, size);
}

static void atrace_op(random_calls *c, output *o, bool drain)
{
    unsigned i = c->live != 0 ? prng_below(&c->random, c->live) : 0;
    unsigned what = drain ? 0 : c->live == 0 ? 1 + prng_below(&c->random, 2) : prng_below(&c->random, 5);
    what = what != 0 && what != 3 && c->live == LIVE_MAX ? 0 : what;
    unsigned char code = (unsigned char)what;
    put(o, &code, 1);
    c->ops++;
    if (what == 0 || what == 3) {
        put_number(o, c->objects - c->ids[i]);
    }
    if (what == 0) {
        remove_live(c, i);
        return;
    }
    if (what == 4) {
        unsigned char alignment = (unsigned char)prng_below(&c->random, 9);
        put(o, &alignment, 1);
    }
    uint64_t size = size_of(c);
    put_number(o, size);
    if (what == 3) {
        resize_live(c, i, size);
    } else {
        add_live(c, size);
    }
}

static void make_atrace(random_calls *c, uint64_t count, output *o)
{
    output ops = {NULL, 0, 0};
    while (c->ops < count) {
        atrace_op(c, &ops, false);
    }
    uint64_t tail = c->live;
    while (c->live != 0) {
        atrace_op(c, &ops, true);
    }
    const uint64_t sums[] = {c->ops, c->objects, c->peak_live, c->peak_bytes, c->requested, tail};
    put(o, "ATRACE1\n", 8);
    for (unsigned i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        for (unsigned shift = 0; shift < 64; shift += 8) {
            unsigned char byte = (unsigned char)(sums[i] >> shift);
            put(o, &byte, 1);
        }
    }
    put(o, ops.bytes, ops.length);
    free(ops.bytes);
}

/* Columns that this version does not know, in every place, and a row that it does not know. */
static const char tarn_head[] = "for people\n"
                                "row process number parent place program\" colour\n"
                                "row strange block~ text\" x\n"
                                "row malloc process thread time~ size weight~ block~ name\"\n"
                                "row realloc process thread size block~\n"
                                "row resized process thread size block~\n"
                                "row free process thread block~\n"
                                "row aligned process thread size block~ alignment\n"
                                "row end number lost\n";
enum { T_PROCESS, T_STRANGE, T_MALLOC, T_REALLOC, T_RESIZED, T_FREE, T_ALIGNED, T_END };

static void put_difference(output *o, uint64_t *last, uint64_t number)
{
    uint64_t difference = number - *last;
    *last = number;
    put_number(o, (difference << 1) ^ (0 - (difference >> 63)));
}

typedef struct tarn_file {
    output *o;
    uint64_t rows, last_block, last_time;
} tarn_file;

static void begin_row(tarn_file *f, unsigned kind, bool call)
{
    put_number(f->o, kind);
    f->rows++;
    if (call) {
        put_number(f->o, 1);
        put_number(f->o, 77);
    }
}

static void tarn_process(tarn_file *f, uint64_t pid)
{
    begin_row(f, T_PROCESS, false);
    put_number(f->o, pid);
    put_number(f->o, 0);
    put_number(f->o, 0);
    put_number(f->o, 6);
    put(f->o, "random", 6);
    put_number(f->o, 5);
}

static void tarn_take(tarn_file *f, random_calls *c, uint64_t address)
{
    uint64_t size = size_of(c);
    bool aligned = prng_below(&c->random, 8) == 0;
    begin_row(f, aligned ? T_ALIGNED : T_MALLOC, true);
    if (!aligned) {
        put_difference(f->o, &f->last_time, c->ops * 10);
    }
    put_number(f->o, size);
    if (!aligned) {
        put_number(f->o, 3);
    }
    put_difference(f->o, &f->last_block, address);
    if (aligned) {
        put_number(f->o, 64);
    } else {
        put_number(f->o, 2);
        put(f->o, "ab", 2);
    }
    add_live(c, size);
}

static void tarn_resize(tarn_file *f, random_calls *c, unsigned i)
{
    uint64_t size = size_of(c);
    begin_row(f, T_REALLOC, true);
    put_number(f->o, size);
    put_difference(f->o, &f->last_block, 4096 + c->ids[i] * 16);
    begin_row(f, T_RESIZED, true);
    put_number(f->o, size);
    put_difference(f->o, &f->last_block, 4096 + c->ids[i] * 16);
    resize_live(c, i, size);
}

static void tarn_op(tarn_file *f, random_calls *c)
{
    unsigned i = c->live != 0 ? prng_below(&c->random, c->live) : 0;
    unsigned what = c->live == 0 ? 0 : c->live == LIVE_MAX ? 1 : prng_below(&c->random, 3);
    c->ops++;
    if (what == 0) {
        tarn_take(f, c, 4096 + c->objects * 16);
    } else if (what == 1) {
        begin_row(f, T_FREE, true);
        put_difference(f->o, &f->last_block, 4096 + c->ids[i] * 16);
        remove_live(c, i);
    } else {
        tarn_resize(f, c, i);
    }
    if (prng_below(&c->random, 16) == 0) {
        begin_row(f, T_STRANGE, false);
        put_difference(f->o, &f->last_block, 99);
        put_number(f->o, 3);
        put(f->o, "xyz", 3);
        put_number(f->o, UINT64_MAX);
    }
}

static void make_tarn(random_calls *c, uint64_t count, output *o)
{
    tarn_file f = {.o = o};
    put(o, RECORDING_MAGIC, 8);
    put_number(o, RECORDING_VERSION);
    put_number(o, sizeof tarn_head - 1);
    put(o, tarn_head, sizeof tarn_head - 1);
    tarn_process(&f, 4711);
    while (c->ops < count) {
        tarn_op(&f, c);
    }
    uint64_t rows = f.rows;
    begin_row(&f, T_END, false);
    put_number(o, rows);
    put_number(o, 0);
}

/* Prints what the reader must find: operations, objects, peaks, bytes. */
static int make(char **arguments)
{
    output o = {NULL, 0, 0};
    random_calls c = {.random = prng_make(strtoull(arguments[1], NULL, 0), 1)};
    (strcmp(arguments[0], "atrace") == 0 ? make_atrace : make_tarn)(&c, strtoull(arguments[2], NULL, 0), &o);
    FILE *file = fopen(arguments[3], "wb");
    if (file == NULL || fwrite(o.bytes, 1, o.length, file) != o.length || fclose(file) != 0) {
        die("cannot write");
    }
    printf("%llu %llu %llu %llu %llu\n", (unsigned long long)c.ops, (unsigned long long)c.objects,
           (unsigned long long)c.peak_live, (unsigned long long)c.peak_bytes, (unsigned long long)c.requested);
    free(o.bytes);
    return 0;
}

/* ---- show ---- */

static int show(char **arguments)
{
    static const char *const names[] = {"malloc", "calloc", "aligned", "realloc", "free"};
    trace t;
    if (!trace_load(&t, arguments[0], arguments[1] != NULL ? (uint32_t)atoi(arguments[1]) : 0)) {
        die(t.why);
    }
    for (size_t i = 0; i < t.count; i++) {
        const trace_op *op = &t.ops[i];
        printf("%s %u %llu %u\n", names[op->kind], op->slot, (unsigned long long)op->size, op->alignment_log2);
    }
    trace_free(&t);
    return 0;
}

/* ---- hostile ---- */

static struct {
    unsigned long tries, refused, taken;
} counts;

/* Every operation is on a slot that can bear it, and the sums are those of the operations. */
static void hold_together(const trace *t)
{
    uint64_t *sizes = calloc((size_t)t->slots + 1, sizeof *sizes);
    uint64_t live = 0, peak = 0, objects = 0;
    if (sizes == NULL) {
        die("no memory");
    }
    for (size_t i = 0; i < t->count; i++) {
        const trace_op *op = &t->ops[i];
        bool lives = op->slot < t->slots && sizes[op->slot] != 0;
        bool takes = op->kind <= TRACE_ALIGNED;
        if (op->slot >= t->slots || op->kind >= TRACE_KINDS || takes == lives ||
            (op->kind != TRACE_FREE && op->size == 0)) {
            die("an operation that cannot be");
        }
        live += op->size - sizes[op->slot];
        sizes[op->slot] = op->size;
        objects += takes;
        peak = live > peak ? live : peak;
    }
    free(sizes);
    if (peak != t->peak_bytes || objects != t->objects) {
        die("sums that are not those of the operations");
    }
}

static void try_bytes(const unsigned char *bytes, size_t length, bool must_refuse)
{
    static int file = -1;
    static char path[64];
    trace t;
    if (file < 0) {
        file = memfd_create("trial", 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, bytes, length, 0) != (ssize_t)length) {
        die("cannot write");
    }
    counts.tries++;
    if (trace_load(&t, path, 0)) {
        counts.taken++;
        if (must_refuse) {
            die("a cut file was taken");
        }
        hold_together(&t);
    } else {
        counts.refused++;
        if (t.why[0] == '\0') {
            die("no reason was given");
        }
    }
    trace_free(&t);
}

static void flip(prng *random, unsigned char *bytes, size_t length)
{
    for (unsigned i = 1 + prng_below(random, 3); i != 0; i--) {
        static const unsigned char extremes[] = {0, 1, 0x7F, 0x80, 0xFF};
        size_t at = prng_below(random, (uint32_t)length);
        bytes[at] = prng_below(random, 2) != 0 ? bytes[at] ^ (unsigned char)(1u << prng_below(random, 8))
                                               : extremes[prng_below(random, sizeof extremes)];
    }
}

static void copy_over(prng *random, unsigned char *bytes, size_t length)
{
    size_t piece = 1 + prng_below(random, (uint32_t)(length < 64 ? length : 64));
    size_t from = prng_below(random, (uint32_t)(length - piece + 1));
    size_t to = prng_below(random, (uint32_t)(length - piece + 1));
    memmove(bytes + to, bytes + from, piece);
}

static void mistreat(prng *random, const unsigned char *bytes, size_t length, unsigned long count)
{
    unsigned char *copy = malloc(length + 1);
    if (copy == NULL) {
        die("no memory");
    }
    size_t step = length / count + 1;
    for (size_t cut = 0; cut < length; cut += step) {
        try_bytes(bytes, cut, true);
    }
    memcpy(copy, bytes, length);
    copy[length] = 0;
    try_bytes(copy, length + 1, true);
    for (unsigned long i = 0; i < count; i++) {
        memcpy(copy, bytes, length);
        (i % 4 == 3 ? copy_over : flip)(random, copy, length);
        try_bytes(copy, length, false);
    }
    free(copy);
}

static int hostile(char **arguments)
{
    prng random = prng_make(strtoull(arguments[0], NULL, 0), 2);
    unsigned long count = strtoul(arguments[1], NULL, 0);
    for (char **path = arguments + 2; *path != NULL; path++) {
        FILE *file = fopen(*path, "rb");
        static unsigned char bytes[1 << 20];
        size_t length = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
        if (length == 0 || length == sizeof bytes) {
            die("no sample of a good size");
        }
        (void)fclose(file);
        mistreat(&random, bytes, length, count);
    }
    printf("%lu files: %lu refused with a reason, %lu taken and sound\n", counts.tries, counts.refused, counts.taken);
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 6 && strcmp(arguments[1], "make") == 0) {
        return make(arguments + 2);
    }
    if (count >= 3 && strcmp(arguments[1], "show") == 0) {
        return show(arguments + 2);
    }
    if (count >= 5 && strcmp(arguments[1], "hostile") == 0) {
        return hostile(arguments + 2);
    }
    die("usage: traces make|show|hostile ...");
    return 2;
}
