/* SPDX-License-Identifier: MIT */
/* The declarations that examples/ports/port_freertos.c uses, after FreeRTOS's published interface; nothing is behind them. */
#ifndef TARN_TESTS_STUB_FREERTOS_H
#define TARN_TESTS_STUB_FREERTOS_H

#include <stdint.h>

typedef long BaseType_t;
typedef unsigned long UBaseType_t;
typedef uint16_t TickType_t; /* configTICK_TYPE_WIDTH_IN_BITS may say so */

#define configTICK_RATE_HZ ((TickType_t)2000)

BaseType_t xPortIsInsideInterrupt(void);

#endif
