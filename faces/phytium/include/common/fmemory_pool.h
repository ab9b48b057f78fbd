/* SPDX-License-Identifier: MIT */
/**
 * @file common/fmemory_pool.h
 * @brief fmempory_pool.h under another of the names that SDK code includes it by.
 */
#include "../fmempory_pool.h"
