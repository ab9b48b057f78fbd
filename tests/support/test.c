/* SPDX-License-Identifier: MIT */
/* Helpers of the core's test programs; test.h says what each is for. */
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CANARY = 0xC7 };

/* ---- chance ---- */

static uint64_t environment_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL && *text != '\0' ? strtoull(text, NULL, 0) : otherwise;
}

uint64_t test_seed(void)
{
    return environment_number("TARN_TEST_SEED", DEFAULT_SEED);
}

uint64_t test_scaled(uint64_t full)
{
    uint64_t part = full * environment_number("TARN_TEST_SCALE", 100) / 100;
    return part == 0 ? 1 : part;
}

/* ---- shapes of pools ---- */

const char *engine_name(uint32_t engine)
{
    static const char *const names[] = {"default", "tlsf", "bestfit", "linear"};
    return engine <= TARN_ENGINE_LINEAR ? names[engine] : "unknown";
}

const char *shape_text(const shape *s, char text[SHAPE_TEXT])
{
    static const char *const recognition[] = {"auto", "keyed", "exact"};
    (void)snprintf(text, SHAPE_TEXT, "%s granule %u ext %u %s %lu bytes flags %x", engine_name(s->engine),
                   (unsigned)s->granule, (unsigned)s->extension_words, recognition[s->recognition],
                   (unsigned long)s->bytes, (unsigned)s->flags);
    return text;
}

tarn_options shape_options(const shape *s)
{
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.engine = s->engine;
    options.granule = s->granule;
    options.extension_words = s->extension_words;
    options.recognition = s->recognition;
    options.flags = s->flags & ~SHAPE_PARKS;
    options.park = (s->flags & SHAPE_PARKS) != 0 ? 256 : 0;
    return options;
}

uint32_t engines_built(uint32_t engines[3])
{
    uint32_t count = 0;
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        shape s = {engine, 8, 0, TARN_RECOGNISE_AUTO, 65536, 0};
        tarn_options options = shape_options(&s);
        if (tarn_overhead(s.bytes, &options) != 0) {
            engines[count++] = engine;
        }
    }
    return count;
}

tarn_pool *pool_make(const shape *s, void *memory)
{
    tarn_pool *pool = NULL;
    tarn_options options = shape_options(s);
    tarn_status status = tarn_init(&pool, memory, s->bytes, &options);
    if (status != TARN_OK) {
        char text[SHAPE_TEXT];
        fail_msg("init of %s: %s", shape_text(s, text), tarn_status_text(status));
    }
    return pool;
}

void assert_sound(const tarn_pool *pool, const char *when)
{
    tarn_finding found;
    tarn_status status = tarn_check(pool, &found);
    if (status != TARN_OK) {
        fail_msg("%s: %s, rule I%u at byte %lu: expected 0x%x, found 0x%x", when, tarn_status_text(status),
                 (unsigned)found.rule, (unsigned long)found.offset, (unsigned)found.expected, (unsigned)found.found);
    }
}

/* ---- events ---- */

static void note_event(const tarn_event *event, void *context)
{
    watch *w = context;
    if (w->count == WATCH_MAX) {
        w->count--;
        memmove(w->events, w->events + 1, w->count * sizeof w->events[0]);
    }
    w->events[w->count++] = *event;
}

void watch_begin(watch *w)
{
    w->count = 0;
    assert_listening(tarn_events_add(note_event, w));
}

void watch_end(watch *w)
{
    assert_int_equal(tarn_events_remove(note_event, w), TARN_OK);
}

void watch_clear(watch *w)
{
    w->count = 0;
}

tarn_status watch_status(const watch *w, uint32_t kind)
{
    for (uint32_t i = w->count; i-- != 0;) {
        if (w->events[i].kind == kind) {
            return w->events[i].status;
        }
    }
    return -1;
}

/* ---- memory between pages that cannot be touched ---- */

guarded guarded_map(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t inner = (size + page - 1u) / page * page;
    guarded g = {NULL, size, NULL, inner + 2u * page};
    void *mapping = mmap(NULL, g.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(mapping != MAP_FAILED);
    g.mapping = mapping;
    assert_int_equal(mprotect(g.mapping, page, PROT_NONE), 0);
    assert_int_equal(mprotect(g.mapping + page + inner, page, PROT_NONE), 0);
    g.bytes = g.mapping + page + inner - size;
    memset(g.mapping + page, CANARY, inner - size);
    return g;
}

void guarded_unmap(const guarded *g)
{
    assert_int_equal(munmap(g->mapping, g->mapped), 0);
}

bool guarded_intact(const guarded *g)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (const unsigned char *at = g->mapping + page; at < g->bytes; at++) {
        if (*at != CANARY) {
            return false;
        }
    }
    return true;
}
