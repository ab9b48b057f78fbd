/* SPDX-License-Identifier: MIT */
/* The fixed sequence of operations that drive.h describes. */
#include "drive.h"

enum { RESET_EVERY = 4096 };

static unsigned char *address(const drive *d, uint32_t index)
{
    return (unsigned char *)(uintptr_t)d->pool + d->at[index];
}

static size_t pick_size(drive *d)
{
    return prng_below(&d->random, UINT32_C(1) << (1u + prng_below(&d->random, d->size_log2)));
}

static void note(drive *d, uint32_t index, unsigned char *at, size_t size)
{
    d->at[index] = (size_t)(at - (unsigned char *)(uintptr_t)d->pool);
    d->size[index] = (uint32_t)size;
    prng_fill(&d->random, at, size);
}

static void forget(drive *d, uint32_t index)
{
    d->live--;
    d->at[index] = d->at[d->live];
    d->size[index] = d->size[d->live];
}

static void drive_alloc(drive *d, uint32_t dice)
{
    size_t size = pick_size(d);
    size_t alignment = dice == 0 && d->alignments != 0 ? (size_t)1 << prng_below(&d->random, d->alignments) : 1;
    unsigned char *at = dice == 1 ? tarn_calloc(d->pool, 1, size) : tarn_alloc_aligned(d->pool, size, alignment);
    if (at == NULL) {
        d->refused++;
    } else {
        note(d, d->live++, at, size);
    }
}

static void drive_resize(drive *d, uint32_t index, uint32_t dice)
{
    size_t size = pick_size(d);
    unsigned char *at = address(d, index);
    if (dice == 0) {
        at = tarn_resize(d->pool, at, size) == TARN_OK ? at : NULL;
    } else if (dice == 1 && d->alignments != 0) {
        at = tarn_realloc_aligned(d->pool, at, size, (size_t)1 << prng_below(&d->random, d->alignments));
    } else {
        at = tarn_realloc(d->pool, at, size);
    }
    if (at == NULL) {
        d->refused++;
    } else {
        note(d, index, at, size);
    }
}

/* What is refused leaves its mark too: the count of refusals is in the image. */
static void drive_bad_free(drive *d, uint32_t index)
{
    d->refused += tarn_free(d->pool, address(d, index) + 1) != TARN_OK;
}

static void drive_step(drive *d)
{
    uint32_t dice = prng_below(&d->random, 16);
    if (prng_below(&d->random, RESET_EVERY) == 0) {
        (void)tarn_reset(d->pool);
        d->live = 0;
    } else if (d->live == 0 || (dice < 7 && d->live < DRIVE_BLOCKS)) {
        drive_alloc(d, dice);
    } else if (dice < 9) {
        uint32_t index = prng_below(&d->random, d->live); /* arguments are evaluated in no certain order */
        drive_resize(d, index, prng_below(&d->random, 3));
    } else if (dice == 9) {
        drive_bad_free(d, prng_below(&d->random, d->live));
    } else {
        uint32_t index = prng_below(&d->random, d->live);
        (void)tarn_free(d->pool, address(d, index));
        forget(d, index);
    }
}

void drive_run(drive *d, uint32_t operations)
{
    for (uint32_t i = 0; i < operations; i++) {
        drive_step(d);
    }
}

void drive_begin(drive *d, tarn_pool *pool, size_t bytes, uint32_t alignments, uint64_t seed)
{
    memset(d, 0, sizeof *d);
    d->pool = pool;
    d->random = prng_make(seed, bytes);
    d->alignments = alignments;
    while (((size_t)16 << d->size_log2) < bytes && d->size_log2 < 14) {
        d->size_log2++;
    }
}
