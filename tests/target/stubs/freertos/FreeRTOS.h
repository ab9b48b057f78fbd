/* SPDX-License-Identifier: MIT */
/* The declarations that examples/ports/port_freertos.c uses, after FreeRTOS's published interface; nothing is behind them. */
#ifndef TARN_TESTS_STUB_FREERTOS_H
#define TARN_TESTS_STUB_FREERTOS_H

#include <stdint.h>

typedef long BaseType_t;
typedef unsigned long UBaseType_t;
typedef uint32_t TickType_t;

#define portTICK_PERIOD_MS ((TickType_t)1)

BaseType_t xPortIsInsideInterrupt(void);

#endif
