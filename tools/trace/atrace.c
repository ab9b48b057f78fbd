/* SPDX-License-Identifier: MIT */
/*
 * ATRACE1: a header of sums, then operations as an opcode and LEB128 numbers. Objects are named by how many came after
 * them. The sums are believed only if the operations agree.
 *
 * Bound: constant per operation.
 */
#include <stdlib.h>
#include <string.h>

#include "build.h"

enum { SUMS = 6, NO_SLOT = UINT32_MAX };

typedef struct atrace {
    stream *s;
    builder b;
    uint32_t *slots; /* of each object, NO_SLOT once it is freed */
    size_t room;
} atrace;

/* Little endian. */
static bool read_sums(stream *s, uint64_t sums[SUMS])
{
    for (unsigned i = 0; i < SUMS; i++) {
        unsigned char bytes[8];
        if (!stream_bytes(s, bytes, sizeof bytes)) {
            return false;
        }
        sums[i] = 0;
        for (unsigned j = 0; j < 8; j++) {
            sums[i] |= (uint64_t)bytes[j] << (8 * j);
        }
    }
    return true;
}

/* The entry of a living object; NULL, with the reason, if there is none. */
static uint32_t *find(atrace *a)
{
    uint64_t delta;
    uint64_t next = a->b.t->objects;
    if (!stream_number(a->s, &delta)) {
        return NULL;
    }
    if (delta == 0 || delta > next || a->slots[next - delta] == NO_SLOT) {
        (void)stream_fail(a->s, "operation %zu is on an object that does not live", a->b.t->count);
        return NULL;
    }
    return &a->slots[next - delta];
}

static bool take(atrace *a, unsigned kind, unsigned alignment_log2)
{
    uint64_t size;
    uint32_t slot;
    size_t object = (size_t)a->b.t->objects;
    if (!stream_number(a->s, &size)) {
        return false;
    }
    if (object == a->room) {
        size_t room = a->room != 0 ? a->room * 2 : 4096;
        uint32_t *slots = realloc(a->slots, room * sizeof *slots);
        if (slots == NULL) {
            return stream_fail(a->s, "no memory for more than %zu objects", object);
        }
        a->slots = slots;
        a->room = room;
    }
    if (!build_take(&a->b, kind, alignment_log2, size, 0, &slot)) {
        return false;
    }
    a->slots[object] = slot;
    return true;
}

static bool take_aligned(atrace *a)
{
    unsigned char alignment;
    if (!stream_byte(a->s, &alignment)) {
        return false;
    }
    if (alignment > 40) {
        return stream_fail(a->s, "operation %zu has an alignment of 2^%u", a->b.t->count, alignment);
    }
    return take(a, TRACE_ALIGNED, alignment);
}

static bool give(atrace *a)
{
    uint32_t *entry = find(a);
    if (entry == NULL || !build_free(&a->b, *entry)) {
        return false;
    }
    *entry = NO_SLOT;
    return true;
}

static bool resize(atrace *a)
{
    const uint32_t *entry = find(a);
    uint64_t size;
    return entry != NULL && stream_number(a->s, &size) && build_resize(&a->b, *entry, size, 0);
}

static bool read_op(atrace *a)
{
    unsigned char code;
    if (!stream_byte(a->s, &code)) {
        return false;
    }
    switch (code) {
    case 0:
        return give(a);
    case 1:
        return take(a, TRACE_MALLOC, 0);
    case 2:
        return take(a, TRACE_CALLOC, 0);
    case 3:
        return resize(a);
    case 4:
        return take_aligned(a);
    default:
        return stream_fail(a->s, "operation %zu has the unknown code %u", a->b.t->count, code);
    }
}

/* The header also counts the frees that whoever cut the trace appended; they are operations like others. */
static bool agree(stream *s, const trace *t, const uint64_t sums[SUMS])
{
    static const char *const names[] = {"operations", "objects", "live objects at the peak", "live bytes at the peak",
                                        "requested bytes"};
    const uint64_t found[] = {t->count, t->objects, t->peak_objects, t->peak_bytes, t->requested};
    for (unsigned i = 0; i < sizeof found / sizeof found[0]; i++) {
        if (sums[i] != found[i]) {
            return stream_fail(s, "its header says %llu %s, and it has %llu", (unsigned long long)sums[i], names[i],
                               (unsigned long long)found[i]);
        }
    }
    return sums[SUMS - 1] <= t->kinds[TRACE_FREE] ||
           stream_fail(s, "its header says %llu frees at the end, and it has fewer",
                       (unsigned long long)sums[SUMS - 1]);
}

bool atrace_read(stream *s, trace *t)
{
    uint64_t sums[SUMS];
    if (!read_sums(s, sums)) {
        return false;
    }
    atrace a = {.s = s};
    build_begin(&a.b, t);
    bool ok = true;
    while (ok && t->count < sums[0]) {
        ok = read_op(&a);
    }
    if (ok && !stream_ended(s)) {
        ok = stream_fail(s, "bytes follow its last operation");
    }
    free(a.slots);
    build_end(&a.b);
    free(t->notes);
    t->notes = NULL;
    return ok && s->why[0] == '\0' && agree(s, t, sums);
}
