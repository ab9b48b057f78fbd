/* SPDX-License-Identifier: MIT */
/*
 * Leaves out single tests of a program: those whose names, with a comma behind each, are in TARN_TEST_WITHOUT. They are
 * skipped, and cmocka says so. Linked with -Wl,--wrap=_cmocka_run_group_tests.
 */
#include <stdlib.h>

#include "test.h"

enum { TESTS_MAX = 64 };

int __real__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);

static void left_out(void **state)
{
    (void)state;
    skip();
}

/* Whether the words of TARN_TEST_WITHOUT, with a comma behind each, have this name. */
static bool is_left_out(const char *name)
{
    const char *list = getenv("TARN_TEST_WITHOUT");
    const char *at = list;
    size_t length = strlen(name);
    while (at != NULL && (at = strstr(at, name)) != NULL) {
        if ((at == list || at[-1] == ',') && at[length] == ',') {
            return true;
        }
        at += length;
    }
    return false;
}

int __wrap__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown)
{
    struct CMUnitTest kept[TESTS_MAX];
    assert_true(count <= TESTS_MAX);
    for (size_t i = 0; i < count; i++) {
        kept[i] = tests[i];
        if (is_left_out(tests[i].name)) {
            kept[i].test_func = left_out;
            kept[i].setup_func = NULL;
            kept[i].teardown_func = NULL;
        }
    }
    return __real__cmocka_run_group_tests(group, kept, count, setup, teardown);
}
