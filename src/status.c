/* SPDX-License-Identifier: MIT */
/* The words for each status. */
#include "tarn/status.h"

#include <stddef.h>

static const char *const status_texts[] = {
    [TARN_OK] = "ok",
    [TARN_E_NULL] = "NULL pointer",
    [TARN_E_ARGUMENT] = "argument out of range",
    [TARN_E_TOO_SMALL] = "memory too small for a pool",
    [TARN_E_TOO_LARGE] = "larger than this pool was made for, or than any pool can be",
    [TARN_E_MISALIGNED] = "address not on the granule",
    [TARN_E_INTERFACE] = "caller and library differ in interface version",
    [TARN_E_ENGINE] = "engine not compiled in",
    [TARN_E_NOT_A_POOL] = "no pool begins there",
    [TARN_E_OVERLAP] = "range conflicts with a registered pool",
    [TARN_E_FOREIGN] = "address outside the pool's memory",
    [TARN_E_NOT_A_BLOCK] = "no block of this pool begins there",
    [TARN_E_DOUBLE_FREE] = "memory is already free",
    [TARN_E_DAMAGED] = "pool metadata is damaged",
    [TARN_E_EXHAUSTED] = "no free block is large enough",
    [TARN_E_NEVER_FITS] = "larger than the pool could ever serve",
    [TARN_E_TRUNCATED] = "bytes end before the image does",
    [TARN_E_REGISTRY_FULL] = "registry is full",
    [TARN_E_IN_USE] = "blocks are still in use",
    [TARN_E_REGIONS_FULL] = "heap has no room for another region",
    [TARN_E_QUOTA] = "over the module's quota",
    [TARN_E_CLOSED] = "the pool was closed because of damage",
    [TARN_E_INJECTED] = "refused by failure injection",
    [TARN_E_UNAVAILABLE] = "not available here",
};

const char *tarn_status_text(tarn_status status)
{
    if (status < 0 || (size_t)status >= sizeof status_texts / sizeof status_texts[0] || status_texts[status] == NULL) {
        return "unknown status";
    }
    return status_texts[status];
}
