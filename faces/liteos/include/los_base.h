/* SPDX-License-Identifier: MIT */
/**
 * @file los_base.h
 * @brief What LiteOS code gets from los_base.h, as far as dynamic memory needs it: types, prints, error numbers.
 *
 * The list types and hardware macros of the original are not part of this face.
 */
#ifndef TARN_LOS_BASE_H
#define TARN_LOS_BASE_H

#include "los_errno.h"
#include "los_printf.h"
#include "los_typedef.h"

#endif
