/* SPDX-License-Identifier: MIT */
/*
 * Text for the port, put together without printf: a target may have none. A text fills a buffer of its own, goes to the
 * port when that is full, and at the end.
 */
#ifndef TARN_FACE_PHYTIUM_TEXT_H
#define TARN_FACE_PHYTIUM_TEXT_H

#include <stddef.h>
#include <stdint.h>

typedef struct text {
    size_t length;
    char bytes[248];
} text;

/* A text that begins with these words. */
text tarn_phytium_text(const char *words);

void tarn_phytium_put(text *t, const char *words);

/* As printf's %lu. */
void tarn_phytium_put_number(text *t, uintptr_t value);

/* As printf's %lx. */
void tarn_phytium_put_hex(text *t, uintptr_t value);

/* "0x" and the address. */
void tarn_phytium_put_address(text *t, const void *address);

/* A line end, and the text to the port. */
void tarn_phytium_put_end(text *t);

#endif
