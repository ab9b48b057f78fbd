/* SPDX-License-Identifier: MIT */
/*
 * Containers of C++ on pools: a vector on a pool through its allocator, a map of strings through a std::pmr resource, what
 * a full pool answers, and why.
 *
 *   c++ -std=c++17 containers.cpp $(pkg-config --cflags --libs tarn-cxx) && ./a.out
 */
#include <tarn/memory_resource.hpp>
#include <tarn/why.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

static TARN_STORAGE(memory, 4096);

int main()
{
    tarn_pool *pool;
    if (tarn_init(&pool, memory, sizeof memory, nullptr) != TARN_OK) {
        return 1;
    }
    {
        std::vector<int, tarn::allocator<int>> numbers({1, 2, 3}, pool);
        tarn::pool_resource resource(pool);
        std::pmr::map<int, std::pmr::string> names(&resource);
        names[1] = "a name that is too long to lie in the string itself";

        tarn_stats now;
        tarn_stats_get(pool, &now);
        std::printf("%u blocks\n", now.blocks);
        try {
            numbers.resize(10000);
        } catch (const std::bad_alloc &) {
            tarn_verdict verdict;
            tarn_why(pool, 10000 * sizeof(int), alignof(int), &verdict);
            std::printf("refused: %s; %u numbers are left as they were\n", tarn_why_text(verdict.verdict),
                        static_cast<unsigned>(numbers.size()));
        }
    }
    tarn_stats after;
    tarn_stats_get(pool, &after);
    std::printf("%u blocks\n", after.blocks);
    return 0;
}
