/* SPDX-License-Identifier: MIT */
/**
 * @file build.h
 * @brief Putting a trace together, call by call; and the tables that its readers need.
 */
#ifndef TARN_TOOLS_TRACE_BUILD_H
#define TARN_TOOLS_TRACE_BUILD_H

#include "stream.h"
#include "trace.h"

/** No trace has more operations: their memory stays below 4 GiB, and a small file cannot ask for more. */
#define BUILD_OPS_MAX ((size_t)1 << 26)

/** What is known of a slot's object while the trace is read. */
typedef struct build_slot {
    uint64_t size, usable;
    uint64_t address;   /**< for a reader that needs it */
    uint32_t next_free; /**< slot behind it in the list of free ones, plus one */
} build_slot;

typedef struct builder {
    trace *t;
    size_t room, slot_room;
    build_slot *slots;
    uint32_t free_slot; /**< first of the list, plus one */
    uint64_t live_bytes, live_usable, live_objects;
    trace_note note; /**< of the next operation */
} builder;

void build_begin(builder *b, trace *t);
void build_end(builder *b);

/** These append an operation; false, with trace.why set, if there is no memory for it. */
/**@{*/
bool build_take(builder *b, unsigned kind, unsigned alignment_log2, uint64_t size, uint64_t usable, uint32_t *slot);
bool build_resize(builder *b, uint32_t slot, uint64_t size, uint64_t usable);
bool build_free(builder *b, uint32_t slot);
/**@}*/

/** Notes why a trace cannot be read. Returns false. */
bool build_fail(trace *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A table from numbers to slots. */
typedef struct slot_map {
    struct slot_entry *entries;
    size_t room, count;
} slot_map;

/** False if there is no memory; @p key must not be in the table. */
bool slot_map_put(slot_map *m, uint64_t key, uint32_t slot);
/** Looks an entry up. False if there is none. */
bool slot_map_get(const slot_map *m, uint64_t key, uint32_t *slot);
/** Takes the entry out. False if there is none. */
bool slot_map_take(slot_map *m, uint64_t key, uint32_t *slot);
void slot_map_free(slot_map *m);

/** The two formats; the stream stands behind the first 8 bytes. */
/**@{*/
bool atrace_read(stream *s, trace *t);
bool recording_read(stream *s, trace *t, uint32_t process);
/**@}*/

#endif
