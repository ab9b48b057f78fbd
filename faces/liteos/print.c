/* SPDX-License-Identifier: MIT */
/*
 * PRINTK's function. Apart from the formatter, so that a program may bring its own.
 */
#include "los_printf.h"

VOID tarn_liteos_printk(const CHAR *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tarn_liteos_vprint(format, arguments);
    va_end(arguments);
}
