/* SPDX-License-Identifier: MIT */
/* The critical section of the Mynewt face, what waits until it is left, and what the face prints. */
#define TEST_MYNEWT_OWN_FAULT
#include "test_mynewt.h"

#include <sys/mman.h>

#include "output.h"

static uint64_t memory[512];
static struct os_mempool pool;

static int fresh(void **state)
{
    (void)state;
    os_mempool_module_init();
    assert_int_equal(os_mempool_init(&pool, 4, 24, memory, "section"), OS_OK);
    return 0;
}

/* ---- what a call prints; the library's own reaction to faults is linked here ---- */

static const char *line(const struct os_mempool *mp, const void *block, const char *what)
{
    static char text[256];
    (void)snprintf(text, sizeof text, "os_mempool section at %p: block %p: %s\n", (const void *)mp, block, what);
    return text;
}

/* ---- the section ---- */

/*
 * Covers: OS_ENTER_CRITICAL OS_EXIT_CRITICAL OS_ASSERT_CRITICAL os_sr_t os_arch_save_sr os_arch_restore_sr
 * Covers: os_arch_in_critical
 */
static void a_task_nests_as_deep_as_it_likes(void **state)
{
    (void)state;
    os_sr_t sr[20];
    assert_int_equal(os_arch_in_critical(), 0);
    for (uint32_t i = 0; i < 20; i++) {
        OS_ENTER_CRITICAL(sr[i]);
        OS_ASSERT_CRITICAL();
    }
    for (uint32_t i = 20; i-- != 0;) {
        assert_int_equal(os_arch_in_critical(), 1);
        OS_EXIT_CRITICAL(sr[i]);
    }
    assert_int_equal(os_arch_in_critical(), 0);
}

/* All of the interface within the section, the free list walked between; run_mynewt_locks.sh watches that no second
 * lock is taken in it. Covers: OS_ENTER_CRITICAL SLIST_FOREACH */
static void every_call_may_be_made_inside(void **state)
{
    (void)state;
    need_registry();
    os_sr_t sr;
    struct os_mempool_info info;
    struct os_mempool other;
    struct os_memblock *at;
    int count = 0;
    tarn_registration entry;
    OS_ENTER_CRITICAL(sr);
    assert_int_equal(os_mempool_init(&other, 4, 24, memory + 64, "other"), OS_OK);
    void *block = os_memblock_get(&pool);
    assert_int_equal(os_memblock_put(&pool, block), OS_OK);
    SLIST_FOREACH(at, &pool, mb_next)
    {
        count++;
    }
    assert_int_equal(count, 4);
    assert_int_equal(os_mempool_clear(&pool), OS_OK);
    assert_true(os_mempool_is_sane(&pool));
    assert_ptr_equal(os_mempool_info_get_next(&pool, &info), &other);
    assert_ptr_equal(os_mempool_get("other", &info), &other);
    assert_int_equal(os_memblock_from(&pool, block), 1);
    OS_ASSERT_CRITICAL();
    OS_EXIT_CRITICAL(sr);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 1, &entry));
    assert_ptr_equal(entry.pool, memory + 64);
    OS_ENTER_CRITICAL(sr);
    assert_int_equal(os_mempool_unregister(&other), OS_OK);
    OS_EXIT_CRITICAL(sr);
    assert_false(tarn_registered(TARN_FACE_MYNEWT, 1, &entry));
}

static uint32_t events_inside;

static void sink(const tarn_event *event, void *context)
{
    events_inside += os_arch_in_critical() != 0 ? 1u : 0u;
    watch *w = context;
    w->events[w->count++ % WATCH_MAX] = *event;
}

/* The answer comes at once, the report after the outermost section. Covers: M19 */
static void faults_inside_are_told_outside(void **state)
{
    (void)state;
    os_sr_t outer, inner;
    static watch w;
    w.count = 0;
    events_inside = 0;
    assert_listening(tarn_events_add(sink, &w));
    void *block = os_memblock_get(&pool);
    catch_output();
    OS_ENTER_CRITICAL(outer);
    OS_ENTER_CRITICAL(inner);
    os_error_t first = os_memblock_put(&pool, memory + 500);
    OS_EXIT_CRITICAL(inner);
    uint32_t before = w.count;
    os_error_t second = os_memblock_put(&pool, (char *)block + 4);
    OS_EXIT_CRITICAL(outer);
    const char *said = caught_output();
    assert_int_equal(tarn_events_remove(sink, &w), TARN_OK);
    char expected[512];
    (void)snprintf(expected, sizeof expected, "%s", line(&pool, memory + 500, "outside the pool"));
    (void)strcat(expected, line(&pool, (char *)block + 4, "not the start of a block"));
    assert_string_equal(said, expected);
    assert_int_equal(first, OS_INVALID_PARM);
    assert_int_equal(second, OS_INVALID_PARM);
    assert_int_equal(before, 0);
    assert_int_equal(w.count, 2);
    assert_int_equal(events_inside, 0);
    assert_int_equal(w.events[0].status, TARN_E_FOREIGN);
    assert_int_equal(w.events[1].status, TARN_E_NOT_A_BLOCK);
}

static void more_faults_than_a_section_keeps_are_said_to_be_more(void **state)
{
    (void)state;
    os_sr_t sr;
    catch_output();
    OS_ENTER_CRITICAL(sr);
    for (uint32_t i = 0; i < 9; i++) {
        (void)os_memblock_put(&pool, memory + 500);
    }
    OS_EXIT_CRITICAL(sr);
    const char *said = caught_output();
    char expected[1024] = "";
    for (uint32_t i = 0; i < 4; i++) {
        (void)strcat(expected, line(&pool, memory + 500, "outside the pool"));
    }
    (void)strcat(expected, "os_mempool: untold faults\n");
    assert_string_equal(said, expected);
    catch_output();
    OS_ENTER_CRITICAL(sr);
    OS_EXIT_CRITICAL(sr);
    assert_string_equal(caught_output(), ""); /* each is told once */
}

/* ---- the registry after a section ---- */

enum { MANY = 7, BUFFER_BYTES = 4 * 24 };

/* Bytes that the registry has for a buffer, 0 if it has no entry; *count is how many entries there are. */
static size_t entered(const void *buffer, uint32_t *count)
{
    tarn_registration entry;
    size_t bytes = 0;
    for (*count = 0; tarn_registered(TARN_FACE_MYNEWT, *count, &entry); (*count)++) {
        bytes = entry.pool == buffer ? entry.bytes : bytes;
    }
    return bytes;
}

/* Pools come and go in one section, more than a section keeps notes for: the registry has exactly those that are
 * listed, and nobody is told of a fault that there was not. */
static void the_registry_knows_every_pool_of_a_section(void **state)
{
    (void)state;
    need_registry();
    static uint64_t buffers[MANY + 1][BUFFER_BYTES / 8];
    static struct os_mempool pools[MANY];
    uint32_t count;
    os_sr_t sr;
    catch_output();
    OS_ENTER_CRITICAL(sr);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(os_mempool_init(&pools[i], 4, 24, buffers[i], "many"), OS_OK);
    }
    OS_EXIT_CRITICAL(sr);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(entered(buffers[i], &count), BUFFER_BYTES);
    }
    assert_int_equal(count, MANY + 1);
    OS_ENTER_CRITICAL(sr);
    for (int i = 1; i < MANY - 1; i++) {
        assert_int_equal(os_mempool_unregister(&pools[i]), OS_OK);
    }
    assert_int_equal(os_mempool_init(&pools[0], 4, 24, buffers[MANY], "moved"), OS_OK);
    assert_int_equal(os_mempool_init(&pools[MANY - 1], 2, 24, buffers[MANY - 1], "shorter"), OS_OK);
    OS_EXIT_CRITICAL(sr);
    assert_int_equal(entered(buffers[MANY], &count), BUFFER_BYTES);
    assert_int_equal(entered(buffers[MANY - 1], &count), BUFFER_BYTES / 2);
    assert_int_equal(entered(buffers[0], &count), 0);
    assert_int_equal(count, 3);
    assert_string_equal(caught_output(), "");
}

/* A buffer belongs to whichever listed pool has it, not to the structure that goes. */
static void the_entry_of_a_buffer_outlives_an_older_pool(void **state)
{
    (void)state;
    need_registry();
    static struct os_mempool other;
    static uint64_t elsewhere[BUFFER_BYTES / 8];
    uint32_t count;
    assert_int_equal(os_mempool_init(&other, 4, 24, memory, "newer"), OS_OK);
    assert_int_equal(os_mempool_unregister(&pool), OS_OK);
    assert_int_equal(entered(memory, &count), BUFFER_BYTES);
    assert_int_equal(os_mempool_init(&pool, 4, 24, memory, "newest"), OS_OK);
    assert_int_equal(os_mempool_init(&other, 4, 24, elsewhere, "moved"), OS_OK);
    assert_int_equal(entered(memory, &count), BUFFER_BYTES);
    assert_int_equal(os_mempool_unregister(&pool), OS_OK);
    assert_int_equal(entered(memory, &count), 0);
    assert_int_equal(os_mempool_unregister(&other), OS_OK);
    (void)entered(memory, &count);
    assert_int_equal(count, 0);
}

/* ---- what is printed ---- */

/* Covers: M7 */
static void a_fault_is_one_line(void **state)
{
    (void)state;
    struct os_mempool none;
    char expected[256];
    memset(&none, 0, sizeof none);
    catch_output();
    (void)os_memblock_put(&pool, memory);
    assert_string_equal(caught_output(), line(&pool, memory, "already free"));
    catch_output();
    (void)os_memblock_get(&none);
    (void)snprintf(expected, sizeof expected, "os_mempool at %p: no such pool\n", (void *)&none);
    assert_string_equal(caught_output(), expected);
    memset(&none, 0xFF, sizeof none); /* what is no pool has no name */
    catch_output();
    (void)os_memblock_get(&none);
    assert_string_equal(caught_output(), expected);
    pool.name = NULL;
    catch_output();
    (void)os_memblock_put(&pool, memory);
    (void)snprintf(expected, sizeof expected, "os_mempool at %p: block %p: already free\n", (void *)&pool,
                   (void *)memory);
    assert_string_equal(caught_output(), expected);
    /* A name of any length is printed whole. */
    static char name[1000];
    memset(name, 'n', sizeof name - 1u);
    pool.name = name;
    catch_output();
    (void)os_memblock_put(&pool, memory);
    assert_int_equal(strspn(caught_output() + strlen("os_mempool "), "n"), sizeof name - 1u);
}

/* To the byte what printf makes of the original's formats. Covers: mpool */
static void the_listing_is_that_of_the_shell(void **state)
{
    (void)state;
    static struct os_mempool large, twin;
    static const char *const names[] = {NULL, "", "section", "none"};
    assert_int_equal(
        os_mempool_init(&large, 65535, 1,
                        mmap(NULL, 65535 * sizeof(void *), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                        "large"),
        OS_OK);
    assert_int_equal(os_mempool_init(&twin, 0, UINT32_C(0x80000000), NULL, "a name of thirty-two characters."), OS_OK);
    (void)os_memblock_get(&pool);
    for (uint32_t i = 0; i < 4; i++) {
        char expected[1024];
        size_t length = (size_t)snprintf(expected, sizeof expected, "Mempools: \n%32s %5s %4s %4s %4s\n", "name",
                                         "blksz", "cnt", "free", "min");
        static const char row[] = "%32s %5d %4d %4d %4d\n";
        if (i != 3) {
            length += (size_t)snprintf(expected + length, sizeof expected - length, row, "section", 24, 4, 3, 3);
        }
        if (i < 2) {
            length +=
                (size_t)snprintf(expected + length, sizeof expected - length, row, "large", 1, 65535, 65535, 65535);
            length += (size_t)snprintf(expected + length, sizeof expected - length, row,
                                       "a name of thirty-two characters", INT32_MIN, 0, 0, 0);
        }
        if (i == 3) {
            (void)snprintf(expected + length, sizeof expected - length, "Couldn't find a memory pool with name %s\n",
                           names[i]);
        }
        catch_output();
        tarn_mynewt_list(names[i]);
        assert_string_equal(caught_output(), expected);
    }
    assert_int_equal(munmap((void *)large.mp_membuf_addr, 65535 * sizeof(void *)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_task_nests_as_deep_as_it_likes, fresh),
        cmocka_unit_test_setup(every_call_may_be_made_inside, fresh),
        cmocka_unit_test_setup(faults_inside_are_told_outside, fresh),
        cmocka_unit_test_setup(more_faults_than_a_section_keeps_are_said_to_be_more, fresh),
        cmocka_unit_test_setup(the_registry_knows_every_pool_of_a_section, fresh),
        cmocka_unit_test_setup(the_entry_of_a_buffer_outlives_an_older_pool, fresh),
        cmocka_unit_test_setup(a_fault_is_one_line, fresh),
        cmocka_unit_test_setup(the_listing_is_that_of_the_shell, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
