/* SPDX-License-Identifier: MIT */
/* Blocks of Mynewt pools: get, put, callbacks, refusals, and free lists that were written over. */
#include "test_mynewt.h"

static int fresh(void **state)
{
    (void)state;
    os_mempool_module_init();
    forget_faults();
    return 0;
}

/* Every kind of pool: alignment, search, map, poison, guard, extended. */
static const uint32_t checks[] = {0, TARN_MYNEWT_CHECK, TARN_MYNEWT_CHECK | TARN_MYNEWT_MAP};
enum { KINDS = 3 * 3 * 2 * 2 * 2 };

static uint32_t kind_options(uint32_t kind)
{
    uint32_t options = TARN_MYNEWT_INTERFACE | 4u << kind % 3u | checks[kind / 3u % 3u];
    options |= (kind / 9u & 1u) != 0 ? TARN_MYNEWT_POISON : 0;
    options |= (kind / 18u & 1u) != 0 ? TARN_MYNEWT_GUARD : 0;
    return options | ((kind / 36u & 1u) != 0 ? TARN_MYNEWT_EXT : 0);
}

/* ---- get and put ---- */

/* Covers: os_memblock_get os_memblock_put mp_num_free mp_min_free SLIST_FIRST mb_next */
static void blocks_come_back_in_reverse_order(void **state)
{
    (void)state;
    bench b;
    bench_open(&b, 3, 20, "lifo", WORD);
    void *first = os_memblock_get(b.mp);
    void *second = os_memblock_get(b.mp);
    assert_ptr_equal(first, block_number(&b, 0));
    assert_ptr_equal(second, block_number(&b, 1));
    assert_int_equal(b.mp->mp_num_free, 1);
    assert_int_equal(os_memblock_put(b.mp, first), OS_OK);
    assert_ptr_equal(SLIST_FIRST(b.mp), first);
    assert_ptr_equal(SLIST_NEXT(SLIST_FIRST(b.mp), mb_next), block_number(&b, 2));
    assert_int_equal(b.mp->mp_num_free, 2);
    assert_int_equal(b.mp->mp_min_free, 1);
    assert_ptr_equal(os_memblock_get(b.mp), first);
    assert_ptr_equal(os_memblock_get(b.mp), block_number(&b, 2));
    assert_null(os_memblock_get(b.mp));
    assert_null(os_memblock_get(b.mp));
    assert_null(os_memblock_get(NULL));
    assert_int_equal(b.mp->mp_num_free, 0);
    assert_int_equal(b.mp->mp_min_free, 0);
    assert_nothing_told();
    bench_close(&b);
}

/* A model of one pool: which blocks are out, in what order the others come. */
typedef struct model {
    uint32_t free[200]; /* a stack, the next one to come last */
    uint32_t frees;
    uint32_t out[200];
    uint32_t outs;
    uint32_t least;
} model;

static void model_clear(model *m, uint32_t blocks)
{
    m->frees = m->least = blocks;
    m->outs = 0;
    for (uint32_t i = 0; i < blocks; i++) {
        m->free[i] = blocks - 1u - i;
    }
}

static void step_get(bench *b, model *m)
{
    unsigned char *block = os_memblock_get(b->mp);
    if (m->frees == 0) {
        assert_null(block);
        return;
    }
    uint32_t index = m->free[--m->frees];
    assert_ptr_equal(block, block_number(b, index));
    m->out[m->outs++] = index;
    m->least = m->frees < m->least ? m->frees : m->least;
    memset(block, (int)(index & 0xFFu), b->payload);
}

static void step_put(bench *b, model *m, uint32_t which)
{
    if (m->outs == 0) {
        return;
    }
    which %= m->outs;
    uint32_t index = m->out[which];
    unsigned char *block = block_number(b, index);
    for (size_t i = 0; i < b->payload; i++) {
        assert_int_equal(block[i], index & 0xFFu);
    }
    assert_int_equal(os_memblock_put(b->mp, block), OS_OK);
    m->out[which] = m->out[--m->outs];
    m->free[m->frees++] = index;
}

static void model_run(bench *b, prng *random, uint32_t steps)
{
    model m;
    model_clear(&m, b->mp->mp_num_blocks);
    for (uint32_t i = 0; i < steps; i++) {
        uint32_t chance = prng_next(random);
        if (chance % 1000u == 0) {
            assert_int_equal(os_mempool_clear(b->mp), OS_OK);
            model_clear(&m, b->mp->mp_num_blocks);
        } else if ((chance >> 16) % 100u < (i / 300u % 2u == 0 ? 60u : 40u)) {
            step_get(b, &m);
        } else {
            step_put(b, &m, chance >> 8 & 0xFFu);
        }
        assert_int_equal(b->mp->mp_num_free, m.frees);
        assert_int_equal(b->mp->mp_min_free, m.least);
        if (i % 64u == 0) {
            assert_int_equal(chain_length(b), m.frees);
            assert_true(os_mempool_is_sane(b->mp));
        }
    }
}

/* Covers: os_memblock_get os_memblock_put os_mempool_clear os_mempool_is_sane os_memblock_from */
static void random_use_agrees_with_a_model(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 41);
    uint32_t steps = (uint32_t)test_scaled(3000);
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        bench b;
        uint16_t blocks = (uint16_t)(1u + prng_below(&random, 200));
        bench_open(&b, blocks, 1u + prng_below(&random, 70), "model", kind_options(kind));
        for (uint32_t i = 0; i < blocks; i++) {
            assert_int_equal(os_memblock_from(b.mp, block_number(&b, i)), 1);
        }
        model_run(&b, &random, steps);
        bench_close(&b);
    }
    assert_nothing_told();
    print_message("seed %llu: %u kinds of pool, %u steps each\n", (unsigned long long)test_seed(), KINDS, steps);
}

/* ---- from ---- */

/* Covers: os_memblock_from M10 */
static void from_knows_exactly_the_starts_of_blocks(void **state)
{
    (void)state;
    uint32_t asked = 0;
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        bench b;
        bench_open(&b, 33, 1 + kind, "from", kind_options(kind));
        const unsigned char *end = b.buffer + 33 * b.stride;
        for (uintptr_t at = (uintptr_t)b.buffer - 64; at < (uintptr_t)end + 64; at++, asked++) {
            uintptr_t off = at - (uintptr_t)b.buffer;
            int is = at >= (uintptr_t)b.buffer && at < (uintptr_t)end && off % b.stride == 0;
            assert_int_equal(os_memblock_from(b.mp, (const void *)at), is);
        }
        assert_int_equal(os_memblock_from(b.mp, NULL), 0);
        assert_int_equal(os_memblock_from(b.mp, (const void *)UINTPTR_MAX), 0);
        bench_close(&b);
    }
    struct os_mempool none;
    memset(&none, 0, sizeof none);
    assert_int_equal(os_memblock_from(NULL, &none) + os_memblock_from(&none, &none), 0);
    assert_nothing_told();
    print_message("%u addresses in %u kinds of pool\n", asked, KINDS);
}

/* Over the whole address space: no number times the stride's inverse is taken for a block that it is not. */
static void from_agrees_with_division_everywhere(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 42);
    uint32_t pools = (uint32_t)test_scaled(200);
    for (uint32_t i = 0; i < pools; i++) {
        bench b;
        uint16_t blocks = (uint16_t)(1u + prng_below(&random, 6));
        bench_open(&b, blocks, 1u + prng_below(&random, 3000), "wide", kind_options(prng_below(&random, KINDS)));
        for (uint32_t tries = 0; tries < 1000; tries++) {
            uintptr_t at = (uintptr_t)prng_step(&random);
            at = tries % 2u == 0 ? at : (uintptr_t)b.buffer + at % 16u * b.stride / 2u;
            uintptr_t off = at - (uintptr_t)b.buffer;
            int is = off < blocks * b.stride && off % b.stride == 0;
            assert_int_equal(os_memblock_from(b.mp, (const void *)at), is);
        }
        bench_close(&b);
    }
    print_message("seed %llu: 1000 addresses in %u pools\n", (unsigned long long)test_seed(), pools);
}

/* ---- refusals ---- */

/* Whatever is refused, the structure and the bytes stay as they were, and one event says why. */
static void assert_refused(bench *b, void *address, const char *what, tarn_status why)
{
    unsigned char *bytes = malloc(b->bytes + 1);
    struct os_mempool_ext ext = b->ext;
    assert_non_null(bytes);
    memcpy(bytes, b->buffer, b->bytes);
    watch w;
    watch_begin(&w);
    assert_int_equal(os_memblock_put(b->mp, address), OS_INVALID_PARM);
    watch_end(&w);
    assert_told(b->mp, address, what);
    uint32_t kind = why == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_REFUSE;
    assert_int_equal(w.count, 1);
    assert_int_equal(watch_status(&w, kind), why);
    assert_ptr_equal(w.events[0].block, address);
    assert_ptr_equal(w.events[0].pool, b->buffer);
    assert_int_equal(os_memblock_put_from_cb(b->mp, address), OS_INVALID_PARM);
    assert_told(b->mp, address, what);
    assert_memory_equal(bytes, b->buffer, b->bytes);
    assert_memory_equal(&ext, &b->ext, sizeof ext);
    free(bytes);
}

/* Covers: os_memblock_put os_memblock_put_from_cb OS_INVALID_PARM M3 */
static void put_refuses_what_is_not_out(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        bench b;
        uint32_t options = kind_options(kind);
        bench_open(&b, 40, 24, "refuse", options);
        unsigned char *a = os_memblock_get(b.mp);
        unsigned char *c = os_memblock_get(b.mp);
        unsigned char local[16] __attribute__((aligned(16)));
        assert_refused(&b, local, "outside the pool", TARN_E_FOREIGN);
        assert_refused(&b, b.buffer + 40 * b.stride, "outside the pool", TARN_E_FOREIGN);
        assert_refused(&b, b.buffer - b.stride, "outside the pool", TARN_E_FOREIGN);
        assert_refused(&b, a + 1, "not the start of a block", TARN_E_NOT_A_BLOCK);
        assert_refused(&b, a + b.stride / 2, "not the start of a block", TARN_E_NOT_A_BLOCK);
        assert_refused(&b, b.buffer + 40 * b.stride - 4, "not the start of a block", TARN_E_NOT_A_BLOCK);
        assert_refused(&b, SLIST_FIRST(b.mp), "already free", TARN_E_DOUBLE_FREE);
        assert_int_equal(os_memblock_put(b.mp, a), OS_OK);
        assert_refused(&b, a, "already free", TARN_E_DOUBLE_FREE);
        assert_int_equal(os_memblock_put(b.mp, c), OS_OK);
        if ((options & TARN_MYNEWT_CHECK) != 0) {
            assert_refused(&b, a, "already free", TARN_E_DOUBLE_FREE);
            assert_refused(&b, block_number(&b, 39), "already free", TARN_E_DOUBLE_FREE);
        } else {
            assert_refused(&b, a, "all blocks are free", TARN_E_DOUBLE_FREE);
        }
        assert_int_equal(os_memblock_put(NULL, a) + os_memblock_put(b.mp, NULL), 2 * OS_INVALID_PARM);
        assert_int_equal(os_memblock_put_from_cb(NULL, a) + os_memblock_put_from_cb(b.mp, NULL), 2 * OS_INVALID_PARM);
        assert_nothing_told();
        bench_close(&b);
    }
    struct os_mempool_ext none;
    memset(&none, 0xFF, sizeof none);
    assert_int_equal(os_memblock_put(&none.mpe_mp, &none), OS_INVALID_PARM);
    assert_told(&none.mpe_mp, &none, "no such pool");
    assert_null(os_memblock_get(&none.mpe_mp));
    assert_told(&none.mpe_mp, NULL, "no such pool");
    assert_int_equal(os_mempool_clear(&none.mpe_mp), OS_INVALID_PARM);
    assert_told(&none.mpe_mp, NULL, "no such pool");
    assert_false(os_mempool_is_sane(&none.mpe_mp) || os_mempool_is_sane(NULL));
    assert_nothing_told();
}

/* Garbage that calls itself extended, with a page behind it that faults: no callback is looked for. */
static void put_reads_no_callback_of_what_is_no_pool(void **state)
{
    (void)state;
    size_t mapped = round_to(sizeof(struct os_mempool), 16);
    guarded memory = guarded_map(mapped);
    struct os_mempool *mp = (struct os_mempool *)(void *)(memory.bytes + mapped - sizeof(struct os_mempool));
    memset(mp, 0xFF, sizeof *mp);
    assert_int_equal(os_memblock_put(mp, mp), OS_INVALID_PARM);
    assert_told(mp, mp, "no such pool");
    guarded_unmap(&memory);
}

/* With CHECK every free block is known, in each place of the list, with a search as with a map. */
static void check_finds_every_block_that_is_free(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 43);
    uint32_t tried = 0;
    for (uint32_t map = 0; map < 2; map++) {
        bench b;
        bench_open(&b, 100, 16, "check", WORD | TARN_MYNEWT_CHECK | (map != 0 ? TARN_MYNEWT_MAP : 0));
        bool out[100] = {false};
        for (uint32_t step = 0; step < 400; step++) {
            uint32_t index = prng_below(&random, 100);
            void *block = block_number(&b, index);
            if (out[index]) {
                assert_int_equal(os_memblock_put(b.mp, block), OS_OK);
                out[index] = false;
                continue;
            }
            assert_int_equal(os_memblock_put(b.mp, block), OS_INVALID_PARM);
            assert_told(b.mp, block, "already free");
            tried++;
            for (uint32_t i = 0; i < 2; i++) {
                unsigned char *got = os_memblock_get(b.mp);
                if (got != NULL) {
                    out[(size_t)(got - b.buffer) / b.stride] = true;
                }
            }
        }
        bench_close(&b);
    }
    print_message("seed %llu: %u double puts\n", (unsigned long long)test_seed(), tried);
}

/* ---- extended pools ---- */

static struct {
    uint32_t calls;
    uint32_t nested;
    uint32_t free_at_first_call;
    int in_critical;
    os_error_t answer;
    struct os_mempool_ext *pool;
    void *data;
    void *argument;
} seen;

/* Gets and puts once more from its own pool, as often as nested says. */
static os_error_t put_callback(struct os_mempool_ext *ome, void *data, void *argument)
{
    if (seen.calls == 0) {
        seen.free_at_first_call = ome->mpe_mp.mp_num_free;
    }
    seen.calls++;
    seen.in_critical += os_arch_in_critical();
    seen.pool = ome;
    seen.argument = argument;
    if (seen.nested != 0) {
        seen.nested--;
        void *block = os_memblock_get(&ome->mpe_mp);
        assert_non_null(block);
        assert_int_equal(os_memblock_put(&ome->mpe_mp, block), OS_OK);
    }
    seen.data = data;
    if (seen.answer != OS_OK) {
        return seen.answer;
    }
    return os_memblock_put_from_cb(&ome->mpe_mp, data);
}

/* Covers: os_mempool_put_fn os_memblock_put_from_cb mpe_put_cb mpe_put_arg */
static void a_callback_puts_in_place_of_put(void **state)
{
    (void)state;
    for (uint32_t kind = KINDS / 2; kind < KINDS; kind++) {
        bench b;
        int argument = 0;
        bench_open(&b, 10, 32, "ext", kind_options(kind));
        os_mempool_put_fn *function = put_callback;
        b.ext.mpe_put_cb = function;
        b.ext.mpe_put_arg = &argument;
        memset(&seen, 0, sizeof seen);
        void *block = os_memblock_get(b.mp);
        assert_int_equal(os_memblock_put(b.mp, block), OS_OK);
        assert_int_equal(seen.calls, 1);
        assert_int_equal(seen.free_at_first_call, 9);
        assert_int_equal(seen.in_critical, 0);
        assert_ptr_equal(seen.pool, &b.ext);
        assert_ptr_equal(seen.data, block);
        assert_ptr_equal(seen.argument, &argument);
        assert_int_equal(b.mp->mp_num_free, 10);
        bench_close(&b);
    }
    assert_nothing_told();
}

/* One put whose callback gets and puts once: two calls. Covers: os_memblock_put nested_callbacks */
static void callbacks_nest(void **state)
{
    (void)state;
    for (uint32_t nested = 0; nested < 8; nested++) {
        bench b;
        bench_open(&b, 10, 32, "ext", WORD | TARN_MYNEWT_EXT | TARN_MYNEWT_CHECK | TARN_MYNEWT_POISON);
        b.ext.mpe_put_cb = put_callback;
        memset(&seen, 0, sizeof seen);
        seen.nested = nested;
        assert_int_equal(os_memblock_put(b.mp, os_memblock_get(b.mp)), OS_OK);
        assert_int_equal(seen.calls, nested + 1u);
        assert_int_equal(b.mp->mp_num_free, 10);
        assert_int_equal(b.mp->mp_min_free, 9 - nested);
        assert_true(os_mempool_is_sane(b.mp));
        bench_close(&b);
    }
}

/* What the callback answers is what put answers; a block that it keeps stays out; without it put is plain again. */
static void a_callback_may_keep_the_block_and_go_away(void **state)
{
    (void)state;
    bench b;
    bench_open(&b, 4, 32, "ext", WORD | TARN_MYNEWT_EXT);
    b.ext.mpe_put_cb = put_callback;
    memset(&seen, 0, sizeof seen);
    seen.answer = OS_EBUSY;
    void *block = os_memblock_get(b.mp);
    assert_int_equal(os_memblock_put(b.mp, block), OS_EBUSY);
    assert_int_equal(b.mp->mp_num_free, 3);
    assert_int_equal(os_memblock_put_from_cb(b.mp, block), OS_OK);
    assert_int_equal(os_memblock_put(b.mp, block), OS_INVALID_PARM); /* refused before the callback */
    assert_told(b.mp, block, "already free");
    assert_int_equal(seen.calls, 1);
    b.ext.mpe_put_cb = NULL;
    block = os_memblock_get(b.mp);
    assert_int_equal(os_memblock_put(b.mp, block), OS_OK);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(b.mp->mp_num_free, 4);
    bench_close(&b);
    bench_open(&b, 4, 32, "plain", WORD);
    assert_int_equal(os_memblock_put_from_cb(b.mp, os_memblock_get(b.mp)), OS_OK);
    bench_close(&b);
}

/* ---- free lists that were written over ---- */

/* Covers: os_memblock_get M18 */
static void a_broken_link_is_refused_and_not_followed(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < KINDS / 2; kind++) {
        bench b;
        bench_open(&b, 8, 24, "chain", kind_options(kind));
        void *elsewhere[] = {NULL,
                             b.buffer - b.stride,
                             b.buffer + 8 * b.stride,
                             b.buffer + 2,
                             b.buffer,
                             (void *)(uintptr_t)4,
                             (void *)UINTPTR_MAX,
                             &b,
                             b.buffer + b.stride + 1};
        for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
            assert_int_equal(os_mempool_clear(b.mp), OS_OK);
            memcpy(b.buffer, &elsewhere[i], sizeof(void *));
            watch w;
            watch_begin(&w);
            assert_null(os_memblock_get(b.mp));
            watch_end(&w);
            assert_told(b.mp, b.buffer, "free list broken");
            assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
            assert_int_equal(b.mp->mp_num_free, 8);
            assert_ptr_equal(SLIST_FIRST(b.mp), b.buffer);
            assert_false(os_mempool_is_sane(b.mp));
        }
        /* Deeper in the list: found when it is its turn, and at once by is_sane. */
        assert_int_equal(os_mempool_clear(b.mp), OS_OK);
        memcpy(block_number(&b, 2), &elsewhere[7], sizeof(void *));
        assert_false(os_mempool_is_sane(b.mp));
        assert_non_null(os_memblock_get(b.mp));
        assert_non_null(os_memblock_get(b.mp));
        assert_null(os_memblock_get(b.mp));
        assert_told(b.mp, block_number(&b, 2), "free list broken");
        /* The last block's link says that it is not the last. */
        assert_int_equal(os_mempool_clear(b.mp), OS_OK);
        memcpy(block_number(&b, 7), &elsewhere[4], sizeof(void *));
        for (uint32_t i = 0; i < 7; i++) {
            assert_non_null(os_memblock_get(b.mp));
        }
        assert_null(os_memblock_get(b.mp));
        assert_told(b.mp, block_number(&b, 7), "free list broken");
        bench_close(&b);
    }
}

/* A loop is no way out: is_sane ends and says no, and so does the search of CHECK. Covers: os_mempool_is_sane M8 */
static void a_loop_in_the_list_ends_every_walk(void **state)
{
    (void)state;
    bench b;
    bench_open(&b, 8, 24, "loop", WORD | TARN_MYNEWT_CHECK);
    void *out = os_memblock_get(b.mp);
    void *third = block_number(&b, 3);
    memcpy(block_number(&b, 6), &third, sizeof third);
    assert_false(os_mempool_is_sane(b.mp));
    assert_int_equal(os_memblock_put(b.mp, out), OS_INVALID_PARM);
    assert_told(b.mp, out, "free list broken");
    bench_close(&b);
}

static void a_broken_head_or_count_is_refused(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < KINDS / 2; kind++) {
        bench b;
        bench_open(&b, 8, 24, "head", kind_options(kind));
        void *out = os_memblock_get(b.mp);
        struct os_mempool good = *b.mp;
        for (uint32_t i = 0; i < 5; i++) {
            *b.mp = good;
            switch (i) {
            case 0:
                b.mp->slh_first = NULL;
                break;
            case 1:
                b.mp->slh_first = (struct os_memblock *)(void *)&b;
                break;
            case 2:
                b.mp->slh_first = (struct os_memblock *)(void *)(b.buffer + 1);
                break;
            case 3:
                b.mp->mp_num_free = 9;
                break;
            default:
                b.mp->mp_num_free = 65535;
                break;
            }
            assert_false(os_mempool_is_sane(b.mp));
            const void *head = SLIST_FIRST(b.mp);
            assert_null(os_memblock_get(b.mp));
            assert_told(b.mp, head, "free list broken");
            assert_int_equal(os_memblock_put(b.mp, out), OS_INVALID_PARM);
            assert_told(b.mp, out, "free list broken");
        }
        *b.mp = good;
        b.mp->mp_min_free = 8;
        assert_false(os_mempool_is_sane(b.mp));
        b.mp->mp_min_free = 7;
        b.mp->mp_num_free = 6;
        assert_false(os_mempool_is_sane(b.mp));
        b.mp->mp_num_free = 0; /* and a head that says otherwise */
        assert_null(os_memblock_get(b.mp));
        assert_int_equal(os_memblock_put(b.mp, out), OS_INVALID_PARM);
        assert_told(b.mp, out, "free list broken");
        assert_int_equal(os_mempool_clear(b.mp), OS_OK);
        assert_fresh(&b);
        bench_close(&b);
    }
}

/* Bytes of free blocks overwritten at random, then everything called: no byte outside is touched (the page behind the
 * buffer faults), and is_sane sees what a walk of the bytes sees. */
static void random_damage_never_leads_outside(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 44);
    uint32_t rounds = (uint32_t)test_scaled(3000);
    uint32_t insane = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        bench b;
        bench_open(&b, (uint16_t)(1u + prng_below(&random, 40)), 1u + prng_below(&random, 40), "wild",
                   kind_options(prng_below(&random, KINDS)));
        for (uint32_t hits = 1u + prng_below(&random, 4); hits != 0; hits--) {
            uint32_t off = prng_below(&random, (uint32_t)b.bytes);
            b.buffer[off] = (unsigned char)(prng_below(&random, 4) == 0 ? 0 : prng_next(&random));
        }
        insane += os_mempool_is_sane(b.mp) ? 0 : 1u;
        void *held[8] = {NULL};
        for (uint32_t i = 0; i < 40; i++) {
            void **slot = &held[prng_below(&random, 8)];
            if (*slot == NULL) {
                *slot = os_memblock_get(b.mp);
                assert_true(*slot == NULL || os_memblock_from(b.mp, *slot));
            } else {
                (void)os_memblock_put(b.mp, *slot);
                *slot = NULL;
            }
        }
        (void)os_mempool_is_sane(b.mp);
        assert_int_equal(os_mempool_clear(b.mp), OS_OK);
        assert_fresh(&b);
        bench_close(&b);
    }
    assert_true(rounds < 100 || insane > rounds / 10);
    print_message("seed %llu: %u pools damaged, %u of them seen by is_sane\n", (unsigned long long)test_seed(), rounds,
                  insane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(blocks_come_back_in_reverse_order, fresh),
        cmocka_unit_test_setup(random_use_agrees_with_a_model, fresh),
        cmocka_unit_test_setup(from_knows_exactly_the_starts_of_blocks, fresh),
        cmocka_unit_test_setup(from_agrees_with_division_everywhere, fresh),
        cmocka_unit_test_setup(put_refuses_what_is_not_out, fresh),
        cmocka_unit_test_setup(put_reads_no_callback_of_what_is_no_pool, fresh),
        cmocka_unit_test_setup(check_finds_every_block_that_is_free, fresh),
        cmocka_unit_test_setup(a_callback_puts_in_place_of_put, fresh),
        cmocka_unit_test_setup(callbacks_nest, fresh),
        cmocka_unit_test_setup(a_callback_may_keep_the_block_and_go_away, fresh),
        cmocka_unit_test_setup(a_broken_link_is_refused_and_not_followed, fresh),
        cmocka_unit_test_setup(a_loop_in_the_list_ends_every_walk, fresh),
        cmocka_unit_test_setup(a_broken_head_or_count_is_refused, fresh),
        cmocka_unit_test_setup(random_damage_never_leads_outside, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
