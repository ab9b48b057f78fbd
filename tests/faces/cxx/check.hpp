/* SPDX-License-Identifier: MIT */
/* What the C++ tests have in common: a check that names its line, pools that must be empty at the end, and random. */
#ifndef TARN_TESTS_CXX_CHECK_HPP
#define TARN_TESTS_CXX_CHECK_HPP

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tarn/allocator.hpp"
#include "tarn/inspect.h"

inline unsigned &checks_made()
{
    static unsigned count;
    return count;
}

inline void check(bool holds, const char *what, int line)
{
    checks_made()++;
    if (!holds) {
        std::fprintf(stderr, "line %d: %s\n", line, what);
        std::exit(1);
    }
}

#define CHECK(condition) check((condition), #condition, __LINE__)

inline tarn_stats stats_of(tarn_pool *pool)
{
    tarn_stats now;
    CHECK(tarn_stats_get(pool, &now) == TARN_OK);
    return now;
}

inline bool holds(tarn_pool *pool, const void *address)
{
    return tarn_recognise(pool, address) == TARN_OK;
}

/* A pool in memory of its own. When it goes it must be whole, and hold nothing. */
template <std::size_t Bytes> class test_pool
{
  public:
    explicit test_pool(std::uint32_t granule = 0, std::uint32_t flags = 0, std::uint32_t engine = TARN_ENGINE_DEFAULT)
    {
        tarn_options options = tarn_options();
        options.granule = granule;
        options.flags = flags;
        options.engine = engine;
        tarn_status made = tarn_init(&pool_, memory_, Bytes, &options);
        if (made == TARN_E_UNAVAILABLE || made == TARN_E_ENGINE) { /* this library was built without */
            options.flags = 0;
            options.engine = TARN_ENGINE_DEFAULT;
            made = tarn_init(&pool_, memory_, Bytes, &options);
        }
        CHECK(made == TARN_OK);
    }
    test_pool(const test_pool &) = delete;
    test_pool &operator=(const test_pool &) = delete;

    ~test_pool()
    {
        CHECK(tarn_check(pool_, nullptr) == TARN_OK);
        CHECK(stats_of(pool_).blocks == 0);
        CHECK(tarn_deinit(pool_) == TARN_OK);
    }

    operator tarn_pool *() const
    {
        return pool_;
    }

  private:
    alignas(4096) unsigned char memory_[Bytes];
    tarn_pool *pool_;
};

class prng
{
  public:
    explicit prng(std::uint32_t seed) : state_(seed)
    {
    }

    std::uint32_t below(std::uint32_t limit)
    {
        state_ = state_ * UINT32_C(1664525) + UINT32_C(1013904223);
        return (state_ >> 8) % limit;
    }

  private:
    std::uint32_t state_;
};

/* TARN_TEST_SEED, or always the same. */
inline std::uint32_t seed_of_test()
{
    const char *given = std::getenv("TARN_TEST_SEED");
    std::uint32_t seed = given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 0)) : 20261129u;
    std::printf("seed %lu: ", static_cast<unsigned long>(seed));
    return seed;
}

#endif
