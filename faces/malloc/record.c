/* SPDX-License-Identifier: MIT */
/*
 * What the heap saw, appended to a file when the process ends by exit() or by returning from main(). A process that
 * ends by _exit(), by a signal or by executing another program leaves no record.
 *
 * So does one that a signal handler ends by exit() after interrupting malloc.
 *
 * The file is never created here: a process that outlives whoever asked must leave nothing behind.
 *
 * Bound: one walk of a free list or, with `linear`, of the blocks.
 */
#define _POSIX_C_SOURCE 200809L /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "face.h"
#include "record.h"
#include "tarn/inspect.h"

static char path[TARN_MALLOC_PATH_BYTES];

void tarn_malloc_record_at_exit(const char *file)
{
    size_t length = strlen(file);
    if (length < sizeof path) {
        memcpy(path, file, length + 1);
    }
}

static void collect(const tarn_malloc_heap *heap, uint64_t fields[TARN_RECORD_FIELDS])
{
    tarn_stats stats;
    (void)tarn_stats_get(heap->pool, &stats);
    fields[TARN_RECORD_PID] = (uint64_t)getpid();
    fields[TARN_RECORD_ENGINE] = stats.engine;
    fields[TARN_RECORD_POOL] = stats.bytes;
    fields[TARN_RECORD_PEAK] = stats.peak;
    fields[TARN_RECORD_LIVE] = stats.used;
    fields[TARN_RECORD_LIVE_BLOCKS] = stats.blocks;
    fields[TARN_RECORD_FREE] = stats.free;
    fields[TARN_RECORD_LARGEST] = stats.largest_free;
    fields[TARN_RECORD_MALLOC] = heap->counts.malloc;
    fields[TARN_RECORD_CALLOC] = heap->counts.calloc;
    fields[TARN_RECORD_REALLOC] = heap->counts.realloc;
    fields[TARN_RECORD_ALIGNED] = heap->counts.aligned;
    fields[TARN_RECORD_FREE_CALLS] = heap->counts.free;
    fields[TARN_RECORD_REFUSED] = heap->counts.refused;
}

static void add_program(tarn_malloc_text *line)
{
    const char *name = tarn_malloc_program();
    char printable[256];
    size_t length = 0;
    for (; name[length] != '\0' && length + 1 < sizeof printable; length++) {
        printable[length] = '?';
        if (name[length] >= ' ' && name[length] <= '~') {
            printable[length] = name[length];
        }
    }
    printable[length] = '\0';
    tarn_malloc_text_add(line, TARN_RECORD_PROGRAM);
    tarn_malloc_text_add(line, printable);
    tarn_malloc_text_add(line, "\n");
}

static void append(const tarn_malloc_text *line)
{
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (file >= 0) {
        tarn_malloc_text_write(line, file);
        (void)close(file);
    }
}

static void write_record(const uint64_t fields[TARN_RECORD_FIELDS])
{
    static const char *const keys[TARN_RECORD_FIELDS] = TARN_RECORD_KEYS;
    tarn_malloc_text line = {.length = 0};
    tarn_malloc_text_add(&line, TARN_RECORD_MARK);
    for (size_t i = 0; i < TARN_RECORD_FIELDS; i++) {
        tarn_malloc_text_add(&line, " ");
        tarn_malloc_text_add(&line, keys[i]);
        tarn_malloc_text_add(&line, "=");
        tarn_malloc_text_add_number(&line, fields[i]);
    }
    add_program(&line);
    append(&line);
}

__attribute__((destructor)) static void leave_record(void)
{
    int before = errno;
    uint64_t fields[TARN_RECORD_FIELDS];
    const tarn_malloc_heap *heap = tarn_malloc_enter();
    if (heap == NULL) {
        return;
    }
    collect(heap, fields);
    tarn_malloc_leave();
    if (path[0] != '\0') {
        write_record(fields);
    }
    errno = before;
}
