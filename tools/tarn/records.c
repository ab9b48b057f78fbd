/* SPDX-License-Identifier: MIT */
/*
 * The records that the program and its children leave (faces/malloc/record.h), and the report made of them. They come
 * from other processes, so every line is doubted: what does not read exactly as a record is counted and skipped.
 */
#define _GNU_SOURCE /* memfd_create, getline */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../faces/malloc/record.h"
#include "../../faces/malloc/setting_text.h"
#include "tarn.h"

typedef struct record {
    uint64_t fields[TARN_RECORD_FIELDS];
    char program[256];
} record;

/* In memory and named through /proc: nothing is left behind, however this process ends, and a child that closes every
 * descriptor it did not open can still report. */
int records_open(char *path, size_t size)
{
    int file = memfd_create("tarn-records", MFD_CLOEXEC);
    if (file < 0) {
        tarn_message("cannot make a file for the report: %s", strerror(errno));
        return -1;
    }
    (void)snprintf(path, size, "/proc/%ld/fd/%d", (long)getpid(), file);
    return file;
}

/* Reads "key=number" and moves past it. */
static bool read_field(const char **at, const char *key, uint64_t *number)
{
    size_t length = strlen(key);
    if (strncmp(*at, key, length) != 0 || (*at)[length] != '=' || (*at)[length + 1] < '0' || (*at)[length + 1] > '9') {
        return false;
    }
    char *end;
    errno = 0;
    *number = strtoull(*at + length + 1, &end, 10);
    *at = end;
    return errno == 0;
}

static bool read_record(const char *line, record *r)
{
    static const char *const keys[TARN_RECORD_FIELDS] = TARN_RECORD_KEYS;
    size_t mark = strlen(TARN_RECORD_MARK);
    if (strncmp(line, TARN_RECORD_MARK, mark) != 0) {
        return false;
    }
    const char *at = line + mark;
    for (size_t i = 0; i < TARN_RECORD_FIELDS; i++) {
        if (*at++ != ' ' || !read_field(&at, keys[i], &r->fields[i])) {
            return false;
        }
    }
    size_t name = strlen(TARN_RECORD_PROGRAM);
    if (strncmp(at, TARN_RECORD_PROGRAM, name) != 0) {
        return false;
    }
    at += name;
    size_t length = 0;
    for (; at[length] >= ' ' && at[length] <= '~' && length + 1 < sizeof r->program; length++) {
        r->program[length] = at[length];
    }
    r->program[length] = '\0';
    return at[length] == '\n';
}

static const char *engine_name(uint64_t engine)
{
    const char *name = tarn_engine_name(engine);
    if (name == NULL) {
        name = engine == TARN_ENGINE_DEFAULT ? "none: the system gave no memory for a pool" : "unknown";
    }
    return name;
}

/* " (1.5 MiB)" for numbers that are hard to read in bytes. */
static void print_bytes(FILE *out, const char *title, uint64_t bytes, const char *rest)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB"};
    double scaled = (double)bytes;
    size_t unit = 0;
    while (scaled >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        scaled /= 1024;
        unit++;
    }
    (void)fprintf(out, "  %-14s %" PRIu64 " bytes", title, bytes);
    if (unit != 0) {
        (void)fprintf(out, " (%.1f %s)", scaled, units[unit]);
    }
    (void)fprintf(out, "%s\n", rest);
}

static void print_record(FILE *out, const record *r)
{
    const uint64_t *f = r->fields;
    char blocks[48];
    uint64_t free_bytes = f[TARN_RECORD_FREE];
    double scattered = free_bytes != 0 ? 1.0 - (double)f[TARN_RECORD_LARGEST] / (double)free_bytes : 0.0;
    (void)snprintf(blocks, sizeof blocks, " in %" PRIu64 " blocks", f[TARN_RECORD_LIVE_BLOCKS]);
    (void)fprintf(out, "tarn: %s, process %" PRIu64 "\n", r->program, f[TARN_RECORD_PID]);
    (void)fprintf(out, "  %-14s %s\n", "engine", engine_name(f[TARN_RECORD_ENGINE]));
    print_bytes(out, "pool", f[TARN_RECORD_POOL], "");
    print_bytes(out, "peak", f[TARN_RECORD_PEAK], "");
    print_bytes(out, "live at exit", f[TARN_RECORD_LIVE], blocks);
    print_bytes(out, "free at exit", free_bytes, "");
    print_bytes(out, "largest free", f[TARN_RECORD_LARGEST], "");
    (void)fprintf(out, "  %-14s %.4f %% of the free bytes lie outside the largest free block\n", "fragmentation",
                  100.0 * scattered);
    (void)fprintf(out,
                  "  %-14s %" PRIu64 " malloc, %" PRIu64 " calloc, %" PRIu64 " realloc, %" PRIu64 " aligned, %" PRIu64
                  " free\n",
                  "calls", f[TARN_RECORD_MALLOC], f[TARN_RECORD_CALLOC], f[TARN_RECORD_REALLOC], f[TARN_RECORD_ALIGNED],
                  f[TARN_RECORD_FREE_CALLS]);
    (void)fprintf(out, "  %-14s %" PRIu64 " requests\n", "refused", f[TARN_RECORD_REFUSED]);
}

/* Prints the records of the program itself or those of all others; returns how many, and counts the unreadable. */
static unsigned print_some(FILE *out, FILE *file, uint64_t pid, bool own, unsigned *unreadable)
{
    char *line = NULL;
    size_t size = 0;
    unsigned printed = 0;
    rewind(file);
    while (getline(&line, &size, file) > 0) {
        record r;
        if (!read_record(line, &r)) {
            (*unreadable)++;
        } else if ((r.fields[TARN_RECORD_PID] == pid) == own) {
            print_record(out, &r);
            printed++;
        }
    }
    free(line);
    return printed;
}

void records_print(FILE *out, int descriptor, const char *program, const run_outcome *outcome)
{
    unsigned unreadable = 0;
    FILE *file = fdopen(descriptor, "r");
    if (file == NULL) {
        tarn_message("cannot read the report: %s", strerror(errno));
        return;
    }
    if (print_some(out, file, (uint64_t)outcome->pid, true, &unreadable) == 0) {
        const char *reason = WIFSIGNALED(outcome->status) ? "it was ended by a signal"
                                                          : "it ended by _exit(), or never loaded libtarn-malloc.so";
        (void)fprintf(out, "tarn: %s, process %ld, left no record: %s\n", program, (long)outcome->pid, reason);
    }
    unreadable = 0;
    (void)print_some(out, file, (uint64_t)outcome->pid, false, &unreadable);
    if (unreadable != 0) {
        (void)fprintf(out, "tarn: %u lines of the report could not be read\n", unreadable);
    }
    (void)fclose(file);
}
