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

/* What Kconfig demands of TARN_LITEOS_SYSTEM_POOL_BYTES; enough for every engine and option. */
#define LEAST_BYTES 1024u

static VOID say_bad_size(const CHAR *value, bool too_small)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] TARN_LITEOS_SYS_MEM=");
    tarn_liteos_put(&text, value);
    if (too_small) {
        tarn_liteos_put(&text, " is too small; the least is ");
        tarn_liteos_put_number(&text, LEAST_BYTES, 0);
    } else {
        tarn_liteos_put(&text, " is not a size; write 65536, 0x10000, 64k, 3M or 1G, below 4 GiB");
    }
    tarn_liteos_put(&text, "; using the default\n");
    tarn_liteos_put_end(&text);
}

UINTPTR tarn_liteos_environment_bytes(VOID)
{
    const CHAR *value = getenv("TARN_LITEOS_SYS_MEM");
    if (value == NULL || value[0] == '\0') {
        return 0;
    }
    uint64_t bytes;
    bool size = tarn_size_read(value, &bytes) && bytes <= UINT32_MAX;
    if (!size || bytes < LEAST_BYTES) {
        say_bad_size(value, size);
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
