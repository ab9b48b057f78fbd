/* SPDX-License-Identifier: MIT */
/*
 * The settings of a program that names none. Alone in its file, and weak: a program that defines the object itself
 * replaces this one.
 */
#include "tarn/liteos.h"
#include "weak.h"

TARN_LITEOS_WEAK const tarn_liteos_settings tarn_liteos_config = {0};
