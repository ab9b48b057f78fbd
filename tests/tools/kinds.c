/* SPDX-License-Identifier: MIT */
/*
 * A program with pools of every kind to look at, for run_gdb_kinds.sh: guards and a block set aside, copies, blocks that
 * wait, a check in steps, one that is closed.
 *
 *   kinds [FAULT]    plants it, prints "told RULE expected X, found Y" as tarn_check() has it, and calls stop_here()
 *
 * Bound: some milliseconds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "quarantine.h"

#include "tarn/inspect.h"
#include "tarn/pool.h"

enum { ROOM = 4096, SIZE = 43, WORDS = TARN_WORDS_SEQUENCE, BLOCKS = 6 };

enum { GUARDED, COPIED, WAITING, STEPPED, CLOSED, POOLS };

static _Alignas(4096) unsigned char memory[POOLS][ROOM];
static tarn_pool *pools[POOLS];
static unsigned char *blocks[POOLS][BLOCKS];

static void must(int holds)
{
    if (!holds) {
        exit(9);
    }
}

__attribute__((noinline)) static tarn_status give_back(uint32_t pool, uint32_t block)
{
    tarn_status status = tarn_free(pools[pool], blocks[pool][block]); /* given back */
    __asm__ volatile("" ::: "memory");
    return status;
}

static void make(uint32_t i, uint32_t flags, uint32_t policy, uint32_t quarantine)
{
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.flags = flags;
    options.policy = policy;
    options.quarantine = quarantine;
    options.extension_words = WORDS;
    must(tarn_init(&pools[i], memory[i], ROOM, &options) == TARN_OK);
    for (uint32_t block = 0; block < BLOCKS; block++) {
        blocks[i][block] = tarn_alloc(pools[i], SIZE + block);
        must(blocks[i][block] != NULL && tarn_owner_set(pools[i], blocks[i][block], TARN_OWNER(3, block)) == TARN_OK);
    }
}

static void make_all(void)
{
    make(GUARDED, TARN_POOL_GUARD, TARN_POLICY_ISOLATE, 0);
    blocks[GUARDED][1][SIZE + 1] = 0;
    must(give_back(GUARDED, 1) == TARN_E_DAMAGED);
    make(COPIED, TARN_POOL_BACKUP | TARN_POOL_POISON, TARN_POLICY_CONTINUE, 0);
    must(give_back(COPIED, 2) == TARN_OK);
    make(WAITING, 0, TARN_POLICY_STOP, 1000);
    must(give_back(WAITING, 4) == TARN_OK && give_back(WAITING, 0) == TARN_OK && give_back(WAITING, 2) == TARN_OK);
    make(STEPPED, TARN_POOL_CURSOR, TARN_POLICY_STOP, 0);
    tarn_finding finding;
    image im = image_open((unsigned char *)pools[STEPPED]);
    while (cursor_get(&im).next != (uint32_t)(blocks[STEPPED][3] - memory[STEPPED]) >> im.shift) {
        must(tarn_check_some(pools[STEPPED], 1, &finding) == TARN_OK);
    }
    make(CLOSED, TARN_POOL_GUARD, TARN_POLICY_CLOSE, 0);
    blocks[CLOSED][0][SIZE] = 0;
    must(give_back(CLOSED, 0) == TARN_E_DAMAGED);
    blocks[CLOSED][0][SIZE] = TAIL_GUARD;
}

/* The last word of a block. */
static unsigned char *last_word(uint32_t pool, uint32_t block)
{
    tarn_block record;
    must(tarn_block_at(pools[pool], blocks[pool][block], &record) == TARN_OK);
    return blocks[pool][block] + record.size - 4u * WORDS - 8u;
}

static uint32_t plant(const char *fault)
{
    image waiting = image_open((unsigned char *)pools[WAITING]);
    image stepped = image_open((unsigned char *)pools[STEPPED]);
    if (strcmp(fault, "guard") == 0) {
        blocks[GUARDED][3][SIZE + 3] = 0x31;
        return GUARDED;
    }
    if (strcmp(fault, "tail") == 0) {
        last_word(GUARDED, 2)[1] ^= 0x10;
        return GUARDED;
    }
    if (strcmp(fault, "copy") == 0) {
        last_word(COPIED, 1)[-4] ^= 0x10;
        return COPIED;
    }
    if (strcmp(fault, "copy_of_free") == 0) {
        last_word(COPIED, 2)[-4] ^= 0x10;
        return COPIED;
    }
    if (strcmp(fault, "list") == 0) {
        last_word(WAITING, 0)[-8] ^= 0x01;
        return WAITING;
    }
    if (strcmp(fault, "list_ends") == 0) {
        wait_set(&waiting, WAIT_NEWEST, wait_get(&waiting, WAIT_OLDEST));
        return WAITING;
    }
    if (strcmp(fault, "list_granules") == 0) {
        wait_set(&waiting, WAIT_GRANULES, wait_get(&waiting, WAIT_GRANULES) + 1u);
        return WAITING;
    }
    if (strcmp(fault, "list_limit") == 0) {
        wait_set(&waiting, WAIT_LIMIT, wait_limit_most(waiting.layout) + 1u);
        return WAITING;
    }
    if (strcmp(fault, "list_oldest") == 0) {
        wait_set(&waiting, WAIT_OLDEST, wait_get(&waiting, WAIT_NEWEST));
        return WAITING;
    }
    must(strcmp(fault, "place") == 0);
    cursor_words(&stepped)[0] ^= 0x01;
    return STEPPED;
}

__attribute__((noinline)) static void stop_here(void)
{
    __asm__ volatile("" ::: "memory");
}

int main(int count, char **arguments)
{
    make_all();
    for (uint32_t i = 0; i < POOLS; i++) {
        must(tarn_check(pools[i], NULL) == TARN_OK);
    }
    if (count > 1) {
        tarn_finding finding;
        uint32_t pool = plant(arguments[1]);
        must(tarn_check(pools[pool], &finding) == TARN_E_DAMAGED);
        printf("told I%u expected 0x%08x, found 0x%08x\n", (unsigned)finding.rule, (unsigned)finding.expected,
               (unsigned)finding.found);
        (void)fflush(stdout);
    }
    stop_here();
    return 0;
}
