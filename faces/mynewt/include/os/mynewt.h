/* SPDX-License-Identifier: MIT */
/**
 * @file mynewt.h
 * @brief The header that Apache Mynewt code includes first: settings and os/os.h.
 */
#ifndef TARN_MYNEWT_MYNEWT_H
#define TARN_MYNEWT_MYNEWT_H

#include "os/os.h"
#include "syscfg/syscfg.h"

#endif
