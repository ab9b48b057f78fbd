/* SPDX-License-Identifier: MIT */
/**
 * @file os_mempool.h
 * @brief The memory pools of Apache Mynewt: blocks of one size in the caller's buffer.
 *
 * Source compatible: names, numbers, structure members and success behaviour are the original's, and so is the free
 * list: the first word of a free block points at the next one, in order of address after init and clear. Where the
 * original asserts, crashes or corrupts, this one refuses; docs/porting-mynewt.md lists each case.
 *
 * OS_ALIGNMENT and MYNEWT_VAL(OS_MEMPOOL_CHECK|POISON|GUARD|CHECK_MAP) are those of the file that includes this, and
 * the pool keeps them (tarn/mynewt_settings.h). A link takes a pointer: a block smaller than that occupies that much.
 *
 * A call that is refused changes nothing and, unless an argument is NULL, tells the fault (tarn_mynewt_fault()).
 *
 * Common contract: Units: block sizes are bytes. Interrupts: as tarn_port_lock(). Lock: the critical section of
 * os/os_arch.h, which the caller may be in. Source: Mynewt, unless stated.
 */
#ifndef TARN_MYNEWT_OS_MEMPOOL_H
#define TARN_MYNEWT_OS_MEMPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/os.h"
#include "os/queue.h"
#include "tarn/mynewt.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a pool's buffer is an array of: OS_ALIGNMENT bytes, aligned to them wherever it stands. */
#if OS_ALIGNMENT == 4
typedef uint32_t os_membuf_t;
#elif OS_ALIGNMENT == 8
typedef uint64_t os_membuf_t __attribute__((aligned(8)));
#elif defined(__SIZEOF_INT128__)
__extension__ typedef unsigned __int128 os_membuf_t __attribute__((aligned(16)));
#else
typedef struct {
    uint64_t tarn_halves[2];
} os_membuf_t __attribute__((aligned(16)));
#endif

/** Bytes of a block beside its alignment: as said, and a guard behind them if the program has them. */
#if MYNEWT_VAL(OS_MEMPOOL_GUARD)
#define OS_MEMPOOL_BLOCK_SZ(sz) ((sz) + sizeof(os_membuf_t))
#else
#define OS_MEMPOOL_BLOCK_SZ(sz) (sz)
#endif

/* A number and not sizeof: the result is then of the type that the block size has. */
#if UINTPTR_MAX > 0xFFFFFFFF
#define TARN_MYNEWT_LINK_BYTES 8
#else
#define TARN_MYNEWT_LINK_BYTES 4
#endif
#define TARN_MYNEWT_BLOCK_LEAST(sz) ((sz) < TARN_MYNEWT_LINK_BYTES ? TARN_MYNEWT_LINK_BYTES : (sz))

#if MYNEWT_VAL(OS_MEMPOOL_CHECK) && MYNEWT_VAL(OS_MEMPOOL_CHECK_MAP)
#define TARN_MYNEWT_MAP_SIZE(n) ((((n) + 31) / 32 * 4 + (OS_ALIGNMENT - 1)) / OS_ALIGNMENT)
#else
#define TARN_MYNEWT_MAP_SIZE(n) 0
#endif

/** How many os_membuf_t a pool of @p n blocks takes; an integer constant expression if both numbers are. */
#define OS_MEMPOOL_SIZE(n, blksize)                                                                          \
    ((((OS_MEMPOOL_BLOCK_SZ(TARN_MYNEWT_BLOCK_LEAST(blksize)) + (OS_ALIGNMENT - 1)) / OS_ALIGNMENT) * (n)) + \
     TARN_MYNEWT_MAP_SIZE(n))

/** How many bytes a pool of @p n blocks takes. */
#define OS_MEMPOOL_BYTES(n, blksize) (sizeof(os_membuf_t) * OS_MEMPOOL_SIZE((n), (blksize)))

/** What a free block begins with. Aligned as blocks are, which may be less than a pointer is. */
struct os_memblock {
    SLIST_ENTRY(os_memblock) mb_next; /**< the next free block */
} __attribute__((packed, aligned(4)));

/** A pool. One layout in every configuration; what begins with tarn_ is the library's own. */
struct os_mempool {
    uint32_t mp_block_size;   /**< as given, not rounded */
    uint16_t mp_num_blocks;   /**< free or not */
    uint16_t mp_num_free;     /**< free now */
    uint16_t mp_min_free;     /**< fewest that were free since init or clear */
    uint8_t mp_flags;         /**< OS_MEMPOOL_F_* */
    uintptr_t mp_membuf_addr; /**< the buffer */
    STAILQ_ENTRY(os_mempool) mp_list;
    __extension__ SLIST_HEAD(, os_memblock);
    char *name; /**< as given, not copied */

    uintptr_t tarn_stride;  /* from one block to the next */
    uintptr_t tarn_inverse; /* of the odd factor of the stride, modulo 2^(bits of a pointer) */
    uint32_t tarn_shift;    /* log2 of the stride's other factor */
    uint32_t tarn_options;  /* the option word of init */
    uint32_t tarn_magic;    /* says that this is a pool */
};

#define OS_MEMPOOL_F_EXT 0x01 /**< of mp_flags: the structure is a struct os_mempool_ext */

struct os_mempool_ext;

/**
 * What os_memblock_put() of an extended pool calls in place of giving the block back, outside the critical section. It
 * gives it back with os_memblock_put_from_cb(), now or later. What it answers os_memblock_put() returns.
 */
typedef os_error_t os_mempool_put_fn(struct os_mempool_ext *ome, void *data, void *arg);

/** A pool with a callback. */
struct os_mempool_ext {
    struct os_mempool mpe_mp;
    os_mempool_put_fn *mpe_put_cb; /**< NULL after init; may change at any time */
    void *mpe_put_arg;
};

#define OS_MEMPOOL_INFO_NAME_LEN (32) /**< bytes of a name in os_mempool_info, its end included */

/** What is told about a pool. */
struct os_mempool_info {
    int omi_block_size;
    int omi_num_blocks;
    int omi_num_free;
    int omi_min_free;
    char omi_name[OS_MEMPOOL_INFO_NAME_LEN]; /**< cut to 31 characters */
};

/**
 * Makes a pool of @p blocks blocks of @p block_size bytes in @p membuf, which holds OS_MEMPOOL_BYTES(@p blocks,
 * @p block_size), and lists it. A pool that is listed is taken off the list first. Without blocks @p membuf may be
 * NULL.
 *
 * Returns: #OS_OK. Fails, tested in this order, and @p mp is as it was: #OS_INVALID_PARM for @p mp NULL, @p block_size
 * 0 or
 * @p membuf NULL with blocks; #OS_MEM_NOT_ALIGNED for a @p membuf that is no multiple of OS_ALIGNMENT; #OS_INVALID_PARM
 * for more than the address space holds.
 * Bound: blocks, registry; with POISON, bytes. Interrupts: no. Lock: the critical section, registry (not both at once).
 */
static inline os_error_t os_mempool_init(struct os_mempool *mp, uint16_t blocks, uint32_t block_size, void *membuf,
                                         const char *name)
{
    return tarn_mynewt_init(mp, blocks, block_size, membuf, name, TARN_MYNEWT_OPTIONS);
}

/**
 * os_mempool_init() of an extended pool: its callback and argument are NULL and are assigned afterwards.
 *
 * Returns: #OS_OK. Fails: as os_mempool_init().
 * Bound: as os_mempool_init(). Interrupts: no. Lock: as os_mempool_init().
 */
static inline os_error_t os_mempool_ext_init(struct os_mempool_ext *mpe, uint16_t blocks, uint32_t block_size,
                                             void *membuf, const char *name)
{
    return tarn_mynewt_init(mpe == NULL ? NULL : &mpe->mpe_mp, blocks, block_size, membuf, name,
                            TARN_MYNEWT_OPTIONS | TARN_MYNEWT_EXT);
}

/**
 * Takes the pool off the list. It works on.
 *
 * Returns: #OS_OK. Fails: #OS_INVALID_PARM if it is not listed, with no fault.
 * Bound: listed pools, registry. Interrupts: no. Lock: the critical section, registry (not both at once).
 */
os_error_t os_mempool_unregister(struct os_mempool *mp);

/**
 * Makes every block free, whoever has it, in order of address.
 *
 * Returns: #OS_OK. Fails: #OS_INVALID_PARM if @p mp is NULL or no pool.
 * Bound: blocks; with POISON, bytes. Interrupts: no.
 */
os_error_t os_mempool_clear(struct os_mempool *mp);

/**
 * Looks at every free block: that it is one, that they are as many as are counted, that poison, guards and map are as
 * they should be.
 *
 * Returns: true. Fails: false if not, or if @p mp is NULL or no pool; that is no fault and not told.
 * Bound: blocks; with POISON, bytes. Interrupts: no.
 */
bool os_mempool_is_sane(const struct os_mempool *mp);

/**
 * Returns 1 if a block of the pool begins at @p block_addr, free or not, else 0.
 *
 * Fails: 0 for NULL and for no pool. Bound: constant. Lock: none.
 */
int os_memblock_from(const struct os_mempool *mp, const void *block_addr);

/**
 * Returns a block, the one that was put last, contents undefined. One that was written while it was free (POISON) or
 * whose guard is overwritten (GUARD) is not handed out: it is told, stays out as if it were, until it is put or the
 * pool is cleared, and the next one is taken.
 *
 * Fails: NULL if @p mp is NULL or no block is free; and with a fault if @p mp is no pool or its free list broken.
 * Bound: constant; with POISON, bytes of the blocks looked at.
 */
void *os_memblock_get(struct os_mempool *mp);

/**
 * Gives a block back: to the free list, whose head it becomes, or to the callback of an extended pool.
 *
 * Returns: #OS_OK, or what the callback returned. Fails: #OS_INVALID_PARM, in every configuration, if an argument is
 * NULL,
 * @p mp no pool, @p block_addr not the start of a block of it, all its blocks are free already, or this is the block
 * that was put last; with CHECK for every block that is free; with GUARD for one whose guard is overwritten; and if the
 * free list is broken. The callback is then not called.
 * Bound: constant, and what the callback does; with POISON, bytes of the block; with CHECK but no map, free blocks.
 */
os_error_t os_memblock_put(struct os_mempool *mp, void *block_addr);

/**
 * os_memblock_put() without the callback, for the callback itself.
 *
 * Returns: #OS_OK. Fails: as os_memblock_put(). Bound: as os_memblock_put().
 */
os_error_t os_memblock_put_from_cb(struct os_mempool *mp, void *block_addr);

/**
 * Goes through the listed pools in order of init: @p mp NULL begins, else the pool that the call before returned.
 *
 * Returns: the pool, and @p omi tells about it. Fails: NULL, and @p omi is as it was, if there are no more.
 * Bound: constant. Interrupts: no.
 */
struct os_mempool *os_mempool_info_get_next(struct os_mempool *mp, struct os_mempool_info *omi);

/**
 * Returns the first listed pool of this name; NULL is the name "". @p info, if not NULL, tells about it.
 *
 * Fails: NULL, and @p info is as it was, if there is none. Bound: listed pools, and their names. Interrupts: no.
 */
struct os_mempool *os_mempool_get(const char *mempool_name, struct os_mempool_info *info);

/**
 * Forgets all pools: the list is empty from now on. They work on.
 *
 * Fails: never. Bound: registry. Interrupts: no. Lock: the critical section, registry (not both at once).
 */
void os_mempool_module_init(void);

#ifdef __cplusplus
}
#endif

#endif
