/* SPDX-License-Identifier: MIT */
/**
 * @file port.h
 * @brief What tarn needs from where it runs. A program names one port at link time (posix, nolock, bare, or its own).
 *
 * There is no default for the lock: a program without a port does not link. No lock is held when another is taken.
 */
#ifndef TARN_PORT_H
#define TARN_PORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Task tag of code that is no task: interrupts, start-up, ports that know no tasks. */
#define TARN_TASK_NONE 0xFFFFFu

/**
 * Enters the critical section that protects what lies at @p address; never nested with another, and not recursive, but
 * for code without a task tag: the Mynewt face, whose callers may nest, counts for tasks, and relies for the rest on
 * masks that nest.
 *
 * Returns: a value for tarn_port_unlock(), such as the interrupt mask before. Fails: never.
 * Bound: the port's. Interrupts: yes if the port masks them. Source: tarn; written by the port.
 */
uintptr_t tarn_port_lock(const void *address);

/**
 * Leaves the critical section entered with the same @p address; @p state is what tarn_port_lock() returned.
 *
 * Fails: never. Bound: the port's. Interrupts: as tarn_port_lock(). Source: tarn; written by the port.
 */
void tarn_port_unlock(const void *address, uintptr_t state);

/** @name Event counts: waiting, for tarn_blocks_get_wait() only; a program without it needs none of the three. */
/**@{*/

/**
 * Returns the event count of @p address: a number that every tarn_port_event_wake() of it changes.
 *
 * Fails: never. Bound: the port's. Interrupts: as tarn_port_lock(). Lock: the port's own.
 * Source: tarn; written by the port.
 */
uint32_t tarn_port_event_count(const void *address);

/**
 * Waits until the event count of @p address is another than @p seen, at most @p milliseconds (UINT32_MAX: for ever);
 * may return earlier for no reason.
 *
 * Returns: the milliseconds that are left, 0 if the time is over; UINT32_MAX stays as it is. Fails: never.
 * Units: milliseconds. Bound: the time given. Interrupts: no. Lock: the port's own, given up while it waits.
 * Source: tarn; written by the port.
 */
uint32_t tarn_port_event_wait(const void *address, uint32_t seen, uint32_t milliseconds);

/**
 * Changes the event count of @p address and wakes all who wait for that.
 *
 * Returns: nothing. Fails: never. Bound: the port's. Interrupts: as tarn_port_lock(). Lock: the port's own.
 * Source: tarn; written by the port.
 */
void tarn_port_event_wake(const void *address);
/**@}*/

/** What tarn_port_slot() answers for a thread without a slot. */
#define TARN_SLOT_NONE UINT32_MAX

/**
 * Returns the slot of the running thread: a small number that no other running thread has, or #TARN_SLOT_NONE. Needed
 * by builds with `TARN_BLOCKS_CACHE` only.
 *
 * Fails: as said. Bound: constant. Interrupts: no; handlers have no slot. Lock: none. Source: tarn; written by the
 * port.
 */
uint32_t tarn_port_slot(void);

#if defined(__GNUC__) && !defined(__cplusplus)
/** One more than the running thread's slot, 0 where tarn_port_slot() is to be asked: the port's variable, which get and
 * put of builds with `TARN_BLOCKS_CACHE`, and nobody else, read without a call. */
extern _Thread_local uint32_t tarn_port_slot_plus_1 __attribute__((tls_model("initial-exec")));
#endif

/**
 * Returns the tag of the running task, 0..0xFFFFE, or #TARN_TASK_NONE. Tasks that exist at the same time have different
 * tags: the Mynewt face knows by it who is in its critical section.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn; written by the port.
 */
uint32_t tarn_port_task(void);

/**
 * Stores the return addresses of the running code, from the call of this function outwards, in @p frames, at most @p
 * count. Asked by pools with #TARN_WORDS_CALLERS extension words or more, outside every lock.
 *
 * Returns: how many; 0 where the port cannot tell, or was interrupted while it was telling. Fails: as said.
 * Bound: the port's. Interrupts: yes; a port whose walk is not safe there answers 0. Lock: none.
 * Source: tarn; written by the port.
 */
uint32_t tarn_port_callers(const void **frames, uint32_t count);

/**
 * Returns the address of code whose low 32 bits are those of @p guess: @p guess itself where all code lies within 2
 * GiB, or where it is code; else the code that is. Asked by tarn_site_address(), and needed by programs that call that.
 *
 * Fails: NULL where no code has these bits. Bound: the port's; posix: bytes of /proc/self/maps. Interrupts: no; bare:
 * yes. Lock: none. Source: tarn; written by the port.
 */
const void *tarn_port_code(const void *guess);

/**
 * Returns a byte of the running thread or core, zero at its start, in which the event layer notes that it is at work.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn; written by the port.
 */
unsigned char *tarn_port_event_guard(void);

/**
 * Writes @p length bytes of text where the system's messages go; used by the faces for listings and for refusals, these
 * in whatever context the refused call was made, an interrupt too; not by the core. A port that may not write there
 * drops it.
 *
 * Fails: never. Bound: the port's. Interrupts: the port's. Lock: none. Source: tarn; written by the port.
 */
void tarn_port_print(const char *text, size_t length);

/** A report: tarn/report.h. */
struct tarn_report;

/**
 * Takes a report that tarn_reports_on() asked for; @p report is gone when it returns. Called outside every lock, in the
 * context of the refused call. A program without reports needs none; one with its own way to tell them defines its own.
 *
 * Fails: never. Bound: the port's. Interrupts: as the refused call. Lock: none. Source: tarn; written by the port.
 */
void tarn_port_report(const struct tarn_report *report);

#ifdef __cplusplus
}
#endif

#endif
