/* SPDX-License-Identifier: MIT */
/* A block of a LiteOS pool is written one byte in front of the next block's first, as an overrun of 8 ends. */
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

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), lead_of(s));
}

static tarn_status use(scene *s)
{
    s->pointer = s->suspect;
    return answer(LOS_MemFree(s->memory, s->suspect) == LOS_OK);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 4,
                            .by_lead = true,
                            .block = B,
                            .left = A,
                            .first_bad = {LEAD, B, 0}};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .make = make,
                         .words = 1,
                         .engines = 1u << TARN_ENGINE_TLSF,
                         .tier = {NULL, &header, &header, &header, &header}};
