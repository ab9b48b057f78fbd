/* SPDX-License-Identifier: MIT */
/**
 * @file system_pool.h
 * @brief The system pool of a board: one pool in the memory that the linker script leaves over, and malloc on it.
 *
 * Where it lies is said by two symbols of the linker script, the addresses of its first byte and of the byte behind its
 * last. They are named when system_pool.c is compiled:
 *
 *   picolibc   __heap_start and __heap_end, the default
 *   newlib     -DTARN_SYSTEM_POOL_START=end -DTARN_SYSTEM_POOL_END=__HeapLimit, or what the vendor's script calls them
 *
 * How it is made is said by #tarn_system_pool_options. For the port `bare`: making it masks interrupts itself.
 */
#ifndef TARN_PORTS_BARE_SYSTEM_POOL_H
#define TARN_PORTS_BARE_SYSTEM_POOL_H

#include "tarn/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The options of the system pool: the library's has the default engine and the granule that max_align_t asks for. A
 * program that defines its own (strong, const) replaces it. A build for plain pools alone has no granule but 8: where
 * max_align_t asks for 16 (RISC-V, AArch64) its program defines them.
 */
extern const tarn_options tarn_system_pool_options;

/**
 * Returns the system pool, made by whoever asks first: no constructor is needed, only that .bss has been cleared.
 *
 * Fails: NULL if the linker script left too little, or tarn_init() refuses the options; each call tries again.
 * Bound: a comparison; when it is made, that of tarn_init(), with interrupts masked; sinks are told of it
 * (TARN_EVENT_INIT) under that mask. Interrupts: yes. Lock: the port's, when it is made. Source: tarn.
 */
tarn_pool *tarn_system_pool(void);

/**
 * Told of a pointer that free() or realloc() refused, with the reason; the pool is unharmed. The library's writes one
 * line to the board; a program that defines its own replaces it, and may stop there.
 *
 * Returns: nothing. Fails: never. Bound: the board's. Interrupts: as the refused call. Lock: none. Source: tarn.
 */
void tarn_malloc_refused(const void *block, tarn_status status);

#ifdef __cplusplus
}
#endif

#endif
