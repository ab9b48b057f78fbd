/* SPDX-License-Identifier: MIT */
/**
 * @file os_arch.h
 * @brief Alignment of memory blocks, and the critical section, as Apache Mynewt's code spells them.
 *
 * OS_ALIGNMENT is 4, 8 or 16, as the program says before it includes this; 4 as in the original, also where pointers
 * have 8 bytes: blocks are then aligned to 4 and tarn reaches its links accordingly.
 */
#ifndef TARN_MYNEWT_OS_ARCH_H
#define TARN_MYNEWT_OS_ARCH_H

#include <stddef.h>
#include <stdint.h>

/* For OS_ASSERT_CRITICAL() alone: a target may have none. */
#if defined(__has_include)
#if __has_include(<assert.h>)
#include <assert.h>
#endif
#endif

#include "os/os_error.h"
#include "syscfg/syscfg.h"
#include "tarn/mynewt_settings.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef OS_ALIGNMENT
#define OS_ALIGNMENT 4 /**< bytes to which blocks are aligned */
#endif
#if OS_ALIGNMENT != 4 && OS_ALIGNMENT != 8 && OS_ALIGNMENT != 16
#error "OS_ALIGNMENT is 4, 8 or 16"
#endif

/** @name The same for code that asks by number */
/**@{*/
#define OS_CFG_ALIGN_4 4
#define OS_CFG_ALIGN_8 8
#define OS_CFG_ALIGN_16 16
#ifndef OS_CFG_ALIGNMENT
#define OS_CFG_ALIGNMENT OS_ALIGNMENT
#endif
/**@}*/

/** What a critical section has to remember. */
typedef uintptr_t os_sr_t;

/**
 * Enters the one critical section of all Mynewt pools; a task that is in it only counts. Inside, free lists stand
 * still, and get, put and the other calls on pools may be made; what they have to report is reported when the section
 * is left. Nothing else of tarn may be called in it: that would take a second lock of the port.
 *
 * Returns: what os_arch_restore_sr() needs, innermost first. Fails: never. Bound: the port's.
 * Interrupts: as tarn_port_lock(). Lock: is one. Source: Mynewt.
 */
os_sr_t os_arch_save_sr(void);

/**
 * Leaves the critical section.
 *
 * Fails: never. Bound: the port's; reports if there are any. Interrupts: as tarn_port_lock(). Lock: is one.
 * Source: Mynewt.
 */
void os_arch_restore_sr(os_sr_t sr);

/**
 * Returns 1 if the caller is in the critical section, else 0.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: Mynewt.
 */
int os_arch_in_critical(void);

#ifndef OS_ENTER_CRITICAL
#define OS_ENTER_CRITICAL(__os_sr) ((__os_sr) = os_arch_save_sr())
#endif
#ifndef OS_EXIT_CRITICAL
#define OS_EXIT_CRITICAL(__os_sr) (os_arch_restore_sr(__os_sr))
#endif
#ifndef OS_ASSERT_CRITICAL
#define OS_ASSERT_CRITICAL() (assert(os_arch_in_critical()))
#endif

#ifdef __cplusplus
}
#endif

#endif
