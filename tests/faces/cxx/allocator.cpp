/* SPDX-License-Identifier: MIT */
/*
 * tarn::allocator under the standard containers: they hold what the same containers on std::allocator hold, take their
 * memory from the pool and give all of it back, also where constructors throw and where the pool refuses.
 */
#include "tarn/allocator.hpp"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "check.hpp"

namespace
{
template <class T> using on = tarn::allocator<T>;

using text = std::basic_string<char, std::char_traits<char>, on<char>>;
using map = std::map<int, text, std::less<int>, on<std::pair<const int, text>>>;
using hash = std::unordered_map<int, int, std::hash<int>, std::equal_to<int>, on<std::pair<const int, int>>>;

text text_of(tarn_pool *pool, int value)
{
    std::string plain(static_cast<std::size_t>(value % 60), static_cast<char>('a' + value % 26));
    return text(plain.begin(), plain.end(), pool);
}

/* One container of each kind on the pool, and what it must hold on the standard allocator. */
struct all {
    explicit all(tarn_pool *at)
        : pool(at), vector(at), deque(at), list(at), set(std::less<int>(), at), map_(std::less<int>(), at),
          hash_(8, std::hash<int>(), std::equal_to<int>(), at)
    {
    }

    void step(prng &random)
    {
        int key = static_cast<int>(random.below(100));
        switch (random.below(6)) {
        case 0:
            vector.push_back(key), std_vector.push_back(key);
            break;
        case 1:
            deque.push_front(key), std_deque.push_front(key);
            break;
        case 2:
            list.push_back(key), std_list.push_back(key);
            break;
        case 3:
            map_.emplace(key, text_of(pool, key)), std_map.emplace(key, key);
            hash_[key]++, std_hash[key]++;
            set.insert(key);
            break;
        case 4:
            map_.erase(key), std_map.erase(key);
            hash_.erase(key), std_hash.erase(key);
            set.erase(key);
            break;
        default:
            shrink(random);
        }
    }

    void shrink(prng &random)
    {
        if (random.below(4) == 0 && !std_vector.empty()) {
            vector.pop_back(), std_vector.pop_back();
            vector.shrink_to_fit();
        }
        if (std_deque.size() > 20) {
            deque.pop_back(), std_deque.pop_back();
        }
        if (std_list.size() > 20) {
            list.pop_front(), std_list.pop_front();
        }
    }

    void compare() const
    {
        CHECK(std::vector<int>(vector.begin(), vector.end()) == std_vector);
        CHECK(std::deque<int>(deque.begin(), deque.end()) == std_deque);
        CHECK(std::list<int>(list.begin(), list.end()) == std_list);
        CHECK(map_.size() == std_map.size() && set.size() == std_map.size() && hash_.size() == std_hash.size());
        for (const auto &entry : std_map) {
            CHECK(map_.at(entry.first) == text_of(pool, entry.second) && set.count(entry.first) == 1);
            CHECK(hash_.at(entry.first) == std_hash.at(entry.first));
        }
    }

    tarn_pool *pool;
    std::vector<int, on<int>> vector;
    std::deque<int, on<int>> deque;
    std::list<int, on<int>> list;
    std::set<int, std::less<int>, on<int>> set;
    map map_;
    hash hash_;
    std::vector<int> std_vector;
    std::deque<int> std_deque;
    std::list<int> std_list;
    std::map<int, int> std_map;
    std::unordered_map<int, int> std_hash;
};

void containers_hold_what_they_should(std::uint32_t seed)
{
    const std::uint32_t granules[] = {4, 8, 16};
    for (std::uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        test_pool<65536> made(granules[engine - 1], TARN_POOL_GUARD | TARN_POOL_POISON, engine);
        tarn_pool *pool = made;
        prng random(seed + engine);
        all containers(pool);
        for (int i = 0; i < 3000; i++) {
            containers.step(random);
        }
        containers.compare();
        CHECK(stats_of(pool).blocks > 40 && stats_of(pool).refusals == 0);
    }
}

void moves_take_the_pool_along()
{
    test_pool<8192> made_a, made_b;
    tarn_pool *a = made_a, *b = made_b;
    using vector = std::vector<int, on<int>>;
    vector first({1, 2, 3}, a), second({4, 5}, b);
    const int *stored = first.data();
    vector third(std::move(first));
    CHECK(third.data() == stored && third.get_allocator() == on<int>(a));
    second = std::move(third);
    CHECK(second.data() == stored && second.get_allocator().pool() == a && holds(a, stored));
    vector fourth({7}, b);
    fourth.swap(second);
    CHECK(fourth.data() == stored && fourth.get_allocator() == on<char>(a) && second.get_allocator() != on<char>(a));
    vector copy(fourth);
    CHECK(copy == fourth && copy.get_allocator() == fourth.get_allocator() && copy.data() != stored);
    second = fourth;
    CHECK(second == fourth && second.get_allocator().pool() == b && holds(b, second.data()));
    vector elsewhere(std::move(fourth), on<int>(b));
    CHECK(elsewhere.size() == 3 && elsewhere.data() != stored && holds(b, elsewhere.data()));
    std::list<int, on<int>> left({1, 2}, a), right({3}, a);
    left.splice(left.end(), right);
    CHECK(left.size() == 3 && right.empty());
}

template <std::size_t Alignment> struct alignas(Alignment) aligned {
    unsigned char bytes[Alignment];
};

template <std::size_t Alignment> void holds_alignment(tarn_pool *pool)
{
    std::vector<aligned<Alignment>, on<aligned<Alignment>>> vector(pool);
    std::list<aligned<Alignment>, on<aligned<Alignment>>> list(pool);
    for (int i = 0; i < 5; i++) {
        vector.emplace_back();
        list.emplace_back();
        CHECK(reinterpret_cast<std::uintptr_t>(vector.data()) % Alignment == 0);
        CHECK(reinterpret_cast<std::uintptr_t>(&list.back()) % Alignment == 0);
    }
}

void objects_are_aligned()
{
    for (std::uint32_t granule = 4; granule <= 16; granule *= 2) {
        test_pool<32768> made(granule);
        tarn_pool *pool = made;
        holds_alignment<1>(pool);
        holds_alignment<8>(pool);
        holds_alignment<16>(pool);
        holds_alignment<64>(pool);
        holds_alignment<512>(pool);
        CHECK(stats_of(pool).refusals == 0);
    }
}

void sizes_at_both_ends()
{
    test_pool<4096> made;
    tarn_pool *pool = made;
    on<int> ints(pool);
    int *none = ints.allocate(0);
    CHECK(none != nullptr && holds(pool, none));
    ints.deallocate(none, 0);
    const std::size_t most = static_cast<std::size_t>(-1);
    const std::size_t counts[] = {most, most / sizeof(int) + 1, most / 2};
    for (std::size_t count : counts) {
        bool refused = false;
        try {
            ints.allocate(count);
        } catch (const std::bad_array_new_length &) {
            refused = true;
        }
        CHECK(refused);
    }
    bool refused = false;
    try {
        ints.allocate(most / sizeof(int));
    } catch (const std::bad_alloc &) {
        refused = true;
    }
    CHECK(refused && stats_of(pool).refusals == 1);
}

void a_refusal_leaves_the_container_as_it_was()
{
    test_pool<2048> made;
    tarn_pool *pool = made;
    std::vector<int, on<int>> numbers(pool);
    bool refused = false;
    try {
        for (int i = 0; i < 1000; i++) {
            numbers.push_back(i);
        }
    } catch (const std::bad_alloc &) {
        refused = true;
    }
    CHECK(refused && numbers.size() >= 128 && numbers.size() < 512 && stats_of(pool).refusals == 1);
    for (std::size_t i = 0; i < numbers.size(); i++) {
        CHECK(numbers[i] == static_cast<int>(i));
    }
    refused = false;
    try {
        on<int>(nullptr).allocate(1);
    } catch (const std::bad_alloc &) {
        refused = true;
    }
    CHECK(refused);
}

/* Throws when the given number of them live. */
struct fragile {
    fragile()
    {
        if (live == most) {
            throw std::runtime_error("fragile");
        }
        live++;
    }
    fragile(const fragile &) : fragile()
    {
    }
    ~fragile()
    {
        live--;
    }
    static int live, most;
    int bytes[6] = {0};
};

int fragile::live, fragile::most;

template <class Container> void throws_at_each_step(Container container)
{
    bool threw = false;
    try {
        for (int i = 0; i < 100; i++) {
            container.emplace_back();
        }
    } catch (const std::runtime_error &) {
        threw = true;
    }
    CHECK(threw);
}

void constructors_may_throw()
{
    test_pool<16384> made;
    tarn_pool *pool = made;
    for (fragile::most = 0; fragile::most < 40; fragile::most++) {
        throws_at_each_step(std::vector<fragile, on<fragile>>(pool));
        throws_at_each_step(std::list<fragile, on<fragile>>(pool));
        throws_at_each_step(std::deque<fragile, on<fragile>>(pool));
        CHECK(fragile::live == 0 && stats_of(pool).blocks == 0);
    }
    fragile::most = 0;
    bool threw = false;
    try {
        std::allocate_shared<fragile>(on<char>(pool));
    } catch (const std::runtime_error &) {
        threw = true;
    }
    CHECK(threw && stats_of(pool).blocks == 0);
    fragile::most = 1;
    std::shared_ptr<fragile> shared = std::allocate_shared<fragile>(on<char>(pool));
    CHECK(stats_of(pool).blocks == 1);
}

void wrong_pointers_change_nothing()
{
    test_pool<4096> made;
    tarn_pool *pool = made;
    on<int> ints(pool);
    int *block = ints.allocate(10);
    ints.deallocate(block + 2, 8);
    CHECK(holds(pool, block) && stats_of(pool).refusals == 1);
    ints.deallocate(block, 10);
    ints.deallocate(block, 10);
    CHECK(stats_of(pool).refusals == 2 && stats_of(pool).blocks == 0);
}
} // namespace

int main()
{
    std::uint32_t seed = seed_of_test();
    containers_hold_what_they_should(seed);
    moves_take_the_pool_along();
    objects_are_aligned();
    sizes_at_both_ends();
    a_refusal_leaves_the_container_as_it_was();
    constructors_may_throw();
    wrong_pointers_change_nothing();
    std::printf("allocator: %u checks\n", checks_made());
    return 0;
}
