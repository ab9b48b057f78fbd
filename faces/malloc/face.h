/* SPDX-License-Identifier: MIT */
/**
 * @file face.h
 * @brief What the files of the malloc face share: one heap, one lock, settings, counters, text.
 *
 * Nothing behind these declarations may allocate, directly or through the C library, and nothing may rely on a
 * constructor: the run-time linker calls malloc before any has run.
 */
#ifndef TARN_FACES_MALLOC_FACE_H
#define TARN_FACES_MALLOC_FACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tarn/account.h"
#include "tarn/inject.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"
#include "tarn/report.h"

/** Bytes of the granule, hence the alignment of every block: what max_align_t needs on every ABI in use. */
#define TARN_MALLOC_GRANULE 16u

/** What the program asked for; the counts of a forked child start at zero. */
typedef struct tarn_malloc_counts {
    uint64_t malloc;  /**< calls to malloc() */
    uint64_t calloc;  /**< calls to calloc() */
    uint64_t realloc; /**< calls to realloc() and reallocarray() */
    uint64_t free;    /**< calls to free(), those with NULL not counted */
    uint64_t aligned; /**< calls to the five functions that take or imply an alignment */
    uint64_t refused; /**< requests answered with ENOMEM */
} tarn_malloc_counts;

/** The process's heap: one pool in one mapping. */
typedef struct tarn_malloc_heap {
    tarn_pool *pool; /**< NULL if the system gave no memory for one */
    size_t bytes;    /**< of the mapping and the pool */
    tarn_malloc_counts counts;
    uint32_t policy;    /**< TARN_POLICY_* */
    bool told;          /**< damage was met that does not end the program, */
    tarn_report report; /**< and this is about it */
} tarn_malloc_heap;

/**
 * Takes the face's lock and returns the heap, which the first call makes. Between fork()'s handlers the forking thread
 * already has the lock and passes.
 *
 * Returns: as said; tarn_malloc_heap.pool may be NULL. Fails: NULL, and nothing is taken, in a signal handler that
 * interrupted this thread between enter and leave.
 * Bound: waiting. Interrupts: refused, as said. Lock: takes the face's. Source: tarn.
 */
tarn_malloc_heap *tarn_malloc_enter(void);

/**
 * Gives back the lock that tarn_malloc_enter() took, and tells of damage that was met meanwhile.
 *
 * Returns: nothing. Fails: never. Bound: constant. Interrupts: no. Lock: gives the face's back. Source: tarn.
 */
void tarn_malloc_leave(void);

/** Longest path that TARN_REPORT may name, its end included. */
#define TARN_MALLOC_PATH_BYTES 1024u

/** What the environment asks for. */
typedef struct tarn_malloc_settings {
    uint32_t engine;                     /**< TARN_ENGINE_*, TARN_ENGINE_DEFAULT if not set */
    uint64_t pool_bytes;                 /**< 0 if not set */
    uint32_t words;                      /**< extension words, TARN_WORDS_*, 0 if not set */
    uint32_t policy;                     /**< TARN_POLICY_*, TARN_POLICY_STOP if not set */
    bool guard;                          /**< whether blocks have a guard */
    uint64_t quarantine_bytes;           /**< that blocks given back may hold while they wait, 0 if not set */
    char report[TARN_MALLOC_PATH_BYTES]; /**< file that takes the record at exit, empty if not set */
    bool leaks;                          /**< whether what is still allocated is listed at exit */
    bool fails;                          /**< whether requests shall fail */
    tarn_injection fail;                 /**< which */
} tarn_malloc_settings;

/**
 * Reads TARN_ENGINE, TARN_POOL, TARN_WORDS, TARN_GUARD, TARN_QUARANTINE, TARN_POLICY, TARN_REPORT, TARN_LEAKS and
 * TARN_FAIL, also before the C library knows its environment. A value without meaning is named on stderr and the
 * default stays. A program with more rights than its user reads none.
 *
 * Returns: nothing. Fails: never. Bound: bytes of the environment. Interrupts: no. Lock: none. Source: tarn.
 */
void tarn_malloc_settings_read(tarn_malloc_settings *settings);

/**
 * Has a record of the heap appended to the file @p path when the process ends; an empty path means none.
 *
 * Returns: nothing. Fails: never. Bound: length of the path. Interrupts: no. Lock: held. Source: tarn.
 */
void tarn_malloc_record_at_exit(const char *path);

/**
 * Has what is still allocated listed on stderr when the process ends, if @p list says so.
 *
 * Returns: nothing. Fails: never. Bound: constant. Interrupts: no. Lock: held. Source: tarn.
 */
void tarn_malloc_leaks_at_exit(bool list);

/**
 * Has the heap checked in full when the process ends, if @p check says so; damage is told as tarn_malloc_tell_damage()
 * does, and what the program has printed is flushed before it is ended.
 *
 * Returns: nothing. Fails: never. Bound: constant. Interrupts: no. Lock: held. Source: tarn.
 */
void tarn_malloc_check_at_exit(bool check);

/**
 * Ends the program with abort() after writing to stderr which pointer @p function was given and why it is bad; or, for
 * #TARN_E_DAMAGED, where the pool is damaged, as tarn_malloc_damaged_pool() does.
 * Takes and gives back the lock by itself, so that a handler of SIGABRT may allocate.
 *
 * Returns: never. Bound: blocks. Interrupts: no. Lock: must not be held. Source: tarn; behaviour as glibc.
 */
_Noreturn void tarn_malloc_bad_pointer(const char *function, const void *block, tarn_status status);

/**
 * Ends the program as tarn_malloc_bad_pointer() does, because a check of the pool found damage.
 *
 * Returns: never. Bound: blocks. Interrupts: no. Lock: must not be held. Source: tarn; behaviour as glibc.
 */
_Noreturn void tarn_malloc_damaged_pool(const char *function);

/**
 * Writes to stderr what a call met that it did not fail by: what the pool's policy has dealt with, or what has been
 * written to a block that waited. With TARN_POLICY_STOP it then ends the program.
 *
 * Returns: nothing, or not at all. Fails: never. Bound: length of the text. Interrupts: no. Lock: must not be held.
 * Source: tarn.
 */
void tarn_malloc_tell_damage(const tarn_report *report, uint32_t policy);

/**
 * What tarn_malloc_tell_damage() writes, and nothing else.
 *
 * Returns: nothing. Fails: never. Bound: length of the text. Interrupts: no. Lock: must not be held. Source: tarn.
 */
void tarn_malloc_write_damage(const tarn_report *report, uint32_t policy);

/** tarn_site_address() for tarn_report_text_resolved(). */
static inline uint64_t tarn_malloc_site_address(uint32_t site)
{
    return (uintptr_t)tarn_site_address(site);
}

/** A line of text in the making; what does not fit is cut. */
typedef struct tarn_malloc_text {
    size_t length;
    char bytes[1536];
} tarn_malloc_text;

/** Appends @p string. */
void tarn_malloc_text_add(tarn_malloc_text *text, const char *string);

/** Appends @p length bytes of @p string. */
void tarn_malloc_text_add_some(tarn_malloc_text *text, const char *string, size_t length);

/** Appends @p number in decimal. */
void tarn_malloc_text_add_number(tarn_malloc_text *text, uint64_t number);

/** Appends @p address as 0x and hexadecimal digits. */
void tarn_malloc_text_add_address(tarn_malloc_text *text, uintptr_t address);

/** Writes the text to @p descriptor in one write(), so that lines of several processes do not mix; errno is kept. */
void tarn_malloc_text_write(const tarn_malloc_text *text, int descriptor);

/** The short name under which this program was called, "?" if it has none. */
const char *tarn_malloc_program(void);

#endif
