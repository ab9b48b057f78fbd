/* SPDX-License-Identifier: MIT */
/*
 * Block pools made while a sink listens, in a build for plain pools alone: they are whole, raise what concerns the pool
 * and nothing for each get and put, as no pool of such a build has the flag that asks for these.
 *   blocks_listened
 */
#include <stdint.h>
#include <stdio.h>

#include "tarn/blocks.h"
#include "tarn/events.h"

static _Alignas(16) unsigned char memory[1024];
static unsigned raised[TARN_EVENT_OWNER + 1];

static void note(const tarn_event *event, void *context)
{
    (void)context;
    raised[event->kind]++;
}

static int wrong(const char *what, tarn_status status)
{
    printf("blocks_listened: %s: %s\n", what, tarn_status_text(status));
    return 1;
}

int main(void)
{
    tarn_blocks *pool;
    tarn_status status = tarn_events_add(note, NULL);
    if (status != TARN_OK) {
        return wrong("sink", status);
    }
    status = tarn_blocks_init(&pool, memory, sizeof memory, 24, NULL);
    if (status != TARN_OK) {
        return wrong("init", status);
    }
    void *block = tarn_blocks_get(pool);
    status = tarn_blocks_check(pool, NULL);
    if (block == NULL || status != TARN_OK) {
        return wrong("get and check", status);
    }
    status = tarn_blocks_put(pool, block);
    if (status != TARN_OK) {
        return wrong("put", status);
    }
    status = tarn_blocks_put(pool, NULL);
    if (status != TARN_E_NULL) {
        return wrong("put of nothing", status);
    }
    printf("blocks_listened: init %u, refusals %u, gets %u, puts %u raised\n", raised[TARN_EVENT_INIT],
           raised[TARN_EVENT_REFUSE], raised[TARN_EVENT_ALLOC], raised[TARN_EVENT_FREE]);
    return raised[TARN_EVENT_INIT] != 1 || raised[TARN_EVENT_REFUSE] != 1 || raised[TARN_EVENT_ALLOC] != 0 ||
           raised[TARN_EVENT_FREE] != 0;
}
