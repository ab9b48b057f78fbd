/* SPDX-License-Identifier: MIT */
/*
 * The recorder: every event becomes one record of 64 bytes, in one stream with a head.
 *
 * The sequence number is taken under the recorder's own lock and the record written outside it: a reader orders by
 * it, and knows by a gap what the writer dropped.
 * Bound: constant, plus the program's clock and writer.
 */
#include "tarn/hooks.h"
#include "tarn/port.h"

#include "word.h"

_Static_assert(sizeof(tarn_record) == 64 && sizeof(tarn_record_head) == 64, "docs/hooks.md says so");

static uint32_t next_sequence(tarn_recorder *recorder)
{
    uintptr_t state = tarn_port_lock(recorder);
    uint32_t sequence = recorder->sequence++;
    tarn_port_unlock(recorder, state);
    return sequence;
}

static void write_record(tarn_recorder *recorder, const void *record)
{
    if (!recorder->write(record, recorder->context)) {
        uintptr_t state = tarn_port_lock(recorder);
        recorder->dropped++;
        tarn_port_unlock(recorder, state);
    }
}

static void record(const tarn_event *event, void *context)
{
    tarn_recorder *recorder = context;
    tarn_record r = {.time = recorder->clock != NULL ? recorder->clock(recorder->context) : 0,
                     .sequence = next_sequence(recorder),
                     .kind = (uint16_t)event->kind,
                     .status = (uint16_t)event->status,
                     .task = tarn_port_task(),
                     .alignment = event->alignment > UINT32_MAX ? UINT32_MAX : (uint32_t)event->alignment,
                     .pool = (uintptr_t)event->pool,
                     .block = (uintptr_t)event->block,
                     .size = event->size,
                     .caller = (uintptr_t)event->caller};
    write_record(recorder, &r);
}

tarn_status tarn_recorder_install(tarn_recorder *recorder)
{
    if (recorder == NULL || recorder->write == NULL) {
        return TARN_E_NULL;
    }
    uint32_t kinds = recorder->kinds != 0 ? recorder->kinds : TARN_EVENTS_COMMON;
    if ((kinds & ~TARN_EVENTS_ALL) != 0) {
        return TARN_E_ARGUMENT;
    }
    tarn_record_head head = {
        TARN_RECORD_MAGIC, TARN_RECORD_VERSION, sizeof(tarn_record), sizeof(void *), 0, (uintptr_t)tarn_alloc, {0}};
    recorder->sequence = 0;
    recorder->dropped = 0;
    write_record(recorder, &head); /* no other thread knows of the recorder yet */
    return tarn_events_add_kinds(record, recorder, kinds);
}

tarn_status tarn_recorder_remove(tarn_recorder *recorder)
{
    return tarn_events_remove(record, recorder);
}
