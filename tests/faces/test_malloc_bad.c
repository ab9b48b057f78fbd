/* SPDX-License-Identifier: MIT */
/* Misuse of the heap ends the program by SIGABRT, after a report that names the pointer, the reason and the place. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "tarn/status.h"

/* The compiler would warn about what these tests do, if it knew what they call. */
static void *(*volatile take)(size_t) = malloc;
static void *(*volatile resize)(void *, size_t) = realloc;
static void *(*volatile resize_array)(void *, size_t, size_t) = reallocarray;
static void (*volatile give)(void *) = free;

typedef struct ending {
    int status;
    char text[2048]; /* what was written to stderr */
} ending;

/* Runs a misdeed in a child. */
static void end_of(void (*misdeed)(void), ending *end)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL); /* cmocka's own handler would go on with the next test */
        (void)dup2(ends[1], STDERR_FILENO);
        misdeed();
        _exit(0);
    }
    (void)close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], end->text + length, sizeof end->text - 1 - length)) > 0) {
        length += (size_t)got;
    }
    end->text[length] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &end->status, 0), child);
}

static void assert_reported(void (*misdeed)(void), const char *head, const char *reason, const char *place)
{
    ending end;
    end_of(misdeed, &end);
    print_message("%s", end.text);
    assert_true(WIFSIGNALED(end.status));
    assert_int_equal(WTERMSIG(end.status), SIGABRT);
    assert_int_equal(strncmp(end.text, head, strlen(head)), 0);
    assert_non_null(strstr(end.text, reason));
    assert_non_null(strstr(end.text, place));
}

/* The report must name exactly this pointer: the child writes it first, in a line of its own. */
static void announce(const void *bad)
{
    (void)fprintf(stderr, "%p\n", bad);
}

static void free_twice(void)
{
    char *block = take(100);
    char *wall = take(100);
    give(block);
    give(block);
    give(wall);
}

static void a_double_free_is_reported(void **state)
{
    (void)state;
    assert_reported(free_twice, "tarn: free(): bad pointer 0x", tarn_status_text(TARN_E_DOUBLE_FREE),
                    "tarn: double free, given to pool 0x");
}

static void free_interior(void)
{
    give((char *)take(100) + 48);
}

static void an_interior_pointer_is_reported(void **state)
{
    (void)state;
    assert_reported(free_interior, "tarn: free(): bad pointer 0x", tarn_status_text(TARN_E_NOT_A_BLOCK),
                    "tarn: interior pointer, into the block by 48 bytes, given to pool 0x");
}

static void free_misaligned(void)
{
    give((char *)take(100) + 1);
}

static void a_misaligned_pointer_is_reported(void **state)
{
    (void)state;
    assert_reported(free_misaligned, "tarn: free(): bad pointer 0x", tarn_status_text(TARN_E_MISALIGNED),
                    "tarn: interior pointer, into the block by 1 byte, given to pool 0x");
}

static void free_foreign(void)
{
    char mine[64] = {0};
    announce(mine);
    give(mine);
}

static void a_foreign_pointer_is_reported_and_named(void **state)
{
    (void)state;
    ending end;
    char expected[128];
    end_of(free_foreign, &end);
    assert_true(WIFSIGNALED(end.status));
    char *line = strchr(end.text, '\n');
    assert_non_null(line);
    *line++ = '\0';
    print_message("%s", line);
    (void)snprintf(expected, sizeof expected, "tarn: free(): bad pointer %.40s: %s [", end.text,
                   tarn_status_text(TARN_E_FOREIGN));
    assert_int_equal(strncmp(line, expected, strlen(expected)), 0);
}

static void realloc_freed(void)
{
    char *block = take(100);
    char *wall = take(100);
    give(block);
    give(resize(block, 200));
    give(wall);
}

static void a_realloc_of_a_freed_block_is_reported(void **state)
{
    (void)state;
    assert_reported(realloc_freed, "tarn: realloc(): bad pointer 0x", tarn_status_text(TARN_E_DOUBLE_FREE),
                    "tarn: double free, given to pool 0x");
}

static void realloc_to_nothing(void)
{
    give(resize((char *)take(100) + 16, 0));
}

static void a_realloc_to_zero_of_a_bad_pointer_is_reported(void **state)
{
    (void)state;
    assert_reported(realloc_to_nothing, "tarn: realloc(): bad pointer 0x", tarn_status_text(TARN_E_NOT_A_BLOCK),
                    "16 bytes");
}

static void reallocarray_far_too_large(void)
{
    give(resize_array((char *)take(100) + 16, SIZE_MAX, 2));
}

static void a_bad_pointer_is_found_before_the_size_is_refused(void **state)
{
    (void)state;
    assert_reported(reallocarray_far_too_large, "tarn: reallocarray(): bad pointer 0x",
                    tarn_status_text(TARN_E_NOT_A_BLOCK), "16 bytes");
}

/* One byte more than a block holds, times four: the next block's header. */
static void overrun_and_free(void)
{
    char *block = take(100);
    char *next = take(100);
    memset(block, 0xFF, malloc_usable_size(block) + 4);
    give(next);
}

static void an_overwritten_header_is_reported(void **state)
{
    (void)state;
    assert_reported(overrun_and_free, "tarn: free(): the heap is damaged [", " is broken at 0x",
                    "tarn: overrun of the left neighbour by at least 4 bytes in pool 0x");
}

/* The block given back is sound; the header behind it is not. */
static void overrun_and_free_itself(void)
{
    char *block = take(100);
    char *next = take(100);
    memset(block, 0xFF, malloc_usable_size(block) + 4);
    give(block);
    give(next);
}

static void an_overrun_is_not_called_a_bad_pointer(void **state)
{
    (void)state;
    assert_reported(overrun_and_free_itself, "tarn: free(): the heap is damaged [", " is broken at 0x",
                    "tarn: overrun of the left neighbour by at least 4 bytes in pool 0x");
}

/* Writes into a freed block, where an engine with an index keeps its links, then asks for one like it. */
static void write_after_free(void)
{
    char *wall[2];
    char *block = take(1000);
    wall[0] = take(100);
    give(block);
    memset(block, 0xFF, 100);
    wall[1] = take(1000);
    give(wall[1]);
    give(wall[0]);
}

static void a_damaged_index_is_not_called_lack_of_memory(void **state)
{
    (void)state;
    const char *engine = getenv("TARN_ENGINE");
    bool only_linear = !TARN_ON(TARN_WITH_TLSF) && !TARN_ON(TARN_WITH_BESTFIT);
    if (only_linear || (engine != NULL && strcmp(engine, "linear") == 0)) {
        print_message("linear keeps no links in free blocks: there is nothing to damage\n");
        skip();
    }
    assert_reported(write_after_free, "tarn: malloc(): the heap is damaged [", "rule ",
                    "tarn: use after free in pool 0x");
}

static void allocate_and_exit(int number)
{
    char *block = take(1000);
    (void)number;
    memset(block, 1, 1000);
    _exit(block != NULL ? 42 : 1);
}

static void free_twice_with_handler(void)
{
    (void)signal(SIGABRT, allocate_and_exit);
    free_twice();
}

static void a_handler_of_the_abort_may_allocate(void **state)
{
    (void)state;
    ending end;
    end_of(free_twice_with_handler, &end);
    assert_true(WIFEXITED(end.status));
    assert_int_equal(WEXITSTATUS(end.status), 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_double_free_is_reported),
        cmocka_unit_test(an_interior_pointer_is_reported),
        cmocka_unit_test(a_misaligned_pointer_is_reported),
        cmocka_unit_test(a_foreign_pointer_is_reported_and_named),
        cmocka_unit_test(a_realloc_of_a_freed_block_is_reported),
        cmocka_unit_test(a_realloc_to_zero_of_a_bad_pointer_is_reported),
        cmocka_unit_test(a_bad_pointer_is_found_before_the_size_is_refused),
        cmocka_unit_test(an_overwritten_header_is_reported),
        cmocka_unit_test(an_overrun_is_not_called_a_bad_pointer),
        cmocka_unit_test(a_damaged_index_is_not_called_lack_of_memory),
        cmocka_unit_test(a_handler_of_the_abort_may_allocate),
    };
    return cmocka_run_group_tests_name("misuse of the malloc face", tests, NULL, NULL);
}
