/* SPDX-License-Identifier: MIT */
/*
 * tlsf.h as a graphics library uses an allocator (LVGL itself: lvgl_mem.c): a heap over a static buffer, a second
 * region added when the first is full and removed when it is idle, objects that grow by realloc, a monitor that walks,
 * a check that must find nothing.
 *
 *   cc tlsf_lvgl.c $(pkg-config --cflags --libs tarn-phytium) && ./a.out
 */
#include "tlsf.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_BYTES = 16 * 1024, SECOND_BYTES = 32 * 1024, OBJECTS = 24 };

static size_t first_memory[FIRST_BYTES / sizeof(size_t)];
static size_t second_memory[SECOND_BYTES / sizeof(size_t)];
static tlsf_t heap;

typedef struct monitor {
    size_t used, free, largest;
    unsigned used_count, free_count;
} monitor;

static void note(void *ptr, size_t size, int used, void *user)
{
    monitor *m = user;
    (void)ptr;
    if (used) {
        m->used += size;
        m->used_count++;
    } else {
        m->free += size;
        m->free_count++;
        m->largest = size > m->largest ? size : m->largest;
    }
}

static void show(const char *when, pool_t second)
{
    monitor m;
    memset(&m, 0, sizeof m);
    tlsf_walk_pool(tlsf_get_pool(heap), note, &m);
    if (second) {
        tlsf_walk_pool(second, note, &m);
    }
    printf("%-22s %2u used, %5zu bytes; %u free, %5zu bytes, largest %5zu; check %d\n", when, m.used_count, m.used,
           m.free_count, m.free, m.largest, tlsf_check(heap));
}

/* A text that grows by a line at a time, as a label does. */
static char *grow_text(char *text, const char *line)
{
    size_t length = text ? strlen(text) : 0;
    char *longer = tlsf_realloc(heap, text, length + strlen(line) + 1);
    if (longer) {
        memcpy(longer + length, line, strlen(line) + 1);
    }
    return longer ? longer : text;
}

int main(void)
{
    void *objects[OBJECTS] = {NULL};
    char *text = NULL;
    pool_t second = NULL;
    heap = tlsf_create_with_pool(first_memory, sizeof first_memory);
    if (!heap) {
        return 1;
    }
    show("created", second);
    for (unsigned i = 0; i < OBJECTS; i++) {
        objects[i] = tlsf_malloc(heap, 300 + 40 * i);
        if (!objects[i] && !second) {
            second = tlsf_add_pool(heap, second_memory, sizeof second_memory);
            show("second region added", second);
            objects[i] = tlsf_malloc(heap, 300 + 40 * i);
        }
        if (!objects[i]) {
            return 1;
        }
        memset(objects[i], (int)i, tlsf_block_size(objects[i]));
    }
    for (unsigned i = 0; i < 20; i++) {
        text = grow_text(text, "a line of a label\n");
    }
    void *line_buffer = tlsf_memalign(heap, 64, 2048);
    show("in use", second);
    if (!second || !text || strlen(text) != 20 * 18 || !line_buffer || (size_t)line_buffer % 64 != 0 ||
        tlsf_check(heap) != 0) {
        return 1;
    }
    tlsf_remove_pool(heap, second); /* refused: blocks of it are in use */
    for (unsigned i = 0; i < OBJECTS; i++) {
        tlsf_free(heap, objects[i]);
    }
    tlsf_free(heap, text);
    tlsf_free(heap, line_buffer);
    tlsf_remove_pool(heap, second);
    show("second region removed", NULL);
    int sound = tlsf_check(heap) == 0 && tlsf_check_pool(tlsf_get_pool(heap)) == 0;
    tlsf_destroy(heap);
    return sound ? 0 : 1;
}
