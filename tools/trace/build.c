/* SPDX-License-Identifier: MIT */
/*
 * Putting a trace together: operations, slots and sums. A slot given back is the next one taken.
 *
 * Bound: constant per operation, but for the growth of the arrays.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"

bool build_fail(trace *t, const char *format, ...)
{
    if (t->why[0] == '\0') {
        va_list values;
        va_start(values, format);
        (void)vsnprintf(t->why, sizeof t->why, format, values);
        va_end(values);
    }
    return false;
}

void build_begin(builder *b, trace *t)
{
    memset(b, 0, sizeof *b);
    b->t = t;
}

void build_end(builder *b)
{
    b->t->left = b->live_objects;
    free(b->slots);
    b->slots = NULL;
}

static bool grow(builder *b)
{
    trace *t = b->t;
    size_t room = b->room != 0 ? b->room * 2 : 4096;
    if (t->count >= BUILD_OPS_MAX) {
        return build_fail(t, "more than %zu operations", BUILD_OPS_MAX);
    }
    trace_op *ops = realloc(t->ops, room * sizeof *ops);
    t->ops = ops != NULL ? ops : t->ops;
    trace_note *notes = realloc(t->notes, room * sizeof *notes);
    t->notes = notes != NULL ? notes : t->notes;
    if (ops == NULL || notes == NULL) {
        return build_fail(t, "no memory for more than %zu operations", t->count);
    }
    b->room = room;
    return true;
}

static bool append(builder *b, unsigned kind, unsigned alignment_log2, uint64_t size, uint32_t slot)
{
    trace *t = b->t;
    if (t->count == b->room && !grow(b)) {
        return false;
    }
    t->ops[t->count] = (trace_op){size, slot, (uint8_t)kind, (uint8_t)alignment_log2};
    t->notes[t->count] = b->note;
    t->count++;
    t->kinds[kind]++;
    return true;
}

static void sum(builder *b)
{
    trace *t = b->t;
    t->peak_bytes = b->live_bytes > t->peak_bytes ? b->live_bytes : t->peak_bytes;
    t->peak_usable = b->live_usable > t->peak_usable ? b->live_usable : t->peak_usable;
    t->peak_objects = b->live_objects > t->peak_objects ? b->live_objects : t->peak_objects;
}

/* Sizes so large that sums of them wrap, or that no block of this word size can have, are no sizes. */
static bool legal(builder *b, uint64_t size)
{
    if (size > UINT64_C(1) << 48 || size > SIZE_MAX / 2 || b->live_bytes + size > UINT64_C(1) << 56) {
        return build_fail(b->t, "operation %zu asks for %llu bytes", b->t->count, (unsigned long long)size);
    }
    return true;
}

static bool new_slot(builder *b, uint32_t *slot)
{
    trace *t = b->t;
    if (b->free_slot != 0) {
        *slot = b->free_slot - 1;
        b->free_slot = b->slots[*slot].next_free;
        return true;
    }
    if (t->slots == b->slot_room) {
        size_t room = b->slot_room != 0 ? b->slot_room * 2 : 4096;
        build_slot *slots = realloc(b->slots, room * sizeof *slots);
        if (slots == NULL) {
            return build_fail(t, "no memory for more than %u objects at once", t->slots);
        }
        b->slots = slots;
        b->slot_room = room;
    }
    *slot = t->slots++;
    return true;
}

bool build_take(builder *b, unsigned kind, unsigned alignment_log2, uint64_t size, uint64_t usable, uint32_t *slot)
{
    size = size != 0 ? size : 1;
    if (!legal(b, size) || !legal(b, usable) || !new_slot(b, slot) || !append(b, kind, alignment_log2, size, *slot)) {
        return false;
    }
    b->slots[*slot] = (build_slot){.size = size, .usable = usable};
    b->t->objects++;
    b->t->requested += size;
    b->live_objects++;
    b->live_bytes += size;
    b->live_usable += usable;
    sum(b);
    return true;
}

bool build_resize(builder *b, uint32_t slot, uint64_t size, uint64_t usable)
{
    build_slot *s = &b->slots[slot];
    size = size != 0 ? size : 1;
    if (!legal(b, size) || !legal(b, usable) || !append(b, TRACE_REALLOC, 0, size, slot)) {
        return false;
    }
    b->t->requested += size;
    b->live_bytes += size - s->size;
    b->live_usable += usable - s->usable;
    s->size = size;
    s->usable = usable;
    sum(b);
    return true;
}

bool build_free(builder *b, uint32_t slot)
{
    build_slot *s = &b->slots[slot];
    if (!append(b, TRACE_FREE, 0, 0, slot)) {
        return false;
    }
    b->live_objects--;
    b->live_bytes -= s->size;
    b->live_usable -= s->usable;
    s->next_free = b->free_slot;
    b->free_slot = slot + 1;
    return true;
}
