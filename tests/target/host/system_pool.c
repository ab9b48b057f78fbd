/* SPDX-License-Identifier: MIT */
/* Where the system pool of the LiteOS face lies on a board; a program that says so itself replaces this file. */
#include "tarn/liteos.h"

static _Alignas(64) unsigned char memory[4 << 20];

const tarn_liteos_settings tarn_liteos_config = {.system_memory = memory, .system_bytes = sizeof memory};
