/* SPDX-License-Identifier: MIT */
/*
 * The memory sanitizer's judgement: whether an access stays in what may be accessed, and the report if not.
 *
 * Bound: watched pools, size / 8; a report: as tarn_report_about().
 */
#include "called.h"
#include "lms.h"
#include "tarn/report.h"
#include "text.h"

/* The first byte of [address, end) in the pool that may not be accessed, or end. */
static UINTPTR first_closed(const lms_pool *p, UINTPTR address, UINTPTR end)
{
    while (address < end) {
        UINTPTR at = address - p->base;
        UINT32 open = p->shadow[at / SHADOW_UNIT];
        UINTPTR unit = address - at % SHADOW_UNIT;
        if (open > SHADOW_UNIT) {
            return address;
        }
        if (end <= unit + open) {
            return end;
        }
        if (open < SHADOW_UNIT) {
            return address > unit + open ? address : unit + open;
        }
        address = unit + SHADOW_UNIT;
    }
    return end;
}

static VOID say_access(const lms_pool *p, UINTPTR address, size_t size, BOOL store, UINTPTR bad, const VOID *caller)
{
    UINT32 shadow = p->shadow[(bad - p->base) / SHADOW_UNIT];
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] LMS: ");
    tarn_liteos_put(&text, shadow == SHADOW_FREED       ? "use after free"
                           : shadow == SHADOW_PROTECTED ? "protected memory"
                                                        : "heap buffer overflow");
    tarn_liteos_put(&text, store ? ": store of " : ": load of ");
    tarn_liteos_put_number(&text, (UINT32)size, 0);
    tarn_liteos_put(&text, " bytes at ");
    tarn_liteos_put_hex(&text, address, 0);
    tarn_liteos_put(&text, ", first bad byte ");
    tarn_liteos_put_hex(&text, bad, 0);
    tarn_liteos_put(&text, ", shadow ");
    tarn_liteos_put_hex(&text, shadow, 0);
    tarn_liteos_put(&text, ", from ");
    put_address(&text, caller);
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}

/* Past the end of the block that the byte follows: the block itself, or its left neighbour for a byte in a header. */
static UINT32 past_end(const tarn_report *report, UINTPTR at)
{
    const tarn_block *block = at < report->block.offset ? &report->left : &report->block;
    UINTPTR end = (UINTPTR)(block->offset + block->usable);
    return at >= end ? (UINT32)(at - end) + 1u : 1u;
}

static VOID report(const lms_pool *p, UINTPTR bad)
{
    tarn_report record;
    UINTPTR at = bad - p->base;
    if (tarn_report_about(const_pool_of(p->pool), (const VOID *)bad, TARN_OK, &record) != TARN_OK) {
        return;
    }
    if (record.rule == 0) {
        UINT32 shadow = p->shadow[at / SHADOW_UNIT];
        record.guess = shadow == SHADOW_FREED       ? TARN_GUESS_USE_AFTER_FREE
                       : shadow == SHADOW_PROTECTED ? TARN_GUESS_WILD_WRITE
                                                    : TARN_GUESS_OVERRUN;
        record.amount = record.guess == TARN_GUESS_OVERRUN ? past_end(&record, at) : 0;
        record.first_bad = at;
    }
    tarn_port_report(&record);
}

BOOL tarn_liteos_lms_access(UINTPTR address, size_t size, BOOL store, const VOID *caller)
{
    for (UINT32 i = 0; i < TARN_LMS_POOLS; i++) {
        const lms_pool *p = &tarn_liteos_lms_pools[i];
        if (size == 0 || p->bytes == 0 || address - p->base >= p->bytes) {
            continue;
        }
        UINTPTR room = p->base + p->bytes - address;
        UINTPTR end = address + (size < room ? size : room);
        UINTPTR bad = first_closed(p, address, end);
        if (bad != end) {
            say_access(p, address, size, store, bad, caller);
            report(p, bad);
            return FALSE;
        }
    }
    return TRUE;
}

PUBLIC_ENTRY VOID *KasanMemcpy(VOID *__restrict dest, const VOID *__restrict src, size_t copyAmount)
{
    (void)tarn_liteos_lms_access((UINTPTR)src, copyAmount, FALSE, caller_here());
    (void)tarn_liteos_lms_access((UINTPTR)dest, copyAmount, TRUE, caller_here());
    return memcpy(dest, src, copyAmount);
}

PUBLIC_ENTRY VOID *KasanMemmove(VOID *dest, const VOID *src, size_t len)
{
    (void)tarn_liteos_lms_access((UINTPTR)src, len, FALSE, caller_here());
    (void)tarn_liteos_lms_access((UINTPTR)dest, len, TRUE, caller_here());
    return memmove(dest, src, len);
}

/* strlen(), whose header declares again what word.h does. */
static size_t length_of(const CHAR *string)
{
    size_t length = 0;
    while (string[length] != '\0') {
        length++;
    }
    return length;
}

PUBLIC_ENTRY CHAR *KasanStrcat(CHAR *s, const CHAR *append)
{
    size_t length = length_of(append) + 1u;
    CHAR *end = s + length_of(s);
    (void)tarn_liteos_lms_access((UINTPTR)append, length, FALSE, caller_here());
    (void)tarn_liteos_lms_access((UINTPTR)end, length, TRUE, caller_here());
    memcpy(end, append, length);
    return s;
}

PUBLIC_ENTRY CHAR *KasanStrcpy(CHAR *dest, const CHAR *src)
{
    size_t length = length_of(src) + 1u;
    (void)tarn_liteos_lms_access((UINTPTR)src, length, FALSE, caller_here());
    (void)tarn_liteos_lms_access((UINTPTR)dest, length, TRUE, caller_here());
    return memcpy(dest, src, length);
}
