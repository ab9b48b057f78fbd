/* SPDX-License-Identifier: MIT */
/*
 * The end of a program that misused its heap: a report on stderr, then abort(), as glibc does. Written with nothing but
 * write(), from a stack buffer.
 *
 * Bound: blocks of the pool.
 */
#include <stdlib.h>
#include <unistd.h>

#include "face.h"
#include "image.h"
#include "tarn/inspect.h"

static void add_program(tarn_malloc_text *text)
{
    tarn_malloc_text_add(text, " [");
    tarn_malloc_text_add(text, tarn_malloc_program());
    tarn_malloc_text_add(text, ", pid ");
    tarn_malloc_text_add_number(text, (uint64_t)getpid());
    tarn_malloc_text_add(text, "]\n");
}

/* Where in the pool the pointer leads, if anywhere. */
static void add_place(tarn_malloc_text *text, const tarn_malloc_heap *heap, const void *pointer)
{
    tarn_block block;
    if (tarn_block_at(heap->pool, pointer, &block) != TARN_OK) {
        return;
    }
    uintptr_t payload = (uintptr_t)image_base(heap->pool) + (uintptr_t)block.offset;
    uintptr_t address = (uintptr_t)pointer;
    tarn_malloc_text_add(text, "tarn: the address lies ");
    tarn_malloc_text_add_number(text, address >= payload ? address - payload : payload - address);
    tarn_malloc_text_add(text, address >= payload ? " bytes into" : " bytes before");
    tarn_malloc_text_add(text, block.state == TARN_BLOCK_FREE ? " the free block of " : " the used block of ");
    tarn_malloc_text_add_number(text, block.usable);
    tarn_malloc_text_add(text, " bytes at ");
    tarn_malloc_text_add_address(text, payload);
    tarn_malloc_text_add(text, "\n");
}

void tarn_malloc_bad_pointer(const char *function, const void *block, tarn_status status)
{
    tarn_malloc_text text = {.length = 0};
    tarn_malloc_text_add(&text, "tarn: ");
    tarn_malloc_text_add(&text, function);
    tarn_malloc_text_add(&text, "(): bad pointer ");
    tarn_malloc_text_add_address(&text, (uintptr_t)block);
    tarn_malloc_text_add(&text, ": ");
    tarn_malloc_text_add(&text, tarn_status_text(status));
    add_program(&text);
    add_place(&text, tarn_malloc_enter(), block);
    tarn_malloc_leave();
    tarn_malloc_text_write(&text, STDERR_FILENO);
    abort();
}

void tarn_malloc_damaged_pool(const char *function, const tarn_pool *pool, const tarn_finding *finding)
{
    tarn_malloc_text text = {.length = 0};
    tarn_malloc_text_add(&text, "tarn: ");
    tarn_malloc_text_add(&text, function);
    tarn_malloc_text_add(&text, "(): the heap is damaged: rule I");
    tarn_malloc_text_add_number(&text, finding->rule);
    tarn_malloc_text_add(&text, " is broken at ");
    tarn_malloc_text_add_address(&text, (uintptr_t)image_base(pool) + (uintptr_t)finding->offset);
    add_program(&text);
    tarn_malloc_text_write(&text, STDERR_FILENO);
    abort();
}
