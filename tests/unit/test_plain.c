/* SPDX-License-Identifier: MIT */
/*
 * The short ways of plain pools do what the general operations do, to the byte (PL1, src/plain.h): one pool is used
 * while nobody listens, its twin while somebody does, which keeps the calls from every short way.
 */
#include "tarn/events.h"
#include "test.h"

enum { BYTES = 49152, BLOCKS = 300, OPERATIONS = 20000 };

static _Alignas(4096) unsigned char memories[2][BYTES];

typedef struct twins {
    tarn_pool *pools[2];
    unsigned char *blocks[2][BLOCKS];
    uint64_t random;
    uint64_t served, refused, moved;
} twins;

static uint32_t draw(twins *t, uint32_t below)
{
    t->random = t->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(t->random >> 33) % below;
}

static void listen(const tarn_event *event, void *context)
{
    (void)event;
    (void)context;
}

/* Mostly such as are parked. */
static size_t draw_size(twins *t)
{
    static const uint32_t below[] = {16, 64, 64, 200, 700, 3000};
    return draw(t, below[draw(t, sizeof below / sizeof below[0])]);
}

enum { ALLOC, CALLOC, REALLOC, FREE };

/* The block that the call leaves. */
static void *call(tarn_pool *pool, unsigned kind, void *block, size_t size)
{
    switch (kind) {
    case ALLOC:
        return tarn_alloc(pool, size);
    case CALLOC:
        return tarn_calloc(pool, 1, size);
    case REALLOC:
        return tarn_realloc(pool, block, size);
    default:
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        return NULL;
    }
}

static size_t place(unsigned which, const unsigned char *block)
{
    return block != NULL ? (size_t)(block - memories[which]) : 0;
}

static unsigned draw_kind(twins *t, bool there)
{
    if (there) {
        return draw(t, 3) == 0 ? REALLOC : FREE;
    }
    return draw(t, 4) == 0 ? CALLOC : ALLOC;
}

static void step(twins *t)
{
    unsigned i = draw(t, BLOCKS);
    size_t size = draw_size(t);
    unsigned kind = draw_kind(t, t->blocks[0][i] != NULL);
    unsigned char *got[2];
    got[0] = call(t->pools[0], kind, t->blocks[0][i], size);
    assert_listening(tarn_events_add(listen, t));
    got[1] = call(t->pools[1], kind, t->blocks[1][i], size);
    assert_int_equal(tarn_events_remove(listen, t), TARN_OK);
    assert_int_equal(place(0, got[0]), place(1, got[1]));
    t->moved += kind == REALLOC && got[0] != NULL && got[0] != t->blocks[0][i];
    t->served += got[0] != NULL;
    t->refused += got[0] == NULL && kind != FREE;
    for (unsigned which = 0; which < 2 && (got[0] != NULL || kind != REALLOC); which++) {
        t->blocks[which][i] = got[which];
    }
}

static void compare(const shape *s, unsigned long after)
{
    for (size_t i = 0; i < BYTES; i++) {
        if (memories[0][i] != memories[1][i]) {
            char text[SHAPE_TEXT];
            fail_msg("%s: after %lu operations byte %lu is 0x%x without, 0x%x with a listener", shape_text(s, text),
                     after, (unsigned long)i, memories[0][i], memories[1][i]);
        }
    }
}

static void run(const shape *s)
{
    char text[SHAPE_TEXT];
    twins t = {.random = test_seed()};
    memset(memories, 0, sizeof memories);
    for (unsigned which = 0; which < 2; which++) {
        t.pools[which] = pool_make(s, memories[which]);
    }
    unsigned long operations = (unsigned long)test_scaled(OPERATIONS);
    for (unsigned long i = 0; i < operations; i++) {
        step(&t);
        if (i % 16 == 0 || i < 1000) {
            compare(s, i + 1);
        }
    }
    compare(s, operations);
    assert_true(t.served > t.refused && t.moved != 0);
    printf("%s: %lu served, %lu refused, %lu moved\n", shape_text(s, text), (unsigned long)t.served,
           (unsigned long)t.refused, (unsigned long)t.moved);
    for (unsigned which = 0; which < 2; which++) {
        assert_sound(t.pools[which], "at the end");
        assert_int_equal(tarn_deinit(t.pools[which]), TARN_OK);
    }
}

static void the_short_ways_write_what_the_general_ones_do(void **state)
{
    (void)state;
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t kind = 0; kind < 4; kind++) {
            for (size_t bytes = 16384; bytes <= BYTES; bytes *= 3) {
                uint32_t flags = (kind & 1u) != 0 ? TARN_POOL_UNREGISTERED | SHAPE_PARKS : TARN_POOL_UNREGISTERED;
                flags |= (kind & 2u) != 0 ? TARN_POOL_UNLOCKED : 0;
                run(&(shape){engines[i], 8, 0, TARN_RECOGNISE_KEYED, bytes, flags});
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_short_ways_write_what_the_general_ones_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
