/* SPDX-License-Identifier: MIT */
/* What a tool that knows of every byte who may touch it has to be able to do, and who tells it when. */
#ifndef TARN_HOOKS_FOLLOW_H
#define TARN_HOOKS_FOLLOW_H

#include "tarn/hooks.h"

/* A pool that is followed. */
typedef struct followed {
    const unsigned char *pool;  /* the handle, a region's for heaps; NULL: no entry */
    const unsigned char *start; /* the bytes that blocks lie in */
    size_t bytes;
    size_t gap;     /* bytes between the end of a block's use and the next block, at least */
    bool is_blocks; /* a block pool: what its blocks hold stays between uses */
} followed;

typedef struct follow_tool {
    /* Bytes are the program's, with what they hold, or out of bounds; no block is concerned. */
    void (*open)(const void *start, size_t bytes);
    void (*close)(const void *start, size_t bytes);
    /* The pool's bytes become out of bounds. */
    void (*claim)(const followed *f);
    /* They are the program's again, with what they hold. */
    void (*yield)(const followed *f);
    /* A block of size bytes was handed out; defined: what it holds counts as written. */
    void (*give)(const followed *f, const void *block, size_t size, bool defined);
    /* A block whose first `size` bytes were in bounds is taken back. */
    void (*take)(const followed *f, const void *block, size_t size);
    /* A block of old bytes is one of size bytes; defined: what it gains counts as written. */
    void (*change)(const followed *f, const void *block, size_t old, size_t size, bool defined);
    /* How many of the bytes from block on, at most `most`, are in bounds. */
    size_t (*extent)(const void *block, size_t most);
    /* An address that is no block of the pool is given back. */
    void (*stray)(const followed *f, const void *address);
    /* The thread touches what it may not, and has done so. Nests. */
    void (*pause)(void);
    void (*resume)(void);
} follow_tool;

/* Follows events for the tool; there is one at a time. TARN_E_IN_USE, or as tarn_events_add_kinds(). */
tarn_status tarn_follow(const follow_tool *tool);

/* The followed pool whose blocks' bytes hold the address; false if there is none. */
bool tarn_follow_find(const void *address, followed *f);

/* TARN_E_ARGUMENT if it is another tool or none. */
tarn_status tarn_follow_end(const follow_tool *tool);

#endif
