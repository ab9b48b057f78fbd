/* SPDX-License-Identifier: MIT */
/* A stand-in for ESP-IDF's header: what packaging/esp-idf/board_esp.c uses of it, for one thread. */
#ifndef TARN_TESTS_STUB_FREERTOS_H
#define TARN_TESTS_STUB_FREERTOS_H

#include <stdint.h>

typedef struct {
    int entered;
} portMUX_TYPE;
typedef uint32_t TickType_t;
typedef int BaseType_t;
#define portMUX_INITIALIZER_UNLOCKED \
    {                                \
        0                            \
    }
#define portENTER_CRITICAL_SAFE(mux) ((mux)->entered++)
#define portEXIT_CRITICAL_SAFE(mux) ((mux)->entered--)
#define portTICK_PERIOD_MS ((TickType_t)10)

static inline BaseType_t xPortInIsrContext(void)
{
    return 0;
}

#endif
