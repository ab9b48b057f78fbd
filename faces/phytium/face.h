/* SPDX-License-Identifier: MIT */
/*
 * What the files of the Phytium face share.
 *
 * F1 A tlsf_t is a tarn_heap for TARN_TLSF_REGIONS regions; an FMemp's tlsf_ptr is one too. FMemp calls no tlsf_*
 *    function, so that a program may carry a tlsf.c of its own.
 * F2 Heaps are made with HEAP_TELLS_WIDTH: every region, whoever adds it, has granule 8, no lines, no extension words
 *    and headers that tell their width, so that the word in front of a payload says how large it is.
 * F3 What an FMemp says about itself is believed if its pointers name one heap object, the registry lists a heap there
 *    (or was ever full), and the heap is alive. The functions on blocks, which must not search a table, leave out the
 *    registry: they read where a structure points whose is_ready and two pointers fit each other.
 * F4 Each FMempInit() that makes a pool gives it another life, and so its tags. A pool is ended only by a structure of
 *    the same life, wherever that was copied: one that was forgotten over the same buffer is none.
 */
#ifndef TARN_FACE_PHYTIUM_H
#define TARN_FACE_PHYTIUM_H

#include "fmempory_pool.h"
#include "tarn/regions.h"

#include "called.h"
#include "config.h"
#include "heap.h"
#include "registry.h"

#if !defined(TARN_TLSF_REGIONS) || TARN_TLSF_REGIONS < 1 || TARN_TLSF_REGIONS > 65535
#error "tarn/config.h: TARN_TLSF_REGIONS is 1 to 65535; configs/config.h.example has every option"
#endif

/* Bytes of a heap object of this face. */
#define FACE_HEAP_BYTES TARN_HEAP_BYTES(TARN_TLSF_REGIONS)

/* Smallest request that FMempMalloc() and its relatives make, as the original's. */
#define FMEMP_LEAST 20u

/* Smallest request of tlsf.h: what 16 bytes hold. */
#define TLSF_LEAST 12u

/* heap.c: what the lock of all tags is taken for (fmemp_tag.c). */
extern const unsigned char tarn_phytium_tags;

/* heap.c: adds a region as F2 says. */
tarn_status tarn_phytium_add(tarn_heap *heap, void *memory, size_t bytes);

/* heap.c: bytes of the smallest region that begins there and serves a request for so many. */
size_t tarn_phytium_region_least(const void *memory, size_t serves);

/* heap.c: whether a region of so many bytes can begin there and serve such a request; nothing is touched. */
tarn_status tarn_phytium_fits(const void *memory, size_t bytes, size_t serves);

/* heap.c: "[ERR] who: address: why", for a pointer that was refused. */
void tarn_phytium_say(const char *who, const void *address, tarn_status status);

/* heap.c: the same for a heap's memory or a region. */
void tarn_phytium_say_region(const char *who, const void *address, tarn_status status);

/* heap.c: "[ERR] who: bytes are too few, it takes least". */
void tarn_phytium_say_few(const char *who, size_t bytes, size_t least);

/* heap.c: tarn_heap_free() that says why it refused. */
tarn_status tarn_phytium_free(tarn_heap *heap, void *block, const char *who, const void *caller);

/* heap.c: tarn_heap_realloc() that says why it refused a pointer. */
void *tarn_phytium_realloc(tarn_heap *heap, void *block, size_t size, const char *who, const void *caller);

/* heap.c: tarn_heap_alloc() at an alignment, 0 for none in particular. */
void *tarn_phytium_aligned(tarn_heap *heap, size_t size, size_t alignment, const void *caller);

/* What lies in front of an FMemp's first region. */
typedef struct fmemp_control {
    unsigned char heap[FACE_HEAP_BYTES];
    FMempPoolList node;
    u32 life;     /* as in the structure that FMempInit() filled (F4) */
    u32 untagged; /* blocks that found no room for a tag (fmemp_tag.c) */
} fmemp_control;

/* An entry of the table of tags (fmemp_tag.c). */
typedef struct fmemp_slot {
    FMempTag tag;
    tarn_heap *heap;
    u32 life;     /* of the pool whose list it is in; 0: the slot is free */
    u32 freed_at; /* how many tags had been marked freed when this one was */
    bool first;   /* of its list */
} fmemp_slot;

#define FMEMP_CONTROL_BYTES ((sizeof(fmemp_control) + IMAGE_ALIGNMENT - 1u) & ~(size_t)(IMAGE_ALIGNMENT - 1u))

static inline fmemp_control *fmemp_control_of(tarn_heap *heap)
{
    return (fmemp_control *)(void *)heap;
}

/* The heap that a structure names, NULL if it says not ready or its two pointers do not fit each other (F3); nothing is
 * read there. */
static inline tarn_heap *fmemp_heap(const FMemp *memp)
{
    bool ready = memp != NULL && memp->is_ready == FT_COMPONENT_IS_READY &&
                 (uintptr_t)memp->pools_list - (uintptr_t)memp->tlsf_ptr == offsetof(fmemp_control, node);
    return ready ? (tarn_heap *)memp->tlsf_ptr : NULL;
}

/* The slot of a tag of this pool; NULL at the end of the list, or where the list has become another pool's. */
static inline fmemp_slot *fmemp_slot_of(const FMemp *memp, FMempTag *tag)
{
    fmemp_slot *slot = (fmemp_slot *)(void *)tag;
    return slot != NULL && slot->life == memp->life ? slot : NULL;
}

/* fmemp.c: whether the pool of this life is known to be no more; only what is listed is read. */
bool tarn_phytium_is_gone(tarn_heap *heap, u32 life);

#endif
