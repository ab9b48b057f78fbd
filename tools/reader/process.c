/* SPDX-License-Identifier: MIT */
/*
 * The memory of a live process: every thread is stopped, what was written to is copied, and the process goes on.
 *
 * P1 The process is held by ptrace, so that it goes on whatever becomes of this one.
 * P2 Pages that were never touched are not read: a pool of gigabytes costs what is used of it.
 * P3 No signal is lost: one that a thread was stopped on its way to is delivered when the thread is let go.
 * Bound: resident bytes of the process's writable mappings.
 */
#define _GNU_SOURCE /* ptrace's constants, MAP_NORESERVE, O_CLOEXEC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "reader.h"

/* ---- holding it ---- */

typedef struct held_thread {
    pid_t id;
    int signal; /* it was stopped on its way to this signal, which is still to be delivered; 0: none */
} held_thread;

typedef struct held {
    held_thread *threads;
    size_t count;
} held;

static bool is_held(const held *h, pid_t thread)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->threads[i].id == thread) {
            return true;
        }
    }
    return false;
}

enum { STOP_TRIES = 200, STOP_NANOSECONDS = 10000000 };

/* A thread that sleeps in the kernel stops when it wakes; after 2 s it is read as it is. Returns the signal that the
 * stop keeps from the thread (P3). */
static int await_stop(pid_t thread)
{
    const struct timespec pause = {0, STOP_NANOSECONDS};
    int status = 0;
    pid_t stopped = 0;
    for (int i = 0; i < STOP_TRIES && (stopped = waitpid(thread, &status, __WALL | WNOHANG)) == 0; i++) {
        (void)nanosleep(&pause, NULL);
    }
    /* No event, so no group stop either. */
    bool delivery = stopped == thread && WIFSTOPPED(status) && status >> 16 == 0;
    return delivery ? WSTOPSIG(status) : 0;
}

static bool hold_thread(reader *r, held *h, pid_t thread)
{
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0) {
        return errno == ESRCH || /* it ended meanwhile */
               reader_fail(r, "no permission to look into it: %s", strerror(errno));
    }
    held_thread *threads = realloc(h->threads, (h->count + 1u) * sizeof *threads);
    if (threads == NULL) {
        (void)ptrace(PTRACE_DETACH, thread, NULL, NULL);
        return reader_fail(r, "not enough memory");
    }
    h->threads = threads;
    held_thread *mine = &threads[h->count++];
    *mine = (held_thread){thread, 0};
    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) == 0) {
        mine->signal = await_stop(thread);
    }
    return true;
}

static bool hold_new(reader *r, held *h, const char *folder)
{
    bool ok = true;
    const struct dirent *entry;
    DIR *tasks = opendir(folder);
    if (tasks == NULL) {
        return reader_fail(r, "%s", errno == ENOENT ? "there is no such process" : strerror(errno));
    }
    while (ok && (entry = readdir(tasks)) != NULL) {
        pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
        ok = thread <= 0 || is_held(h, thread) || hold_thread(r, h, thread);
    }
    (void)closedir(tasks);
    return ok;
}

/* Again until there is none that another thread started meanwhile. */
static bool hold_all(reader *r, held *h, long pid)
{
    char folder[64];
    size_t before;
    (void)snprintf(folder, sizeof folder, "/proc/%ld/task", pid);
    do {
        before = h->count;
        if (!hold_new(r, h, folder)) {
            return false;
        }
    } while (h->count != before);
    return h->count != 0 || reader_fail(r, "there is no such process");
}

static void let_go(held *h)
{
    for (size_t i = 0; i < h->count; i++) {
        (void)ptrace(PTRACE_DETACH, h->threads[i].id, NULL, (void *)(intptr_t)h->threads[i].signal);
    }
    free(h->threads);
}

/* ---- copying ---- */

typedef struct source {
    int memory;
    int pages; /* what /proc says of each page, -1 if it does not */
    uint64_t page;
} source;

enum { BATCH = 512 };

/* Whether pages of an anonymous mapping were ever touched: in memory or swapped. */
static void look_up(const source *s, uint64_t address, size_t pages, uint64_t *entries)
{
    size_t wanted = pages * sizeof *entries;
    off_t at = (off_t)(address / s->page * sizeof *entries);
    if (s->pages < 0 || pread(s->pages, entries, wanted, at) != (ssize_t)wanted) {
        memset(entries, 0xFF, wanted); /* nobody can tell */
    }
}

static bool copy_pages(reader *r, const source *s, uint64_t start, uint64_t end, unsigned char *to, bool anonymous)
{
    uint64_t entries[BATCH];
    for (uint64_t place = start; place < end;) {
        size_t pages = (size_t)((end - place) / s->page < BATCH ? (end - place) / s->page : BATCH);
        look_up(s, place, pages, entries);
        for (size_t i = 0; i < pages; i++, place += s->page) {
            /* what cannot be read, such as a page behind the end of a mapped file, stays zero */
            if ((!anonymous || entries[i] >> 62 != 0) &&
                pread(s->memory, to + (place - start), (size_t)s->page, (off_t)place) > 0 &&
                !reader_add_extent(r, place, s->page)) {
                return false;
            }
        }
    }
    return true;
}

/* Neighbours in memory become one piece, which grows without its pages being touched. */
static unsigned char *room_for(reader *r, uint64_t start, size_t size)
{
    reader_piece *last = r->piece_count != 0 ? &r->pieces[r->piece_count - 1u] : NULL;
    if (last != NULL && last->place + last->size == start) {
        reader_hold *hold = &r->holds[r->hold_count - 1u];
        void *moved = mremap(hold->at, hold->size, hold->size + size, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED) {
            return NULL;
        }
        last->bytes = moved;
        *hold = (reader_hold){moved, hold->size + size};
        last->size += size;
        return (unsigned char *)moved + (last->size - size);
    }
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bool added = at != MAP_FAILED && reader_add_hold(r, at, size) && reader_add_piece(r, start, size, at);
    return added ? at : NULL;
}

static bool copy_range(reader *r, const source *s, uint64_t start, uint64_t end, bool anonymous)
{
    unsigned char *to = room_for(r, start, (size_t)(end - start));
    if (to == NULL) {
        return reader_fail(r, "not enough memory for %llu bytes of it", (unsigned long long)(end - start));
    }
    return copy_pages(r, s, start, end, to, anonymous);
}

/* A line of /proc/PID/maps: start-end permissions offset device inode path. */
typedef struct line {
    uint64_t start, end, offset, inode;
    bool writable; /* and readable */
    const char *path;
} line;

static bool parse_line(const char *text, line *l)
{
    char *at;
    l->start = strtoull(text, &at, 16);
    l->end = *at == '-' ? strtoull(at + 1, &at, 16) : 0;
    if (l->start >= l->end || strlen(at) < sizeof " rwxp") {
        return false;
    }
    l->writable = at[1] == 'r' && at[2] == 'w';
    l->offset = strtoull(at + sizeof " rwxp" - 1u, &at, 16);
    at += strspn(at, " ");
    at += strcspn(at, " ");
    l->inode = strtoull(at, &at, 10);
    l->path = at + strspn(at, " ");
    return true;
}

static bool copy_line(reader *r, const source *s, char *text)
{
    line l;
    text[strcspn(text, "\n")] = '\0';
    if (!parse_line(text, &l)) {
        return true;
    }
    if (l.path[0] == '/' && !reader_add_mapping(r, l.path, l.start, l.end, l.offset)) {
        return false;
    }
    bool special = l.path[0] == '[' && strcmp(l.path, "[heap]") != 0 && strcmp(l.path, "[stack]") != 0;
    return !l.writable || special || copy_range(r, s, l.start, l.end, l.inode == 0);
}

static bool copy_all(reader *r, long pid)
{
    char path[64];
    char *text = NULL;
    size_t room = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/maps", pid);
    FILE *maps = fopen(path, "re");
    (void)snprintf(path, sizeof path, "/proc/%ld/pagemap", pid);
    source s = {-1, open(path, O_RDONLY | O_CLOEXEC), (uint64_t)sysconf(_SC_PAGESIZE)};
    (void)snprintf(path, sizeof path, "/proc/%ld/mem", pid);
    s.memory = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = maps != NULL && s.memory >= 0;
    if (!ok) {
        (void)reader_fail(r, "cannot read its memory: %s", strerror(errno));
    }
    while (ok && getline(&text, &room, maps) > 0) {
        ok = copy_line(r, &s, text);
    }
    free(text);
    if (maps != NULL) {
        (void)fclose(maps);
    }
    (void)close(s.memory);
    (void)close(s.pages);
    return ok;
}

bool reader_attach(reader *r, long pid)
{
    held h = {NULL, 0};
    memset(r, 0, sizeof *r);
    r->kind = READER_PROCESS;
    bool ok = hold_all(r, &h, pid) && copy_all(r, pid);
    let_go(&h);
    if (!ok) {
        return false;
    }
    if (r->piece_count == 0) {
        return reader_fail(r, "it has no memory: it has ended");
    }
    return reader_join(r);
}
