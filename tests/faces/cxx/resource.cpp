/* SPDX-License-Identifier: MIT */
/*
 * tarn::pool_resource and tarn::heap_resource under std::pmr: containers on them, and the standard's own resources
 * above them; which are equal, what moves do between those that are not; alignment, refusals and requests of a heap.
 */
#include "tarn/memory_resource.hpp"

#include <deque>
#include <list>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "check.hpp"

namespace
{
#if defined(__cpp_rtti)
constexpr bool has_rtti = true;
#else
constexpr bool has_rtti = false;
#endif

void fill_and_compare(std::pmr::memory_resource *memory, std::uint32_t seed)
{
    prng random(seed);
    std::pmr::map<int, std::pmr::string> words(memory);
    std::pmr::unordered_map<int, std::pmr::vector<int>> lists(memory);
    std::pmr::list<int> list(memory);
    std::pmr::deque<int> deque(memory);
    std::map<int, std::string> expected;
    for (int i = 0; i < 1500; i++) {
        int key = static_cast<int>(random.below(80));
        if (random.below(3) != 0) {
            std::string word(random.below(70), static_cast<char>('a' + key % 26));
            words[key] = word;
            expected[key] = word;
            lists[key].push_back(i);
            list.push_back(key);
            deque.push_front(key);
        } else {
            words.erase(key);
            expected.erase(key);
            lists.erase(key);
            list.remove(key);
            deque.resize(deque.size() / 2);
        }
    }
    CHECK(words.size() == expected.size() && lists.size() == expected.size());
    for (const auto &entry : expected) {
        CHECK(std::string(words.at(entry.first)) == entry.second && !lists.at(entry.first).empty());
        CHECK(words.at(entry.first).get_allocator().resource() == memory);
    }
}

void containers_hold_what_they_should(std::uint32_t seed)
{
    static test_pool<131072> made(16, TARN_POOL_GUARD);
    tarn_pool *pool = made;
    tarn::pool_resource memory(pool);
    fill_and_compare(&memory, seed);
    CHECK(stats_of(pool).blocks == 0 && stats_of(pool).peak > 4096);
    {
        std::pmr::unsynchronized_pool_resource above(&memory);
        fill_and_compare(&above, seed + 1);
        CHECK(stats_of(pool).blocks > 0);
    }
    {
        std::pmr::monotonic_buffer_resource above(&memory);
        std::pmr::vector<int> numbers(300, 7, &above);
        CHECK(stats_of(pool).blocks > 0 && numbers[299] == 7);
    }
    CHECK(stats_of(pool).refusals == 0);
}

void equal_are_those_of_one_pool()
{
    test_pool<4096> made_a, made_b;
    tarn_pool *a = made_a, *b = made_b;
    tarn::pool_resource one(a), other(a), third(b);
    CHECK(one == one && one != third && one.pool() == a);
    CHECK((one == other) == has_rtti);
    CHECK(!(one == *std::pmr::new_delete_resource()) && !(*std::pmr::null_memory_resource() == one));
    std::pmr::vector<int> from({1, 2, 3}, &one), same(&other), else_where(&third);
    const int *stored = from.data();
    same = std::move(from);
    CHECK(same.size() == 3 && (same.data() == stored) == has_rtti);
    else_where = std::move(same);
    CHECK(else_where.size() == 3 && holds(b, else_where.data()) && else_where.get_allocator().resource() == &third);
    std::pmr::vector<int> built(std::move(else_where));
    CHECK(built.get_allocator().resource() == &third);
}

bool refuses(std::pmr::memory_resource &memory, std::size_t bytes, std::size_t alignment)
{
    try {
        void *block = memory.allocate(bytes, alignment);
        memory.deallocate(block, bytes, alignment);
    } catch (const std::bad_alloc &) {
        return true;
    }
    return false;
}

void blocks_are_aligned_and_refused(std::pmr::memory_resource &memory)
{
    for (std::size_t alignment = 1; alignment <= 1024; alignment *= 2) {
        for (std::size_t bytes : {std::size_t(0), std::size_t(1), std::size_t(100)}) {
            void *block = memory.allocate(bytes, alignment);
            CHECK(block != nullptr && reinterpret_cast<std::uintptr_t>(block) % alignment == 0);
            memory.deallocate(block, bytes, alignment);
        }
    }
    CHECK(refuses(memory, 1u << 20, 16) && refuses(memory, static_cast<std::size_t>(-1), 1));
    CHECK(!refuses(memory, 64, 64));
}

alignas(64) unsigned char fast[8192], slow[16384], table[TARN_HEAP_BYTES(2)];

tarn_heap *make_heap()
{
    tarn_heap *heap;
    tarn_region_options options = tarn_region_options();
    CHECK(tarn_heap_init(&heap, table, sizeof table) == TARN_OK);
    options.capabilities = TARN_CAP_FAST;
    CHECK(tarn_heap_add(heap, fast, sizeof fast, &options) == TARN_OK);
    options.capabilities = TARN_CAP_EXTERNAL;
    options.rank = 1;
    CHECK(tarn_heap_add(heap, slow, sizeof slow, &options) == TARN_OK);
    return heap;
}

bool lies_in(const void *address, const unsigned char *first, std::size_t bytes)
{
    return address >= static_cast<const void *>(first) && address < static_cast<const void *>(first + bytes);
}

void heaps_serve_requests_of_a_kind(std::uint32_t seed)
{
    tarn_heap *heap = make_heap();
    const std::uint32_t external = TARN_CAP_EXTERNAL;
    tarn_request request = tarn_request();
    request.capabilities = &external;
    request.count = 1;
    request.alignment = 128;
    tarn::heap_resource any(heap), outside(heap, request);
    CHECK(any.heap() == heap && any == any && (any == outside) == has_rtti);
    {
        std::pmr::vector<int> near_by(10, 1, &any), far(10, 2, &outside);
        CHECK(lies_in(near_by.data(), fast, sizeof fast) && lies_in(far.data(), slow, sizeof slow));
        CHECK(reinterpret_cast<std::uintptr_t>(far.data()) % 128 == 0);
        near_by = std::move(far);
        CHECK(near_by[9] == 2 && lies_in(near_by.data(), fast, sizeof fast) != has_rtti);
    }
    blocks_are_aligned_and_refused(any);
    blocks_are_aligned_and_refused(outside);
    {
        std::pmr::unsynchronized_pool_resource above(std::pmr::pool_options{4, 64}, &any);
        std::pmr::list<std::uint32_t> list(200, seed, &above);
        CHECK(list.back() == seed);
    }
    tarn_stats now;
    CHECK(tarn_heap_stats(heap, nullptr, &now) == TARN_OK && now.blocks == 0);
    CHECK(tarn_heap_check(heap, nullptr, nullptr) == TARN_OK);
    CHECK(tarn_heap_remove(heap, fast, nullptr) == TARN_OK && tarn_heap_remove(heap, slow, nullptr) == TARN_OK);
    CHECK(refuses(any, 1, 1) && tarn_heap_deinit(heap) == TARN_OK && refuses(any, 1, 1));
}

void wrong_pointers_change_nothing()
{
    test_pool<4096> made;
    tarn_pool *pool = made;
    tarn::pool_resource memory(pool);
    unsigned char *block = static_cast<unsigned char *>(memory.allocate(40, 8));
    memory.deallocate(block + 8, 40, 8);
    CHECK(holds(pool, block) && stats_of(pool).refusals == 1);
    memory.deallocate(block, 40, 8);
}
} // namespace

int main()
{
    std::uint32_t seed = seed_of_test();
    containers_hold_what_they_should(seed);
    equal_are_those_of_one_pool();
    for (std::uint32_t granule = 4; granule <= 16; granule *= 2) {
        test_pool<16384> made(granule);
        tarn_pool *pool = made;
        tarn::pool_resource memory(pool);
        blocks_are_aligned_and_refused(memory);
    }
    heaps_serve_requests_of_a_kind(seed);
    wrong_pointers_change_nothing();
    std::printf("resource: %u checks\n", checks_made());
    return 0;
}
