/* SPDX-License-Identifier: MIT */
/* A stand-in for Zephyr's header. */
#ifndef TARN_TESTS_STUB_PRINTK_H
#define TARN_TESTS_STUB_PRINTK_H

#include <stdio.h>

#define printk(...) ((void)printf(__VA_ARGS__))

#endif
