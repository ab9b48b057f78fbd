/* SPDX-License-Identifier: MIT */
/**
 * @file hooks.h
 * @brief Pools seen by the tools that programs are checked and watched with: Valgrind, AddressSanitizer, USDT probes,
 * and recorders. Library libtarn-hooks (`pkg-config tarn-hooks`).
 *
 * Each is a sink of events that is installed and removed at run time. Valgrind and AddressSanitizer are told who may
 * touch what, to the byte: in pools made after the install, everything between the blocks and behind the size asked
 * for is out of bounds for the program, and a block given back is. docs/hooks.md says what is found and what is not.
 */
#ifndef TARN_HOOKS_H
#define TARN_HOOKS_H

#include <stdbool.h>

#include "tarn/events.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Tells Valgrind's memcheck about the blocks of pools made from now on, as mempools. Pools beyond 256 at a time are
 * left out.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_UNAVAILABLE (the program does not run under Valgrind, or the library was built
 * without its header), #TARN_E_IN_USE (this or AddressSanitizer is installed), #TARN_E_REGISTRY_FULL (4 sinks are).
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_valgrind_install(void);

/**
 * Ends it, and makes the memory of all pools it knows the program's again.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if it is not installed.
 * Bound: pools. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_valgrind_remove(void);

/**
 * Has AddressSanitizer watch the blocks of pools made from now on, by poisoning what the program may not touch. Pools
 * beyond 256 at a time are left out.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_UNAVAILABLE (the program is not linked with -fsanitize=address, or the library was
 * built without its header), #TARN_E_IN_USE (this or Valgrind is installed), #TARN_E_REGISTRY_FULL (4 sinks are).
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_asan_install(void);

/**
 * Ends it, and makes the memory of all pools it knows the program's again.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if it is not installed.
 * Bound: pools. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_asan_remove(void);

/**
 * Turns events into the static probes of provider `tarn`, which perf, bpftrace, SystemTap and GDB know how to use; the
 * names and arguments are in docs/hooks.md.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_UNAVAILABLE (the library was built without sys/sdt.h), #TARN_E_REGISTRY_FULL.
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_usdt_install(void);

/**
 * Ends it.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if it is not installed, #TARN_E_UNAVAILABLE as above.
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_usdt_remove(void);

/** The version of the records below; of the stream as a whole, and apart from all other versions of tarn. */
#define TARN_RECORD_VERSION 1u

/** First word of a stream: "tarn" in the bytes' order of who wrote it. */
#define TARN_RECORD_MAGIC UINT32_C(0x6E726174)

/** The first record of a stream, 64 bytes like all others. */
typedef struct tarn_record_head {
    uint32_t magic;        /**< #TARN_RECORD_MAGIC; tells the byte order */
    uint16_t version;      /**< #TARN_RECORD_VERSION */
    uint16_t record_bytes; /**< 64 */
    uint32_t word_bytes;   /**< of an address: 4 or 8 */
    uint32_t reserved;
    uint64_t anchor; /**< address of tarn_alloc(), which call sites are relative to */
    uint64_t padding[5];
} tarn_record_head;

/** One event. */
typedef struct tarn_record {
    uint64_t time;      /**< by the recorder's clock, 0 without one */
    uint32_t sequence;  /**< counts events from 0, modulo 2^32: a gap is what the writer dropped */
    uint16_t kind;      /**< TARN_EVENT_* */
    uint16_t status;    /**< tarn_status */
    uint32_t task;      /**< tag of the running task (port.h) */
    uint32_t alignment; /**< asked for, 0 if none in particular */
    uint64_t pool;      /**< address of the pool, heap or block pool */
    uint64_t block;     /**< address of the block, 0 if none */
    uint64_t size;      /**< bytes, see the kind */
    uint64_t caller;    /**< return address of the outermost public function, 0 where not known */
    uint64_t reserved;
} tarn_record;

/** Takes a record of 64 bytes, on the thread that the event happened on, outside every lock; false if it was dropped.
 *  Threads call it at the same time. */
typedef bool tarn_record_write(const void *record, void *context);

/** Returns the time, in a unit of the program's. */
typedef uint64_t tarn_record_clock(void *context);

/** A recorder, in memory of the caller's. */
typedef struct tarn_recorder {
    tarn_record_write *write;
    tarn_record_clock *clock; /**< may be NULL */
    void *context;            /**< given to both */
    uint32_t kinds;           /**< a sum of #TARN_EVENTS_OF; 0: #TARN_EVENTS_COMMON */
    uint32_t sequence;        /**< out: events so far */
    uint32_t dropped;         /**< out: records that the writer dropped, the head included */
} tarn_recorder;

/**
 * Writes the head, and from then on a record for every event. @p recorder must stay in place until it is removed.
 * Nothing is lost unless the writer says so, and that is counted. The writer has returned from the head before it is
 * given a record.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL (recorder or writer), #TARN_E_ARGUMENT (kinds), #TARN_E_REGISTRY_FULL (the
 * head is written, and nothing more).
 * Bound: constant, plus the writer's and the clock's. Interrupts: no. Lock: registry, and the recorder's own for a
 * few instructions per event. Source: tarn.
 */
tarn_status tarn_recorder_install(tarn_recorder *recorder);

/**
 * Ends it; on another thread a record may still be written.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if it is not installed.
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_recorder_remove(tarn_recorder *recorder);

#ifdef __cplusplus
}
#endif

#endif
