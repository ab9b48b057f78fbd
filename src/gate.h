/* SPDX-License-Identifier: MIT */
/* Asking the gates: one load and one branch where there are none. Never under a lock. */
#ifndef TARN_SRC_GATE_H
#define TARN_SRC_GATE_H

#include <stdbool.h>

#include "config.h"
#include "tarn/gate.h"
#include "word.h"

/* How many gates are installed. */
extern uint32_t tarn_gates;

tarn_status tarn_gates_before(const tarn_demand *demand);

bool tarn_gates_after(const tarn_demand *demand);

/* False: a request that fails has failed for good. */
static inline bool gate_is_there(void)
{
    return TARN_ON(TARN_WITH_EVENTS) && word_load_shared(&tarn_gates) != 0;
}

/* TARN_OK, or the status to refuse the request with. */
static inline tarn_status gate_ask(const void *pool, size_t size, size_t alignment, uint32_t module)
{
    if (!gate_is_there()) {
        return TARN_OK;
    }
    tarn_demand demand = {(tarn_pool *)(uintptr_t)pool, size, alignment, module, TARN_OK};
    return tarn_gates_before(&demand);
}

/* Whether to try a request that failed, and was neither counted nor told, once more. */
static inline bool gate_relieves(const void *pool, size_t size, size_t alignment, uint32_t module, tarn_status status)
{
    if (status != TARN_E_EXHAUSTED || !gate_is_there()) {
        return false;
    }
    tarn_demand demand = {(tarn_pool *)(uintptr_t)pool, size, alignment, module, status};
    return tarn_gates_after(&demand);
}

#endif
