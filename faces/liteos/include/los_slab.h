/* SPDX-License-Identifier: MIT */
/**
 * @file los_slab.h
 * @brief The slab extension's constants and its one call. docs/porting-liteos.md says what it does.
 */
#ifndef TARN_LOS_SLAB_H
#define TARN_LOS_SLAB_H

#include "los_typedef.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SLAB_MEM_COUNT 4              /**< classes: 16, 32, 64, 128 bytes */
#define SLAB_MEM_CALSS_STEP_SIZE 0x10 /**< size of the first class; the spelling is the original's */
#define SLAB_MEM_ALLOCATOR_SIZE 512   /**< bytes of a class if LOS_SlabSizeCfg() says nothing */
#define SLAB_BASIC_NEED_SIZE 0x1000   /**< smaller pools have no slab */

#define SLAB_BUCKET_SIZE_HALF_OF_HEAP 1
#define SLAB_BUCKET_SIZE_QUARTER_OF_HEAP 2
#define SLAB_MEM_BUCKET_SIZE_TYPE SLAB_BUCKET_SIZE_HALF_OF_HEAP

/**
 * Sets how many bytes of objects each slab class gets in the next LOS_MemInit() of a pool that has a slab; values below
 * 512 become 512. Later pools have 512 again. No effect where classes grow. A class for which there is no room, or that
 * would be longer than 4 MiB, is left out. Each call on an object of a class takes a few steps more for every 32 that
 * the class has.
 *
 * Fails: @p cfg NULL or @p cnt not 4: `[ERR] cfg is NULL, or cnt %u != SLAB_MEM_COUNT`, nothing changes.
 * Units: bytes. Bound: constant. Interrupts: no. Lock: none. Source: LiteOS 5.0.
 */
VOID LOS_SlabSizeCfg(UINT32 *cfg, UINT32 cnt);

#ifdef __cplusplus
}
#endif

#endif
