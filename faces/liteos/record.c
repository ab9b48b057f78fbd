/* SPDX-License-Identifier: MIT */
/*
 * The memory record: a sink of events that keeps what happens to LiteOS pools in a ring until somebody prints it.
 *
 * F6 `next` counts the records ever written, `shown` those printed or given up; a record's place in the ring is its
 *    number modulo the capacity, so next - shown is at most the capacity.
 * F7 A free or resize is recorded when it is announced; if it then does not happen, a free's record becomes an invalid
 *    free where the pointer was bad, and other records are not shown.
 * Bound: registered pools per event.
 */
#include "record.h"
#include "called.h"
#include "face.h"
#include "los_memrecord_pri.h"
#include "tarn/events.h"
#include "text.h"

typedef enum record_kind { RECORD_ALLOC, RECORD_RESIZE, RECORD_FREE, RECORD_INVALID_FREE, RECORD_NONE } record_kind;

typedef struct record {
    UINTPTR address;
    UINTPTR callers[LOS_RECORD_LR_CNT];
    UINT32 size, task;
    record_kind kind;
} record;

static struct {
    record *rows;
    UINT32 capacity;
    UINT32 next, shown;
    UINT32 seen; /* the number behind the last one that was printed */
    bool on;
} ring;

/* Frames of tarn that may lie between the port and the caller. */
enum { FRAMES_INSIDE = 16 };

static VOID find_callers(record *row, const VOID *caller)
{
    const VOID *frames[FRAMES_INSIDE + LOS_RECORD_LR_CNT];
    UINT32 there = tarn_port_callers(frames, FRAMES_INSIDE + LOS_RECORD_LR_CNT);
    UINT32 at = 0;
    row->callers[0] = (UINTPTR)caller;
    while (at < there && frames[at] != caller) {
        at++;
    }
    for (UINT32 i = 1; i < LOS_RECORD_LR_CNT && at + i < there; i++) {
        row->callers[i] = (UINTPTR)frames[at + i];
    }
}

static VOID write_record(record_kind kind, const VOID *ptr, UINT32 size, const VOID *caller)
{
    record row = {(UINTPTR)ptr, {0}, size, tarn_port_task(), kind};
    find_callers(&row, caller);
    uintptr_t state = tarn_port_lock(&ring);
    if (ring.on && ring.capacity != 0) {
        ring.rows[ring.next % ring.capacity] = row;
        ring.next++;
        if (ring.next - ring.shown > ring.capacity) {
            ring.shown++;
        }
    }
    tarn_port_unlock(&ring, state);
}

/* F7: the task's own latest record, unless others have overwritten it. */
static VOID take_back(const VOID *ptr, tarn_status why)
{
    UINT32 task = tarn_port_task();
    uintptr_t state = tarn_port_lock(&ring);
    for (UINT32 back = 1; back <= ring.next - ring.shown; back++) {
        record *row = &ring.rows[(ring.next - back) % ring.capacity];
        if (row->address == (UINTPTR)ptr && row->task == task) {
            row->kind = row->kind == RECORD_FREE && why != TARN_E_EXHAUSTED ? RECORD_INVALID_FREE : RECORD_NONE;
            break;
        }
    }
    tarn_port_unlock(&ring, state);
}

static bool is_liteos(const tarn_pool *pool)
{
    tarn_registration entry;
    for (UINT32 i = 0; tarn_registered(TARN_FACE_LITEOS, i, &entry); i++) {
        if (entry.pool == pool) {
            return true;
        }
    }
    return false;
}

static UINT32 size_of(const tarn_pool *pool, const VOID *block)
{
    return (UINT32)tarn_usable(pool, block);
}

static VOID on_event(const tarn_event *event, VOID *context)
{
    (void)context;
    bool concerns = event->kind >= TARN_EVENT_ALLOC && event->kind <= TARN_EVENT_FAIL;
    if (!concerns || !is_liteos(event->pool)) {
        return;
    }
    switch (event->kind) {
    case TARN_EVENT_ALLOC:
    case TARN_EVENT_FAIL:
        write_record(RECORD_ALLOC, event->block, (UINT32)event->size, event->caller);
        break;
    case TARN_EVENT_FREE:
        write_record(RECORD_FREE, event->block, size_of(event->pool, event->block), event->caller);
        break;
    case TARN_EVENT_RESIZE:
        write_record(RECORD_RESIZE, event->block, (UINT32)event->size, event->caller);
        break;
    default:
        take_back(event->block, event->status);
    }
}

static VOID say(const CHAR *line)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, line);
    tarn_liteos_put_end(&text);
}

static VOID use_memory(VOID *memory, UINT32 capacity)
{
    uintptr_t state = tarn_port_lock(&ring);
    ring.rows = (record *)memory;
    ring.capacity = capacity;
    ring.next = ring.shown = ring.seen = 0;
    tarn_port_unlock(&ring, state);
}

UINT32 tarn_liteos_record_memory(VOID *memory, UINT32 bytes)
{
    if (memory == NULL || ((UINTPTR)memory & (sizeof(VOID *) - 1u)) != 0 || bytes < sizeof(record)) {
        return LOS_NOK;
    }
    use_memory(memory, bytes / (UINT32)sizeof(record));
    return LOS_OK;
}

static bool has_memory(VOID)
{
    if (ring.capacity == 0) {
        VOID *memory = tarn_liteos_map(2u * RECORD_LEN * sizeof(record));
        if (memory != NULL) {
            use_memory(memory, 2u * RECORD_LEN);
        }
    }
    return ring.capacity != 0;
}

VOID OsMemRecordShowSet(UINT32 value)
{
    if (value == 0 && ring.on) {
        ring.on = false;
        (void)tarn_events_remove(on_event, NULL);
        return;
    }
    if (value == 0 || ring.on) {
        return;
    }
    if (!has_memory()) {
        say("[ERR] no memory for the memory record\n");
    } else if (tarn_events_add(on_event, NULL) != TARN_OK) {
        say("[ERR] no room for the memory record's listener\n");
    } else {
        ring.on = true;
    }
}

VOID tarn_liteos_record_start(VOID)
{
    static bool started;
    if (!started) {
        started = true;
        OsMemRecordShowSet(1);
    }
}

PUBLIC_ENTRY VOID OsMemRecordMalloc(const VOID *ptr, UINT32 size)
{
    write_record(RECORD_ALLOC, ptr, size, caller_here());
}

PUBLIC_ENTRY VOID OsMemRecordFree(const VOID *ptr, UINT32 size)
{
    write_record(size == 0 ? RECORD_INVALID_FREE : RECORD_FREE, ptr, size, caller_here());
}

static VOID show(const record *row, UINT32 number)
{
    static const CHAR *const kinds[] = {" alloc ", " realloc ", " free ", " invalid free "};
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[REC] ");
    tarn_liteos_put_number(&text, number, 0);
    tarn_liteos_put(&text, kinds[row->kind]);
    tarn_liteos_put_hex(&text, row->address, 0);
    tarn_liteos_put(&text, " size ");
    tarn_liteos_put_number(&text, row->size, 0);
    tarn_liteos_put(&text, " task ");
    tarn_liteos_put_number(&text, row->task == TARN_TASK_NONE ? tarn_liteos_task_limit() : row->task, 0);
    tarn_liteos_put(&text, " LR");
    for (UINT32 i = 0; i < LOS_RECORD_LR_CNT; i++) {
        tarn_liteos_put(&text, " ");
        tarn_liteos_put_hex(&text, row->callers[i], 0);
    }
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}

/* The oldest record that was not shown; *lost counts those overwritten in front of it. */
static bool take_oldest(record *row, UINT32 *number, UINT32 *lost)
{
    uintptr_t state = tarn_port_lock(&ring);
    bool any = ring.shown != ring.next;
    if (any) {
        *lost = ring.shown - ring.seen;
        *number = ring.shown;
        *row = ring.rows[ring.shown % ring.capacity];
        ring.seen = ++ring.shown;
    }
    tarn_port_unlock(&ring, state);
    return any;
}

VOID OsMemRecordShow(VOID)
{
    UINT32 number = 0;
    UINT32 lost = 0;
    record row;
    while (take_oldest(&row, &number, &lost)) {
        if (lost != 0) {
            tarn_liteos_text text;
            text_begin(&text);
            tarn_liteos_put(&text, "[REC] overwritten before they were printed: ");
            tarn_liteos_put_number(&text, lost, 0);
            tarn_liteos_put(&text, "\n");
            tarn_liteos_put_end(&text);
        }
        if (row.kind != RECORD_NONE) {
            show(&row, number);
        }
    }
}
