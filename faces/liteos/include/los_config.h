/* SPDX-License-Identifier: MIT */
/**
 * @file los_config.h
 * @brief For programs that include a los_config.h and have none of their own. A program's own takes its place, and
 * los_memory.h needs neither.
 */
#ifndef TARN_LOS_CONFIG_H
#define TARN_LOS_CONFIG_H

#include "los_typedef.h"
#include "tarn/liteos.h"

/* Task ids from here on mean code that is no task; tarn_liteos_settings.task_limit is the library's side of it. */
#ifndef LOSCFG_BASE_CORE_TSK_LIMIT
#define LOSCFG_BASE_CORE_TSK_LIMIT 64
#endif

#endif
