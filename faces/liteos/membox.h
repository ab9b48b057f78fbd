/* SPDX-License-Identifier: MIT */
/*
 * What the files of LiteOS's memboxes share. The layout of the buffer is the original's, so nothing of ours fits in it:
 * no magic, no lock, no inverse of the stride.
 *
 *   [size][boxes][out][list]  [head][box ...]  [head][box ...]  ...
 *   |<------ control ------>| |<-- stride -->|
 *
 * X1 A membox is sane if its words agree: size and boxes are not 0, no more are out than there are; of a static one
 *    also that the size is a stride and all of it ends within 32 bits. Everything starts from a sane one.
 * X2 A box is out exactly while its head holds HEAD_OUT, which is no address of a head; only what begins a box is read
 *    as a head.
 * X3 What an entry of the registry leads to is written only when a block that carries it is given back, and if the
 *    words still say what the entry does: nobody says when a membox ends. Every other entry gives way.
 */
#ifndef TARN_FACE_LITEOS_MEMBOX_H
#define TARN_FACE_LITEOS_MEMBOX_H

#include "face.h"

/* The kinds, by the names that a file that asks for one gets. */
UINT32 tarn_liteos_box_init(VOID *pool, UINT32 poolSize, UINT32 blkSize);
VOID *tarn_liteos_box_alloc(VOID *pool);
UINT32 tarn_liteos_box_free(VOID *pool, VOID *box);
VOID tarn_liteos_box_clear(VOID *pool, VOID *box);
VOID tarn_liteos_box_show(VOID *pool);
UINT32 tarn_liteos_system_box_init(VOID *pool, UINT32 poolSize, UINT32 blkSize);
VOID *tarn_liteos_system_box_alloc(VOID *pool);
UINT32 tarn_liteos_system_box_free(VOID *pool, VOID *box);
VOID tarn_liteos_system_box_clear(VOID *pool, VOID *box);
VOID tarn_liteos_system_box_show(VOID *pool);

/* membox_list.c: tells events, and who switched reports on, why a call was refused. */
VOID tarn_liteos_box_refused(const CHAR *function, const VOID *pool, const VOID *box, tarn_status status);

/* membox_list.c: the first line of a listing. */
VOID tarn_liteos_box_title(const CHAR *prefix, const VOID *pool, UINT32 size, UINT32 boxes);

/* Words of the control: bytes from the handle. */
enum { BOX_SIZE = 0, BOX_COUNT = 4, BOX_OUT = 8, BOX_COUNTS_BYTES = 12 };

typedef struct box_counts {
    UINT32 size;
    UINT32 count;
    UINT32 out;
} box_counts;

static inline unsigned char *box_bytes(const VOID *pool)
{
    return (unsigned char *)(UINTPTR)pool;
}

/* X1, under the lock. */
static inline bool box_counts_read(box_counts *counts, const VOID *pool)
{
    const unsigned char *at = box_bytes(pool);
    if (((UINTPTR)pool & 3u) != 0) {
        return false;
    }
    counts->size = word_load(at + BOX_SIZE);
    counts->count = word_load(at + BOX_COUNT);
    counts->out = word_load(at + BOX_OUT);
    return counts->size != 0 && counts->count != 0 && counts->out <= counts->count;
}

/* What speaks against a membox there, whichever its kind. */
static inline tarn_status box_range(const VOID *pool, UINT32 bytes, uint64_t least)
{
    if (((UINTPTR)pool & 3u) != 0) {
        return TARN_E_MISALIGNED;
    }
    if (bytes < least) {
        return TARN_E_TOO_SMALL;
    }
    return (UINTPTR)pool + bytes < (UINTPTR)pool ? TARN_E_ARGUMENT : TARN_OK;
}

#endif
