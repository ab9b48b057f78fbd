/* SPDX-License-Identifier: MIT */
/**
 * @file mynewt.h
 * @brief What the Mynewt face of tarn adds to os/os_mempool.h: the function behind the two inits, the reaction to
 * faults, and a listing.
 */
#ifndef TARN_MYNEWT_H
#define TARN_MYNEWT_H

#include <stdint.h>

#include "os/os_error.h"
#include "tarn/mynewt_settings.h"

#ifdef __cplusplus
extern "C" {
#endif

struct os_mempool;

/**
 * os_mempool_init() and os_mempool_ext_init(), told by @p options what the including file was compiled with
 * (#TARN_MYNEWT_OPTIONS, and #TARN_MYNEWT_EXT for an extended pool). Code that has no C preprocessor calls this.
 *
 * Returns: #OS_OK. Fails: as os_mempool_init(); #OS_INVALID_PARM and a fault for an option word that is none.
 * Units: bytes. Bound: blocks, registry; with POISON, bytes. Interrupts: no. Lock: the critical section, registry (not
 * both at once). Source: tarn.
 */
os_error_t tarn_mynewt_init(struct os_mempool *mp, uint16_t blocks, uint32_t block_size, void *membuf, const char *name,
                            uint32_t options);

/**
 * Called once for each fault, after TARN_EVENT_REFUSE or TARN_EVENT_CORRUPT and outside the critical section, in the
 * context of the call that met it. A call made inside a critical section of the program's own is answered there and its
 * fault told when the section is left: the first four of a section, and one of more "untold faults" if there were more.
 * A program that defines this function replaces the library's, which prints one line:
 * `os_mempool NAME at 0xPOOL: block 0xBLOCK: WHAT`. To stop as the original does, let it call abort().
 *
 * @p block is NULL where no block is concerned. @p what is one of "outside the pool", "not the start of a block",
 * "all blocks are free", "already free", "guard word overwritten", "written while free", "free list broken"; of
 * "no such pool", "option word refused", "too large", when @p mp must not be read; or "untold faults", with @p mp NULL.
 *
 * Fails: never. Bound: the text. Interrupts: as tarn_port_print(). Lock: none. Source: tarn; may be written by the
 * program.
 */
void tarn_mynewt_fault(const struct os_mempool *mp, const void *block, const char *what);

/**
 * Prints what the original's shell answers to `mpool [name]`: a row for each registered pool, or for those called
 * @p name; NULL and "" mean all.
 *
 * Fails: for a name that no pool has, a line says so. Bound: registered pools. Interrupts: no. Lock: the critical
 * section, released around each line. Source: Mynewt (shell command mpool).
 */
void tarn_mynewt_list(const char *name);

#ifdef __cplusplus
}
#endif

#endif
