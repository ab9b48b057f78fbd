/* SPDX-License-Identifier: MIT */
/*
 * The formatter behind PRINTK where the C library has one. Alone in its file: a program that defines the function
 * itself never links this one, nor vsnprintf(). In a freestanding build there is none, and PRINTK needs the program's.
 */
#include "los_printf.h"

#if __STDC_HOSTED__

#include <stdio.h>
#include <stdlib.h>

#include "tarn/port.h"
#include "weak.h"

/* PRINTK lines fit; a longer text is measured and printed from memory of its own. */
#define LINE_BYTES 1024

static VOID print_long(const CHAR *format, va_list arguments, size_t length)
{
    CHAR *text = (CHAR *)malloc(length + 1u);
    if (text != NULL) {
        (void)vsnprintf(text, length + 1u, format, arguments);
        tarn_port_print(text, length);
        free(text);
    }
}

TARN_LITEOS_WEAK VOID tarn_liteos_vprint(const CHAR *format, va_list arguments)
{
    CHAR line[LINE_BYTES];
    va_list again;
    va_copy(again, arguments);
    INT32 length = vsnprintf(line, sizeof line, format, arguments);
    if (length >= LINE_BYTES) {
        print_long(format, again, (size_t)length);
    } else if (length > 0) {
        tarn_port_print(line, (size_t)length);
    }
    va_end(again);
}

#endif
