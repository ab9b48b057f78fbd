/* SPDX-License-Identifier: MIT */
/* Statuses: their numbers, which are part of the interface, and their texts. */
#include "test.h"

static void numbers_never_change(void **state)
{
    (void)state;
    static const tarn_status in_order[] = {
        TARN_OK,           TARN_E_NULL,        TARN_E_ARGUMENT,      TARN_E_TOO_SMALL,   TARN_E_TOO_LARGE,
        TARN_E_MISALIGNED, TARN_E_INTERFACE,   TARN_E_ENGINE,        TARN_E_NOT_A_POOL,  TARN_E_OVERLAP,
        TARN_E_FOREIGN,    TARN_E_NOT_A_BLOCK, TARN_E_DOUBLE_FREE,   TARN_E_DAMAGED,     TARN_E_EXHAUSTED,
        TARN_E_NEVER_FITS, TARN_E_TRUNCATED,   TARN_E_REGISTRY_FULL, TARN_E_IN_USE,      TARN_E_REGIONS_FULL,
        TARN_E_QUOTA,      TARN_E_CLOSED,      TARN_E_INJECTED,      TARN_E_UNAVAILABLE,
    };
    for (int32_t i = 0; i < 24; i++) {
        assert_int_equal(in_order[i], i);
    }
}

static void every_status_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (tarn_status status = TARN_OK; status <= TARN_E_UNAVAILABLE; status++) {
        const char *text = tarn_status_text(status);
        assert_true(strlen(text) > 1 && strcmp(text, "unknown status") != 0);
        for (tarn_status other = TARN_OK; other < status; other++) {
            assert_string_not_equal(text, tarn_status_text(other));
        }
    }
}

static void other_numbers_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(tarn_status_text(TARN_E_UNAVAILABLE + 1), "unknown status");
    assert_string_equal(tarn_status_text(-1), "unknown status");
    assert_string_equal(tarn_status_text(INT32_MIN), "unknown status");
    assert_string_equal(tarn_status_text(INT32_MAX), "unknown status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_never_change),
        cmocka_unit_test(every_status_has_a_text_of_its_own),
        cmocka_unit_test(other_numbers_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
