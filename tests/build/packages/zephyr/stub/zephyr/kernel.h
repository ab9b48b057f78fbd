/* SPDX-License-Identifier: MIT */
/* A stand-in for Zephyr's header: what zephyr/board_zephyr.c uses of it, for one thread. */
#ifndef TARN_TESTS_STUB_KERNEL_H
#define TARN_TESTS_STUB_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct k_thread *k_tid_t;

static inline unsigned int irq_lock(void)
{
    return 0;
}

static inline void irq_unlock(unsigned int key)
{
    (void)key;
}

static inline bool k_is_in_isr(void)
{
    return false;
}

static inline bool k_is_pre_kernel(void)
{
    return false;
}

static inline k_tid_t k_current_get(void)
{
    return NULL;
}

static inline uint32_t k_uptime_get_32(void)
{
    return 0;
}

static inline int32_t k_msleep(int32_t ms)
{
    return ms;
}

#endif
