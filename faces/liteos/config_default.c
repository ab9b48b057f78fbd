/* SPDX-License-Identifier: MIT */
/*
 * The settings of a program that names none. Alone in its file: a program that defines the object itself never links
 * this one.
 */
#include "tarn/liteos.h"

const tarn_liteos_settings tarn_liteos_config = {0};
