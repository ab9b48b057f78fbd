/* SPDX-License-Identifier: MIT */
/*
 * The formatter of the face's own messages and tables. Bound: the text.
 */
#include "text.h"

#include "tarn/port.h"

VOID tarn_liteos_put_end(tarn_liteos_text *text)
{
    if (text->length != 0) {
        tarn_port_print(text->bytes, text->length);
        text->length = 0;
    }
}

static VOID put_char(tarn_liteos_text *text, CHAR letter)
{
    if (text->length == sizeof text->bytes) {
        tarn_liteos_put_end(text);
    }
    text->bytes[text->length++] = letter;
}

VOID tarn_liteos_put(tarn_liteos_text *text, const CHAR *string)
{
    while (*string != '\0') {
        put_char(text, *string++);
    }
}

/* Digits of value, at least `least`, in front of blanks up to width. */
static VOID put_value(tarn_liteos_text *text, UINTPTR value, UINT32 base, UINT32 least, UINT32 width)
{
    CHAR digits[20];
    UINT32 count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0 || count < least);
    UINT32 blanks = count < width ? width - count : 0;
    while (count > 0) {
        put_char(text, digits[--count]);
    }
    while (blanks-- > 0) {
        put_char(text, ' ');
    }
}

VOID tarn_liteos_put_hex(tarn_liteos_text *text, UINTPTR value, UINT32 width)
{
    tarn_liteos_put(text, "0x");
    put_value(text, value, 16, 1, width);
}

VOID tarn_liteos_put_digits(tarn_liteos_text *text, UINTPTR value, UINT32 digits)
{
    tarn_liteos_put(text, "0x");
    put_value(text, value, 16, digits, 0);
}

VOID tarn_liteos_put_number(tarn_liteos_text *text, UINT32 value, UINT32 width)
{
    put_value(text, value, 10, 1, width);
}
