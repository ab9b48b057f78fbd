/* SPDX-License-Identifier: MIT */
/* A block of a LiteOS pool is given back twice. */
#include "fault.h"

#include "los_memory.h"

static void make(scene *s)
{
    (void)LOS_MemInit(s->memory, POOL_BYTES);
    s->pool = (tarn_pool *)(void *)s->memory;
    for (uint32_t block = A; block < NEIGHBOURS; block++) {
        s->block[block] = LOS_MemAlloc(s->memory, SIZE);
        (void)tarn_owner_set(s->pool, s->block[block], TARN_OWNER(block, 11u * block));
    }
}

static void prepare(scene *s)
{
    (void)LOS_MemFree(s->memory, s->block[B]);
}

static void commit(scene *s)
{
    s->suspect = s->block[B];
}

static tarn_status use(scene *s)
{
    s->pointer = s->suspect;
    return answer(LOS_MemFree(s->memory, s->suspect) == LOS_OK);
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = B, .left = A};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .make = make,
                         .words = 1,
                         .engines = 1u << TARN_ENGINE_TLSF,
                         .tier = {NULL, &refused, &refused, &refused, NULL}};
