/* SPDX-License-Identifier: MIT */
/**
 * @file los_errno.h
 * @brief How Huawei LiteOS composes its error numbers: type, system, module, error.
 */
#ifndef TARN_LOS_ERRNO_H
#define TARN_LOS_ERRNO_H

#include "los_typedef.h"

#define LOS_ERRNO_OS_ID ((UINT32)0x00U << 16)
#define LOS_ERRTYPE_NORMAL ((UINT32)0x00U << 24)
#define LOS_ERRTYPE_WARN ((UINT32)0x01U << 24)
#define LOS_ERRTYPE_ERROR ((UINT32)0x02U << 24)
#define LOS_ERRTYPE_FATAL ((UINT32)0x03U << 24)

#define LOS_ERRNO_OS_ERROR(MID, ERRNO) (LOS_ERRTYPE_ERROR | LOS_ERRNO_OS_ID | ((UINT32)(MID) << 8) | ((UINT32)(ERRNO)))

/** Modules that number their errors; of the many, the one that this face serves. The spelling is the original's. */
enum LOS_MOUDLE_ID { LOS_MOD_SYS = 0x0, LOS_MOD_MEM = 0x1 };

#endif
