/* SPDX-License-Identifier: MIT */
/*
 * Text without printf(): the C library's formatter may allocate, and these messages are about the allocator.
 *
 * Bound: bytes of the text.
 */
#define _GNU_SOURCE /* program_invocation_short_name */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "face.h"

void tarn_malloc_text_add_some(tarn_malloc_text *text, const char *string, size_t length)
{
    size_t left = sizeof text->bytes - text->length;
    if (length > left) {
        length = left;
    }
    memcpy(text->bytes + text->length, string, length);
    text->length += length;
}

void tarn_malloc_text_add(tarn_malloc_text *text, const char *string)
{
    tarn_malloc_text_add_some(text, string, strlen(string));
}

static void add_digits(tarn_malloc_text *text, uint64_t number, unsigned base)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    tarn_malloc_text_add(text, digits + at);
}

void tarn_malloc_text_add_number(tarn_malloc_text *text, uint64_t number)
{
    add_digits(text, number, 10);
}

void tarn_malloc_text_add_address(tarn_malloc_text *text, uintptr_t address)
{
    tarn_malloc_text_add(text, "0x");
    add_digits(text, address, 16);
}

void tarn_malloc_text_write(const tarn_malloc_text *text, int descriptor)
{
    int before = errno;
    ssize_t written;
    do {
        written = write(descriptor, text->bytes, text->length);
    } while (written < 0 && errno == EINTR);
    errno = before;
}

const char *tarn_malloc_program(void)
{
    const char *name = program_invocation_short_name;
    return name != NULL && name[0] != '\0' ? name : "?";
}
