/* SPDX-License-Identifier: MIT */
/*
 * The writing end of the rings.
 *
 * W1: a place is taken before its record is filled, and published after: the order of places is one order of all calls
 *     of the process. An allocation takes its place after it was made, a free before: no two live blocks ever have the
 *     same address in it.
 * W2: the page `live` is zero in a child of fork(), whichever way it was forked: the child then claims a ring of its
 *     own. What stands outside that page is the parent's at that moment, and says where the child came from.
 * W3: a call made while this thread is in one of these functions (by the next allocator, or by a signal handler that
 *     interrupted it) is passed on and not recorded.
 *
 * Bound: constant, the time of the clock, and waiting while the ring is full.
 */
#define _GNU_SOURCE /* MADV_WIPEONFORK, program_invocation_short_name */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "record.h"
#include "ring.h"

enum { NOT_STARTED, STARTING, RUNNING, OFF };

#define THREAD_LOCAL static _Thread_local __attribute__((tls_model("initial-exec")))

typedef struct live_page {
    _Atomic uint32_t state;
    ring_head *head;
    ring_record *ring;
} live_page;

static live_page unborn;
static live_page *live = &unborn; /* W2 */
static ring_control *control;
static char path[64];
static _Atomic uint64_t places; /* taken in this process's ring */
static uint32_t serial;

THREAD_LOCAL volatile sig_atomic_t inside; /* W3 */
THREAD_LOCAL uint32_t thread, thread_serial;

static void complain(const char *problem)
{
    static const char start[] = "tarn: this process is not recorded: ";
    (void)!write(STDERR_FILENO, start, sizeof start - 1);
    (void)!write(STDERR_FILENO, problem, strlen(problem));
    (void)!write(STDERR_FILENO, "\n", 1);
}

/* ---- beginning ---- */

static int open_file(void)
{
    const char *name = getenv(RING_VARIABLE);
    if (name == NULL || strlen(name) >= sizeof path) {
        return -1;
    }
    memcpy(path, name, strlen(name) + 1);
    return open(path, O_RDWR | O_CLOEXEC);
}

static bool map_control(int file)
{
    ring_control *c = mmap(NULL, RING_CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (c == MAP_FAILED) {
        return false;
    }
    if (c->magic != RING_MAGIC || c->version != RING_VERSION) {
        (void)munmap(c, RING_CONTROL_BYTES);
        return false;
    }
    control = c;
    return true;
}

static bool make_live_page(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || madvise(memory, page, MADV_WIPEONFORK) != 0) {
        return false;
    }
    live_page *l = memory;
    atomic_store(&l->state, STARTING);
    live = l;
    return true;
}

static ring_head *claim(uint32_t *index)
{
    for (uint32_t i = 0; i < RING_COUNT; i++) {
        uint32_t expected = RING_FREE;
        if (atomic_compare_exchange_strong(&control->heads[i].state, &expected, RING_CLAIMED)) {
            *index = i;
            return &control->heads[i];
        }
    }
    atomic_fetch_add(&control->left_out, 1);
    return NULL;
}

static void fill_head(ring_head *head)
{
    const char *name = program_invocation_short_name;
    uint32_t before = serial;
    serial = atomic_fetch_add(&control->serials, 1) + 1;
    head->pid = (uint32_t)getpid();
    head->serial = serial;
    head->parent_serial = before;
    head->forked_at = before != 0 ? atomic_load(&places) : 0;
    memset(head->program, 0, sizeof head->program);
    (void)strncpy(head->program, name != NULL ? name : "?", sizeof head->program - 1);
    atomic_store(&head->taken, 0);
    atomic_store(&places, 0);
}

/* The reason why not, NULL if it did. */
static const char *start_recording(void)
{
    uint32_t index;
    int file = control != NULL ? open(path, O_RDWR | O_CLOEXEC) : open_file();
    if (file < 0) {
        return "the file of `tarn record` cannot be opened from here";
    }
    if (control == NULL && (!map_control(file) || !make_live_page())) {
        (void)close(file);
        return "`tarn record` is of another version, or the system gave no memory";
    }
    ring_head *head = claim(&index);
    if (head == NULL) {
        (void)close(file);
        return "too many processes at the same time";
    }
    off_t place = (off_t)(RING_CONTROL_BYTES + RING_BYTES * (size_t)index);
    live->ring = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, place);
    (void)close(file);
    if (live->ring == MAP_FAILED) {
        atomic_store(&head->state, RING_FREE);
        return "the system gave no memory";
    }
    fill_head(head);
    live->head = head;
    atomic_store(&head->state, RING_ACTIVE);
    return NULL;
}

/* Until the C library has its environment, nothing can be known, and nothing is recorded. */
static bool start(void)
{
    uint32_t expected = NOT_STARTED;
    if (environ == NULL || !atomic_compare_exchange_strong(&live->state, &expected, STARTING)) {
        return false;
    }
    int before = errno;
    const char *problem = "nobody records: `" RING_VARIABLE "` is not set";
    if (control != NULL || getenv(RING_VARIABLE) != NULL) {
        problem = start_recording();
    }
    atomic_store(&live->state, problem == NULL ? RUNNING : OFF);
    if (problem != NULL && (control == NULL || atomic_load(&control->closed) == 0)) {
        complain(problem);
    }
    errno = before;
    return problem == NULL;
}

__attribute__((constructor)) static void start_early(void)
{
    if (record_enter()) {
        record_leave();
    }
}

bool record_enter(void)
{
    if (inside != 0) {
        return false;
    }
    inside = 1;
    if (atomic_load_explicit(&live->state, memory_order_relaxed) != RUNNING && !start()) {
        inside = 0;
        return false;
    }
    return true;
}

void record_leave(void)
{
    inside = 0;
}

/* ---- records ---- */

/* False once nobody takes records out any more. */
static bool reader_is_there(void)
{
    return atomic_load(&control->closed) == 0 && !(kill((pid_t)control->reader, 0) != 0 && errno == ESRCH);
}

/* Signed, so that a number that somebody wrote over lets the process go on rather than wait for ever. */
static bool full(ring_head *head, uint64_t place)
{
    return (int64_t)(place - atomic_load_explicit(&head->taken, memory_order_acquire)) >= RING_SLOTS;
}

static bool wait_for_room(ring_head *head, uint64_t place)
{
    struct timespec nap = {0, 20000};
    int before = errno;
    bool there = true;
    while (there && full(head, place)) {
        (void)nanosleep(&nap, NULL);
        there = reader_is_there();
    }
    errno = before;
    return there;
}

static uint32_t this_thread(void)
{
    if (thread_serial != serial) {
        thread = (uint32_t)syscall(SYS_gettid);
        thread_serial = serial;
    }
    return thread;
}

static uint64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void record_put(uint32_t kind, const void *block, size_t size, size_t usable, size_t alignment, const void *site)
{
    uint64_t place = atomic_fetch_add_explicit(&places, 1, memory_order_relaxed); /* W1 */
    ring_head *head = live->head;
    if (full(head, place) && !wait_for_room(head, place)) {
        atomic_store(&live->state, OFF);
        return;
    }
    ring_record *r = &live->ring[place % RING_SLOTS];
    r->time = now();
    r->size = size;
    r->block = (uintptr_t)block;
    r->usable = usable;
    r->site = (uintptr_t)site;
    r->alignment = alignment;
    r->thread = this_thread();
    r->kind = kind;
    atomic_store_explicit(&r->turn, place + 1, memory_order_release);
}
