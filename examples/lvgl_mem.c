/* SPDX-License-Identifier: MIT */
/*
 * The memory of LVGL 9 on tlsf.h: what `#define LV_USE_STDLIB_MALLOC LV_STDLIB_CUSTOM` in lv_conf.h asks a program for.
 *
 * With LVGL, add this file to the program and define WITH_LVGL. Without, it declares what it needs of LVGL and tries
 * itself:
 *
 *   cc lvgl_mem.c $(pkg-config --cflags --libs tarn-phytium) && ./a.out
 */
#include "tarn/regions.h"
#include "tlsf.h"

#include <string.h>

#ifdef WITH_LVGL
#include "lvgl.h"
#else
#include <stdint.h>
#define LV_MEM_SIZE (64 * 1024U)
typedef enum { LV_RESULT_INVALID = 0, LV_RESULT_OK } lv_result_t;
typedef void *lv_mem_pool_t;
typedef struct {
    size_t total_size, free_cnt, free_size, free_biggest_size, used_cnt, max_used;
    uint8_t used_pct, frag_pct;
} lv_mem_monitor_t;
void lv_mem_init(void);
void lv_mem_deinit(void);
lv_mem_pool_t lv_mem_add_pool(void *mem, size_t bytes);
void lv_mem_remove_pool(lv_mem_pool_t pool);
void *lv_malloc_core(size_t size);
void *lv_realloc_core(void *p, size_t new_size);
void lv_free_core(void *p);
void lv_mem_monitor_core(lv_mem_monitor_t *mon_p);
lv_result_t lv_mem_test_core(void);
#endif

/* ---- what LVGL calls ---- */

static tlsf_t heap;

void lv_mem_init(void)
{
    static size_t memory[LV_MEM_SIZE / sizeof(size_t)];
    heap = tlsf_create_with_pool(memory, sizeof memory);
}

void lv_mem_deinit(void)
{
    tlsf_destroy(heap);
    lv_mem_init();
}

lv_mem_pool_t lv_mem_add_pool(void *mem, size_t bytes)
{
    return tlsf_add_pool(heap, mem, bytes);
}

void lv_mem_remove_pool(lv_mem_pool_t pool)
{
    tlsf_remove_pool(heap, pool);
}

void *lv_malloc_core(size_t size)
{
    return tlsf_malloc(heap, size);
}

void *lv_realloc_core(void *p, size_t new_size)
{
    return tlsf_realloc(heap, p, new_size);
}

void lv_free_core(void *p)
{
    tlsf_free(heap, p);
}

/* A tlsf_t is a tarn_heap: what a walk would count, over all regions, and the true peak. */
void lv_mem_monitor_core(lv_mem_monitor_t *mon_p)
{
    tarn_stats stats;
    memset(mon_p, 0, sizeof *mon_p);
    if (tarn_heap_stats((tarn_heap *)heap, NULL, &stats) != TARN_OK || stats.capacity == 0) {
        return;
    }
    mon_p->total_size = (size_t)stats.capacity;
    mon_p->free_cnt = stats.free_blocks;
    mon_p->free_size = (size_t)stats.free;
    mon_p->free_biggest_size = (size_t)stats.largest_free;
    mon_p->used_cnt = stats.blocks;
    mon_p->max_used = (size_t)stats.peak;
    mon_p->used_pct = (uint8_t)(stats.used * 100U / stats.capacity);
    mon_p->frag_pct = (uint8_t)(stats.free == 0 ? 0 : 100U - stats.largest_free * 100U / stats.free);
}

lv_result_t lv_mem_test_core(void)
{
    return tlsf_check(heap) == 0 ? LV_RESULT_OK : LV_RESULT_INVALID;
}

/* ---- without LVGL: the same, tried ---- */

#ifndef WITH_LVGL
#include <stdio.h>

static lv_mem_monitor_t show(const char *when)
{
    lv_mem_monitor_t m;
    lv_mem_monitor_core(&m);
    printf(
        "%-14s %3zu used, %6zu of %6zu bytes free in %zu, largest %6zu; %u %% used, %u %% fragmented, peak %zu; %s\n",
        when, m.used_cnt, m.free_size, m.total_size, m.free_cnt, m.free_biggest_size, m.used_pct, m.frag_pct,
        m.max_used, lv_mem_test_core() == LV_RESULT_OK ? "sound" : "damaged");
    return m;
}

int main(void)
{
    enum { OBJECTS = 200 };
    static size_t more[4096];
    void *objects[OBJECTS];
    lv_mem_init();
    size_t total = show("init").total_size;
    lv_mem_pool_t pool = lv_mem_add_pool(more, sizeof more);
    for (unsigned i = 0; i < OBJECTS; i++) {
        objects[i] = lv_malloc_core(40 + 3 * i);
        if (objects[i] == NULL) {
            return 1;
        }
        memset(objects[i], 1, 40 + 3 * i);
    }
    for (unsigned i = 0; i < OBJECTS; i += 2) {
        objects[i] = lv_realloc_core(objects[i], 24);
    }
    lv_mem_monitor_t m = show("in use");
    for (unsigned i = 0; i < OBJECTS; i++) {
        lv_free_core(objects[i]);
    }
    lv_mem_remove_pool(pool);
    int sound = show("all free").free_size == total && m.used_cnt == OBJECTS && lv_mem_test_core() == LV_RESULT_OK;
    lv_mem_deinit();
    return sound && show("deinit").used_cnt == 0 ? 0 : 1;
}
#endif
