/* SPDX-License-Identifier: MIT */
/*
 * Text for the port, put together without printf: a target may have none. A text fills a buffer of its own, goes to the
 * port when that is full, and at the end of the line.
 */
#ifndef TARN_FACE_MYNEWT_TEXT_H
#define TARN_FACE_MYNEWT_TEXT_H

#include <stddef.h>
#include <stdint.h>

typedef struct text {
    size_t length;
    char bytes[120];
} text;

/* As printf's %*s. */
void tarn_mynewt_put(text *t, const char *words, uint32_t width);

/* As printf's %*d. */
void tarn_mynewt_put_number(text *t, int value, uint32_t width);

/* "0x" and the address. */
void tarn_mynewt_put_address(text *t, const void *address);

/* A line end, and the text to the port. */
void tarn_mynewt_put_end(text *t);

#endif
