/* SPDX-License-Identifier: MIT */
/*
 * What the files of the Mynewt face share.
 *
 * M1 No option of its own: what a pool is like is in its structure, from the option word of the file that made it.
 * M2 One critical section for all pools (section.c). A task that is in it only counts; the port's lock is taken once.
 *    Code without a task tag, interrupts and ports without tasks, goes straight to the port, whose masks nest.
 * M3 Inside the section no other lock is taken, nothing printed, no event raised, no callback called. What there is to
 *    say or to list is noted and done when the section is left for good.
 * M4 A link, the head included, is used after it has proved itself NULL or the start of a block. A call never leaves
 *    the buffer, whatever free blocks were overwritten with.
 * M5 A structure is a pool while it carries the magic, which goes when the memory of its buffer is given back.
 * M6 What is at mp_membuf_addr is never an image to the registry, even if a block there carries one.
 */
#ifndef TARN_FACE_MYNEWT_H
#define TARN_FACE_MYNEWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/os_mempool.h"
#include "tarn/inspect.h"
#include "tarn/status.h"

#define FACE_MAGIC UINT32_C(0x74726D70)

STAILQ_HEAD(tarn_mynewt_pools, os_mempool);
extern struct tarn_mynewt_pools g_os_mempool_list;

/* section.c: what the port's lock is taken for. */
extern const unsigned char tarn_mynewt_section;

/* section.c: enters the critical section; what it returns is for tarn_mynewt_leave(). */
uintptr_t tarn_mynewt_enter(void);
void tarn_mynewt_leave(uintptr_t state);

/* section.c: the same where nothing can have been noted, which whoever settles calls: it does not come to settle again.
 * What others note they take with them before they give up the lock. */
void tarn_mynewt_leave_unnoted(uintptr_t state);

/* section.c: whether the caller is in it. */
bool tarn_mynewt_inside(void);

/* notes.c: inside the section, whether anything was noted; and the way out of it, which then does what was. */
bool tarn_mynewt_noted(void);
void tarn_mynewt_settle(uintptr_t state);

/* Why a call is refused. */
typedef struct face_fault {
    tarn_status status;
    const char *what;
} face_fault;

/* notes.c: inside the section, notes a fault; mp is not NULL. */
void tarn_mynewt_note_fault(const struct os_mempool *mp, const void *block, face_fault fault);

/* notes.c: outside the section, the same. */
os_error_t tarn_mynewt_refuse(const struct os_mempool *mp, const void *block, face_fault fault);

/* notes.c: inside the section, notes that the registry is to list or to forget a buffer, or to forget all. */
void tarn_mynewt_note_entry(const void *buffer, size_t bytes, const char *name);
void tarn_mynewt_note_exit(const void *buffer);
void tarn_mynewt_note_forget(void);

/* mempool.c: the listed pool after so many others, as the registry is to have it; false if there are no more. */
bool tarn_mynewt_nth(uint32_t index, tarn_registration *entry);

/* mempool.c: ends the pools whose buffer begins there, whose memory is given back; called with no lock held. */
void tarn_mynewt_end(const void *buffer);

/* mempool.c: a pool; anything else is none, whatever it holds. */
static inline bool face_is_pool(const struct os_mempool *mp)
{
    return mp->tarn_magic == FACE_MAGIC;
}

static inline bool face_has(const struct os_mempool *mp, uint32_t option)
{
    return (mp->tarn_options & option) != 0;
}

#define FAULT_NO_POOL ((face_fault){TARN_E_NOT_A_POOL, "no such pool"})
#define FAULT_CHAIN ((face_fault){TARN_E_DAMAGED, "free list broken"})

#endif
