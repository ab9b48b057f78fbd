/* SPDX-License-Identifier: MIT */
/*
 * What LOSCFG_MEM_RECORDINFO asks of the memory record.
 */
#ifndef TARN_FACE_LITEOS_RECORD_H
#define TARN_FACE_LITEOS_RECORD_H

#include "los_typedef.h"

/* Begins recording, the first time that it is called. */
VOID tarn_liteos_record_start(VOID);

#endif
