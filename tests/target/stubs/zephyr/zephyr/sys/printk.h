/* SPDX-License-Identifier: MIT */
/* See kernel.h one folder up. */
#ifndef TARN_TESTS_STUB_PRINTK_H
#define TARN_TESTS_STUB_PRINTK_H

__attribute__((format(printf, 1, 2))) void printk(const char *format, ...);

#endif
