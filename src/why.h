/* SPDX-License-Identifier: MIT */
/*
 * What the files that make verdicts share: the part that one walk over a view tells.
 */
#ifndef TARN_SRC_WHY_H
#define TARN_SRC_WHY_H

#include "tarn/why.h"
#include "view.h"

/* A request in granules. */
typedef struct why_request {
    uint32_t need;      /* of the block; 0: more than any pool has */
    uint32_t alignment; /* bytes, at least the granule */
    uintptr_t origin;   /* address of the image's first byte, or what to take for it */
    bool placed;        /* it is that address */
} why_request;

/* Free bytes and pieces; false if the walk meets damage. */
bool tarn_why_count(const tarn_view *view, tarn_verdict *verdict);

/* Where there is a quarantine: granules of the largest request of this alignment, blocks that wait given back, in an
 * image whose first byte has this address. */
uint32_t tarn_why_largest(const tarn_view *view, uintptr_t first_byte, uint32_t alignment);

/* Of a request that is not served: never, exhausted or fragmented, and then what stands between. */
void tarn_why_refused(const tarn_view *view, const why_request *request, tarn_verdict *verdict);

/* Of a block pool in this state whose blocks hold usable bytes; of a sound one, status TARN_OK before. */
void tarn_blocks_verdict(const tarn_stats *stats, uint64_t usable, uint64_t size, tarn_verdict *verdict);

static inline void why_damaged(tarn_verdict *verdict)
{
    verdict->verdict = TARN_WHY_DAMAGED;
    verdict->status = TARN_E_DAMAGED;
}

/* What a block of a size that exceeds any pool would occupy, 2^63 at most. */
static inline uint64_t why_needed(const image *im, uint64_t size)
{
    uint64_t mask = (UINT64_C(1) << image_shift(im)) - 1u;
    uint64_t most = UINT64_C(1) << 63;
    uint64_t around = image_lead_bytes(im) + layout_tail_bytes(im->layout);
    return size < most - around - mask ? (size + around + mask) & ~mask : most;
}

#endif
