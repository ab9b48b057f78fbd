/* SPDX-License-Identifier: MIT */
/*
 * What a process still holds when it ends by exit() or by returning from main(), by thread and call site as far as its
 * blocks note them: to stderr, most bytes first.
 *
 * What a library frees in a destructor that runs later is listed too.
 *
 * Bound: blocks times rows.
 */
#define _GNU_SOURCE /* dladdr */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <unistd.h>

#include "face.h"
#include "tarn/account.h"

enum { ROWS = 256, ROWS_SHOWN = 40 };

static bool listed; /* at exit */

void tarn_malloc_leaks_at_exit(bool list)
{
    listed = list;
}

/* "(/usr/bin/program+0x1234)": the address that addr2line wants, which in a program of a fixed place is the one at run
 * time. */
static void add_file(tarn_malloc_text *line, uint64_t address)
{
    Dl_info info;
    const void *code = (const void *)(uintptr_t)address; /* NOLINT(performance-no-int-to-ptr): it was one */
    if (address == 0 || dladdr(code, &info) == 0 || info.dli_fname == NULL) {
        return;
    }
    bool fixed = ((const ElfW(Ehdr) *)info.dli_fbase)->e_type == ET_EXEC;
    tarn_malloc_text_add(line, " (");
    tarn_malloc_text_add(line, info.dli_fname);
    tarn_malloc_text_add(line, "+");
    tarn_malloc_text_add_address(line, (uintptr_t)address - (fixed ? 0 : (uintptr_t)info.dli_fbase));
    tarn_malloc_text_add(line, ")");
}

static void add_sum(tarn_malloc_text *line, uint64_t bytes, uint64_t blocks)
{
    tarn_malloc_text_add_number(line, bytes);
    tarn_malloc_text_add(line, " bytes in ");
    tarn_malloc_text_add_number(line, blocks);
    tarn_malloc_text_add(line, blocks == 1u ? " block" : " blocks");
}

static void write_row(const tarn_group *row, uint32_t words)
{
    tarn_malloc_text line = {.length = 0};
    tarn_malloc_text_add(&line, "  ");
    add_sum(&line, row->bytes, row->blocks);
    if (words >= TARN_WORDS_OWNER) {
        tarn_malloc_text_add(&line, ", thread ");
        tarn_malloc_text_add_number(&line, row->owner & TARN_OWNER(0, UINT32_MAX));
    }
    if (words >= TARN_WORDS_SITE && row->site != 0) {
        uint64_t address = tarn_malloc_site_address(row->site);
        tarn_malloc_text_add(&line, ", from ");
        tarn_malloc_text_add_address(&line, (uintptr_t)address);
        add_file(&line, address);
    }
    if (words >= TARN_WORDS_SEQUENCE) {
        tarn_malloc_text_add(&line, ", first in allocation ");
        tarn_malloc_text_add_number(&line, row->oldest);
    }
    tarn_malloc_text_add(&line, "\n");
    tarn_malloc_text_write(&line, STDERR_FILENO);
}

static void write_head(const tarn_groups *groups, uint32_t words, tarn_status status)
{
    tarn_malloc_text line = {.length = 0};
    tarn_malloc_text_add(&line, "tarn: at exit of ");
    tarn_malloc_text_add(&line, tarn_malloc_program());
    tarn_malloc_text_add(&line, ", pid ");
    tarn_malloc_text_add_number(&line, (uint64_t)getpid());
    tarn_malloc_text_add(&line, ", still allocated: ");
    if (status == TARN_OK) {
        add_sum(&line, groups->bytes, groups->blocks);
    } else {
        tarn_malloc_text_add(&line, "unknown, ");
        tarn_malloc_text_add(&line, tarn_status_text(status));
    }
    tarn_malloc_text_add(&line,
                         words < TARN_WORDS_SITE && status == TARN_OK ? "; TARN_WORDS=2 tells where from\n" : "\n");
    tarn_malloc_text_write(&line, STDERR_FILENO);
}

/* What the rows have not, and those that are not shown. */
static void write_rest(const tarn_groups *groups)
{
    tarn_malloc_text line = {.length = 0};
    uint64_t bytes = groups->bytes;
    uint64_t blocks = groups->blocks;
    for (uint32_t i = 0; i < groups->count && i < ROWS_SHOWN; i++) {
        bytes -= groups->rows[i].bytes;
        blocks -= groups->rows[i].blocks;
    }
    if (blocks != 0) {
        tarn_malloc_text_add(&line, "  and ");
        add_sum(&line, bytes, blocks);
        tarn_malloc_text_add(&line, " from elsewhere\n");
        tarn_malloc_text_write(&line, STDERR_FILENO);
    }
}

/* The rows that are shown come first, most bytes first. */
static void order(const tarn_groups *groups)
{
    for (uint32_t i = 0; i < groups->count && i < ROWS_SHOWN; i++) {
        uint32_t most = i;
        for (uint32_t j = i + 1u; j < groups->count; j++) {
            most = groups->rows[j].bytes > groups->rows[most].bytes ? j : most;
        }
        tarn_group row = groups->rows[i];
        groups->rows[i] = groups->rows[most];
        groups->rows[most] = row;
    }
}

static void write_leaks(const tarn_groups *groups, uint32_t words, tarn_status status)
{
    write_head(groups, words, status);
    if (status != TARN_OK || words == 0) {
        return;
    }
    order(groups);
    for (uint32_t i = 0; i < groups->count && i < ROWS_SHOWN; i++) {
        write_row(&groups->rows[i], words);
    }
    write_rest(groups);
}

__attribute__((destructor)) static void tell_leaks(void)
{
    static tarn_group rows[ROWS];
    tarn_groups groups = {rows, ROWS, 0, 0, 0, 0};
    tarn_stats stats;
    int before = errno;
    const tarn_malloc_heap *heap = listed ? tarn_malloc_enter() : NULL;
    if (heap == NULL) {
        return;
    }
    (void)tarn_counts_get(heap->pool, &stats);
    tarn_status status = tarn_groups_get(heap->pool, NULL, &groups);
    tarn_malloc_leave();
    write_leaks(&groups, stats.extension_words, status);
    errno = before;
}
