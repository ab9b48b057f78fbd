/* SPDX-License-Identifier: MIT */
/*
 * The critical section under Mynewt's names. Alone in its file: a program that has functions of these names keeps them,
 * and the pools their section. Bound: constant.
 */
#include "face.h"

os_sr_t os_arch_save_sr(void)
{
    return tarn_mynewt_enter();
}

void os_arch_restore_sr(os_sr_t sr)
{
    tarn_mynewt_leave(sr);
}

int os_arch_in_critical(void)
{
    return tarn_mynewt_inside() ? 1 : 0;
}
