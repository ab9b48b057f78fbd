/* SPDX-License-Identifier: MIT */
/*
 * What a hosted system gives the system pool: memory that is backed as it is used, and a size in the environment.
 * Elsewhere there is neither, and a program says where the pool lies: tarn_liteos_config or OsMemSystemInit().
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif

#include "face.h"

#if defined(__unix__) || defined(__APPLE__)

#include <stdlib.h>
#include <sys/mman.h>

#include "../size_text.h"
#include "text.h"

VOID *tarn_liteos_map(UINTPTR bytes)
{
    VOID *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static VOID say_bad_size(const CHAR *value)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] TARN_LITEOS_SYS_MEM=");
    tarn_liteos_put(&text, value);
    tarn_liteos_put(&text, ": no size below 4 GiB; a number, hexadecimal with 0x, and k, M or G are\n");
    tarn_liteos_put_end(&text);
}

UINTPTR tarn_liteos_environment_bytes(VOID)
{
    const CHAR *value = getenv("TARN_LITEOS_SYS_MEM");
    if (value == NULL || value[0] == '\0') {
        return 0;
    }
    uint64_t bytes;
    if (!tarn_size_read(value, &bytes) || bytes > UINT32_MAX) {
        say_bad_size(value);
        return 0;
    }
    return (UINTPTR)bytes;
}

#else

VOID *tarn_liteos_map(UINTPTR bytes)
{
    (void)bytes;
    return NULL;
}

UINTPTR tarn_liteos_environment_bytes(VOID)
{
    return 0;
}

#endif
