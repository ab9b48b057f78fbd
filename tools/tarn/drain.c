/* SPDX-License-Identifier: MIT */
/*
 * The reading end of the rings. What stands in them comes from other processes and is doubted: a record of no known
 * kind is a gap, and nothing in it is followed.
 *
 * D1: a process is written to the file before its records, and its parent before it.
 * D2: records of a process are written in the order of their places. One that is not published holds up those behind
 *     it; once its process is gone, or has waited for it with a full ring for HOLE_SECONDS, it is a gap.
 *
 * Bound: constant per record.
 */
#define _GNU_SOURCE /* memfd_create, fallocate */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../record/ring.h"
#include "../trace/build.h"
#include "../trace/rows.h"
#include "drain.h"
#include "tarn.h"

enum { HOLE_SECONDS = 10, NAP_NANOSECONDS = 300000, ROUNDS_PER_LOOK = 64 };

/* What is known of an active ring. */
typedef struct source {
    ring_record *ring; /* NULL for a ring that is not in use */
    uint32_t serial, pid;
    uint32_t process; /* its number in the file */
    uint64_t taken;
    uint64_t stuck_at; /* time since when nothing could be taken, 0 if something could */
    slot_map sites;    /* from address to number */
} source;

struct drain {
    int file;
    ring_control *control;
    sink *out;
    row_format format;
    source sources[RING_COUNT];
    uint32_t *numbers; /* of processes, by serial */
    uint32_t number_room;
    uint32_t site_count;
    uint64_t began, rows;
    drain_sums sums;
    pthread_t thread;
    _Atomic bool stop;
};

static uint64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void write_row(drain *d, const row *r)
{
    rows_write(d->out, &d->format, r);
    d->rows++;
}

/* ---- processes come ---- */

static bool remember(drain *d, uint32_t serial, uint32_t number)
{
    if (serial >= d->number_room) {
        uint32_t room = serial < 1u << 28 ? 2 * serial + 64 : 0;
        uint32_t *numbers = room != 0 ? realloc(d->numbers, room * sizeof *numbers) : NULL;
        if (numbers == NULL) {
            return false;
        }
        memset(numbers + d->number_room, 0, (room - d->number_room) * sizeof *numbers);
        d->numbers = numbers;
        d->number_room = room;
    }
    d->numbers[serial] = number;
    return true;
}

static bool known(const drain *d, uint32_t serial)
{
    return serial != 0 && serial < d->number_room && d->numbers[serial] != 0;
}

static void take_up(drain *d, uint32_t index)
{
    const ring_head *head = &d->control->heads[index];
    source *s = &d->sources[index];
    off_t place = (off_t)(RING_CONTROL_BYTES + RING_BYTES * (size_t)index);
    row r = {.kind = ROW_PROCESS};
    void *ring = mmap(NULL, RING_BYTES, PROT_READ, MAP_SHARED, d->file, place);
    if (ring == MAP_FAILED || !remember(d, head->serial, d->sums.processes + 1)) {
        d->sums.error = ENOMEM;
        return;
    }
    *s = (source){.ring = ring, .serial = head->serial, .pid = head->pid, .process = ++d->sums.processes};
    r.value[COLUMN_NUMBER] = head->pid;
    if (known(d, head->parent_serial)) {
        r.value[COLUMN_PARENT] = d->numbers[head->parent_serial];
        r.value[COLUMN_PLACE] = head->forked_at;
    }
    memcpy(r.text, head->program, sizeof r.text - 1);
    write_row(d, &r);
}

/* D1: of the new rings, the one that was claimed first. Returns RING_COUNT if there is none. */
static uint32_t next_new(const drain *d)
{
    uint32_t least = RING_COUNT;
    for (uint32_t i = 0; i < RING_COUNT; i++) {
        const ring_head *head = &d->control->heads[i];
        if (d->sources[i].ring == NULL && atomic_load(&d->control->heads[i].state) == RING_ACTIVE &&
            (head->parent_serial == 0 || known(d, head->parent_serial)) &&
            (least == RING_COUNT || head->serial < d->control->heads[least].serial)) {
            least = i;
        }
    }
    return least;
}

static void look_for_new(drain *d)
{
    for (uint32_t i = next_new(d); i < RING_COUNT && d->sums.error == 0; i = next_new(d)) {
        take_up(d, i);
    }
}

/* ---- records ---- */

static uint32_t site_number(drain *d, source *s, uint64_t address)
{
    uint32_t number;
    if (address == 0 || slot_map_get(&s->sites, address, &number)) {
        return address != 0 ? number : 0;
    }
    if (!slot_map_put(&s->sites, address, d->site_count + 1)) {
        return 0;
    }
    row r = {.kind = ROW_SITE};
    r.value[COLUMN_PROCESS] = s->process;
    r.value[COLUMN_ADDRESS] = address;
    write_row(d, &r);
    return ++d->site_count;
}

static void write_gap(drain *d, const source *s)
{
    row r = {.kind = ROW_GAP};
    r.value[COLUMN_PROCESS] = s->process;
    write_row(d, &r);
    d->sums.lost++;
}

static void write_record(drain *d, source *s, const ring_record *record)
{
    row r;
    if (record->kind < ROW_MALLOC || record->kind > ROW_FREE) {
        write_gap(d, s);
        return;
    }
    r.kind = record->kind;
    r.value[COLUMN_OWNER] = 0;
    r.value[COLUMN_SITE] = site_number(d, s, record->site);
    r.value[COLUMN_PROCESS] = s->process;
    r.value[COLUMN_THREAD] = record->thread;
    r.value[COLUMN_TIME] = record->time - d->began;
    r.value[COLUMN_SIZE] = record->size;
    r.value[COLUMN_ALIGNMENT] = record->alignment;
    r.value[COLUMN_BLOCK] = record->block;
    r.value[COLUMN_USABLE] = record->usable;
    write_row(d, &r);
    d->sums.calls += record->kind != ROW_REALLOC;
}

static bool published(const source *s, uint64_t place)
{
    return atomic_load_explicit(&s->ring[place % RING_SLOTS].turn, memory_order_acquire) == place + 1;
}

/* Writes what is there; returns whether anything was. */
static bool take_out(drain *d, uint32_t index)
{
    source *s = &d->sources[index];
    uint64_t before = s->taken;
    while (published(s, s->taken)) {
        write_record(d, s, &s->ring[s->taken % RING_SLOTS]);
        s->taken++;
        if (s->taken % 512 == 0) {
            atomic_store_explicit(&d->control->heads[index].taken, s->taken, memory_order_release);
        }
        if (s->taken - before == 4 * RING_SLOTS) {
            break; /* others wait, too */
        }
    }
    atomic_store_explicit(&d->control->heads[index].taken, s->taken, memory_order_release);
    return s->taken != before;
}

/* ---- processes go ---- */

/* D2 */
static void pass_holes(drain *d, source *s, uint64_t most)
{
    uint64_t beyond = s->taken;
    while (beyond < s->taken + RING_SLOTS && !published(s, beyond)) {
        beyond++;
    }
    bool any = beyond < s->taken + RING_SLOTS;
    for (uint64_t i = s->taken; any && i < beyond && most != 0; i++, most--) {
        write_gap(d, s);
        s->taken++;
    }
}

static void mend_hole(drain *d, uint32_t index)
{
    source *s = &d->sources[index];
    uint64_t time = now();
    if (!published(s, s->taken + RING_SLOTS / 2)) {
        s->stuck_at = 0;
    } else if (s->stuck_at == 0) {
        s->stuck_at = time;
    } else if (time - s->stuck_at > (uint64_t)HOLE_SECONDS * 1000000000u) {
        pass_holes(d, s, 1);
        s->stuck_at = 0;
    }
}

/* A process that executes another program claims a second ring and writes no more to the first. */
static bool is_over(const drain *d, const source *s)
{
    for (uint32_t i = 0; i < RING_COUNT; i++) {
        const source *other = &d->sources[i];
        if (other->ring != NULL && other->pid == s->pid && other->serial > s->serial) {
            return true;
        }
    }
    return kill((pid_t)s->pid, 0) != 0 && errno == ESRCH;
}

static void finish(drain *d, uint32_t index)
{
    source *s = &d->sources[index];
    off_t place = (off_t)(RING_CONTROL_BYTES + RING_BYTES * (size_t)index);
    uint64_t before;
    do {
        before = s->taken;
        (void)take_out(d, index);
        pass_holes(d, s, RING_SLOTS);
    } while (s->taken != before);
    (void)munmap(s->ring, RING_BYTES);
    slot_map_free(&s->sites);
    *s = (source){.ring = NULL};
    /* The next to claim the ring needs it empty. */
    if (fallocate(d->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place, (off_t)RING_BYTES) == 0) {
        atomic_store(&d->control->heads[index].state, RING_FREE);
    }
}

static bool round_of(drain *d, bool look)
{
    bool any = false;
    look_for_new(d);
    for (uint32_t i = 0; i < RING_COUNT; i++) {
        if (d->sources[i].ring == NULL) {
            continue;
        }
        bool over = look && is_over(d, &d->sources[i]);
        if (take_out(d, i)) {
            any = true;
        } else if (!over) {
            mend_hole(d, i);
        }
        if (over) {
            finish(d, i);
        }
    }
    return any;
}

static void *work(void *context)
{
    drain *d = context;
    const struct timespec nap = {0, NAP_NANOSECONDS};
    for (unsigned rounds = 0; !atomic_load(&d->stop); rounds++) {
        if (!round_of(d, rounds % ROUNDS_PER_LOOK == 0)) {
            (void)nanosleep(&nap, NULL);
        }
    }
    return NULL;
}

/* ---- from outside ---- */

static bool make_rings(drain *d)
{
    d->file = memfd_create("tarn-record", MFD_CLOEXEC);
    if (d->file < 0 || ftruncate(d->file, (off_t)RING_FILE_BYTES) != 0) {
        return false;
    }
    void *control = mmap(NULL, RING_CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, d->file, 0);
    if (control == MAP_FAILED) {
        return false;
    }
    d->control = control;
    d->control->magic = RING_MAGIC;
    d->control->version = RING_VERSION;
    d->control->reader = (uint32_t)getpid();
    return true;
}

drain *drain_open(const char *file, char *path, size_t size)
{
    drain *d = calloc(1, sizeof *d);
    if (d == NULL || !make_rings(d)) {
        tarn_message("cannot make room for the recording: %s", strerror(errno));
        free(d);
        return NULL;
    }
    (void)snprintf(path, size, "/proc/%ld/fd/%d", (long)getpid(), d->file);
    d->out = sink_open(file);
    if (d->out == NULL) {
        tarn_message("cannot write '%s': %s", file, strerror(errno));
        free(d);
        return NULL;
    }
    d->began = now();
    rows_write_head(d->out, &d->format, "written by tarn record; times in nanoseconds, sizes in bytes\n");
    return d;
}

int drain_start(drain *d)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&d->thread, NULL, work, d);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        tarn_message("cannot start to record: %s", strerror(error));
        return TARN_EXIT_FAILED;
    }
    return 0;
}

void drain_end(drain *d, drain_sums *sums)
{
    atomic_store(&d->stop, true);
    (void)pthread_join(d->thread, NULL);
    atomic_store(&d->control->closed, 1);
    (void)round_of(d, true);
    for (uint32_t i = 0; i < RING_COUNT; i++) {
        if (d->sources[i].ring != NULL) {
            d->sums.cut += !is_over(d, &d->sources[i]);
            finish(d, i);
        }
    }
    row r = {.kind = ROW_END};
    r.value[COLUMN_NUMBER] = d->rows;
    r.value[COLUMN_LOST] = d->sums.lost;
    rows_write(d->out, &d->format, &r);
    int error = sink_close(d->out);
    d->sums.error = d->sums.error != 0 ? d->sums.error : error;
    d->sums.left_out = atomic_load(&d->control->left_out);
    *sums = d->sums;
    free(d->numbers);
    (void)close(d->file);
    free(d);
}
