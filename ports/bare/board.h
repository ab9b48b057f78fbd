/* SPDX-License-Identifier: MIT */
/**
 * @file board.h
 * @brief What a board gives to the `bare` port: four functions, none with a default, so that a board which lacks one
 * does not link, and two more for programs that wait.
 *
 * One core. On several, the lock must also keep the other cores out: write a port of your own after port_bare.c.
 */
#ifndef TARN_PORTS_BARE_BOARD_H
#define TARN_PORTS_BARE_BOARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Masks every interrupt whose handler uses tarn and returns what tarn_board_unmask() needs to undo it, so that pairs
 * nest. Must keep the compiler from moving memory accesses across it. On Cortex-M: read PRIMASK, then `cpsid i`.
 *
 * Returns: as said. Fails: never. Bound: the board's. Interrupts: yes. Lock: is one.
 * Source: tarn; written by the board.
 */
uintptr_t tarn_board_mask(void);

/**
 * Restores the mask that tarn_board_mask() returned. Must keep the compiler from moving memory accesses across it.
 *
 * Returns: nothing. Fails: never. Bound: the board's. Interrupts: yes. Lock: is one.
 * Source: tarn; written by the board.
 */
void tarn_board_unmask(uintptr_t state);

/**
 * Returns the number of the running task, 0..0xFFFFE, or 0xFFFFF in an interrupt, before the scheduler runs, or where
 * there are no tasks. Tasks that exist at the same time have different numbers.
 *
 * Fails: never. Bound: the board's. Interrupts: yes. Lock: none. Source: tarn; written by the board.
 */
uint32_t tarn_board_task(void);

/**
 * Writes text to the console; used by the faces for listings and for refusals, these in whatever context the refused
 * call was made, an interrupt too, and never under the lock. A board that may not write there drops the text.
 *
 * Returns: nothing. Fails: never. Bound: the board's. Interrupts: the board's. Lock: none.
 * Source: tarn; written by the board.
 */
void tarn_board_write(const char *text, size_t length);

/**
 * Returns milliseconds since some start, wrapping round at 2^32; needed only by programs that call
 * tarn_blocks_get_wait().
 *
 * Fails: never. Units: milliseconds. Bound: the board's. Interrupts: no. Lock: none.
 * Source: tarn; written by the board.
 */
uint32_t tarn_board_milliseconds(void);

/**
 * Lets other tasks run, or sleeps until the next interrupt; may return at once. Needed as tarn_board_milliseconds() is.
 *
 * Returns: nothing. Fails: never. Bound: an interrupt of the clock. Interrupts: no. Lock: none.
 * Source: tarn; written by the board.
 */
void tarn_board_idle(void);

#ifdef __cplusplus
}
#endif

#endif
