/* SPDX-License-Identifier: MIT */
/*
 * Images that nobody vouches for: noise, truncations, mutations, forgeries.
 *
 * H1 views of any bytes answer; they never fault, loop or read outside the bytes given
 * H2 tarn_adopt() takes or refuses; what it refuses is left unchanged
 * H3 what it takes serves any program afterwards without a byte outside the pool touched
 * H4 a pool in use whose index, headers, links or tags are written over may refuse or hand out what overlaps, but no
 *    call touches a byte outside it
 * H5 neither does any call on one whose pool header is written over, unless it then says that the pool is longer than
 * it
 *    was: nothing in an image can tell that
 *
 * Every image ends where a page begins that faults, and so does the page in front; the bytes between that page and the
 * image are verified. A loop would be ended by alarm().
 */
#include "anatomy.h"
#include "drive.h"
#include "test.h"

#include <unistd.h>

enum { LARGEST = 4096, PARTS = 4096, SECONDS_MAX = 500, WORKLOAD = 60, HELD = 48 };

/* What happened, over all images. */
typedef struct totals {
    uint64_t images;
    uint64_t opened;
    uint64_t sound;
    uint64_t adopted;
    uint64_t operations;
} totals;

static totals all;
static guarded memory;
static prng random_source;

/* ---- what is done to every image ---- */

static bool count_block(const tarn_block *block, void *context)
{
    uint32_t *seen = context;
    (void)block;
    return ++*seen <= LARGEST; /* more blocks than bytes cannot be */
}

/* H1; true if the view's check found nothing. */
static bool look(const unsigned char *bytes, size_t size)
{
    tarn_view view;
    tarn_stats stats;
    tarn_finding finding;
    uint32_t seen = 0;
    all.images++;
    if (tarn_view_open(&view, bytes, size) != TARN_OK) {
        return false;
    }
    all.opened++;
    (void)tarn_view_stats(&view, &stats);
    (void)tarn_view_walk(&view, count_block, &seen);
    assert_true(seen <= LARGEST);
    bool sound = tarn_view_check(&view, &finding) == TARN_OK;
    assert_true(sound == (finding.rule == 0));
    all.sound += sound;
    return sound;
}

typedef struct held {
    void *at[HELD];
    uint32_t count;
} held;

static bool hold(const tarn_block *block, void *context)
{
    held *h = context;
    if (block->state != TARN_BLOCK_FREE && h->count < HELD) {
        h->at[h->count++] = memory.bytes + block->offset;
    }
    return true;
}

static void use(tarn_pool *pool, held *h)
{
    uint32_t dice = prng_below(&random_source, 8);
    uint32_t pick = prng_below(&random_source, HELD);
    size_t size = prng_below(&random_source, 2u << prng_below(&random_source, 10));
    void *at = NULL;
    if (pick >= h->count) {
        at = dice == 0   ? tarn_alloc_aligned(pool, size, (size_t)1 << prng_below(&random_source, 9))
             : dice == 1 ? tarn_calloc(pool, 1, size)
                         : tarn_alloc(pool, size);
        if (at != NULL) {
            memset(at, 0xEE, tarn_usable(pool, at));
            h->at[h->count++] = at;
        }
    } else if (dice < 5) {
        assert_int_equal(tarn_free(pool, h->at[pick]), TARN_OK);
        h->at[pick] = h->at[--h->count];
    } else if (dice == 5) {
        (void)tarn_resize(pool, h->at[pick], size);
    } else {
        at = tarn_realloc(pool, h->at[pick], size);
        h->at[pick] = at != NULL ? at : h->at[pick];
    }
}

/* H3: the blocks that the image says are used, and new ones. */
static void live_on(tarn_pool *pool)
{
    held h = {{NULL}, 0};
    assert_sound(pool, "adopted");
    assert_int_equal(tarn_walk(pool, hold, &h), TARN_OK);
    for (uint32_t i = 0; i < WORKLOAD; i++) {
        use(pool, &h);
    }
    all.operations += WORKLOAD;
    assert_sound(pool, "adopted and used");
    if (prng_below(&random_source, 8) == 0) {
        (void)tarn_grow(pool, memory.size);
        assert_int_equal(tarn_reset(pool), TARN_OK);
        assert_sound(pool, "adopted and reset");
    }
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    assert_true(guarded_intact(&memory));
}

/* As use(), of a pool that may refuse anything and hand out what overlaps; nothing is written to what it gave. */
static void use_damaged(tarn_pool *pool, held *h)
{
    for (uint32_t i = 0; i < WORKLOAD; i++) {
        uint32_t pick = prng_below(&random_source, HELD);
        size_t size = prng_below(&random_source, 2u << prng_below(&random_source, 10));
        if (pick >= h->count) {
            void *at = tarn_alloc_aligned(pool, size, i % 4u == 0 ? 64 : 1);
            h->at[h->count] = at;
            h->count += at != NULL;
        } else if (i % 3u != 0) {
            (void)tarn_free(pool, h->at[pick]);
            h->at[pick] = h->at[--h->count];
        } else if (i % 2u != 0) {
            (void)tarn_resize(pool, h->at[pick], size);
        } else {
            void *at = tarn_realloc(pool, h->at[pick], size);
            h->at[pick] = at != NULL ? at : h->at[pick];
        }
        all.operations++;
    }
    (void)tarn_check(pool, NULL);
    (void)tarn_largest(pool);
}

/* H1 and H2 on the first size bytes of memory. */
static void face(size_t size)
{
    static unsigned char before[LARGEST];
    tarn_pool *pool = NULL;
    bool sound = look(memory.bytes, size);
    memcpy(before, memory.bytes, memory.size);
    tarn_status status = tarn_adopt(&pool, memory.bytes, size);
    if (status != TARN_OK) {
        assert_null(pool);
        assert_memory_equal(before, memory.bytes, memory.size);
        return;
    }
    assert_true(sound);
    all.adopted++;
    live_on(pool);
}

/* ---- valid images to begin with ---- */

static unsigned char valid[LARGEST];
static part parts[PARTS];
static size_t part_count;

/* A pool of this shape in use, in valid[]; its parts in parts[]. */
static void make_valid(const shape *s, uint64_t stream)
{
    static _Alignas(4096) unsigned char place[LARGEST];
    static drive d;
    memset(place, 0, sizeof place);
    tarn_pool *pool = pool_make(s, place);
    drive_begin(&d, pool, s->bytes, 8, test_seed() + stream);
    drive_run(&d, 300);
    memcpy(valid, place, sizeof place);
    part_count = anatomy(place, parts, PARTS);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* Half of the plain shapes that have room for the lists have parked blocks. */
static bool may_park(const shape *s)
{
    shape parking = *s;
    parking.flags |= SHAPE_PARKS;
    tarn_options options = shape_options(&parking);
    return s->recognition == TARN_RECOGNISE_KEYED && (s->bytes == LARGEST) == (s->granule == 8) &&
           tarn_overhead(s->bytes, &options) != 0;
}

typedef void shape_test(const shape *s, uint64_t images);

/* Calls the test for shapes of all kinds in memory that ends with the pool, with an equal part of the images. */
static void for_shapes(shape_test *run, uint64_t images)
{
    static const size_t sizes[] = {256, 512, 4096};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    totals before = all;
    random_source = prng_make(test_seed(), images);
    for (uint32_t i = 0; i < count * 36u; i++) {
        shape s = {engines[i % count],     UINT32_C(4) << i / count % 3u,
                   i / count / 3u % 2u,    TARN_RECOGNISE_KEYED + i / count / 6u % 2u,
                   sizes[i / count / 12u], i / count % 4u == 3u ? (TARN_POOL_GUARD << i / 12u % 4u) : 0};
        s.flags |= may_park(&s) ? SHAPE_PARKS : 0;
        memory = guarded_map(s.bytes);
        make_valid(&s, i);
        run(&s, images / (count * 36u) + 1u);
        guarded_unmap(&memory);
    }
    printf("%lu images: %lu opened, %lu sound, %lu adopted and used for %lu operations, seed %lu\n",
           (unsigned long)(all.images - before.images), (unsigned long)(all.opened - before.opened),
           (unsigned long)(all.sound - before.sound), (unsigned long)(all.adopted - before.adopted),
           (unsigned long)(all.operations - before.operations), (unsigned long)test_seed());
}

/* ---- kinds of hostility ---- */

/* Noise, noise behind a good magic, and noise behind a good header. */
static void noise(const shape *s, uint64_t images)
{
    for (uint64_t i = 0; i < images; i++) {
        size_t kept = i % 3u == 0 ? 0 : i % 3u == 1 ? 4 : 44;
        prng_fill(&random_source, memory.bytes, s->bytes);
        memcpy(memory.bytes, valid, kept);
        face(s->bytes);
    }
}

static void test_noise(void **state)
{
    (void)state;
    for_shapes(noise, test_scaled(150000));
}

/* The image ends at every byte; memory behind the end faults. */
static void truncation(const shape *s, uint64_t images)
{
    (void)images;
    unsigned char *end = memory.bytes + s->bytes;
    for (size_t size = 0; size < s->bytes; size++) {
        tarn_view view;
        memcpy(end - size, valid, size);
        (void)look(end - size, size);
        tarn_status status = tarn_view_open(&view, end - size, size);
        assert_true(size >= s->bytes / 16u * 16u || status == TARN_E_TRUNCATED);
        memcpy(memory.bytes, valid, s->bytes);
        face(size);
    }
}

static void test_truncations(void **state)
{
    (void)state;
    for_shapes(truncation, 1);
}

static void mutate_byte(size_t size)
{
    unsigned char *at = memory.bytes + prng_below(&random_source, (uint32_t)size);
    switch (prng_below(&random_source, 4)) {
    case 0:
        *at = (unsigned char)prng_next(&random_source);
        break;
    case 1:
        *at = (unsigned char)(*at ^ 1u << prng_below(&random_source, 8));
        break;
    case 2:
        *at = (unsigned char)(*at + 1u);
        break;
    default:
        *at = 0xFF * (prng_next(&random_source) & 1u);
        break;
    }
}

static uint32_t interesting_word(size_t size)
{
    static const uint32_t words[] = {0, 1, 2, 3, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, 0x10000};
    uint32_t dice = prng_below(&random_source, 12);
    return dice < 9 ? words[dice] : dice == 9 ? prng_next(&random_source) : prng_below(&random_source, (uint32_t)size);
}

/* A word of metadata gets a value, mostly one that could be meant: another of its kind, a small number, a limit. */
static void mutate_part(size_t size)
{
    const part *p = &parts[prng_below(&random_source, (uint32_t)part_count)];
    size_t other = part_find(parts, part_count, prng_below(&random_source, (uint32_t)part_count), p->kind);
    uint32_t word = interesting_word(size);
    if (prng_below(&random_source, 2) == 0 && other < part_count) {
        word = part_get(valid, &parts[other]);
    } else if (prng_below(&random_source, 2) == 0) {
        word = part_get(valid, p) + prng_below(&random_source, 9) - 4u;
    }
    part_set(memory.bytes, p, word);
}

static void mutation(const shape *s, uint64_t images)
{
    for (uint64_t i = 0; i < images; i++) {
        memcpy(memory.bytes, valid, s->bytes);
        for (uint32_t n = 1u + prng_below(&random_source, 4); n != 0; n--) {
            if (i % 2u == 0) {
                mutate_byte(s->bytes);
            } else {
                mutate_part(s->bytes);
            }
        }
        face(s->bytes);
    }
}

static void test_mutations(void **state)
{
    (void)state;
    for_shapes(mutation, test_scaled(1200000));
}

/* The attacker knows the key, which is in the image: headers are sealed, only sizes, flags, links and counts lie. */
static void forge_header(size_t size)
{
    size_t from = prng_below(&random_source, (uint32_t)part_count);
    size_t at =
        part_find(parts, part_count, from, prng_next(&random_source) & 1u ? PART_HEADER_USED : PART_HEADER_FREE);
    if (at == part_count) {
        return;
    }
    uint32_t blocks = part_size(valid, parts[at].offset);
    uint32_t chosen =
        prng_below(&random_source, 3) == 0 ? interesting_word(size) : blocks + prng_below(&random_source, 5) - 2u;
    part_seal(memory.bytes, parts[at].offset, chosen & 0x0FFFFFFFu, prng_below(&random_source, 8));
}

/* The index says whatever it likes: adopting builds it anew, so that the image may well be taken. */
static void forge_index(void)
{
    static const part_kind kinds[] = {PART_HEAD, PART_NEXT, PART_WHERE, PART_CHILD, PART_SLOT, PART_BITMAP};
    size_t from = prng_below(&random_source, (uint32_t)part_count);
    size_t at = part_find(parts, part_count, from, kinds[prng_below(&random_source, 6)]);
    if (at < part_count) {
        size_t other = part_find(parts, part_count, prng_below(&random_source, (uint32_t)part_count), PART_HEADER_FREE);
        uint32_t offset = other < part_count ? parts[other].offset : prng_below(&random_source, 600);
        part_set(memory.bytes, &parts[at], offset << prng_below(&random_source, 3) | prng_below(&random_source, 4));
    }
}

static void forge_owner_bytes(void)
{
    size_t at = part_find(parts, part_count, prng_below(&random_source, (uint32_t)part_count), PART_EXTENSION);
    if (at < part_count) {
        part_set(memory.bytes, &parts[at], prng_next(&random_source));
    }
}

static void forgery(const shape *s, uint64_t images)
{
    for (uint64_t i = 0; i < images; i++) {
        memcpy(memory.bytes, valid, s->bytes);
        for (uint32_t n = 1u + prng_below(&random_source, 3); n != 0; n--) {
            uint32_t dice = prng_below(&random_source, 4);
            if (dice == 0) {
                forge_index();
            } else if (dice == 1) {
                forge_owner_bytes();
            } else {
                forge_header(s->bytes);
            }
        }
        face(s->bytes);
    }
}

static void test_forgeries(void **state)
{
    (void)state;
    for_shapes(forgery, test_scaled(600000));
}

/* An index whose counts agree and whose head names bytes inside a block in use, which look like a free block; the true
 * one says that a word in the same block names it. Only an index built anew leaves the block alone. */
static void forged_index(const shape *s, uint64_t images)
{
    tarn_options options = shape_options(s);
    options.park = 0; /* the hole shall be in the index */
    tarn_pool *pool = NULL;
    (void)images;
    if (s->engine == TARN_ENGINE_LINEAR || s->bytes < 4096) {
        return;
    }
    assert_int_equal(tarn_init(&pool, memory.bytes, s->bytes, &options), TARN_OK);
    unsigned char *mine = tarn_alloc(pool, 600);
    unsigned char *hole = tarn_alloc(pool, 100);
    assert_non_null(tarn_alloc(pool, 100));
    assert_int_equal(tarn_free(pool, hole), TARN_OK);
    memset(mine, 0, 600);
    part_count = anatomy(memory.bytes, parts, PARTS);
    uint32_t hole_at = (uint32_t)((size_t)(hole - memory.bytes) / s->granule);
    uint32_t fake_at = (uint32_t)((size_t)(mine - memory.bytes) / s->granule) + 64u / s->granule;
    uint32_t name_at = fake_at - 32u / s->granule;
    const part *head = &parts[part_find(parts, part_count, 0, PART_HEAD)];
    while (part_get(memory.bytes, head) != hole_at) {
        head++;
    }
    part next = parts[part_find(parts, part_count, 0, PART_NEXT)];
    part where = parts[part_find(parts, part_count, 0, PART_WHERE)];
    uint32_t list = part_get(memory.bytes, &where);
    part_set(memory.bytes, head, fake_at);
    part_set(memory.bytes, &where, name_at << 1);
    next.at = next.at - (size_t)(hole_at - name_at) * s->granule;
    part_set(memory.bytes, &next, hole_at);
    where.at = where.at - (size_t)(hole_at - fake_at) * s->granule;
    part_set(memory.bytes, &where, list);
    part_seal(memory.bytes, fake_at, part_size(memory.bytes, hole_at), 0);
    memcpy(valid, memory.bytes, s->bytes);
    all.images++;
    if (tarn_adopt(&pool, memory.bytes, s->bytes) == TARN_OK) {
        all.adopted++;
        unsigned char *given = tarn_alloc(pool, 100);
        assert_true(given >= mine + 600 || given + 100 <= mine);
        memset(given, 0xEE, 100);
        assert_memory_equal(mine, valid + (mine - memory.bytes), 600);
        assert_sound(pool, "forged index adopted");
    }
    (void)tarn_deinit(pool);
}

static void test_forged_index(void **state)
{
    (void)state;
    for_shapes(forged_index, 1);
}

/* Nobody adopts: something in the program writes over metadata of a pool in use, between calls. Calls may refuse. */
static void damage(const shape *s, uint64_t images)
{
    for (uint64_t i = 0; i < images; i++) {
        tarn_pool *pool = NULL;
        held h = {{NULL}, 0};
        memcpy(memory.bytes, valid, s->bytes);
        assert_int_equal(tarn_adopt(&pool, memory.bytes, s->bytes), TARN_OK);
        assert_int_equal(tarn_walk(pool, hold, &h), TARN_OK);
        part_count = anatomy(memory.bytes, parts, PARTS);
        size_t control = 0;
        while (control < part_count && parts[control].kind < PART_BITMAP) {
            control++;
        }
        for (uint32_t n = 1u + prng_below(&random_source, 4); n != 0 && control < part_count; n--) {
            const part *p = &parts[control + prng_below(&random_source, (uint32_t)(part_count - control))];
            uint32_t word = interesting_word(s->bytes);
            size_t other = part_find(parts, part_count, prng_below(&random_source, (uint32_t)part_count), p->kind);
            if (prng_below(&random_source, 2) == 0 && other < part_count) {
                word = part_get(memory.bytes, &parts[other]);
            }
            part_set(memory.bytes, p, word);
        }
        all.images++;
        use_damaged(pool, &h);
        (void)tarn_deinit(pool);
        assert_true(guarded_intact(&memory));
    }
}

static void test_live_damage(void **state)
{
    (void)state;
    for_shapes(damage, test_scaled(300000));
}

/* One bit of a word of the header, or all of it; neither the end, which is only ever moved to the left, nor the granule
 * makes the pool longer. */
static void damage_header(size_t bytes)
{
    uint32_t index = 1u + prng_below(&random_source, 11); /* from the layout to the map's length */
    uint32_t word;
    memcpy(&word, memory.bytes + 4u * (size_t)index, sizeof word);
    uint32_t before = word;
    word = prng_below(&random_source, 2) == 0 ? word ^ UINT32_C(1) << prng_below(&random_source, 32)
                                              : interesting_word(bytes);
    if (index == 1u) {
        word = (word & ~UINT32_C(3)) | (before & 3u);
    } else if (index == 4u && word > before) {
        word = before - 1u;
    }
    memcpy(memory.bytes + 4u * (size_t)index, &word, sizeof word);
}

static void header_damage(const shape *s, uint64_t images)
{
    for (uint64_t i = 0; i < images; i++) {
        tarn_pool *pool = NULL;
        held h = {{NULL}, 0};
        memcpy(memory.bytes, valid, s->bytes);
        assert_int_equal(tarn_adopt(&pool, memory.bytes, s->bytes), TARN_OK);
        assert_int_equal(tarn_walk(pool, hold, &h), TARN_OK);
        damage_header(s->bytes);
        all.images++;
        use_damaged(pool, &h);
        (void)tarn_reset(pool);
        (void)tarn_deinit(pool);
        assert_true(guarded_intact(&memory));
    }
}

static void test_header_damage(void **state)
{
    (void)state;
    for_shapes(header_damage, test_scaled(150000));
}

static int setup(void **state)
{
    (void)state;
    (void)alarm(SECONDS_MAX);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise),         cmocka_unit_test(test_truncations),  cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_forgeries),     cmocka_unit_test(test_forged_index), cmocka_unit_test(test_live_damage),
        cmocka_unit_test(test_header_damage),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
