/* SPDX-License-Identifier: MIT */
/* The declarations that examples/ports/port_zephyr.c uses, after Zephyr's published interface; nothing is behind them. */
#ifndef TARN_TESTS_STUB_KERNEL_H
#define TARN_TESTS_STUB_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

struct k_spinlock {
    unsigned char unused;
};
typedef struct k_spinlock_key {
    int key;
} k_spinlock_key_t;
typedef struct k_thread *k_tid_t;
typedef long atomic_t;
typedef long atomic_val_t;

k_spinlock_key_t k_spin_lock(struct k_spinlock *lock);
void k_spin_unlock(struct k_spinlock *lock, k_spinlock_key_t key);
bool k_is_in_isr(void);
bool k_is_pre_kernel(void);
k_tid_t k_current_get(void);
uint32_t k_uptime_get_32(void);
int32_t k_msleep(int32_t milliseconds);
atomic_val_t atomic_get(const atomic_t *target);
atomic_val_t atomic_inc(atomic_t *target);

#endif
