/* SPDX-License-Identifier: MIT */
/**
 * @file los_printf.h
 * @brief PRINTK and its relatives. They print through the port, in order with what printf() wrote before.
 *
 * PRINT_LEVEL decides at compile time which macros print: errors and PRINTK by default, as in LiteOS.
 */
#ifndef TARN_LOS_PRINTF_H
#define TARN_LOS_PRINTF_H

#include <stdarg.h>

#include "los_typedef.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LOS_EMG_LEVEL 0
#define LOS_COMMOM_LEVEL (LOS_EMG_LEVEL + 1)
#define LOS_ERR_LEVEL (LOS_COMMOM_LEVEL + 1)
#define LOS_WARN_LEVEL (LOS_ERR_LEVEL + 1)
#define LOS_INFO_LEVEL (LOS_WARN_LEVEL + 1)
#define LOS_DEBUG_LEVEL (LOS_INFO_LEVEL + 1)

#ifndef PRINT_LEVEL
#define PRINT_LEVEL LOS_ERR_LEVEL
#endif

/**
 * Prints as printf() does, through tarn_liteos_vprint(). No format attribute: LiteOS code prints UINT32 with %lu and
 * the like, and shall compile as it is.
 *
 * Fails: never. Bound: the text. Interrupts: as tarn_port_print(). Lock: none. Source: LiteOS 5.0, dprintf.
 */
VOID tarn_liteos_printk(const CHAR *format, ...);

/**
 * Formats and prints; what PRINTK ends in. The library's own uses vsnprintf(). A program on a target without it
 * defines this function itself, which replaces the library's.
 *
 * Fails: never; text longer than 1024 bytes is cut there if no memory for it can be had.
 * Bound: the text. Interrupts: as tarn_port_print(). Lock: none. Source: tarn.
 */
VOID tarn_liteos_vprint(const CHAR *format, va_list arguments);

#ifndef PRINTK
#define PRINTK(...) tarn_liteos_printk(__VA_ARGS__)
#endif
#ifndef PRINT_RELEASE
#define PRINT_RELEASE(...) tarn_liteos_printk(__VA_ARGS__)
#endif

/* One statement whatever surrounds it; the arguments are compiled at every level, so none is "unused" at a low one. */
#define TARN_LITEOS_PRINT(level, prefix, ...) \
    do {                                      \
        if (PRINT_LEVEL >= (level)) {         \
            tarn_liteos_printk("%s", prefix); \
            tarn_liteos_printk(__VA_ARGS__);  \
        }                                     \
    } while (0)

#ifndef PRINT_EMG
#define PRINT_EMG(...) TARN_LITEOS_PRINT(LOS_EMG_LEVEL, "[EMG] ", __VA_ARGS__)
#endif
#ifndef PRINT_ERR
#define PRINT_ERR(...) TARN_LITEOS_PRINT(LOS_ERR_LEVEL, "[ERR] ", __VA_ARGS__)
#endif
#ifndef PRINT_WARN
#define PRINT_WARN(...) TARN_LITEOS_PRINT(LOS_WARN_LEVEL, "[WARN] ", __VA_ARGS__)
#endif
#ifndef PRINT_INFO
#define PRINT_INFO(...) TARN_LITEOS_PRINT(LOS_INFO_LEVEL, "[INFO] ", __VA_ARGS__)
#endif
#ifndef PRINT_DEBUG
#define PRINT_DEBUG(...) TARN_LITEOS_PRINT(LOS_DEBUG_LEVEL, "[DEBUG] ", __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif

#endif
