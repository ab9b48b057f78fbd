/* SPDX-License-Identifier: MIT */
/**
 * @file os_error.h
 * @brief The error numbers of Apache Mynewt.
 *
 * LiteOS has a macro OS_ERROR. Whichever of the two comes second leaves OS_ERROR as it is; MYNEWT_OS_ERROR is the
 * number of this one in either case.
 */
#ifndef TARN_MYNEWT_OS_ERROR_H
#define TARN_MYNEWT_OS_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/** Outcome of a call; the last one makes the type as wide as an int with every compiler option. */
enum os_error {
    OS_OK = 0,
    OS_ENOMEM = 1,
    OS_EINVAL = 2,
    OS_INVALID_PARM = 3,
    OS_MEM_NOT_ALIGNED = 4,
    OS_BAD_MUTEX = 5,
    OS_TIMEOUT = 6,
    OS_ERR_IN_ISR = 7,
    OS_ERR_PRIV = 8,
    OS_NOT_STARTED = 9,
    OS_ENOENT = 10,
    OS_EBUSY = 11,
    MYNEWT_OS_ERROR = 12,
#ifndef OS_ERROR
    OS_ERROR = MYNEWT_OS_ERROR,
#endif
    TARN_OS_ERROR_WIDTH = 0x7fffffff
};
typedef enum os_error os_error_t;

/** @name What os_error_to_sys() answers, unless the program's own defs/error.h said so before */
/**@{*/
#ifndef SYS_EOK
#define SYS_EOK (0)
#define SYS_ENOMEM (-1)
#define SYS_EINVAL (-2)
#define SYS_ETIMEOUT (-3)
#define SYS_ENOENT (-4)
#define SYS_EBUSY (-8)
#define SYS_EUNKNOWN (-13)
#endif
/**@}*/

/**
 * Returns the SYS_ number of an error: of OS_INVALID_PARM #SYS_EINVAL, of those that have none #SYS_EUNKNOWN.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: Mynewt.
 */
int os_error_to_sys(os_error_t os_error);

#ifdef __cplusplus
}
#endif

#endif
