/* SPDX-License-Identifier: MIT */
/*
 * The heap behind malloc: one pool in one mapping that the system backs with memory as it is touched, and one lock.
 *
 * H1: the mapping is made at the first call and never moved, grown or given back.
 * H2: every use of the pool lies between enter and leave, so the pool itself takes no lock.
 * H3: fork() happens under the lock: the child's copy is whole. From the first handler of pthread_atfork() to the last,
 *     the forking thread passes the lock: other libraries' handlers allocate, in an order that nobody can choose.
 * H4: a signal handler that interrupted this very code is turned away: the pool is in the middle of a change, and to
 *     wait for oneself is to wait for ever. The same holds in a child that such a handler forks; what the handler
 *     interrupted there may wait for ever, because whoever had the lock is not in the child.
 *
 * Bound: making the heap is once per process; entering waits for the lock.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "face.h"
#include "setting_text.h"
#include "tarn/events.h"
#include "tarn/inspect.h"

#define SMALLEST_DEFAULT_POOL ((size_t)1 << 20)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static tarn_malloc_heap heap;
static bool heap_made;
static tarn_injection injection;

/* Where this thread is (H3, H4). Not OUTSIDE before the lock is taken and until it has been given back, and FORKING, by
 * which handlers pass, only in between: a signal handler sees it at any instant. initial-exec, because other models may
 * allocate at the first access. */
enum { OUTSIDE, INSIDE, FORKING, INSIDE_FORKING };
static _Thread_local __attribute__((tls_model("initial-exec"))) volatile sig_atomic_t place;

static void before_fork(void)
{
    if (place == OUTSIDE) {
        place = INSIDE;
        (void)pthread_mutex_lock(&mutex);
        place = FORKING;
    }
}

static void after_fork(void)
{
    if (place == FORKING) {
        place = INSIDE;
        (void)pthread_mutex_unlock(&mutex);
        place = OUTSIDE;
    }
}

/* The child's record shall tell what the child did. */
static void after_fork_in_child(void)
{
    if (place == FORKING) {
        heap.counts = (tarn_malloc_counts){0};
        (void)tarn_peak_reset(heap.pool);
    }
    after_fork();
}

static size_t halved_limit(int resource, size_t bytes)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur / 2 > bytes) {
        return bytes;
    }
    return (size_t)(limit.rlim_cur / 2);
}

/* Address space costs nothing, so: the largest pool, 1 GiB where addresses are 32 bits, and never more than half of
 * what the process may map, which leaves the rest for stacks and libraries. */
static size_t default_bytes(void)
{
    size_t bytes = SIZE_MAX > UINT32_MAX ? (size_t)TARN_MALLOC_LARGEST_POOL : (size_t)1 << 30;
    return halved_limit(RLIMIT_DATA, halved_limit(RLIMIT_AS, bytes));
}

static tarn_status make_pool(uint64_t wanted, uint32_t engine, const tarn_malloc_settings *settings)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t bytes = (wanted + page - 1) / page * page;
    if (bytes > SIZE_MAX / 2) {
        return TARN_E_TOO_LARGE;
    }
    void *memory =
        mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return TARN_E_EXHAUSTED;
    }
    tarn_options options = {.engine = engine,
                            .granule = TARN_MALLOC_GRANULE,
                            .extension_words = settings->words,
                            .recognition = TARN_RECOGNISE_EXACT,
                            .flags = TARN_POOL_UNLOCKED | TARN_POOL_UNREGISTERED | TARN_POOL_ZEROED,
                            .name = "malloc",
                            .policy = settings->policy,
                            .quarantine =
                                settings->quarantine_bytes < SIZE_MAX ? (size_t)settings->quarantine_bytes : SIZE_MAX};
    options.flags |= settings->guard ? TARN_POOL_GUARD : 0;
    options.flags |= settings->policy == TARN_POLICY_REPAIR ? TARN_POOL_BACKUP : 0;
    tarn_status status = tarn_init(&heap.pool, memory, (size_t)bytes, &options);
    if (status != TARN_OK) {
        (void)munmap(memory, (size_t)bytes);
        return status;
    }
    heap.bytes = (size_t)bytes;
    return TARN_OK;
}

static void complain(const char *problem, tarn_status status, const char *consequence)
{
    tarn_malloc_text line = {.length = 0};
    tarn_malloc_text_add(&line, "tarn: ");
    tarn_malloc_text_add(&line, problem);
    tarn_malloc_text_add(&line, tarn_status_text(status));
    tarn_malloc_text_add(&line, consequence);
    tarn_malloc_text_write(&line, STDERR_FILENO);
}

static tarn_status make_default_pool(uint32_t engine, const tarn_malloc_settings *settings)
{
    tarn_status status = TARN_E_EXHAUSTED;
    for (size_t bytes = default_bytes(); bytes >= SMALLEST_DEFAULT_POOL && status == TARN_E_EXHAUSTED; bytes /= 2) {
        status = make_pool(bytes, engine, settings);
    }
    return status;
}

static tarn_status make_asked_pool(const tarn_malloc_settings *settings, uint32_t engine)
{
    if (settings->pool_bytes != 0) {
        tarn_status status = make_pool(settings->pool_bytes, engine, settings);
        if (status == TARN_OK || status == TARN_E_ENGINE) {
            return status;
        }
        complain("TARN_POOL: cannot make a pool of this size: ", status, "; using the default\n");
    }
    return make_default_pool(engine, settings);
}

/* Under the face's lock, while a report still sees what was met; the first of a call is told. */
static void note_damage(const tarn_event *event, void *context)
{
    (void)context;
    if (event->pool == heap.pool && !heap.told) {
        heap.told = tarn_report_about(heap.pool, event->block, event->status, &heap.report) == TARN_OK;
    }
}

static void make_heap(void)
{
    tarn_malloc_settings settings;
    tarn_malloc_settings_read(&settings);
    if (settings.policy == TARN_POLICY_REPAIR) {
        (void)tarn_repairs_on();
    }
    tarn_status status = make_asked_pool(&settings, settings.engine);
    if (status == TARN_E_ENGINE) {
        complain("TARN_ENGINE: ", status, "; using the default\n");
        status = make_asked_pool(&settings, TARN_ENGINE_DEFAULT);
    }
    if (status != TARN_OK) {
        complain("no pool: ", status, "; every request for memory will fail\n");
    }
    tarn_malloc_record_at_exit(settings.report);
    tarn_malloc_leaks_at_exit(settings.leaks);
    tarn_malloc_check_at_exit(settings.guard || settings.quarantine_bytes != 0);
    heap.policy = settings.policy;
    if (heap.policy != TARN_POLICY_STOP || settings.quarantine_bytes != 0) { /* what else would go on in silence */
        status = tarn_events_add_kinds(note_damage, NULL, TARN_EVENTS_OF(TARN_EVENT_CORRUPT));
        if (status != TARN_OK) {
            complain("TARN_POLICY: no listener: ", status, "; damage will not be told\n");
        }
    }
    if (settings.fails) {
        injection = settings.fail;
        status = tarn_injection_on(&injection);
        if (status != TARN_OK) {
            complain("TARN_FAIL: ", status, "; nothing will be refused\n");
        }
    }
}

static void make_heap_once(void)
{
    if (!heap_made) {
        int before = errno;
        heap_made = true;
        make_heap();
        errno = before;
    }
}

/* A constructor and no part of making the heap: the first call of malloc may come from within pthread_atfork(), which
 * allocates under a lock of its own. Nothing needs the handlers before a second thread runs. */
__attribute__((constructor)) static void register_fork_handlers(void)
{
    if (pthread_atfork(before_fork, after_fork, after_fork_in_child) != 0) {
        complain("no fork handlers: ", TARN_E_EXHAUSTED, "; a child forked while threads allocate may hang\n");
    }
}

tarn_malloc_heap *tarn_malloc_enter(void)
{
    if (place == FORKING) {
        place = INSIDE_FORKING;
        return &heap;
    }
    if (place != OUTSIDE) {
        return NULL;
    }
    place = INSIDE;
    (void)pthread_mutex_lock(&mutex);
    make_heap_once();
    return &heap;
}

static void leave(void)
{
    if (place == INSIDE_FORKING) {
        place = FORKING;
        return;
    }
    (void)pthread_mutex_unlock(&mutex);
    place = OUTSIDE;
}

/* Tells of damage when the lock is given back. */
static void leave_telling(void)
{
    tarn_report report = heap.report;
    heap.told = false;
    leave();
    tarn_malloc_tell_damage(&report, heap.policy);
}

void tarn_malloc_leave(void)
{
    if (heap.told) {
        leave_telling();
    } else {
        leave();
    }
}
