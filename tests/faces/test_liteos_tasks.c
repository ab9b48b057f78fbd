/* SPDX-License-Identifier: MIT */
/*
 * OsMemTaskClear() among other tasks. This program is its own port: one thread, in which another task does its step
 * right after a chosen release of a lock, so that every place where tasks can meet is tried, one by one.
 */
#include "test_liteos.h"

#include "los_memstat_pri.h"
#include "tarn/port.h"

#define POOL_BYTES 0x8000u
#define BLOCKS 40u /* more than a walk copies at a time */
#define BLOCK_BYTES 64u

enum { DELETED = 5, OTHER = 7, NO_TASK = 64 };

/* ---- the port ---- */

static uint32_t running_task = OTHER;
static uint32_t releases_left;
static void (*step)(void);

uintptr_t tarn_port_lock(const void *address)
{
    (void)address;
    return 0;
}

void tarn_port_unlock(const void *address, uintptr_t state)
{
    (void)address;
    (void)state;
    if (releases_left != 0 && --releases_left == 0) {
        step();
    }
}

uint32_t tarn_port_task(void)
{
    return running_task;
}

uint32_t tarn_port_callers(const void **frames, uint32_t count)
{
    (void)frames;
    (void)count;
    return 0;
}

unsigned char *tarn_port_event_guard(void)
{
    static unsigned char guard;
    return &guard;
}

void tarn_port_print(const char *text, size_t length)
{
    (void)fwrite(text, 1, length, stdout);
}

/* ---- the tests ---- */

static VOID *blocks[BLOCKS];
static VOID *victim;

static void make_blocks_of(uint32_t task)
{
    (void)make_pool(POOL_BYTES);
    running_task = task;
    for (UINT32 i = 0; i < BLOCKS; i++) {
        blocks[i] = LOS_MemAlloc(arena, BLOCK_BYTES);
        assert_non_null(blocks[i]);
    }
    running_task = OTHER;
}

/* Runs the call with the step after its n-th release of a lock; false if there are fewer. */
static bool run_with_step(void (*call)(void), void (*other)(void), uint32_t n)
{
    step = other;
    releases_left = n;
    catch_output();
    call();
    caught_output();
    bool reached = releases_left == 0;
    releases_left = 0;
    return reached;
}

static void end_pool(void)
{
    catch_output();
    UINT32 result = LOS_MemDeInit(arena);
    caught_output();
    assert_int_equal(result, LOS_OK);
}

static void clear_deleted(void)
{
    OsMemTaskClear(DELETED);
}

static void take_over_victim(void)
{
    if (LOS_MemFree(arena, victim) != LOS_OK || LOS_MemAlloc(arena, BLOCK_BYTES) != victim) {
        fail_msg("the block cannot be taken over");
    }
}

/* A block that another task has by the time the walk comes to it stays that task's. */
static void clearing_leaves_what_another_task_took_over(void **state)
{
    (void)state;
    UINT32 places = 0;
    static const UINT32 victims[] = {0, 1, BLOCKS / 2, BLOCKS - 2};
    for (size_t v = 0; v < sizeof victims / sizeof victims[0]; v++) {
        bool reached = true;
        for (uint32_t n = 1; reached; n++) {
            make_blocks_of(DELETED);
            victim = blocks[victims[v]];
            reached = run_with_step(clear_deleted, take_over_victim, n);
            assert_int_equal(LOS_MemTaskIdGet(victim), reached ? OTHER : NO_TASK);
            assert_int_equal(OsMemTaskUsage(DELETED), 0);
            assert_int_equal(OsMemTaskUsage(OTHER), reached ? BLOCK_BYTES + H : 0);
            places += reached;
            end_pool();
        }
    }
    printf("  a block taken over at each of %u places\n", places);
    assert_true(places > 2 * BLOCKS);
}

static void give_victim_to_module(void)
{
    victim = LOS_MemMrealloc(arena, victim, BLOCK_BYTES, 3);
}

/* A task is deleted while another one marks a block of it: the mark must not bring the task back. */
static void a_block_marked_during_clearing_has_no_task(void **state)
{
    (void)state;
    UINT32 places = 0;
    bool reached = true;
    for (uint32_t n = 1; reached; n++) {
        make_blocks_of(DELETED);
        victim = blocks[3];
        reached = run_with_step(give_victim_to_module, clear_deleted, n);
        assert_ptr_equal(victim, blocks[3]);
        assert_int_equal(OsMemTaskUsage(DELETED), reached ? 0 : BLOCKS * (BLOCK_BYTES + H));
        assert_int_equal(LOS_MemMusedGet(3), BLOCK_BYTES + H);
        catch_output();
        UINT32 freed = LOS_MemMfree(arena, victim, 3);
        assert_string_equal(caught_output(), ""); /* it has the module */
        assert_int_equal(freed, LOS_OK);
        places += reached;
        end_pool();
    }
    printf("  a task deleted at each of %u places\n", places);
    assert_true(places > 4);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(clearing_leaves_what_another_task_took_over),
        TEST(a_block_marked_during_clearing_has_no_task),
    };
    return run_per_engine("liteos_tasks", tests, sizeof tests / sizeof tests[0]);
}
