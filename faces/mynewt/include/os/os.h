/* SPDX-License-Identifier: MIT */
/**
 * @file os.h
 * @brief What Apache Mynewt code gets from os/os.h, as far as memory pools need it.
 */
#ifndef TARN_MYNEWT_OS_H
#define TARN_MYNEWT_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/os_arch.h"
#include "os/os_error.h"
#include "os/queue.h"
#include "syscfg/syscfg.h"

#ifndef OS_ALIGN
/** @p __n rounded up to a multiple of @p __a. */
#define OS_ALIGN(__n, __a) (((__n) + ((__a)-1)) / (__a) * (__a))
#endif

#include "os/os_mempool.h"

#endif
