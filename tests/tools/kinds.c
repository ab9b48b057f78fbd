/* SPDX-License-Identifier: MIT */
/*
 * A program with pools of every kind to look at, for run_gdb_kinds.sh: guards and a block set aside, copies, blocks that
 * wait, a check in steps, one that is closed, parked blocks.
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
#include "park.h"
#include "quarantine.h"

#include "tarn/inspect.h"
#include "tarn/pool.h"

enum { ROOM = 4096, SIZE = 43, WORDS = TARN_WORDS_SEQUENCE, BLOCKS = 6 };

enum { GUARDED, COPIED, WAITING, STEPPED, CLOSED, PARKED, POOLS };

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

static void fill(uint32_t i, const tarn_options *options)
{
    must(tarn_init(&pools[i], memory[i], ROOM, options) == TARN_OK);
    for (uint32_t block = 0; block < BLOCKS; block++) {
        blocks[i][block] = tarn_alloc(pools[i], SIZE + block);
        must(blocks[i][block] != NULL);
    }
}

static void make(uint32_t i, uint32_t flags, uint32_t policy, uint32_t quarantine)
{
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.flags = flags;
    options.policy = policy;
    options.quarantine = quarantine;
    options.extension_words = WORDS;
    fill(i, &options);
    for (uint32_t block = 0; block < BLOCKS; block++) {
        must(tarn_owner_set(pools[i], blocks[i][block], TARN_OWNER(3, block)) == TARN_OK);
    }
}

/* Two blocks of one size and one of another are parked, the last in front of the wilderness. */
static void park(void)
{
    must(give_back(PARKED, 1) == TARN_OK && give_back(PARKED, 3) == TARN_OK && give_back(PARKED, 5) == TARN_OK);
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
    while (cursor_get(&im).next != (uint32_t)(blocks[STEPPED][3] - memory[STEPPED]) >> image_shift(&im)) {
        must(tarn_check_some(pools[STEPPED], 1, &finding) == TARN_OK);
    }
    make(CLOSED, TARN_POOL_GUARD, TARN_POLICY_CLOSE, 0);
    blocks[CLOSED][0][SIZE] = 0;
    must(give_back(CLOSED, 0) == TARN_E_DAMAGED);
    blocks[CLOSED][0][SIZE] = TAIL_GUARD;
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.park = 256;
    fill(PARKED, &options);
}

/* The last word of a block. */
static unsigned char *last_word(uint32_t pool, uint32_t block)
{
    tarn_block record;
    must(tarn_block_at(pools[pool], blocks[pool][block], &record) == TARN_OK);
    return blocks[pool][block] + record.size - 4u * WORDS - 8u;
}

/* In the block parked last, the first of its list. */
static void plant_parked(const char *fault)
{
    unsigned char *last = blocks[PARKED][3];
    image im = image_open((unsigned char *)pools[PARKED]);
    if (strcmp(fault, "_link") == 0) {
        last[0] ^= 0x01;
    } else if (strcmp(fault, "_out") == 0) {
        memset(last, 0xFF, 4);
    } else if (strcmp(fault, "_rest") == 0) {
        last[4] ^= 0x01;
    } else if (strcmp(fault, "_head") == 0) {
        word_store(park_head(&im, (SIZE + 12u) >> 3), park_none(&im));
    } else {
        must(strcmp(fault, "_words") == 0);
        im.base[4 * IMAGE_PARK_TOGGLE] ^= 0x10;
    }
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
    if (strcmp(fault, "list_limit_possible") == 0) {
        wait_set(&waiting, WAIT_LIMIT, wait_get(&waiting, WAIT_LIMIT) + 1u);
        return WAITING;
    }
    if (strcmp(fault, "list_seal") == 0) {
        wait_set(&waiting, WAIT_SEAL, wait_get(&waiting, WAIT_SEAL) ^ 0x01u);
        return WAITING;
    }
    if (strcmp(fault, "list_oldest") == 0) {
        wait_set(&waiting, WAIT_OLDEST, wait_get(&waiting, WAIT_NEWEST));
        return WAITING;
    }
    if (strncmp(fault, "parked", 6) == 0) {
        plant_parked(fault + 6);
        return PARKED;
    }
    must(strcmp(fault, "place") == 0);
    cursor_words(&stepped)[0] ^= 0x01;
    return STEPPED;
}

/* As tarn_check(), but parked blocks stay so. */
static tarn_status look(uint32_t pool, tarn_finding *finding)
{
    tarn_view view;
    must(tarn_view_open(&view, memory[pool], ROOM) == TARN_OK);
    return tarn_view_check(&view, finding);
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
    park(); /* after the check, which has them given back */
    if (count > 1) {
        tarn_finding finding;
        uint32_t pool = plant(arguments[1]);
        must(look(pool, &finding) == TARN_E_DAMAGED);
        printf("told I%u expected 0x%08x, found 0x%08x\n", (unsigned)finding.rule, (unsigned)finding.expected,
               (unsigned)finding.found);
        (void)fflush(stdout);
    }
    stop_here();
    return 0;
}
