/* SPDX-License-Identifier: MIT */
/*
 * A program with pools of every kind to look at, for run_gdb_kinds.sh: guards and a block set aside, copies, blocks that
 * wait, a check in steps, one that is closed, parked blocks, a slab.
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
#include "slab.h"

#include "tarn/inspect.h"
#include "tarn/pool.h"

enum { ROOM = 4096, SIZE = 43, WORDS = TARN_WORDS_SEQUENCE, BLOCKS = 6 };

enum { GUARDED, COPIED, WAITING, STEPPED, CLOSED, PARKED, SLABBED, POOLS };

/* Of the slab's one class: three pages, the first with room, the others full. */
enum { OBJECT = 32, OBJECTS = 30 };

static _Alignas(4096) unsigned char memory[POOLS][ROOM];
static tarn_pool *pools[POOLS];
static unsigned char *blocks[POOLS][BLOCKS];
static unsigned char *objects[OBJECTS];

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

__attribute__((noinline)) static void fill(uint32_t i, const tarn_options *options)
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

/* Objects beside blocks, some given back. */
__attribute__((noinline)) static void make_slab(void)
{
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.slab = OBJECT;
    options.extension_words = WORDS;
    fill(SLABBED, &options);
    for (uint32_t i = 0; i < OBJECTS; i++) {
        objects[i] = tarn_alloc(pools[SLABBED], OBJECT);
        must(objects[i] != NULL && tarn_owner_set(pools[SLABBED], objects[i], TARN_OWNER(4, 9)) == TARN_OK);
    }
    must(tarn_free(pools[SLABBED], objects[1]) == TARN_OK && tarn_free(pools[SLABBED], objects[12]) == TARN_OK);
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
    make_slab();
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

/* A word of the page that has the object, or of the row of its class. */
static void flip_page(unsigned object, uint32_t word)
{
    image im = image_open((unsigned char *)pools[SLABBED]);
    slab_object o;
    must(tarn_slab_find(&im, objects[object], &o) == TARN_OK);
    o.page.at[4u * word] ^= 0x01;
}

static unsigned char *table_word(uint32_t word)
{
    return (unsigned char *)pools[SLABBED] + 4u * (IMAGE_SLAB + word);
}

static uint32_t plant_slab(const char *fault)
{
    static const struct {
        const char *name;
        unsigned object;
        uint32_t word;
    } in_page[] = {{"_seal", 0, PAGE_SEAL},
                   {"_live", 29, PAGE_LIVE},
                   {"_next", 29, PAGE_NEXT},
                   {"_prev", 29, PAGE_PREV},
                   {"_live_seal", 0, PAGE_LIVE_SEAL}};
    const uint32_t row = slab_row(OBJECT / 8u - 1u, 0);
    for (unsigned i = 0; i < sizeof in_page / sizeof in_page[0]; i++) {
        if (strcmp(fault, in_page[i].name) == 0) {
            flip_page(in_page[i].object, in_page[i].word);
            return SLABBED;
        }
    }
    if (strcmp(fault, "_sum") == 0) {
        table_word(SLAB_LIMIT)[0] ^= 0x01;
    } else if (strcmp(fault, "_head") == 0) {
        memset(table_word(row + SLAB_HEAD), 0, 4);
    } else if (strcmp(fault, "_empty") == 0) {
        memcpy(table_word(row + SLAB_EMPTY), table_word(row + SLAB_HEAD), 4);
    } else if (strcmp(fault, "_pages") == 0) {
        table_word(row + SLAB_PAGES)[0] ^= 0x01;
    } else if (strcmp(fault, "_bit") == 0) {
        table_word(slab_bits(word_load(table_word(SLAB_SHAPE))))[0] ^= 0x01;
    } else {
        must(strcmp(fault, "_mark") == 0); /* behind the last block */
        table_word(slab_bits(word_load(table_word(SLAB_SHAPE))))[0] ^= 0x80;
    }
    return SLABBED;
}

static uint32_t plant(const char *fault)
{
    if (strncmp(fault, "slab", 4) == 0) {
        return plant_slab(fault + 4);
    }
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
