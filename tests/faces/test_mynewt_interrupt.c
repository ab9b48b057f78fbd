/* SPDX-License-Identifier: MIT */
/*
 * Mynewt pools that are used by interrupts, reproduced on the host: this program is its own port, whose critical
 * section is a flag. A signal is the interrupt; one that arrives while the flag is set runs when it is cleared, as a
 * masked interrupt does. Signals come from another thread at any instruction, and from the port itself at the places
 * that matter: as the first and the last thing in the section, and as the first thing outside it.
 */
#include "test_mynewt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "tarn/port.h"

enum { BLOCKS = 20, HELD = 8, ROUNDS = 20000, MAIN = 1, HANDLER = 2 };

/* ---- the port ---- */

static volatile sig_atomic_t masked, pending, in_handler, provoke;
static unsigned char event_guard;
static atomic_uint at_once, deferred;

static void interrupt(void);

static void deliver(int number)
{
    (void)number;
    if (masked) {
        pending = 1;
        atomic_fetch_add(&deferred, 1);
    } else if (!in_handler) {
        atomic_fetch_add(&at_once, 1);
        in_handler = 1;
        interrupt();
        in_handler = 0;
    }
}

static void provoke_one(void)
{
    if (provoke && !in_handler) {
        (void)raise(SIGUSR1);
    }
}

uintptr_t tarn_port_lock(const void *address)
{
    (void)address;
    uintptr_t before = (uintptr_t)masked;
    masked = 1;
    atomic_signal_fence(memory_order_seq_cst);
    provoke_one();
    return before;
}

void tarn_port_unlock(const void *address, uintptr_t state)
{
    (void)address;
    provoke_one();
    atomic_signal_fence(memory_order_seq_cst);
    masked = (sig_atomic_t)state;
    if (!masked && pending) {
        pending = 0;
        deliver(SIGUSR1);
    }
    provoke_one();
}

uint32_t tarn_port_task(void)
{
    return in_handler ? TARN_TASK_NONE : 7;
}

uint32_t tarn_port_callers(const void **frames, uint32_t count)
{
    (void)frames;
    (void)count;
    return 0;
}

unsigned char *tarn_port_event_guard(void)
{
    return &event_guard;
}

void tarn_port_print(const char *text, size_t length)
{
    (void)fwrite(text, 1, length, stdout);
}

/* ---- who uses the pools ---- */

static bench benches[2];
static atomic_uint owner[2][BLOCKS];
static atomic_uint failures;
static unsigned char *kept[2][HELD];
static prng handlers_chance;
static volatile sig_atomic_t interrupts_on, own_section;

static void expect(bool condition)
{
    if (!condition) {
        atomic_fetch_add(&failures, 1);
    }
}

static void step(unsigned char **slot, uint32_t pool, uint32_t me)
{
    bench *b = &benches[pool];
    if (*slot == NULL) {
        *slot = os_memblock_get(b->mp);
        if (*slot != NULL) {
            expect(atomic_exchange(&owner[pool][(size_t)(*slot - b->buffer) / b->stride], me) == 0);
            memset(*slot, (int)me, b->payload);
        }
        return;
    }
    for (size_t i = 0; i < b->payload; i++) {
        expect((*slot)[i] == me);
    }
    expect(atomic_exchange(&owner[pool][(size_t)(*slot - b->buffer) / b->stride], 0) == me);
    expect(os_memblock_put(b->mp, *slot) == OS_OK);
    *slot = NULL;
}

/* The handler takes and gives a block or two, in a section of its own now and then. */
static void interrupt(void)
{
    if (!interrupts_on) {
        return;
    }
    uint32_t chance = prng_next(&handlers_chance);
    uint32_t pool = chance & 1u;
    os_sr_t sr, inner;
    if ((chance & 6u) == 0) {
        OS_ENTER_CRITICAL(sr);
        OS_ENTER_CRITICAL(inner);
        own_section = 1;
        expect(os_arch_in_critical() == 1);
        step(&kept[pool][chance >> 8 & 7u], pool, HANDLER);
        own_section = 0;
        OS_EXIT_CRITICAL(inner);
        OS_EXIT_CRITICAL(sr);
        expect(os_arch_in_critical() == 0);
    }
    step(&kept[pool][chance >> 16 & 7u], pool, HANDLER);
}

static os_error_t put_callback(struct os_mempool_ext *ome, void *data, void *argument)
{
    (void)argument;
    expect(!masked || own_section); /* outside the face's section, inside the caller's if it has one */
    return os_memblock_put_from_cb(&ome->mpe_mp, data);
}

static atomic_bool done;

static void *interrupter(void *argument)
{
    pthread_t target = *(pthread_t *)argument;
    while (!atomic_load(&done)) {
        (void)pthread_kill(target, SIGUSR1);
        (void)usleep(20);
    }
    return NULL;
}

static void open_pools(void)
{
    uint32_t all = TARN_MYNEWT_CHECK | TARN_MYNEWT_POISON | TARN_MYNEWT_GUARD | TARN_MYNEWT_MAP | TARN_MYNEWT_EXT;
    bench_open(&benches[0], BLOCKS, 40, "plain", WORD);
    bench_open(&benches[1], BLOCKS, 24, "all", WORD | all);
    benches[1].ext.mpe_put_cb = put_callback;
}

static void use_pools(uint32_t rounds)
{
    prng random = prng_make(test_seed(), 51);
    unsigned char *held[2][HELD] = {{NULL}};
    for (uint32_t i = 0; i < rounds; i++) {
        uint32_t pool = prng_below(&random, 2);
        step(&held[pool][prng_below(&random, HELD)], pool, MAIN);
        if (i % 50u == 0) {
            expect(os_mempool_is_sane(benches[pool].mp));
        }
        if (i % 70u == 0) {
            os_sr_t sr;
            struct os_memblock *at;
            uint32_t count = 0;
            OS_ENTER_CRITICAL(sr);
            SLIST_FOREACH(at, benches[pool].mp, mb_next)
            {
                count++;
            }
            expect(count == benches[pool].mp->mp_num_free);
            OS_EXIT_CRITICAL(sr);
        }
    }
    interrupts_on = 0;
    for (uint32_t i = 0; i < 2 * HELD; i++) {
        unsigned char **mine = &held[i / HELD][i % HELD], **its = &kept[i / HELD][i % HELD];
        if (*mine != NULL) {
            step(mine, i / HELD, MAIN);
        }
        if (*its != NULL) {
            step(its, i / HELD, HANDLER);
        }
    }
}

/* Covers: os_memblock_get os_memblock_put OS_ENTER_CRITICAL OS_EXIT_CRITICAL interrupts */
static void interrupts_and_a_task_share_pools(void **state)
{
    (void)state;
    pthread_t self = pthread_self(), other;
    struct sigaction action;
    sigset_t block;
    uint32_t rounds = (uint32_t)test_scaled(ROUNDS);
    memset(&action, 0, sizeof action);
    action.sa_handler = deliver;
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    handlers_chance = prng_make(test_seed(), 52);
    open_pools();
    (void)sigemptyset(&block);
    (void)sigaddset(&block, SIGUSR1);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &block, NULL), 0); /* the other thread inherits this */
    assert_int_equal(pthread_create(&other, NULL, interrupter, &self), 0);
    assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &block, NULL), 0);
    interrupts_on = 1;
    use_pools(rounds);
    interrupts_on = provoke = 1; /* the same with interrupts at every border of the section */
    use_pools(rounds);
    provoke = 0;
    atomic_store(&done, true);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_int_equal(atomic_load(&failures), 0);
    assert_nothing_told();
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(benches[i].mp->mp_num_free, BLOCKS);
        assert_int_equal(chain_length(&benches[i]), BLOCKS);
        assert_true(os_mempool_is_sane(benches[i].mp));
        bench_close(&benches[i]);
    }
    assert_true(atomic_load(&deferred) > rounds && atomic_load(&at_once) > rounds); /* those that the port provoked */
    print_message("seed %llu: 2 x %u steps, %u interrupts at once, %u while masked\n", (unsigned long long)test_seed(),
                  rounds, atomic_load(&at_once), atomic_load(&deferred));
}

/* Code without a task tag nests by the port's masks, and what waits is done after the outermost. */
static void untagged_code_nests_by_the_masks(void **state)
{
    (void)state;
    os_sr_t outer, inner;
    open_pools();
    in_handler = 1;
    OS_ENTER_CRITICAL(outer);
    OS_ENTER_CRITICAL(inner);
    assert_int_equal(os_memblock_put(benches[0].mp, benches[0].buffer), OS_INVALID_PARM);
    OS_EXIT_CRITICAL(inner);
    assert_int_equal(masked, 1);
    assert_int_equal(os_arch_in_critical(), 1);
    assert_nothing_told();
    OS_EXIT_CRITICAL(outer);
    assert_int_equal(masked, 0);
    assert_int_equal(os_arch_in_critical(), 0);
    assert_told(benches[0].mp, benches[0].buffer, "already free");
    in_handler = 0;
    bench_close(&benches[0]);
    bench_close(&benches[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupts_and_a_task_share_pools),
        cmocka_unit_test(untagged_code_nests_by_the_masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
