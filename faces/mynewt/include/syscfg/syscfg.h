/* SPDX-License-Identifier: MIT */
/**
 * @file syscfg.h
 * @brief MYNEWT_VAL() and the settings that memory pools have. A program's own syscfg/syscfg.h, in front of this one on
 * the include path, takes its place; what that one does not say is then as here.
 */
#ifndef TARN_MYNEWT_SYSCFG_H
#define TARN_MYNEWT_SYSCFG_H

#include "tarn/mynewt_settings.h"

#endif
