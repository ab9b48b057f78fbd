/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a block, on an event count of the port: a number that every put raises.
 *
 * Nothing else asks the port for event counts: a build that lists its sources and does not wait leaves this file out.
 *
 * W1 No wake-up is lost: the number is read before the attempt, and who sleeps is woken if it is another by then.
 * Bound: the time given.
 */
#include "blocks_full.h"
#include "tarn/events.h"
#include "tarn/port.h"

static tarn_status may_wait(const tarn_blocks *pool)
{
    tarn_status status = tarn_blocks_admit(pool);
    bool waitable =
        status == TARN_OK && blocks_has(blocks_word(blocks_image(pool), BLOCKS_LAYOUT), TARN_BLOCKS_WAITABLE);
    return status == TARN_OK && !waitable ? TARN_E_ARGUMENT : status;
}

void *tarn_blocks_get_wait(tarn_blocks *pool, uint32_t milliseconds)
{
    uint32_t left = milliseconds;
    tarn_status status = may_wait(pool);
    if (status != TARN_OK) {
        (void)tarn_blocks_refuse(pool, status, TARN_EVENT_FAIL, NULL);
        return NULL;
    }
    tarn_blocks_wake_through(tarn_port_event_wake);
    for (;;) {
        uint32_t seen = tarn_port_event_count(pool);
        blocks_got got = tarn_blocks_try(pool);
        if (got.status == TARN_OK) {
            return got.block;
        }
        if (got.status != TARN_E_EXHAUSTED || left == 0) {
            (void)tarn_blocks_refuse(pool, got.status, TARN_EVENT_FAIL, got.block);
            return NULL;
        }
        left = tarn_port_event_wait(pool, seen, left);
    }
}
