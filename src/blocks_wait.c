/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a block, on an event count of the port: a number that every put raises.
 *
 * W1 No wake-up is lost: the number is read before the attempt, and who sleeps is woken if it is another by then.
 * Bound: the time given.
 */
#include "blocks_full.h"
#include "tarn/port.h"

static bool may_wait(const tarn_blocks *pool)
{
    return tarn_blocks_admit(pool) == TARN_OK &&
           blocks_has(blocks_word(blocks_image(pool), BLOCKS_LAYOUT), TARN_BLOCKS_WAITABLE);
}

/* Whether the failed attempt failed for lack of blocks: what else there is will not pass. */
static bool is_exhausted(const tarn_blocks *pool)
{
    tarn_stats stats;
    return tarn_blocks_stats(pool, &stats) == TARN_OK && stats.free_blocks == 0;
}

void *tarn_blocks_get_wait(tarn_blocks *pool, uint32_t milliseconds)
{
    if (!may_wait(pool)) {
        return NULL;
    }
    tarn_blocks_wake_through(tarn_port_event_wake);
    uint32_t left = milliseconds;
    for (;;) {
        uint32_t seen = tarn_port_event_count(pool);
        void *block = tarn_blocks_get(pool);
        if (block != NULL || left == 0) {
            return block;
        }
        if (is_exhausted(pool)) {
            left = tarn_port_event_wait(pool, seen, left);
        } else if (tarn_blocks_check(pool, NULL) != TARN_OK) {
            return NULL;
        }
    }
}
