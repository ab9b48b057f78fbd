/* SPDX-License-Identifier: MIT */
/* Compiled without exceptions: containers work on a pool, and the request that it refuses ends in abort(). */
#include <list>
#include <vector>

#include "check.hpp"
#include "tarn/allocator.hpp"
#if __cplusplus >= 201703L
#include "tarn/memory_resource.hpp"
#endif

int main()
{
    test_pool<4096> made;
    tarn_pool *pool = made;
    std::vector<int, tarn::allocator<int>> numbers(pool);
    std::list<int, tarn::allocator<int>> list(pool);
    numbers.resize(100);
    list.push_back(1);
#if __cplusplus >= 201703L
    tarn::pool_resource memory(pool);
    std::pmr::vector<int> more(10, &memory);
#endif
    std::puts("refusing");
    std::fflush(stdout);
    numbers.resize(100000);
    return 0;
}
