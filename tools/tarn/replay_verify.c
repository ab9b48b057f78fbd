/* SPDX-License-Identifier: MIT */
/*
 * The pass of `tarn replay --check`: every block is filled with what only it holds, and looked at whenever it ends or
 * moves; the pool is checked as a whole now and then, and at the end, when nothing may be left in it.
 *
 * V1: byte i of an object is a function of the object and of i alone, whatever its size: what a realloc keeps, it
 * keeps.
 *
 * Bound: two passes over each block's bytes.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

/* Of each slot. */
typedef struct object {
    size_t size; /* 0: not there */
    uint64_t seed;
} object;

typedef struct verification {
    replay_pool *p;
    replay_result *result;
    object *objects;
    uint64_t seeds;
    size_t op; /* that is being replayed */
} verification;

static bool problem(verification *v, const char *what, uint64_t where)
{
    replay_result *r = v->result;
    if (r->problem[0] == '\0') {
        (void)snprintf(r->problem, sizeof r->problem, "operation %zu (%s of %" PRIu64 " bytes): %s at %" PRIu64, v->op,
                       v->op < r->t->count ? replay_kind_text(r->t->ops[v->op].kind) : "end",
                       v->op < r->t->count ? r->t->ops[v->op].size : 0, what, where);
    }
    return false;
}

/* V1 */
static uint64_t word_at(uint64_t seed, size_t i)
{
    return (seed + i) * UINT64_C(0x9E3779B97F4A7C15);
}

static void fill(unsigned char *block, uint64_t seed, size_t from, size_t until)
{
    for (size_t i = from / 8 * 8; i < until; i += 8) {
        uint64_t word = word_at(seed, i);
        unsigned char bytes[8];
        memcpy(bytes, &word, sizeof bytes);
        size_t begin = i < from ? from - i : 0;
        size_t end = until - i < 8 ? until - i : 8;
        memcpy(block + i + begin, bytes + begin, end - begin);
    }
}

static bool holds(verification *v, const unsigned char *block, uint64_t seed, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = word_at(seed, i);
        if (memcmp(block + i, &word, size - i < 8 ? size - i : 8) != 0) {
            return problem(v, "the contents have changed, byte", i);
        }
    }
    v->result->verified_bytes += size;
    return true;
}

/* Where it lies and how much it can hold. */
static bool sane(verification *v, const void *block, const trace_op *op)
{
    const replay_pool *p = v->p;
    uintptr_t offset = (uintptr_t)block - (uintptr_t)p->memory;
    uint64_t alignment = replay_alignment(op);
    alignment = alignment > v->result->stats.granule ? alignment : v->result->stats.granule;
    if (offset >= p->bytes || op->size > p->bytes - offset) {
        return problem(v, "the block lies outside the pool, offset", offset);
    }
    if (((uintptr_t)block & (alignment - 1)) != 0) {
        return problem(v, "the block is misaligned, offset", offset);
    }
    return tarn_usable(p->pool, block) >= op->size || problem(v, "the block holds less than was asked, offset", offset);
}

static bool all_zero(verification *v, const unsigned char *block, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (block[i] != 0) {
            return problem(v, "calloc gave a byte that is not zero", i);
        }
    }
    return true;
}

static bool verify_take(verification *v, const trace_op *op)
{
    object *o = &v->objects[op->slot];
    bool zero = op->kind == TRACE_CALLOC;
    void *block = op->kind == TRACE_ALIGNED
                      ? tarn_alloc_aligned(v->p->pool, (size_t)op->size, (size_t)replay_alignment(op))
                  : zero ? tarn_calloc(v->p->pool, 1, (size_t)op->size)
                         : tarn_alloc(v->p->pool, (size_t)op->size);
    v->p->blocks[op->slot] = block;
    *o = (object){block != NULL ? (size_t)op->size : 0, ++v->seeds << 40};
    if (block == NULL) {
        return true;
    }
    if (!sane(v, block, op) || (zero && !all_zero(v, block, (size_t)op->size))) {
        return false;
    }
    fill(block, o->seed, 0, (size_t)op->size);
    v->result->verified_blocks++;
    return true;
}

static bool verify_resize(verification *v, const trace_op *op)
{
    object *o = &v->objects[op->slot];
    void *before = v->p->blocks[op->slot];
    if (before == NULL) {
        return verify_take(v, op);
    }
    size_t size = (size_t)op->size;
    void *block = tarn_realloc(v->p->pool, before, size);
    if (block == NULL) {
        return holds(v, before, o->seed, o->size);
    }
    v->p->blocks[op->slot] = block;
    if (!sane(v, block, op) || !holds(v, block, o->seed, o->size < size ? o->size : size)) {
        return false;
    }
    if (size > o->size) {
        fill(block, o->seed, o->size, size);
    }
    o->size = size;
    return true;
}

static bool verify_free(verification *v, uint32_t slot)
{
    void *block = v->p->blocks[slot];
    object *o = &v->objects[slot];
    if (block == NULL) {
        return true;
    }
    if (!holds(v, block, o->seed, o->size)) {
        return false;
    }
    v->p->blocks[slot] = NULL;
    o->size = 0;
    tarn_status status = tarn_free(v->p->pool, block);
    return status == TARN_OK || problem(v, tarn_status_text(status), (uintptr_t)block - (uintptr_t)v->p->memory);
}

static bool verify_pool(verification *v)
{
    tarn_finding finding;
    v->result->checks++;
    if (tarn_check(v->p->pool, &finding) == TARN_OK) {
        return true;
    }
    char rule[32];
    (void)snprintf(rule, sizeof rule, "the pool breaks rule I%u", finding.rule);
    return problem(v, rule, finding.offset);
}

static bool verify_op(verification *v, const trace_op *op)
{
    switch (op->kind) {
    case TRACE_FREE:
        return verify_free(v, op->slot);
    case TRACE_REALLOC:
        return verify_resize(v, op);
    default:
        return verify_take(v, op);
    }
}

static bool verify_end(verification *v)
{
    tarn_stats stats;
    bool ok = true;
    for (uint32_t slot = 0; ok && slot < v->p->slots; slot++) {
        ok = verify_free(v, slot);
    }
    ok = ok && verify_pool(v);
    if (ok && tarn_stats_get(v->p->pool, &stats) == TARN_OK && (stats.blocks != 0 || stats.free_blocks != 1)) {
        return problem(v, "blocks are left when all were freed", stats.blocks);
    }
    return ok;
}

void replay_verify(replay_pool *p, replay_result *result)
{
    const trace *t = result->t;
    verification v = {.p = p, .result = result, .objects = calloc((size_t)p->slots + 1, sizeof(object))};
    bool ok = v.objects != NULL || problem(&v, "no memory to verify it", 0);
    (void)tarn_stats_get(p->pool, &result->stats);
    for (unsigned n = 0; ok && n < REPLAY_SAMPLES; n++) {
        size_t from = v.op;
        size_t until = replay_sample_end(t, n);
        while (ok && v.op < until) {
            ok = verify_op(&v, &t->ops[v.op]);
            v.op += ok;
        }
        ok = ok && verify_pool(&v);
        progress_step(v.op - from);
    }
    if (ok) {
        (void)verify_end(&v);
    }
    free(v.objects);
}
