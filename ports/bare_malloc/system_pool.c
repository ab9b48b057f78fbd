/* SPDX-License-Identifier: MIT */
/*
 * The system pool in the memory between two symbols of the linker script; system_pool.h says how they are named.
 *
 * Bound: constant. The pool is made with interrupts masked, so that a handler that allocates first finds all of it or
 * none.
 */
#include "system_pool.h"

#include "board.h"

#ifndef TARN_SYSTEM_POOL_START
#define TARN_SYSTEM_POOL_START __heap_start
#endif
#ifndef TARN_SYSTEM_POOL_END
#define TARN_SYSTEM_POOL_END __heap_end
#endif

/* Symbols of the linker script: what they are is their address. */
extern unsigned char TARN_SYSTEM_POOL_START[];
extern unsigned char TARN_SYSTEM_POOL_END[];

__attribute__((weak)) const tarn_options tarn_system_pool_options = {
    .granule = _Alignof(max_align_t) > 8 ? 16 : 8,
    .name = "system",
};

static tarn_pool *volatile made;

/* The pool's first byte is a multiple of 16, whatever the script says: granule 16 asks for that. */
static void make(void)
{
    uintptr_t first = ((uintptr_t)TARN_SYSTEM_POOL_START + 15u) & ~(uintptr_t)15;
    uintptr_t behind = (uintptr_t)TARN_SYSTEM_POOL_END;
    tarn_pool *pool = NULL;
    if (behind > first) {
        (void)tarn_init(&pool, (void *)first, (size_t)(behind - first), &tarn_system_pool_options);
    }
    made = pool;
}

tarn_pool *tarn_system_pool(void)
{
    if (made == NULL) {
        uintptr_t state = tarn_board_mask();
        if (made == NULL) {
            make();
        }
        tarn_board_unmask(state);
    }
    return made;
}
