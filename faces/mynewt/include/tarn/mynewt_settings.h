/* SPDX-License-Identifier: MIT */
/**
 * @file mynewt_settings.h
 * @brief What a program that includes os/os_mempool.h chooses about its pools, as numbers that the library is told.
 *
 * Defined before the first os/ header, or with -D: OS_ALIGNMENT (os/os_arch.h) and the settings here. Files of one
 * program may choose differently; a pool keeps what the file chose that initialised it, and that file must be the one
 * that says how large its buffer is.
 */
#ifndef TARN_MYNEWT_SETTINGS_H
#define TARN_MYNEWT_SETTINGS_H

#ifndef MYNEWT_VAL
#define MYNEWT_VAL(_name) MYNEWT_VAL_##_name /**< value of a setting */
#endif

#ifndef MYNEWT_VAL_OS_DEBUG_MODE
#define MYNEWT_VAL_OS_DEBUG_MODE 0 /**< 1: CHECK and POISON are on unless said otherwise */
#endif
#ifndef MYNEWT_VAL_OS_MEMPOOL_CHECK
#define MYNEWT_VAL_OS_MEMPOOL_CHECK MYNEWT_VAL_OS_DEBUG_MODE /**< 1: os_memblock_put() finds every block that is free */
#endif
#ifndef MYNEWT_VAL_OS_MEMPOOL_POISON
#define MYNEWT_VAL_OS_MEMPOOL_POISON MYNEWT_VAL_OS_DEBUG_MODE /**< 1: free blocks are filled, and checked by get */
#endif
#ifndef MYNEWT_VAL_OS_MEMPOOL_GUARD
#define MYNEWT_VAL_OS_MEMPOOL_GUARD 0 /**< 1: a word behind each block, checked by put and get */
#endif
#ifndef MYNEWT_VAL_OS_MEMPOOL_CHECK_MAP
/** tarn's own. 1, together with CHECK: a bit per block instead of a search, in words that OS_MEMPOOL_SIZE() adds at the
 *  end of the buffer; 0 because a buffer whose size is worked out by hand has no such words. */
#define MYNEWT_VAL_OS_MEMPOOL_CHECK_MAP 0
#endif
#ifndef MYNEWT_VAL_OS_SYSVIEW_TRACE_MEMPOOL
#define MYNEWT_VAL_OS_SYSVIEW_TRACE_MEMPOOL 0 /**< known; events are in tarn/events.h */
#endif

/** @name Bits of the option word of tarn_mynewt_init(), beside the alignment in the lowest eight */
/**@{*/
#define TARN_MYNEWT_CHECK 0x00000100u  /**< MYNEWT_VAL(OS_MEMPOOL_CHECK) */
#define TARN_MYNEWT_POISON 0x00000200u /**< MYNEWT_VAL(OS_MEMPOOL_POISON) */
#define TARN_MYNEWT_GUARD 0x00000400u  /**< MYNEWT_VAL(OS_MEMPOOL_GUARD) */
#define TARN_MYNEWT_MAP 0x00000800u    /**< MYNEWT_VAL(OS_MEMPOOL_CHECK_MAP), only with CHECK */
#define TARN_MYNEWT_EXT 0x00001000u    /**< the pool is the first member of a struct os_mempool_ext */
/** The version of this interface and the size of the structure as the including file sees it: nothing else passes. */
#define TARN_MYNEWT_INTERFACE (UINT32_C(0x01000000) | sizeof(struct os_mempool) << 16)
/**@}*/

/** The option word of the file that includes this. */
#define TARN_MYNEWT_OPTIONS                                                                             \
    ((OS_ALIGNMENT) | TARN_MYNEWT_INTERFACE | (MYNEWT_VAL(OS_MEMPOOL_CHECK) ? TARN_MYNEWT_CHECK : 0u) | \
     (MYNEWT_VAL(OS_MEMPOOL_POISON) ? TARN_MYNEWT_POISON : 0u) |                                        \
     (MYNEWT_VAL(OS_MEMPOOL_GUARD) ? TARN_MYNEWT_GUARD : 0u) |                                          \
     (MYNEWT_VAL(OS_MEMPOOL_CHECK) && MYNEWT_VAL(OS_MEMPOOL_CHECK_MAP) ? TARN_MYNEWT_MAP : 0u))

#endif
