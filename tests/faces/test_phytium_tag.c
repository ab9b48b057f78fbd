/* SPDX-License-Identifier: MIT */
/* FMEMP_TAG_DEBUG: the macros tag, the listing shows the tags, and no tag costs the pool a byte. */
#define FMEMP_TAG_DEBUG

#include "test_phytium.h"

#include "tarn/events.h"

#include "test_phytium_pool.h"

static int fresh_pool(void **state)
{
    (void)fresh(state);
    make_pool(sizeof buffer);
    return 0;
}

static uint32_t tags(FMempTagStatus status)
{
    uint32_t count = 0;
    for (const FMempTag *tag = pool.tags_list; tag != NULL; tag = tag->next) {
        count += tag->status == status ? 1u : 0u;
    }
    return count;
}

static const FMempTag *tag_of(const FMemp *memp, const void *block)
{
    const FMempTag *tag = memp->tags_list;
    while (tag != NULL && tag->mem_addr != (uintptr)block) {
        tag = tag->next;
    }
    return tag;
}

/*
 * Covers: FMEMP_TAG_DEBUG FMEMP_MALLOC FMEMP_MALLOC_ALIGN FMEMP_CALLOC FMEMP_REALLOC FMEMP_FREE FMempMallocTag
 * Covers: FMempMallocAlignTag FMempCallocTag FMempReallocTag FMempFreeTag FMempTag FMempTagStatus P21
 */
static void the_macros_tag_and_the_listing_shows_it(void **state)
{
    (void)state;
    need_tags(4);
    void *a = FMEMP_MALLOC(&pool, 100);
    int line = __LINE__ - 1;
    void *b = FMEMP_MALLOC_ALIGN(&pool, 50, 64);
    void *c = FMEMP_CALLOC(&pool, 3, 7);
    assert_int_equal(pool.tags_list->id, 2);
    assert_int_equal(pool.tags_list->mem_addr, (uintptr)c);
    assert_int_equal(pool.tags_list->mem_size, 21);
    assert_int_equal(pool.tags_list->next->mem_addr, (uintptr)b);
    assert_string_equal(pool.tags_list->next->next->msg, expected("%s_%d: ", __FILE__, line));
    catch_output();
    FMemListAll(&pool);
    assert_said(expected("FMEMP: Memory block status:  \nFMEMP:     [0]: @%p, sz: 100, st: allocated, msg: %s_%d: \n",
                         a, __FILE__, line));
    assert_int_equal(tags(FMEMP_TAG_ALLOCATED), 3);
    c = FMEMP_REALLOC(&pool, c, 400);
    assert_int_equal(tags(FMEMP_TAG_ALLOCATED), 3);
    FMEMP_FREE(&pool, a);
    FMEMP_FREE(&pool, b);
    FMEMP_FREE(&pool, c);
    assert_int_equal(tags(FMEMP_TAG_ALLOCATED), 0);
    assert_true(tags(FMEMP_TAG_FREEED) >= 3);
    assert_int_equal(used_now(), 0);
}

/* Covers: FMempMallocTag FMempFreeTag */
static void an_address_that_returns_takes_its_tag_again(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        void *block = FMempMallocTag(&pool, 40, "file", i, "words");
        assert_string_equal(pool.tags_list->msg, expected("file_%u: words", i));
        assert_int_equal(pool.tags_list->id, 0);
        assert_null(pool.tags_list->next);
        FMempFreeTag(&pool, block);
        assert_int_equal(pool.tags_list->status, FMEMP_TAG_FREEED);
        assert_int_equal(pool.tags_list->mem_size, 0);
    }
}

/* Covers: FMEMP_TAG_MSG_LEN */
static void a_long_text_is_cut_at_124_bytes(void **state)
{
    (void)state;
    need_tags(2);
    char words[300];
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    assert_non_null(FMempMallocTag(&pool, 8, "f", 7, words));
    assert_int_equal(strlen(pool.tags_list->msg), FMEMP_TAG_MSG_LEN - 1);
    assert_non_null(FMempMallocTag(&pool, 8, NULL, 4294967295u, NULL));
    assert_string_equal(pool.tags_list->msg, "_4294967295: ");
}

/* Covers: FMempFreeTag FMempMallocTag */
static void repeated_states_are_told(void **state)
{
    (void)state;
    void *block = FMEMP_MALLOC(&pool, 40);
    FMempFree(&pool, block); /* behind the tag's back */
    catch_output();
    void *again = FMEMP_MALLOC(&pool, 40);
    assert_said("Allocate twice !!!");
    assert_ptr_equal(again, block);
    FMEMP_FREE(&pool, again);
    catch_output();
    FMEMP_FREE(&pool, again);
    assert_said("Free twice !!!");
    FMempFreeTag(&pool, NULL);
    FMempFreeTag(NULL, block);
}

/* Covers: FMempReallocTag FMempFreeTag P21 */
static void what_is_refused_keeps_its_tag(void **state)
{
    (void)state;
    unsigned char *block = FMEMP_MALLOC(&pool, 40);
    assert_null(FMEMP_REALLOC(&pool, block, SIZE_MAX));
    assert_int_equal(pool.tags_list->status, FMEMP_TAG_ALLOCATED);
    assert_int_equal(pool.tags_list->mem_size, 40);
    unsigned char kept[8];
    memcpy(kept, block - 4, 4);
    memset(block - 4, 0xFF, 4);
    catch_output();
    FMEMP_FREE(&pool, block);
    (void)caught_output();
    assert_int_equal(pool.tags_list->status, FMEMP_TAG_ALLOCATED);
    memcpy(block - 4, kept, 4);
    FMEMP_FREE(&pool, block);
    assert_int_equal(pool.tags_list->status, FMEMP_TAG_FREEED);
    assert_null(FMEMP_REALLOC(&pool, NULL, 0));
}

/* Covers: FMempMallocTag FMempDeinit P21 */
static void a_full_table_hands_out_blocks_untagged_and_says_so_once(void **state)
{
    (void)state;
    need_tags(6);
    void *blocks[TARN_FMEMP_TAGS + 6]; /* so that those named below are there with fewer tags too */
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        blocks[i] = FMEMP_MALLOC(&pool, 8);
    }
    for (uint32_t i = TARN_FMEMP_TAGS; i < TARN_FMEMP_TAGS + 2; i++) {
        catch_output();
        blocks[i] = FMEMP_MALLOC(&pool, 8);
        assert_non_null(blocks[i]);
        assert_string_equal(caught_output(), i != TARN_FMEMP_TAGS
                                                 ? ""
                                                 : expected("[WARN] FMEMP: %p: block @%p goes untagged, all %d tags "
                                                            "(TARN_FMEMP_TAGS) are taken; said once for each pool\n",
                                                            (void *)&pool, blocks[i], TARN_FMEMP_TAGS));
    }
    FMEMP_FREE(&pool, blocks[5]);
    FMEMP_FREE(&pool, blocks[3]);
    void *large = FMEMP_MALLOC(&pool, 4000); /* another address: the tag that was freed first makes room */
    assert_int_equal(pool.tags_list->mem_addr, (uintptr)large);
    assert_int_equal(tags(FMEMP_TAG_FREEED), 1);
    assert_null(tag_of(&pool, blocks[5]));
    assert_int_equal(tag_of(&pool, blocks[3])->status, FMEMP_TAG_FREEED);
    FMempDeinit(&pool);
    assert_int_equal(FMempInit(&pool, buffer, buffer + 9000), FMEMP_SUCCESS);
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        assert_non_null(FMEMP_MALLOC(&pool, 8));
    }
    assert_int_equal(tags(FMEMP_TAG_ALLOCATED), TARN_FMEMP_TAGS);
}

/* Freed tags of one pool serve another, but for the first of its list; those of an ended pool all do.
 * Covers: FMempMallocTag FMempDeinit P21 */
static void tags_go_from_pool_to_pool(void **state)
{
    (void)state;
    FMemp other;
    void *blocks[TARN_FMEMP_TAGS];
    memset(&other, 0, sizeof other);
    FMempDeinit(&pool);
    assert_int_equal(FMempInit(&pool, buffer, buffer + 65536), FMEMP_SUCCESS);
    assert_int_equal(FMempInit(&other, buffer + 65536, buffer + sizeof buffer), FMEMP_SUCCESS);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
            blocks[i] = FMEMP_MALLOC(&pool, 8);
        }
        for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
            FMEMP_FREE(&pool, blocks[i]);
        }
        if (round == 1) {
            FMempDeinit(&pool);
        }
        for (uint32_t i = 0; i < TARN_FMEMP_TAGS - 1 + round; i++) {
            blocks[i] = FMEMP_MALLOC(&other, 8);
            assert_int_equal(other.tags_list->mem_addr, (uintptr)blocks[i]);
        }
        assert_true(round == 1 || (pool.tags_list != NULL && pool.tags_list->next == NULL));
        catch_output();
        assert_non_null(FMEMP_MALLOC(&other, 8));
        assert_said(round == 0 ? "goes untagged" : "");
        for (uint32_t i = 0; i < TARN_FMEMP_TAGS - 1 + round; i++) {
            assert_int_equal(tag_of(&other, blocks[i])->status, FMEMP_TAG_ALLOCATED);
        }
        FMempDeinit(&other);
        assert_int_equal(FMempInit(&other, buffer + 65536, buffer + sizeof buffer), FMEMP_SUCCESS);
    }
    FMempDeinit(&other);
}

/* A block handed out without a tag is not listed with that of whoever had the address. Covers: FMemListAll P10 */
static void the_listing_shows_no_tag_of_the_past(void **state)
{
    (void)state;
    void *block = FMEMP_MALLOC(&pool, 40);
    FMEMP_FREE(&pool, block);
    assert_ptr_equal(FMempMalloc(&pool, 40), block);
    catch_output();
    FMemListAll(&pool);
    assert_said(expected("status:  \nFMEMP:     [-]: @%p, sz: 44, st: allocated\n", block));
}

/* Pools that end with the block that carries them, and a copy of one whose tags are others' by now.
 * Covers: FMempDeinit FMempFree P21 */
static void tags_of_ended_pools_are_free_and_no_others(void **state)
{
    (void)state;
    need_registry();
    FMemp inner, copy;
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS + 3; i++) {
        unsigned char *block = FMempMalloc(&pool, 4000);
        memset(&inner, 0, sizeof inner);
        assert_int_equal(FMempInit(&inner, block, block + 4000), FMEMP_SUCCESS);
        assert_non_null(FMEMP_MALLOC(&inner, 8));
        assert_non_null(inner.tags_list);
        copy = inner;
        FMempFree(&pool, block);
        if (i % 2 == 0) {
            FMempDeinit(&inner);
        }
    }
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        assert_non_null(FMEMP_MALLOC(&pool, 8));
        assert_non_null(pool.tags_list);
    }
    assert_int_equal(tags(FMEMP_TAG_ALLOCATED), TARN_FMEMP_TAGS);
    copy.tags_list = pool.tags_list; /* as it may come to be */
    FMempDeinit(&copy);
    assert_int_equal(tags(FMEMP_TAG_ALLOCATED), TARN_FMEMP_TAGS);
}

static FMempTagStatus status_at_free;

static void look_at_free(const tarn_event *event, void *context)
{
    (void)context;
    if (event->kind == TARN_EVENT_FREE) {
        status_at_free = pool.tags_list->status;
    }
}

/* Whoever is handed the address next finds no live tag there. Covers: FMempFreeTag */
static void a_tag_says_freed_before_the_block_is_given_back(void **state)
{
    (void)state;
    void *block = FMEMP_MALLOC(&pool, 40);
    assert_listening(tarn_events_add(look_at_free, NULL));
    status_at_free = FMEMP_TAG_ALLOCATED;
    FMEMP_FREE(&pool, block);
    assert_int_equal(tarn_events_remove(look_at_free, NULL), TARN_OK);
    assert_int_equal(status_at_free, FMEMP_TAG_FREEED);
}

/* Covers: FMempMallocTag FMempMallocAlignTag FMempCallocTag FMempReallocTag FMempFreeTag P15 */
static void no_tag_is_looked_for_in_what_is_no_pool(void **state)
{
    (void)state;
    void *block = FMEMP_MALLOC(&pool, 40);
    FMemp ready, stale = pool;
    memset(&ready, 0x11, sizeof ready);
    FMempDeinit(&pool);
    stale.tags_list = (FMempTag *)(uintptr_t)0x1110;
    FMemp *const none[] = {NULL, &ready, &stale};
    for (uint32_t i = 0; i < 3; i++) {
        assert_null(FMEMP_MALLOC(none[i], 8));
        assert_null(FMEMP_MALLOC_ALIGN(none[i], 8, 8));
        assert_null(FMEMP_CALLOC(none[i], 1, 8));
        catch_output();
        assert_null(FMEMP_REALLOC(none[i], block, 8));
        assert_null(FMEMP_REALLOC(none[i], block, 0));
        FMEMP_FREE(none[i], block);
        (void)caught_output();
    }
}

/* A structure that is made anew without an end leaves no tag behind. Covers: FMempInit P21 */
static void tags_of_a_forgotten_pool_are_found_again(void **state)
{
    (void)state;
    need_registry();
    for (uint32_t i = 0; i < 3u * TARN_FMEMP_TAGS; i++) {
        memset(&pool, 0, sizeof pool);
        assert_int_equal(FMempInit(&pool, buffer, buffer + 9000), FMEMP_SUCCESS);
        assert_null(pool.tags_list);
        assert_non_null(FMEMP_MALLOC(&pool, 8));
        assert_non_null(pool.tags_list);
        assert_null(pool.tags_list->next);
    }
}

/* Once the registry was full, which pools are gone is not known: those that were ended leave no tag all the same.
 * Covers: FMempDeinit P21 */
static void an_end_frees_tags_whether_pools_are_listed_or_not(void **state)
{
    (void)state;
    need_registry();
    need_tags(2);
    enum { STEP = 2048 };
    static FMemp pools[TARN_REGISTRY_CAPACITY];
    if ((size_t)STEP * (TARN_REGISTRY_CAPACITY + 1u) > sizeof buffer) {
        skip();
    }
    FMempDeinit(&pool);
    memset(pools, 0, sizeof pools);
    catch_output();
    for (uint32_t i = 0; i < TARN_REGISTRY_CAPACITY; i++) {
        assert_int_equal(FMempInit(&pools[i], buffer + STEP * i, buffer + STEP * (i + 1)), FMEMP_SUCCESS);
    }
    assert_int_equal(FMempInit(&pool, buffer + sizeof buffer - STEP, buffer + sizeof buffer), FMEMP_SUCCESS);
    assert_said("is not listed");
    for (uint32_t i = 0; i < TARN_REGISTRY_CAPACITY; i++) {
        FMempDeinit(&pools[i]);
    }
    void *block = FMEMP_MALLOC(&pool, 8);
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS + 1; i++) { /* each somewhere else: no entry says what became of it */
        FMemp other;
        memset(&other, 0, sizeof other);
        assert_int_equal(FMempInit(&other, buffer + 8 * i, buffer + 8 * i + 9000), FMEMP_SUCCESS);
        assert_non_null(FMEMP_MALLOC(&other, 8));
        assert_non_null(other.tags_list);
        FMempDeinit(&other);
    }
    assert_int_equal(FMempInit(&pools[0], buffer, buffer + 32768), FMEMP_SUCCESS);
    catch_output();
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        assert_non_null(FMEMP_MALLOC(&pools[0], 8));
    }
    assert_said("goes untagged");
    assert_non_null(tag_of(&pool, block));
    assert_int_equal(tags(FMEMP_TAG_ALLOCATED), 1);
    assert_null(pool.tags_list->next);
    FMempDeinit(&pools[0]);
    FMempDeinit(&pool);
}

#define TEST(function) cmocka_unit_test_setup(function, fresh_pool)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_macros_tag_and_the_listing_shows_it),
        TEST(an_address_that_returns_takes_its_tag_again),
        TEST(a_long_text_is_cut_at_124_bytes),
        TEST(repeated_states_are_told),
        TEST(what_is_refused_keeps_its_tag),
        TEST(a_full_table_hands_out_blocks_untagged_and_says_so_once),
        TEST(tags_go_from_pool_to_pool),
        TEST(tags_of_ended_pools_are_free_and_no_others),
        TEST(the_listing_shows_no_tag_of_the_past),
        TEST(a_tag_says_freed_before_the_block_is_given_back),
        TEST(no_tag_is_looked_for_in_what_is_no_pool),
        TEST(tags_of_a_forgotten_pool_are_found_again),
        TEST(an_end_frees_tags_whether_pools_are_listed_or_not),
    };
    return is_unfit() ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
