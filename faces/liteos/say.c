/* SPDX-License-Identifier: MIT */
/*
 * Messages that several functions give, apart from what those functions link. Bound: the text.
 */
#include "face.h"
#include "text.h"

VOID tarn_liteos_put_range(tarn_liteos_text *text, const VOID *start, UINTPTR bytes)
{
    tarn_liteos_put(text, "pool [");
    put_address(text, start);
    tarn_liteos_put(text, ", ");
    tarn_liteos_put_hex(text, (UINTPTR)start + bytes, 0);
    tarn_liteos_put(text, ")");
}

VOID tarn_liteos_say_misaligned(const VOID *pool, UINT32 size)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[WARN] ");
    tarn_liteos_put_range(&text, pool, size);
    tarn_liteos_put(&text, " size ");
    tarn_liteos_put_hex(&text, size, 0);
    tarn_liteos_put(&text, " should be aligned with OS_MEM_ALIGN_SIZE\n");
    tarn_liteos_put_end(&text);
}

VOID tarn_liteos_say_refused(const CHAR *function, const VOID *pool, const VOID *ptr, tarn_status status)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] ");
    tarn_liteos_put(&text, function);
    tarn_liteos_put(&text, ": ");
    if (ptr != NULL) {
        put_address(&text, ptr);
        tarn_liteos_put(&text, " in ");
    }
    tarn_liteos_put(&text, "pool ");
    put_address(&text, pool);
    tarn_liteos_put(&text, ": ");
    tarn_liteos_put(&text, tarn_status_text(status));
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}
