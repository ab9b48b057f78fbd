/* SPDX-License-Identifier: MIT */
/*
 * memset() and memcpy() that ask OsMemSysNodeCheck() first. Bound: LOS_MemNodeSizeCheck(), and a store per byte.
 */
#include "face.h"
#include "tarn/liteos_checked.h"

#undef memset
#undef memcpy

/* What does not fit UINT32 fits no block either. */
static UINT32 as_length(size_t size)
{
    return size > UINT32_MAX ? UINT32_MAX : (UINT32)size;
}

VOID *tarn_liteos_memset(VOID *destination, int byte, size_t size)
{
    if (OsMemSysNodeCheck(destination, NULL, as_length(size), 0) != LOS_OK) {
        return NULL;
    }
    return memset(destination, byte, size);
}

VOID *tarn_liteos_memcpy(VOID *destination, const VOID *source, size_t size)
{
    if (OsMemSysNodeCheck(destination, (VOID *)(UINTPTR)source, as_length(size), 1) != LOS_OK) {
        return NULL;
    }
    return memcpy(destination, source, size);
}
