/* SPDX-License-Identifier: MIT */
/*
 * What compilers call in front of each access in code built with -fsanitize=kernel-address. Apart, so that only a
 * program with such code has these names. Bound: that of tarn_liteos_lms_access().
 */
#include "called.h"
#include "lms.h"

/* In a program under AddressSanitizer these names are that sanitizer's; gcc keeps them under ThreadSanitizer too. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LMS_CALLS_ARE_TAKEN 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LMS_CALLS_ARE_TAKEN 1
#endif

#if !defined(LMS_CALLS_ARE_TAKEN)

/* The compiler knows these names and declares them itself; there is no header to include. */
VOID __asan_loadN_noabort(UINTPTR address, size_t size);
VOID __asan_storeN_noabort(UINTPTR address, size_t size);
VOID __asan_handle_no_return(VOID);

PUBLIC_ENTRY VOID __asan_loadN_noabort(UINTPTR address, size_t size)
{
    (void)tarn_liteos_lms_access(address, size, FALSE, caller_here());
}

PUBLIC_ENTRY VOID __asan_storeN_noabort(UINTPTR address, size_t size)
{
    (void)tarn_liteos_lms_access(address, size, TRUE, caller_here());
}

VOID __asan_handle_no_return(VOID)
{
}

/* Ten functions that differ in a number: the only macro of the face that makes code. */
#define ACCESS_OF(bytes)                                                    \
    VOID __asan_load##bytes##_noabort(UINTPTR address);                     \
    VOID __asan_store##bytes##_noabort(UINTPTR address);                    \
    PUBLIC_ENTRY VOID __asan_load##bytes##_noabort(UINTPTR address)         \
    {                                                                       \
        (void)tarn_liteos_lms_access(address, bytes, FALSE, caller_here()); \
    }                                                                       \
    PUBLIC_ENTRY VOID __asan_store##bytes##_noabort(UINTPTR address)        \
    {                                                                       \
        (void)tarn_liteos_lms_access(address, bytes, TRUE, caller_here());  \
    }

ACCESS_OF(1)
ACCESS_OF(2)
ACCESS_OF(4)
ACCESS_OF(8)
ACCESS_OF(16)

#else

typedef int tarn_liteos_lms_is_off;

#endif
