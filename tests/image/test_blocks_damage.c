/* SPDX-License-Identifier: MIT */
/*
 * Block pools whose bytes were overwritten: each planted fault gives its exact report, and get and put refuse before
 * they change anything. Random damage: test_blocks_hostile.c.
 */
#include "blocks_sign.h"
#include "tarn/blocks.h"
#include "tarn/config.h"
#include "test.h"

enum { COUNT = 12, ROOM = 4096, HEADER = 64 };

static _Alignas(64) unsigned char memory[ROOM];

static tarn_blocks *make(uint32_t size, uint32_t flags)
{
    tarn_blocks *pool;
    tarn_blocks_options options = {.count = COUNT, .flags = flags | TARN_BLOCKS_UNREGISTERED};
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, size, &options), TARN_OK);
    return pool;
}

static void assert_finding(const tarn_blocks *pool, uint32_t rule, const unsigned char *at, uint32_t expected,
                           uint32_t word)
{
    tarn_finding found;
    assert_int_equal(tarn_blocks_check(pool, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, rule);
    assert_int_equal(found.offset, at - memory);
    assert_int_equal(found.expected, expected);
    assert_int_equal(found.found, word);
}

static void set_word(unsigned char *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

static bool keep_on(const tarn_block *block, void *context)
{
    *(uint64_t *)context += block->offset;
    return true;
}

static void a_write_past_the_end_is_found_at_put(void **state)
{
    (void)state;
    watch w;
    uint32_t intact;
    for (uint32_t size = 1; size < 40; size++) {
        tarn_blocks *pool = make(size, TARN_BLOCKS_GUARD);
        unsigned char *one = tarn_blocks_get(pool);
        unsigned char *two = tarn_blocks_get(pool);
        unsigned char *end = one + tarn_blocks_usable(pool);
        assert_true(end + 4 <= two);
        memcpy(&intact, end, 4);
        assert_memory_not_equal(end, two + tarn_blocks_usable(pool), 4); /* a guard says whose it is */
        memset(one, 0xFF, tarn_blocks_usable(pool));
        assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
        set_word(end, intact ^ 0x80u);
        assert_finding(pool, TARN_RULE_BLOCKS_GUARD, end, intact, intact ^ 0x80u);
        watch_begin(&w);
        assert_int_equal(tarn_blocks_recognise(pool, one), TARN_E_DAMAGED);
        assert_int_equal(tarn_blocks_put(pool, one), TARN_E_DAMAGED);
        assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
        assert_ptr_equal(w.events[w.count - 1u].block, one);
        watch_end(&w);
        assert_int_equal(tarn_blocks_put(pool, two), TARN_OK);
        set_word(end, intact);
        assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
        assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    }
}

static uint32_t state_of(const tarn_blocks *pool, const void *block)
{
    tarn_block record;
    assert_int_equal(tarn_blocks_at(pool, block, &record), TARN_OK);
    return record.state;
}

/* The map and the mark have to agree about what is held back. */
static void a_mark_that_is_lost_is_found(void **state)
{
    (void)state;
    tarn_finding finding;
    tarn_blocks *pool = make(24, TARN_BLOCKS_POISON | TARN_BLOCKS_MAP);
    unsigned char *one = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    one[8] ^= 1;
    assert_null(tarn_blocks_get(pool));
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    one[1] ^= 1; /* whoever wrote there goes on */
    assert_int_equal(tarn_blocks_check(pool, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.rule, TARN_RULE_BLOCKS_MAP);
}

static void a_write_after_put_is_found_at_get(void **state)
{
    (void)state;
    watch w;
    for (uint32_t size = 8; size < 40; size += 4) {
        tarn_blocks *pool = make(size, TARN_BLOCKS_POISON | TARN_BLOCKS_MAP);
        unsigned char *one = tarn_blocks_get(pool);
        memset(one, 1, size);
        assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
        for (uint32_t at = 4; at < size; at++) {
            unsigned char kept = one[at];
            one[at] ^= 0x10;
            uint32_t word;
            memcpy(&word, one + at / 4u * 4u, 4);
            assert_finding(pool, TARN_RULE_BLOCKS_POISON, one + at / 4u * 4u, 0xDDDDDDDDu, word);
            watch_begin(&w);
            assert_null(tarn_blocks_get(pool));
            assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
            assert_ptr_equal(w.events[w.count - 1u].block, one);
            watch_end(&w);
            assert_int_equal(one[at], kept ^ 0x10);
            assert_int_equal(state_of(pool, one), TARN_BLOCK_HELD_BACK);
            assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
            assert_int_equal(tarn_blocks_put(pool, one), TARN_E_DOUBLE_FREE);
            assert_int_equal(tarn_blocks_clear(pool), TARN_OK);
            assert_ptr_equal(tarn_blocks_get(pool), one);
            assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
        }
        assert_ptr_equal(tarn_blocks_get(pool), one);
    }
}

static void a_guard_overwritten_while_free_is_found_at_get(void **state)
{
    (void)state;
    watch w;
    uint32_t intact = 0;
    tarn_blocks *pool = make(24, TARN_BLOCKS_GUARD);
    unsigned char *one = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    set_word(one + 24, 0);
    watch_begin(&w);
    assert_null(tarn_blocks_get(pool));
    assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_ptr_equal(w.events[w.count - 1u].block, one);
    watch_end(&w);
    assert_int_equal(state_of(pool, one), TARN_BLOCK_HELD_BACK);
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    assert_int_equal(tarn_blocks_clear(pool), TARN_OK);
    assert_ptr_equal(tarn_blocks_get(pool), one);
    memcpy(&intact, one + 24, 4);
    assert_int_not_equal(intact, 0);
}

#ifdef TARN_BLOCKS_CHECKS
enum { LINKS_CHECKED = 1 };
#else
enum { LINKS_CHECKED = 0 };
#endif

#ifdef TARN_BLOCKS_SYNC_ATOMIC
enum { HEAD_IS_OFFSET = 0 };
#else
enum { HEAD_IS_OFFSET = 1 };
#endif

static void a_damaged_link_is_refused_before_it_is_followed(void **state)
{
    (void)state;
    const uint32_t bad[] = {1, 4, 8, HEADER - 4, HEADER + 1, HEADER + 24 * 5, 0xFFFFFFFF, 0x80000000, 0xDEADBEEF};
    unsigned char before[HEADER];
    watch w;
    for (uint32_t i = 0; LINKS_CHECKED && i < sizeof bad / sizeof bad[0]; i++) {
        tarn_blocks *pool = make(24, 0);
        unsigned char *one = tarn_blocks_get(pool);
        unsigned char *two = tarn_blocks_get(pool);
        assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
        assert_int_equal(tarn_blocks_put(pool, two), TARN_OK);
        set_word(two, bad[i]);
        memcpy(before, memory, HEADER);
        assert_finding(pool, TARN_RULE_BLOCKS_LINK, two, 0, bad[i]);
        watch_begin(&w);
        assert_null(tarn_blocks_get(pool));
        assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
        watch_end(&w);
        set_word(before + 4u * 13u, 1); /* the refusal is counted, nothing else */
        assert_memory_equal(memory, before, HEADER);
        void *both[2];
        assert_int_equal(tarn_blocks_get_many(pool, both, 2), TARN_E_DAMAGED);
        set_word(before + 4u * 13u, 2);
        assert_memory_equal(memory, before, HEADER);
    }
}

/* A link overwritten in any free block, with blocks out between them. */
static void a_list_is_made_anew_from_the_map(void **state)
{
    (void)state;
    enum { BLOCKS = 10, FREE = 5 };
    unsigned char *blocks[BLOCKS];
    const uint32_t flags[] = {TARN_BLOCKS_MAP, TARN_BLOCKS_MAP | TARN_BLOCKS_POISON | TARN_BLOCKS_GUARD};
    for (uint32_t i = 0; i < 2 * FREE; i++) {
        tarn_stats stats;
        tarn_blocks *pool = make(24, flags[i % 2u]);
        for (uint32_t k = 0; k < BLOCKS; k++) {
            blocks[k] = tarn_blocks_get(pool);
        }
        for (uint32_t k = 1; k < BLOCKS; k += 2) {
            assert_int_equal(tarn_blocks_put(pool, blocks[k]), TARN_OK);
        }
        set_word(blocks[i / 2u * 2u + 1u], 0x31313131);
        assert_int_equal(tarn_blocks_check(pool, NULL), TARN_E_DAMAGED);
        assert_int_equal(tarn_blocks_repair(pool), TARN_OK);
        assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
        assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
        assert_int_equal(stats.blocks, BLOCKS - FREE);
        for (uint32_t k = 1; k < BLOCKS; k += 2) {
            assert_ptr_equal(tarn_blocks_get(pool), blocks[k]);
        }
        assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    }
    tarn_blocks *pool = make(24, TARN_BLOCKS_MAP | TARN_BLOCKS_POISON);
    unsigned char *held = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_put(pool, held), TARN_OK);
    held[8] ^= 1;
    assert_null(tarn_blocks_get(pool));
    assert_int_equal(tarn_blocks_repair(pool), TARN_OK);
    assert_int_equal(state_of(pool, held), TARN_BLOCK_HELD_BACK);
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    assert_int_equal(tarn_blocks_repair(NULL), TARN_E_NULL);
    assert_int_equal(tarn_blocks_repair(make(24, TARN_BLOCKS_POISON)), TARN_E_ARGUMENT);
}

static void rings_and_wrong_counts_are_found(void **state)
{
    (void)state;
    unsigned char *blocks[COUNT];
    tarn_finding found;
    tarn_blocks *pool = make(24, 0);
    for (int i = 0; i < COUNT; i++) {
        blocks[i] = tarn_blocks_get(pool);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(tarn_blocks_put(pool, blocks[i]), TARN_OK);
    }
    set_word(blocks[0], (uint32_t)(blocks[5] - memory)); /* the last block's link leads back */
    assert_int_equal(tarn_blocks_check(pool, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, TARN_RULE_BLOCKS_LISTED);
    set_word(blocks[0], 0);
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    set_word(blocks[4], 0); /* four blocks lost */
    assert_int_equal(tarn_blocks_check(pool, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, TARN_RULE_BLOCKS_COUNTS);
    assert_int_equal(found.expected, COUNT);
    assert_int_equal(found.found, COUNT - 4);
}

/* More blocks listed than were ever handed out, whose links end all the same: nobody counts on it that they do. */
static void a_list_longer_than_the_pool_is_not_followed(void **state)
{
    (void)state;
    uint32_t layout;
    tarn_block record;
    tarn_finding found;
    uint64_t sum = 0;
    tarn_blocks *pool = make(24, 0);
    unsigned char *one = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    assert_int_equal(tarn_blocks_walk(pool, keep_on, &sum), TARN_OK);
    memcpy(&layout, memory + 4, sizeof layout);
    if ((layout & 15u) == 1u) { /* the head counts the list, in as many bits as COUNT has, which are 4 */
        uint64_t head;
        memcpy(&head, memory + 8, sizeof head);
        head |= 0xF0u;
        memcpy(memory + 8, &head, sizeof head);
    } else {
        set_word(memory + ((layout & 15u) == 0 ? 12 : 16), 2); /* given back twice, taken once; or two out of one */
    }
    assert_int_equal(tarn_blocks_walk(pool, keep_on, &sum), TARN_E_DAMAGED);
    assert_int_equal(tarn_blocks_at(pool, one, &record), TARN_E_DAMAGED);
    assert_int_equal(tarn_blocks_check(pool, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, TARN_RULE_BLOCKS_COUNTS);
}

/* All or none, and the reason is told as for one. */
static void several_at_once_stop_at_a_damaged_block(void **state)
{
    (void)state;
    watch w;
    tarn_stats stats;
    void *blocks[4];
    tarn_blocks *pool = make(24, TARN_BLOCKS_POISON | TARN_BLOCKS_MAP);
    assert_int_equal(tarn_blocks_get_many(pool, blocks, 4), TARN_OK);
    unsigned char *one = blocks[1];
    assert_int_equal(tarn_blocks_put_many(pool, blocks, 4), TARN_OK);
    one[8] ^= 1;
    watch_begin(&w);
    assert_int_equal(tarn_blocks_get_many(pool, blocks, 4), TARN_E_DAMAGED);
    assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_ptr_equal(w.events[w.count - 1u].block, one);
    watch_end(&w);
    assert_null(blocks[0]);
    assert_null(blocks[3]);
    assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
    assert_int_equal(stats.blocks, 1); /* held back */
    assert_int_equal(stats.refusals, 1);
    assert_int_equal(state_of(pool, one), TARN_BLOCK_HELD_BACK);
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    assert_int_equal(tarn_blocks_get_many(pool, blocks, 4), TARN_OK);
}

/* Damage is no reason to wait. */
static void who_waits_is_told_of_damage_at_once(void **state)
{
    (void)state;
    watch w;
    tarn_blocks *pool = make(24, TARN_BLOCKS_POISON | TARN_BLOCKS_WAITABLE);
    unsigned char *one = tarn_blocks_get_wait(pool, UINT32_MAX);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    one[8] ^= 1;
    watch_begin(&w);
    assert_null(tarn_blocks_get_wait(pool, UINT32_MAX));
    assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_ptr_equal(w.events[w.count - 1u].block, one);
    watch_end(&w);
}

#ifdef TARN_BLOCKS_CACHE
enum { CACHES = 1 };
#else
enum { CACHES = 0 };
#endif

/* The list of the pool serves on; without caches it is the list that is damaged. */
static void a_damaged_link_in_a_cache_is_refused_and_told(void **state)
{
    (void)state;
    watch w;
    tarn_stats stats;
    tarn_blocks *pool;
    tarn_blocks_options options = {.count = COUNT, .slots = 1, .flags = TARN_BLOCKS_UNREGISTERED};
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, 24, &options), TARN_OK);
    unsigned char *one = tarn_blocks_get(pool);
    unsigned char *two = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, two), TARN_OK);
    set_word(two, 0xDEADBEEF);
    if (LINKS_CHECKED) {
        watch_begin(&w);
        unsigned char *other = tarn_blocks_get(pool);
        assert_int_equal(other != NULL, CACHES);
        assert_ptr_not_equal(other, two);
        assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
        watch_end(&w);
        assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
        assert_int_equal(stats.refusals, 1);
        assert_finding(pool, TARN_RULE_BLOCKS_LINK, two, 0, 0xDEADBEEF);
    }
}

static void refusals_are_counted_up_to_the_largest_number(void **state)
{
    (void)state;
    tarn_stats stats;
    tarn_blocks *pool = make(24, 0);
    set_word(memory + 4u * 13u, UINT32_MAX - 1u);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tarn_blocks_put(pool, memory), TARN_E_FOREIGN);
        assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
        assert_int_equal(stats.refusals, UINT32_MAX);
    }
}

static void the_map_and_the_list_contradict_each_other(void **state)
{
    (void)state;
    tarn_finding found;
    watch w;
    uint32_t cursor = 0;
    tarn_blocks *pool = make(24, TARN_BLOCKS_MAP);
    unsigned char *one = tarn_blocks_get(pool);
    assert_non_null(tarn_blocks_get(pool));
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_E_DOUBLE_FREE);
    memory[HEADER] ^= 1; /* block 0 is listed and said to be out */
    assert_finding(pool, TARN_RULE_BLOCKS_MAP, one, 0, 1);
    watch_begin(&w);
    assert_null(tarn_blocks_get(pool)); /* it is not given to a second one, and no longer listed */
    assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_ptr_equal(w.events[w.count - 1u].block, one);
    watch_end(&w);
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    memory[HEADER] ^= 8; /* block 3 was never handed out */
    assert_int_equal(tarn_blocks_check_some(pool, &cursor, COUNT, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, TARN_RULE_BLOCKS_MAP);
    assert_int_equal(found.offset, one + 3 * 24 - memory);
}

static void assert_bit_refused(uint32_t flags, uint32_t place, uint32_t bit)
{
    tarn_stats stats;
    tarn_finding found;
    uint32_t word;
    tarn_blocks *pool = make(20, flags);
    void *block = tarn_blocks_get(pool);
    memcpy(&word, memory + 4u * place, 4);
    set_word(memory + 4u * place, word ^ UINT32_C(1) << bit);
    assert_int_equal(tarn_blocks_put(pool, block), TARN_E_DAMAGED);
    assert_null(tarn_blocks_get(pool));
    assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_E_DAMAGED);
    assert_int_equal(tarn_blocks_clear(pool), TARN_E_DAMAGED);
    assert_int_equal(tarn_blocks_check(pool, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, TARN_RULE_BLOCKS_HEADER);
}

/* Words of the header that never change, and the sum of them: any other value is refused by whoever looks. */
static void a_header_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    static const uint32_t words[] = {1, 6, 7, 8, 9, 10, 11, 12, 15};
    static const uint32_t kinds[] = {TARN_BLOCKS_MAP, TARN_BLOCKS_EVENTS, TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER};
    uint32_t tried = 0;
    for (uint32_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (uint32_t bit = 0; bit < 32; bit++) {
            for (uint32_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
                assert_bit_refused(kinds[kind], words[i], bit);
                tried++;
            }
        }
    }
    print_message("%u bits of headers turned over, each refused\n", (unsigned)tried);
}

/* A head that leads nowhere is not followed where there is a map. */
static void a_damaged_head_is_refused_before_it_is_followed(void **state)
{
    (void)state;
    for (uint32_t bit = 2; HEAD_IS_OFFSET && bit < 32; bit++) {
        uint32_t head;
        tarn_blocks *pool = make(24, TARN_BLOCKS_MAP);
        void *block = tarn_blocks_get(pool);
        assert_int_equal(tarn_blocks_put(pool, block), TARN_OK);
        memcpy(&head, memory + 8, 4);
        set_word(memory + 8, head ^ UINT32_C(1) << bit);
        assert_null(tarn_blocks_get(pool));
        set_word(memory + 8, head);
        assert_ptr_equal(tarn_blocks_get(pool), block);
        assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    }
}

static void adopt_says_why_it_refuses(void **state)
{
    (void)state;
    static _Alignas(64) unsigned char copy[ROOM];
    tarn_blocks *pool;
    tarn_stats stats;
    tarn_blocks_options options = {.count = 8, .alignment = 32, .flags = TARN_BLOCKS_UNREGISTERED};
    assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, 30, &options), TARN_OK);
    void *block = tarn_blocks_get(pool);
    size_t offset = (size_t)((unsigned char *)block - memory);
    size_t bytes = HEADER + 8 * 32;
    memcpy(copy, memory, bytes);
    assert_int_equal(tarn_blocks_adopt(&pool, copy, bytes - 1u), TARN_E_TRUNCATED);
    assert_null(pool);
    assert_int_equal(tarn_blocks_adopt(&pool, copy, 63), TARN_E_TRUNCATED);
    assert_int_equal(tarn_blocks_adopt(&pool, NULL, bytes), TARN_E_NULL);
    assert_int_equal(tarn_blocks_adopt(NULL, copy, bytes), TARN_E_NULL);
    assert_int_equal(tarn_blocks_adopt(&pool, copy + 4, bytes), TARN_E_MISALIGNED);
    memmove(copy + 8, copy, bytes);
    assert_int_equal(tarn_blocks_adopt(&pool, copy + 8, bytes), TARN_E_MISALIGNED);
    memmove(copy + 64, copy + 8, bytes);
    assert_int_equal(tarn_blocks_adopt(&pool, copy + 64, bytes), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, copy + 64 + offset), TARN_OK);
    assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
    assert_int_equal(stats.bytes, bytes); /* not what its maker had */
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
    assert_int_equal(tarn_blocks_adopt(&pool, copy + 64, bytes), TARN_E_NOT_A_POOL);
    memcpy(copy, memory, bytes);
    blocks_turn_around(copy, bytes);
    assert_int_equal(tarn_blocks_adopt(&pool, copy, bytes), TARN_E_NOT_A_POOL);
}

static uint32_t pools_listed(size_t *bytes)
{
    tarn_registration entry;
    uint32_t count = 0;
    *bytes = 0;
    for (; tarn_registered(TARN_FACE_BLOCKS, count, &entry); count++) {
        *bytes = entry.pool == (tarn_pool *)(void *)memory ? entry.bytes : *bytes;
    }
    return count;
}

/* The word of the header that says how many bytes there were decides what the registry takes the pool to cover. */
static void an_image_claims_no_more_than_is_given(void **state)
{
    (void)state;
    need_registry();
    enum { OWN = 512 };
    tarn_blocks *neighbour;
    tarn_stats stats;
    size_t bytes;
    tarn_blocks *pool = make(16, 0);
    assert_int_equal(tarn_blocks_init(&neighbour, memory + OWN, ROOM - OWN, 16, NULL), TARN_OK);
    for (int round = 0; round < 2; round++) { /* the second adoption replaces the first and ends what lay inside it */
        set_word(memory + 4u * 12u, UINT32_MAX);
        blocks_sign(memory);
        assert_int_equal(tarn_blocks_adopt(&pool, memory, OWN), TARN_OK);
        assert_int_equal(pools_listed(&bytes), 2);
        assert_int_equal(bytes, OWN);
        assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
        assert_int_equal(stats.bytes, OWN);
        assert_non_null(tarn_blocks_get(neighbour));
    }
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
    assert_int_equal(tarn_blocks_deinit(neighbour), TARN_OK);
}

/* The count of a list bounds every loop over it, so that it is looked at itself: 510 lists of 2^32 are no bound. */
static void a_list_longer_than_the_pool_is_refused(void **state)
{
    (void)state;
    enum { SLOTS = 4, LIST = 12, FIRST_LIST = HEADER + 48 };
    uint64_t sum = 0;
    tarn_blocks *pool;
    tarn_blocks_view view;
    tarn_finding found;
    tarn_blocks_options options = {.count = COUNT, .slots = SLOTS, .flags = TARN_BLOCKS_UNREGISTERED};
    for (uint32_t list = 0; list < 2 * SLOTS; list++) {
        memset(memory, 0, sizeof memory);
        assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, 24, &options), TARN_OK);
        unsigned char *at = memory + FIRST_LIST + list / 2u * TARN_BLOCKS_SLOT_BYTES + list % 2u * LIST;
        set_word(at + 8, 1);
        assert_int_equal(tarn_blocks_view_open(&view, memory, sizeof memory), TARN_OK);
        assert_int_equal(tarn_blocks_view_walk(&view, keep_on, &sum), TARN_E_DAMAGED);
        assert_int_equal(tarn_blocks_view_check(&view, &found), TARN_E_DAMAGED);
        assert_int_equal(found.rule, TARN_RULE_BLOCKS_COUNTS);
        assert_int_equal(found.expected, 0);
        assert_int_equal(found.found, 1);
    }
}

/* What a thread leaves visible for a moment, or for long if it is stopped there, when it moves its list to the spare
 * place: both name the same blocks. A check of the whole says so; a walk by another thread goes on. */
static void a_cache_in_motion_does_not_stop_a_walk(void **state)
{
    (void)state;
    enum { LIST = HEADER + 48, SPARE = LIST + 12 };
    uint64_t sum = 0;
    tarn_blocks *pool;
    tarn_block record;
    tarn_blocks_options options = {.count = COUNT, .slots = 1, .flags = TARN_BLOCKS_UNREGISTERED};
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, 24, &options), TARN_OK);
    unsigned char *block = tarn_blocks_get(pool);
    set_word(block, 0);
    for (unsigned char *list = memory + LIST; list <= memory + SPARE; list += SPARE - LIST) {
        set_word(list, (uint32_t)(block - memory));
        set_word(list + 4, (uint32_t)(block - memory));
        set_word(list + 8, 1);
    }
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_E_DAMAGED);
    assert_int_equal(tarn_blocks_walk(pool, keep_on, &sum), TARN_OK);
    assert_int_equal(sum, COUNT * (uint64_t)(block - memory) + 24u * (COUNT * (COUNT - 1u) / 2u));
    assert_int_equal(tarn_blocks_at(pool, block + 1, &record), TARN_OK);
    assert_int_equal(record.offset, block - memory);
    assert_int_equal(record.state, TARN_BLOCK_FREE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_past_the_end_is_found_at_put),
        cmocka_unit_test(a_write_after_put_is_found_at_get),
        cmocka_unit_test(a_mark_that_is_lost_is_found),
        cmocka_unit_test(a_guard_overwritten_while_free_is_found_at_get),
        cmocka_unit_test(a_damaged_link_is_refused_before_it_is_followed),
        cmocka_unit_test(a_list_is_made_anew_from_the_map),
        cmocka_unit_test(rings_and_wrong_counts_are_found),
        cmocka_unit_test(a_list_longer_than_the_pool_is_not_followed),
        cmocka_unit_test(several_at_once_stop_at_a_damaged_block),
        cmocka_unit_test(who_waits_is_told_of_damage_at_once),
        cmocka_unit_test(a_damaged_link_in_a_cache_is_refused_and_told),
        cmocka_unit_test(refusals_are_counted_up_to_the_largest_number),
        cmocka_unit_test(the_map_and_the_list_contradict_each_other),
        cmocka_unit_test(a_damaged_head_is_refused_before_it_is_followed),
        cmocka_unit_test(a_header_that_contradicts_itself_is_refused),
        cmocka_unit_test(adopt_says_why_it_refuses),
        cmocka_unit_test(an_image_claims_no_more_than_is_given),
        cmocka_unit_test(a_list_longer_than_the_pool_is_refused),
        cmocka_unit_test(a_cache_in_motion_does_not_stop_a_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
