/* SPDX-License-Identifier: MIT */
/*
 * What Mynewt's own code and tests do with pools, written anew from the interface's description: nothing here knows
 * that the pools are tarn's. run_mynewt_options.sh builds this file for each alignment and combination of settings.
 */
#include "os/mynewt.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#ifndef PEER_NAME
#define PEER_NAME mynewt_peer
#endif
#ifdef __cplusplus
extern "C" int PEER_NAME(void);
#else
int PEER_NAME(void);
#endif

#define CHECK_THAT(condition) ((condition) ? (void)0 : failed(__LINE__, #condition))

static void failed(int line, const char *what)
{
    printf("line %d: %s\n", line, what);
    (void)fflush(stdout);
    __builtin_trap();
}

enum { BLOCKS = 10, BLOCK_BYTES = 80, ODD_BYTES = 81, TINY = 1 };

static os_membuf_t buffer[OS_MEMPOOL_SIZE(BLOCKS, BLOCK_BYTES)];
static os_membuf_t odd_buffer[OS_MEMPOOL_SIZE(BLOCKS, ODD_BYTES)];
static struct {
    char before;
    os_membuf_t of_blocks[OS_MEMPOOL_SIZE(BLOCKS, TINY)];
    unsigned char behind[64];
} tiny;
static struct os_mempool pool, odd_pool, tiny_pool;
static struct os_mempool_ext ext_pool;
static void *blocks[BLOCKS + 1];

static size_t stride_of(size_t size)
{
    size_t least = size < sizeof(void *) ? sizeof(void *) : size;
    return OS_ALIGN(OS_MEMPOOL_BLOCK_SZ(least), (size_t)OS_ALIGNMENT);
}

/* The list in the buffer, read as bytes. */
static void chain_is_in_order(const struct os_mempool *mp, const void *memory, size_t stride)
{
    const unsigned char *at = (const unsigned char *)memory;
    int count = 1;
    CHECK_THAT((const void *)SLIST_FIRST(mp) == memory);
    for (;;) {
        const unsigned char *next;
        memcpy(&next, at, sizeof next);
        if (next == NULL) {
            break;
        }
        CHECK_THAT((size_t)(next - at) == stride);
        at = next;
        count++;
    }
    CHECK_THAT(count == mp->mp_num_blocks);
    struct os_memblock *block;
    SLIST_FOREACH(block, mp, mb_next)
    {
        count--;
    }
    CHECK_THAT(count == 0);
}

static void exhaust(struct os_mempool *mp)
{
    int count = 0;
    while (count <= BLOCKS && (blocks[count] = os_memblock_get(mp)) != NULL) {
        CHECK_THAT((uintptr_t)blocks[count] % OS_ALIGNMENT == 0);
        memset(blocks[count], count, mp->mp_block_size);
        count++;
    }
    CHECK_THAT(count == mp->mp_num_blocks);
    CHECK_THAT(mp->mp_num_free == 0 && mp->mp_min_free == 0);
}

static void one_pool(struct os_mempool *mp, void *memory, uint32_t size)
{
    (void)os_mempool_unregister(mp);
    CHECK_THAT(os_mempool_init(mp, BLOCKS, size, memory, (char *)(uintptr_t) "TestMemPool") == OS_OK);
    for (int round = 0; round < 2; round++) {
        CHECK_THAT(mp->mp_num_free == BLOCKS && mp->mp_block_size == size);
        chain_is_in_order(mp, memory, stride_of(size));
        void *block = os_memblock_get(mp);
        CHECK_THAT(block == memory && mp->mp_num_free == BLOCKS - 1);
        CHECK_THAT(os_memblock_put(mp, block) == OS_OK && mp->mp_num_free == BLOCKS);
        exhaust(mp);
        if (round == 0) {
            CHECK_THAT(os_mempool_clear(mp) == OS_OK);
        }
    }
    for (int i = 0; i < BLOCKS; i++) {
        for (uint32_t at = 0; at < size; at++) {
            CHECK_THAT(((unsigned char *)blocks[i])[at] == i);
        }
        CHECK_THAT(os_memblock_from(mp, blocks[i]) == 1);
        CHECK_THAT(os_memblock_put(mp, blocks[i]) == OS_OK);
    }
    CHECK_THAT(mp->mp_num_free == BLOCKS && os_mempool_is_sane(mp));
    CHECK_THAT(os_memblock_put(NULL, blocks[0]) != OS_OK);
    CHECK_THAT(os_memblock_put(mp, NULL) != OS_OK);
    CHECK_THAT(os_memblock_get(NULL) == NULL);
    CHECK_THAT(os_memblock_from(mp, (char *)blocks[0] + 1) == 0);
}

static int calls, free_seen;

static os_error_t callback(struct os_mempool_ext *ome, void *data, void *arg)
{
    calls++;
    free_seen = ome->mpe_mp.mp_num_free;
    if (arg != NULL && calls < *(int *)arg) {
        void *block = os_memblock_get(&ome->mpe_mp);
        CHECK_THAT(os_memblock_put(&ome->mpe_mp, block) == OS_OK);
    }
    return os_memblock_put_from_cb(&ome->mpe_mp, data);
}

static void extended_pool(void)
{
    int nested = 2;
    struct os_mempool *mp = &ext_pool.mpe_mp;
    CHECK_THAT(os_mempool_ext_init(&ext_pool, BLOCKS, BLOCK_BYTES, buffer, "ext") == OS_OK);
    CHECK_THAT(mp->mp_flags == OS_MEMPOOL_F_EXT && ((struct os_mempool_ext *)mp)->mpe_put_cb == NULL);
    CHECK_THAT(os_memblock_put(mp, os_memblock_get(mp)) == OS_OK && calls == 0);
    ext_pool.mpe_put_cb = callback;
    CHECK_THAT(os_memblock_put(mp, os_memblock_get(mp)) == OS_OK && calls == 1 && free_seen == BLOCKS - 1);
    calls = 0;
    ext_pool.mpe_put_arg = &nested;
    CHECK_THAT(os_memblock_put(mp, os_memblock_get(mp)) == OS_OK && calls == 2 && mp->mp_num_free == BLOCKS);
    calls = 0;
    CHECK_THAT(os_memblock_put_from_cb(mp, os_memblock_get(mp)) == OS_OK && calls == 0);
    ext_pool.mpe_put_cb = NULL;
    CHECK_THAT(os_memblock_put(mp, os_memblock_get(mp)) == OS_OK && calls == 0);
    chain_is_in_order(mp, buffer, stride_of(BLOCK_BYTES));
    CHECK_THAT(os_mempool_unregister(mp) == OS_OK);
}

static void listing(void)
{
    struct os_mempool_info info;
    struct os_mempool *mp = NULL;
    int mine = 0;
    while ((mp = os_mempool_info_get_next(mp, &info)) != NULL) {
        CHECK_THAT(info.omi_num_blocks == mp->mp_num_blocks && strlen(info.omi_name) < OS_MEMPOOL_INFO_NAME_LEN);
        mine += mp == &pool || mp == &odd_pool || mp == &tiny_pool;
    }
    CHECK_THAT(mine == 3);
    CHECK_THAT(os_mempool_get("TestMemPool", &info) != NULL && info.omi_num_free == BLOCKS);
    CHECK_THAT(os_mempool_get("TestMemPool2", NULL) == NULL);
    CHECK_THAT(os_mempool_unregister(&pool) == OS_OK && os_mempool_unregister(&pool) == OS_INVALID_PARM);
    CHECK_THAT(os_mempool_unregister(&odd_pool) == OS_OK && os_mempool_unregister(&tiny_pool) == OS_OK);
}

static void refused_inits(void)
{
    void *off = (char *)buffer + 2;
    CHECK_THAT(os_mempool_init(NULL, 1, 8, buffer, "n") == OS_INVALID_PARM);
    CHECK_THAT(os_mempool_init(&pool, 1, 0, buffer, "n") == OS_INVALID_PARM);
    CHECK_THAT(os_mempool_init(&pool, 1, 8, NULL, "n") == OS_INVALID_PARM);
    CHECK_THAT(os_mempool_init(&pool, 1, 8, off, "n") == OS_MEM_NOT_ALIGNED);
    CHECK_THAT(os_mempool_init(&pool, 0, 8, NULL, "n") == OS_OK && os_memblock_get(&pool) == NULL);
    CHECK_THAT(os_mempool_unregister(&pool) == OS_OK);
    CHECK_THAT(os_error_to_sys(OS_OK) == 0);
}

static void critical_section(void)
{
    os_sr_t sr;
    OS_ENTER_CRITICAL(sr);
    OS_ASSERT_CRITICAL();
    CHECK_THAT(os_memblock_put(&pool, os_memblock_get(&pool)) == OS_OK);
    OS_EXIT_CRITICAL(sr);
}

int PEER_NAME(void)
{
    memset(&tiny, 0x3C, sizeof tiny);
    CHECK_THAT((uintptr_t)tiny.of_blocks % OS_ALIGNMENT == 0);
    one_pool(&pool, buffer, BLOCK_BYTES);
    critical_section();
    one_pool(&odd_pool, odd_buffer, ODD_BYTES);
    one_pool(&tiny_pool, tiny.of_blocks, TINY);
    for (size_t i = 0; i < sizeof tiny.behind; i++) {
        CHECK_THAT(tiny.behind[i] == 0x3C);
    }
    listing();
    extended_pool();
    refused_inits();
    return 0;
}
