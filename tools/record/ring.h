/* SPDX-License-Identifier: MIT */
/**
 * @file ring.h
 * @brief What a recorded process and `tarn record` share: a file in memory with a table of rings, one per process.
 *
 * A process claims a free ring when it first allocates, and again after fork() and exec(). It takes places in its ring
 * in order, fills each record and then publishes it by its turn; `tarn record` takes what is published, in order. What
 * is published survives the process, however it ends. A ring that is full has its process wait: nothing is dropped.
 */
#ifndef TARN_TOOLS_RECORD_RING_H
#define TARN_TOOLS_RECORD_RING_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/** Names the file, as /proc/PID/fd/N. */
#define RING_VARIABLE "TARN_RECORD"

#define RING_MAGIC UINT32_C(0x74617272)
#define RING_VERSION 1u

enum { RING_COUNT = 256, RING_SLOTS = 1 << 15 };

/** States of a ring: claimed while its head is being filled. */
enum { RING_FREE, RING_CLAIMED, RING_ACTIVE };

/** One call. */
typedef struct ring_record {
    _Atomic uint64_t turn; /**< one more than its place, once it is published */
    uint64_t time;         /**< nanoseconds of the monotonic clock */
    uint64_t size, block, usable, site, alignment;
    uint32_t thread;
    uint32_t kind; /**< ROW_* of tools/trace/rows.h */
} ring_record;

typedef struct ring_head {
    _Atomic uint32_t state;
    uint32_t pid;
    uint32_t serial;        /**< no two claims have the same; from 1 */
    uint32_t parent_serial; /**< of the ring that the process had before it was forked, 0 for a new program */
    uint64_t forked_at;     /**< places that were taken in that ring then */
    _Atomic uint64_t taken; /**< records that were taken out */
    char program[64];
} ring_head;

typedef struct ring_control {
    uint32_t magic;
    uint32_t version;
    uint32_t reader;           /**< pid of `tarn record` */
    _Atomic uint32_t closed;   /**< nobody takes records out any more */
    _Atomic uint32_t serials;  /**< given so far */
    _Atomic uint32_t left_out; /**< processes that found no free ring */
    ring_head heads[RING_COUNT];
} ring_control;

#define RING_BYTES (sizeof(ring_record) * RING_SLOTS)
/** Rings begin at a multiple of every page size in use. */
#define RING_CONTROL_BYTES ((sizeof(ring_control) + 65535u) / 65536u * 65536u)
#define RING_FILE_BYTES (RING_CONTROL_BYTES + RING_BYTES * RING_COUNT)

_Static_assert(sizeof(ring_record) == 64, "a record is a line of cache");

#endif
