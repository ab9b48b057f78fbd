/* SPDX-License-Identifier: MIT */
/*
 * Text for the port, put together without printf: a target may have none, and `%p` looks different on each that has.
 * A text fills a buffer of its own, goes to the port when that is full, and at the end.
 */
#ifndef TARN_FACE_LITEOS_TEXT_H
#define TARN_FACE_LITEOS_TEXT_H

#include "los_typedef.h"

typedef struct tarn_liteos_text {
    UINT32 length;
    CHAR bytes[252];
} tarn_liteos_text;

static inline VOID text_begin(tarn_liteos_text *text)
{
    text->length = 0;
}

/* Appends a string. */
VOID tarn_liteos_put(tarn_liteos_text *text, const CHAR *string);

/* Appends what printf's "0x%-*x" gives, for any width: lower case, no leading zeros, blanks behind. */
VOID tarn_liteos_put_hex(tarn_liteos_text *text, UINTPTR value, UINT32 width);

/* Appends "0x" and exactly so many digits, zeros in front: "%010p" of the original on 32 bits. */
VOID tarn_liteos_put_digits(tarn_liteos_text *text, UINTPTR value, UINT32 digits);

/* Appends what printf's "%-*u" gives. */
VOID tarn_liteos_put_number(tarn_liteos_text *text, UINT32 value, UINT32 width);

/* Appends "pool [%p, %p)" (say.c). */
VOID tarn_liteos_put_range(tarn_liteos_text *text, const VOID *start, UINTPTR bytes);

/* Gives the text to the port. */
VOID tarn_liteos_put_end(tarn_liteos_text *text);

/* An address as LiteOS prints it: "%p". */
static inline VOID put_address(tarn_liteos_text *text, const VOID *address)
{
    tarn_liteos_put_hex(text, (UINTPTR)address, 0);
}

#endif
