/* SPDX-License-Identifier: MIT */
/*
 * The formatter of the face's messages. Bound: the text.
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

void tarn_phytium_put(text *t, const char *words)
{
    while (*words != '\0') {
        put_char(t, *words++);
    }
}

text tarn_phytium_text(const char *words)
{
    text t;
    t.length = 0;
    tarn_phytium_put(&t, words);
    return t;
}

static void put_value(text *t, uintptr_t value, uint32_t base)
{
    char digits[20];
    uint32_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) {
        put_char(t, digits[--count]);
    }
}

void tarn_phytium_put_number(text *t, uintptr_t value)
{
    put_value(t, value, 10);
}

void tarn_phytium_put_hex(text *t, uintptr_t value)
{
    put_value(t, value, 16);
}

void tarn_phytium_put_address(text *t, const void *address)
{
    tarn_phytium_put(t, "0x");
    put_value(t, (uintptr_t)address, 16);
}

void tarn_phytium_put_end(text *t)
{
    put_char(t, '\n');
    tarn_port_print(t->bytes, t->length);
    t->length = 0;
}
