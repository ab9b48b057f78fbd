/* SPDX-License-Identifier: MIT */
/* The malloc face under threads and fork: contents are kept, nobody hangs, whoever frees. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum {
    THREADS = 8,
    OPERATIONS = 15000,
    SLOTS = 500,
    SHARED = 64,
    FORKS = 60,
    FORKS_UNDER_SIGNALS = 300, /* each turns one or two handlers away */
    HANGS_AFTER_SECONDS = 60
};

/* A block that knows what it must contain. */
typedef struct slot {
    unsigned char *bytes;
    size_t size;
    unsigned char value;
} slot;

/* Asserting in a thread would jump out of another's stack, so damage is counted and asserted by main. */
static atomic_uint damaged;

static void slot_verify(const slot *s)
{
    for (size_t i = 0; i < s->size; i++) {
        if (s->bytes[i] != s->value) {
            (void)atomic_fetch_add(&damaged, 1);
            return;
        }
    }
}

static size_t random_size(prng *random)
{
    uint32_t kind = prng_below(random, 100);
    return prng_below(random, kind < 80 ? 256 : kind < 98 ? 8192 : 300000);
}

static unsigned char *random_block(prng *random, size_t size)
{
    switch (prng_below(random, 4)) {
    case 0:
        return memalign((size_t)16 << prng_below(random, 8), size);
    case 1:
        return calloc(1, size);
    default:
        return malloc(size);
    }
}

static void slot_take(slot *s, prng *random)
{
    s->size = random_size(random);
    s->value = (unsigned char)prng_next(random);
    s->bytes = random_block(random, s->size);
    if (s->bytes == NULL) {
        (void)atomic_fetch_add(&damaged, 1);
        s->size = 0;
        return;
    }
    memset(s->bytes, s->value, s->size);
}

static void slot_resize(slot *s, prng *random)
{
    size_t size = random_size(random) + 1;
    unsigned char *moved = realloc(s->bytes, size);
    if (moved == NULL) {
        (void)atomic_fetch_add(&damaged, 1);
        return;
    }
    s->bytes = moved;
    s->size = s->size < size ? s->size : size;
    slot_verify(s);
    s->size = size;
    memset(s->bytes, s->value, s->size);
}

static void slot_give(slot *s)
{
    slot_verify(s);
    free(s->bytes);
    s->bytes = NULL;
    s->size = 0;
}

/* Blocks that one thread takes and any other gives back. */
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static slot shared[SHARED];

static void slot_swap(slot *own, prng *random)
{
    (void)pthread_mutex_lock(&shared_lock);
    slot *other = &shared[prng_below(random, SHARED)];
    slot kept = *other;
    *other = *own;
    *own = kept;
    (void)pthread_mutex_unlock(&shared_lock);
}

static void step(slot *slots, prng *random)
{
    slot *s = &slots[prng_below(random, SLOTS)];
    uint32_t action = prng_below(random, 8);
    if (s->bytes == NULL) {
        slot_take(s, random);
    } else if (action == 0) {
        slot_swap(s, random);
    } else if (action <= 2) {
        slot_resize(s, random);
    } else {
        slot_give(s);
    }
}

static void *work(void *number)
{
    prng random = prng_make(test_seed(), (uintptr_t)number);
    slot *slots = calloc(SLOTS, sizeof *slots);
    for (uint64_t i = test_scaled(OPERATIONS); i != 0; i--) {
        step(slots, &random);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        if (slots[i].bytes != NULL) {
            slot_give(&slots[i]);
        }
    }
    free(slots);
    return NULL;
}

static void threads_keep_their_contents(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)i), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    for (size_t i = 0; i < SHARED; i++) {
        if (shared[i].bytes != NULL) {
            slot_give(&shared[i]);
        }
    }
    print_message("%d threads, %llu operations each, %u damaged blocks\n", THREADS,
                  (unsigned long long)test_scaled(OPERATIONS), atomic_load(&damaged));
    assert_int_equal(atomic_load(&damaged), 0);
}

/* ---- fork ---- */

static atomic_bool stop;

static void *work_until_stopped(void *number)
{
    prng random = prng_make(test_seed(), 1000 + (uintptr_t)number);
    slot *slots = calloc(SLOTS, sizeof *slots);
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        step(slots, &random);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        if (slots[i].bytes != NULL) {
            slot_give(&slots[i]);
        }
    }
    free(slots);
    return NULL;
}

/* What another library's fork handlers may do, in parent and child, before and after. */
static atomic_uint handler_calls;

static void handler_allocates(void)
{
    char *block = malloc(100);
    block = realloc(block, 5000);
    if (block == NULL) {
        (void)atomic_fetch_add(&damaged, 1);
    }
    free(block);
    (void)atomic_fetch_add(&handler_calls, 1);
}

/* The child goes on with its parent's blocks and with new ones, and forks again. */
static _Noreturn void live_in_child(slot *inherited, prng random)
{
    (void)signal(SIGALRM, SIG_DFL);
    (void)alarm(HANGS_AFTER_SECONDS);
    for (size_t i = 0; i < SLOTS; i++) {
        if (inherited[i].bytes != NULL) {
            slot_give(&inherited[i]);
        }
    }
    for (int i = 0; i < 500; i++) {
        step(inherited, &random);
    }
    int status = 0;
    pid_t grandchild = fork();
    if (grandchild == 0) {
        for (int i = 0; i < 100; i++) {
            step(inherited, &random);
        }
        _exit(atomic_load(&damaged) == 0 ? 0 : 1);
    }
    bool ended = grandchild > 0 && waitpid(grandchild, &status, 0) == grandchild && status == 0;
    _exit(ended && atomic_load(&damaged) == 0 ? 0 : 1);
}

static void fork_and_wait(slot *slots, prng *random)
{
    for (int i = 0; i < 50; i++) {
        step(slots, random);
    }
    (void)pthread_mutex_lock(&shared_lock); /* or the child might find it locked by a thread that it does not have */
    pid_t child = fork();
    (void)pthread_mutex_unlock(&shared_lock);
    assert_true(child >= 0);
    if (child == 0) {
        live_in_child(slots, *random);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status)); /* a hanging child is ended by SIGALRM */
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void children_of_busy_parents_can_allocate(void **state)
{
    (void)state;
    static slot slots[SLOTS];
    const uint64_t forks = test_scaled(FORKS);
    prng random = prng_make(test_seed(), 5000);
    pthread_t threads[4];
    assert_int_equal(pthread_atfork(handler_allocates, handler_allocates, handler_allocates), 0);
    for (uintptr_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work_until_stopped, (void *)i), 0);
    }
    for (uint64_t i = 0; i < forks; i++) {
        fork_and_wait(slots, &random);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    print_message("%u forks under 4 allocating threads, %u handlers run in the parent, %u damaged blocks\n",
                  (unsigned)forks, atomic_load(&handler_calls), atomic_load(&damaged));
    assert_int_equal(atomic_load(&handler_calls), 2 * forks);
    assert_int_equal(atomic_load(&damaged), 0);
}

static volatile sig_atomic_t handlers_run;
static volatile sig_atomic_t handlers_refused;

/* Signal handlers may not allocate, by the standard; those that do must not be let into a pool in use. */
static void allocate_in_handler(int number)
{
    (void)number;
    int kept = errno;
    void *block = malloc(48);
    handlers_refused += block == NULL;
    free(block);
    handlers_run++;
    errno = kept;
}

static void *tap(void *forker)
{
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        (void)pthread_kill(*(pthread_t *)forker, SIGUSR1);
        (void)usleep(20);
    }
    return NULL;
}

static void handlers_during_fork_do_not_enter(void **state)
{
    (void)state;
    pthread_t threads[4];
    pthread_t self = pthread_self();
    struct sigaction action = {.sa_handler = allocate_in_handler, .sa_flags = SA_RESTART};
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    atomic_store(&stop, false);
    for (uintptr_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work_until_stopped, (void *)i), 0);
    }
    assert_int_equal(pthread_create(&threads[3], NULL, tap, &self), 0);
    const uint64_t forks = test_scaled(FORKS_UNDER_SIGNALS);
    bool sound = true;
    for (uint64_t i = 0; i < forks; i++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        int status = 0;
        sound &= waitpid(child, &status, 0) == child && status == 0;
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_true(sound);
    print_message("%u forks, %u handlers, %u of them turned away\n", (unsigned)forks, (unsigned)handlers_run,
                  (unsigned)handlers_refused);
    assert_int_equal(atomic_load(&damaged), 0);
}

/* Each thread is born, allocates and dies while others do: its stack, its thread-local data and its buffers go through
 * malloc too. */
static void *live_shortly(void *unused)
{
    char *block = malloc(300);
    (void)snprintf(block, 300, "%p", unused);
    free(block);
    return NULL;
}

static void threads_come_and_go(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (uint64_t round = test_scaled(100); round != 0; round--) {
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, live_shortly, NULL), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_keep_their_contents),
        cmocka_unit_test(threads_come_and_go),
        cmocka_unit_test(children_of_busy_parents_can_allocate),
        cmocka_unit_test(handlers_during_fork_do_not_enter),
    };
    print_message("TARN_TEST_SEED=%llu\n", (unsigned long long)test_seed());
    return cmocka_run_group_tests_name("the malloc face under threads and fork", tests, NULL, NULL);
}
