/* SPDX-License-Identifier: MIT */
/*
 * What the tests of memboxes share beside test_liteos.h: a start without listed memboxes. Each file says before it
 * includes this which kind it asks for.
 */
#ifndef TARN_TEST_MEMBOX_H
#define TARN_TEST_MEMBOX_H

#include "test_liteos.h"

#include "registry.h"

#define HEAD ((UINT32)OS_MEMBOX_NODE_HEAD_SIZE)
#define CONTROL ((UINT32)sizeof(LOS_MEMBOX_INFO))

static inline UINT32 stride_of(UINT32 size)
{
    return (UINT32)LOS_MEMBOX_ALLIGNED(size + HEAD);
}

static inline UINT32 listed_boxes(void)
{
    tarn_registration entry;
    UINT32 count = 0;
    while (tarn_registered(TARN_FACE_MEMBOX, count, &entry)) {
        count++;
    }
    return count;
}

static inline int without_boxes(void **state)
{
    tarn_registration entry;
    while (tarn_registered(TARN_FACE_MEMBOX, 0, &entry)) {
        assert_true(tarn_registry_leave_buffer(TARN_FACE_MEMBOX, entry.pool));
    }
    return fresh_start(state);
}

static inline void report_refusals(void)
{
    tarn_liteos_settings settings = engine_settings();
    settings.refusal_report = TARN_LITEOS_ON;
    tarn_liteos_options(&settings);
}

static inline void assert_counts(const VOID *pool, UINT32 boxes, UINT32 out, UINT32 size)
{
    UINT32 max = 0xA5, count = 0xA5, bytes = 0xA5;
    assert_int_equal(LOS_MemboxStatisticsGet(pool, &max, &count, &bytes), LOS_OK);
    assert_int_equal(max, boxes);
    assert_int_equal(count, out);
    assert_int_equal(bytes, size);
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup(function, without_boxes)

#endif
