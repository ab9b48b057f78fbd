/* SPDX-License-Identifier: MIT */
/*
 * Mynewt's error numbers as its system's. Alone in its file, as arch.c. Bound: constant.
 */
#include "os/os_error.h"

int os_error_to_sys(os_error_t os_error)
{
    switch (os_error) {
    case OS_OK:
        return SYS_EOK;
    case OS_ENOMEM:
        return SYS_ENOMEM;
    case OS_EINVAL:
    case OS_INVALID_PARM:
        return SYS_EINVAL;
    case OS_TIMEOUT:
        return SYS_ETIMEOUT;
    case OS_ENOENT:
        return SYS_ENOENT;
    case OS_EBUSY:
        return SYS_EBUSY;
    default:
        return SYS_EUNKNOWN;
    }
}
