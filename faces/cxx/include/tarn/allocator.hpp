/* SPDX-License-Identifier: MIT */
/**
 * @file allocator.hpp
 * @brief The allocator of C++ containers on a pool: std::vector<int, tarn::allocator<int>> numbers(pool).
 *
 * C++11 and later. The pool is the program's, made by tarn_init(), and must live as long as the containers on it. A
 * container that is moved, or swapped, takes its pool with it; a copy is made on the pool of what is copied from, and a
 * copy assigned to stays on its own.
 *
 * A request that the pool refuses ends in std::bad_alloc, and the pool says why to those who ask (tarn_why(), events).
 * Without exceptions (-fno-exceptions) it ends in std::abort() instead, since no container can take a null pointer: ask
 * tarn_why() or tarn_largest() first where that may happen. A pointer that the pool refuses to take back is counted and
 * told by the pool as ever (tarn_stats.refusals, TARN_EVENT_REFUSE), and nothing has changed; containers go on.
 * A program is compiled with exceptions in all of its files, or without in all.
 *
 * Common contract: Units: objects of T, unless it says bytes. Interrupts: as the port. Lock: pool.
 * Bound: as tarn_alloc_aligned(). Source: C++ standard, requirements of allocators.
 */
#ifndef TARN_ALLOCATOR_HPP
#define TARN_ALLOCATOR_HPP

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>

/* A program that includes the tarn.h of two files has no tarn/pool.h, and needs none. */
#ifndef TARN_POOL_H
#include "tarn/pool.h"
#endif

namespace tarn
{
namespace detail
{
/** Every granule is a multiple of it: no request for less needs to say so. */
constexpr std::size_t least_granule = 4;

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
/**
 * Ends a request that was refused.
 *
 * Fails: always, std::bad_alloc; without exceptions std::abort(). Bound: that of a throw. Interrupts: no. Lock: none.
 */
[[noreturn]] inline void refuse()
{
    throw std::bad_alloc();
}

/**
 * Ends a request whose bytes cannot be counted.
 *
 * Fails: always, std::bad_array_new_length; without exceptions std::abort(). Bound: that of a throw. Interrupts: no.
 * Lock: none.
 */
[[noreturn]] inline void refuse_length()
{
    throw std::bad_array_new_length();
}
#else
[[noreturn]] inline void refuse() /* same contract as refuse() */
{
    std::abort();
}

[[noreturn]] inline void refuse_length() /* same contract as refuse_length() */
{
    std::abort();
}
#endif

/**
 * Takes a block of @p bytes (0 counts as 1) at a multiple of @p alignment, a power of two.
 *
 * Returns: the block, never null. Fails: std::bad_alloc where tarn_alloc_aligned() answers NULL, for a pool that is
 * NULL too.
 */
inline void *take(tarn_pool *pool, std::size_t bytes, std::size_t alignment)
{
    void *block = alignment <= least_granule ? tarn_alloc(pool, bytes) : tarn_alloc_aligned(pool, bytes, alignment);
    if (block == nullptr) {
        refuse();
    }
    return block;
}
} // namespace detail

/** Takes memory for objects of T from a pool. Two are equal if their pools are the same. */
template <class T> class allocator
{
  public:
    using value_type = T;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using propagate_on_container_copy_assignment = std::false_type;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;
    using is_always_equal = std::false_type;

    /**
     * An allocator on @p pool; not explicit, so that a container can be given the pool itself.
     *
     * Fails: never; a NULL pool refuses each request. Bound: constant. Interrupts: yes. Lock: none.
     */
    allocator(tarn_pool *pool) noexcept : pool_(pool)
    {
    }

    /** An allocator on the pool of one for other objects; same contract as allocator(). */
    template <class U> allocator(const allocator<U> &other) noexcept : pool_(other.pool())
    {
    }

    /**
     * Takes memory for @p count objects, aligned to T, also where that is more than the pool's granule. None at all
     * still takes a block, which deallocate() wants back.
     *
     * Returns: the first of them, never null. Fails: std::bad_array_new_length if count * sizeof(T) is more than
     * a size_t holds, std::bad_alloc if the pool refuses.
     */
    T *allocate(std::size_t count)
    {
        if (count > static_cast<std::size_t>(-1) / sizeof(T)) {
            detail::refuse_length();
        }
        return static_cast<T *>(detail::take(pool_, count * sizeof(T), alignof(T)));
    }

    /**
     * Gives back what allocate() gave. The count is not needed: the block knows its size.
     *
     * Fails: never; a pointer that is no block of the pool is refused as tarn_free() says, and told by the pool.
     * Bound: as tarn_free().
     */
    void deallocate(T *first, std::size_t) noexcept
    {
        (void)tarn_free(pool_, first);
    }

    /** Returns the pool. Fails: never. Bound: constant. Interrupts: yes. Lock: none. */
    tarn_pool *pool() const noexcept
    {
        return pool_;
    }

  private:
    tarn_pool *pool_;
};

/** Returns whether the one can give back what the other took. Fails: never. Bound: constant. Interrupts: yes.
 *  Lock: none. */
template <class T, class U> bool operator==(const allocator<T> &a, const allocator<U> &b) noexcept
{
    return a.pool() == b.pool();
}

/** Returns the opposite. Fails: never. Bound: constant. Interrupts: yes. Lock: none. */
template <class T, class U> bool operator!=(const allocator<T> &a, const allocator<U> &b) noexcept
{
    return a.pool() != b.pool();
}
} // namespace tarn

#endif
