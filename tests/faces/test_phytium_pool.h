/* SPDX-License-Identifier: MIT */
/* The pool of the tests of FMemp, not ready when a test begins. Included last: other headers have parameters of its
 * name.
 */
#ifndef TARN_TEST_PHYTIUM_POOL_H
#define TARN_TEST_PHYTIUM_POOL_H

#include "test_phytium.h"

static FMemp pool;

static inline int fresh(void **state)
{
    (void)state;
    FMempDeinit(&pool);
    memset(&pool, 0, sizeof pool);
    memset(buffer, 0xCD, sizeof buffer);
    return 0;
}

static inline void make_pool(size_t bytes)
{
    assert_int_equal(FMempInit(&pool, buffer, buffer + bytes), FMEMP_SUCCESS);
}

static inline u32 used_now(void)
{
    u32 used = 0xFFFFFFFFu;
    FMemProbe(&pool, NULL, &used, NULL);
    return used;
}

#endif
