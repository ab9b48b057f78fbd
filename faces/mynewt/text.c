/* SPDX-License-Identifier: MIT */
/*
 * The formatter of the face's lines. Bound: the text.
 */
#include "text.h"

#include "tarn/port.h"

static void put_char(text *t, char letter)
{
    if (t->length == sizeof t->bytes) {
        tarn_port_print(t->bytes, t->length);
        t->length = 0;
    }
    t->bytes[t->length++] = letter;
}

void tarn_mynewt_put(text *t, const char *words, uint32_t width)
{
    uint32_t length = 0;
    while (words[length] != '\0') {
        length++;
    }
    for (; width > length; width--) {
        put_char(t, ' ');
    }
    while (*words != '\0') {
        put_char(t, *words++);
    }
}

/* Writes the digits in front of end, and returns where they begin. */
static char *digits_of(char *end, uintptr_t value, uint32_t base)
{
    do {
        *--end = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    return end;
}

void tarn_mynewt_put_number(text *t, int value, uint32_t width)
{
    char digits[24] = {0};
    char *first = digits_of(digits + 23, value < 0 ? 0u - (unsigned)value : (unsigned)value, 10);
    if (value < 0) {
        *--first = '-';
    }
    tarn_mynewt_put(t, first, width);
}

void tarn_mynewt_put_address(text *t, const void *address)
{
    char digits[24] = {0};
    tarn_mynewt_put(t, "0x", 0);
    tarn_mynewt_put(t, digits_of(digits + 23, (uintptr_t)address, 16), 0);
}

void tarn_mynewt_put_end(text *t)
{
    put_char(t, '\n');
    tarn_port_print(t->bytes, t->length);
    t->length = 0;
}
