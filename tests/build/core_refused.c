/* SPDX-License-Identifier: MIT */
/*
 * What a build for plain pools alone has not is refused by name, and nothing is written; what it has works.
 *   core_refused IMAGE [write]      with write: makes the image of a pool that such a build cannot have
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tarn/blocks.h"
#include "tarn/events.h"
#include "tarn/gate.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"

static _Alignas(16) unsigned char memory[8192];
static unsigned char other[(1 << 20) + 16];

static void refused(tarn_options options)
{
    tarn_pool *pool = (tarn_pool *)memory;
    memset(memory, 0x5A, sizeof memory);
    assert(tarn_init(&pool, memory, sizeof memory, &options) == TARN_E_UNAVAILABLE && pool == NULL);
    assert(tarn_overhead(sizeof memory, &options) == 0);
    for (size_t i = 0; i < sizeof memory; i++) {
        assert(memory[i] == 0x5A);
    }
}

static void refused_blocks(tarn_blocks_options options)
{
    tarn_blocks *pool;
    assert(tarn_blocks_init(&pool, memory, sizeof memory, 32, &options) == TARN_E_UNAVAILABLE && pool == NULL);
    assert(tarn_blocks_bytes(10, 32, &options) == 0);
}

static void listen(const tarn_event *event, void *context)
{
    (void)event, (void)context;
}

static tarn_status before(const tarn_demand *demand, void *context)
{
    (void)demand, (void)context;
    return TARN_OK;
}

static void try_pools(void)
{
    tarn_pool *pool;
    uint32_t engines = 0;
    refused((tarn_options){.granule = 4});
    refused((tarn_options){.granule = 16});
    refused((tarn_options){.extension_words = 1});
    refused((tarn_options){.extension_words = 1, .modules = 1});
    refused((tarn_options){.recognition = TARN_RECOGNISE_EXACT});
    for (uint32_t flag = TARN_POOL_GUARD; flag <= TARN_POOL_CURSOR; flag <<= 1) {
        refused((tarn_options){.flags = flag});
    }
    for (uint32_t policy = TARN_POLICY_CONTINUE; policy <= TARN_POLICY_REPAIR; policy++) {
        refused((tarn_options){.policy = policy});
    }
    refused((tarn_options){.quarantine = 256});
    refused((tarn_options){.slab = 32});
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        tarn_options options = {.engine = engine};
        engines += tarn_init(&pool, memory, sizeof memory, &options) == TARN_OK ? 1u : 0;
    }
    assert(engines == 1);
    unsigned char *aligned = other + (16u - (uintptr_t)other % 16u) % 16u;
    assert(tarn_init(&pool, aligned + 4, 4096, NULL) == TARN_E_MISALIGNED && pool == NULL);
    assert(tarn_init(&pool, aligned, 1 << 20, NULL) == TARN_E_TOO_LARGE && pool == NULL);
    assert(tarn_init(&pool, aligned, 32, NULL) == TARN_E_TOO_SMALL && pool == NULL);
    assert(tarn_init(&pool, aligned, 48, NULL) == TARN_E_TOO_SMALL && pool == NULL);
    assert(tarn_init(&pool, NULL, 4096, NULL) == TARN_E_NULL && tarn_init(NULL, memory, 4096, NULL) == TARN_E_NULL);
    assert(tarn_init(&pool, aligned, SIZE_MAX - 64, NULL) == TARN_E_ARGUMENT);
    assert(tarn_init_interface(&pool, memory, 4096, NULL, TARN_INTERFACE + 1) == TARN_E_INTERFACE && pool == NULL);
}

/* The rest of the interface on a pool of such a build. */
static void use_pool(void)
{
    tarn_pool *pool;
    tarn_registration entry;
    assert(tarn_init(&pool, memory, 3000, NULL) == TARN_OK);
    assert(!tarn_registered(TARN_FACE_NATIVE, 0, &entry));
    unsigned char *block = tarn_alloc(pool, 100);
    assert(block != NULL && tarn_free(pool, block + 8) == TARN_E_NOT_A_BLOCK && tarn_usable(pool, block) == 100);
    assert(tarn_free((tarn_pool *)(memory + 8), block) == TARN_E_NOT_A_POOL && tarn_free(pool, NULL) == TARN_E_NULL);
    assert(tarn_free(pool, other) == TARN_E_FOREIGN && tarn_free(pool, block + 1) == TARN_E_MISALIGNED);
    assert(tarn_grow(pool, 3100) == TARN_OK && tarn_check(pool, NULL) == TARN_OK);
    memcpy(other, memory, sizeof memory);
    assert(tarn_adopt(&pool, memory, sizeof memory) == TARN_OK && tarn_free(pool, block) == TARN_OK);
    assert(tarn_free(pool, block) == TARN_E_DOUBLE_FREE && tarn_reset(pool) == TARN_OK);
    block = tarn_alloc(pool, 200);
    memset(memory + 4, 1, 4);
    assert(tarn_free(pool, block) == TARN_E_DAMAGED && tarn_alloc(pool, 8) == NULL);
    memcpy(memory, other, sizeof memory);
    assert(tarn_deinit(pool) == TARN_OK && tarn_alloc(pool, 8) == NULL && tarn_free(pool, block) == TARN_E_NOT_A_POOL);
}

/* A head that names no block is not followed, by a call for several neither. */
static void try_heads(void)
{
    tarn_blocks *pool;
    void *blocks[2];
    uint32_t head;
    assert(tarn_blocks_init(&pool, memory, sizeof memory, 24, NULL) == TARN_OK);
    void *block = tarn_blocks_get(pool);
    assert(tarn_blocks_put(pool, block) == TARN_OK);
    memcpy(&head, memory + 8, sizeof head);
    for (uint32_t at = 1; at < 128; at++) {
        memcpy(memory + 8, &at, sizeof at);
        bool named = memory + at == (unsigned char *)block;
        assert(named || tarn_blocks_get(pool) == NULL);
        assert(named || tarn_blocks_get_many(pool, blocks, 2) == TARN_E_DAMAGED);
    }
    memcpy(memory + 8, &head, sizeof head);
    assert(tarn_blocks_get_many(pool, blocks, 2) == TARN_OK && blocks[0] == block);
}

static void try_blocks(void)
{
    tarn_blocks *pool;
    refused_blocks((tarn_blocks_options){.flags = TARN_BLOCKS_MAP});
    refused_blocks((tarn_blocks_options){.flags = TARN_BLOCKS_GUARD});
    refused_blocks((tarn_blocks_options){.flags = TARN_BLOCKS_POISON});
    refused_blocks((tarn_blocks_options){.slots = 2});
    assert(tarn_blocks_init(&pool, memory, sizeof memory, 24, NULL) == TARN_OK);
    unsigned char *first = tarn_blocks_get(pool);
    unsigned char *second = tarn_blocks_get(pool);
    assert(first != NULL && second != NULL && first != second);
    assert(tarn_blocks_put(pool, first + 4) == TARN_E_NOT_A_BLOCK && tarn_blocks_put(pool, first) == TARN_OK);
    assert(tarn_blocks_put(pool, other) == TARN_E_FOREIGN && tarn_blocks_put(pool, NULL) == TARN_E_NULL);
    assert(tarn_blocks_get(pool) == first && tarn_blocks_check(pool, NULL) == TARN_OK);
    uint32_t got = 2;
    while (tarn_blocks_get(pool) != NULL) {
        got++;
    }
    tarn_stats stats;
    assert(tarn_blocks_stats(pool, &stats) == TARN_OK && stats.blocks == got && stats.refusals == 4);
    memset(memory + 36, 1, 4);
    assert(tarn_blocks_put(pool, second) == TARN_E_DAMAGED && tarn_blocks_get(pool) == NULL);
}

int main(int count, char **arguments)
{
    tarn_pool *pool;
    FILE *file = fopen(arguments[1], count > 2 ? "wb" : "rb");
    assert(file != NULL);
    if (count > 2) {
        tarn_options owners = {.extension_words = 1};
        assert(tarn_init(&pool, memory, sizeof memory, &owners) == TARN_OK && tarn_alloc(pool, 10) != NULL);
        return fwrite(memory, sizeof memory, 1, file) == 1 && fclose(file) == 0 ? 0 : 1;
    }
    tarn_view view;
    tarn_gate gate = {before, NULL, NULL};
    assert(fread(memory, sizeof memory, 1, file) == 1 && fclose(file) == 0);
    assert(tarn_view_open(&view, memory, sizeof memory) == TARN_E_UNAVAILABLE);
    assert(tarn_adopt(&pool, memory, sizeof memory) == TARN_E_UNAVAILABLE);
    assert(tarn_alloc((tarn_pool *)memory, 8) == NULL && tarn_free((tarn_pool *)memory, memory) == TARN_E_DAMAGED);
    assert(tarn_events_add(listen, NULL) == TARN_E_UNAVAILABLE && tarn_gate_add(&gate) == TARN_E_UNAVAILABLE);
    try_pools();
    use_pool();
    try_blocks();
    try_heads();
    return 0;
}
