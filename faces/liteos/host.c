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

#include "text.h"

VOID *tarn_liteos_map(UINTPTR bytes)
{
    VOID *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Factor of a size's suffix, 0 for one that has no meaning. */
static unsigned long long suffix_factor(const CHAR *suffix)
{
    static const struct {
        CHAR letter;
        UINT32 shift;
    } known[] = {{'\0', 0}, {'k', 10}, {'K', 10}, {'m', 20}, {'M', 20}, {'g', 30}, {'G', 30}};
    for (UINT32 i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (suffix[0] == known[i].letter && (suffix[0] == '\0' || suffix[1] == '\0')) {
            return 1ull << known[i].shift;
        }
    }
    return 0;
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
    CHAR *suffix = NULL;
    unsigned long long number = strtoull(value, &suffix, 0);
    unsigned long long factor = suffix_factor(suffix);
    if (value[0] < '0' || value[0] > '9' || factor == 0 || number > UINT32_MAX / factor) {
        say_bad_size(value);
        return 0;
    }
    return (UINTPTR)(number * factor);
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
