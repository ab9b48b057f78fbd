/* SPDX-License-Identifier: MIT */
/**
 * @file memory_resource.hpp
 * @brief Pools and heaps as resources of std::pmr: tarn::pool_resource memory(pool); std::pmr::string name(&memory).
 *
 * C++17 and later. The pool or heap is the program's and must live as long as the resource, and the resource as long as
 * the containers on it. Two resources of one pool, or of one heap, are equal, whatever their requests ask for: what one
 * took the other can give back. Without RTTI (-fno-rtti) only a resource and itself are.
 *
 * Refusals, wrong pointers and builds without exceptions: as allocator.hpp says. std::pmr asks for an alignment of 16
 * where it is not told one: a pool with granule 16 wastes nothing on that.
 *
 * Common contract: Units: bytes. Interrupts: as the port. Lock: pool or heap. Source: C++ standard,
 * std::pmr::memory_resource.
 */
#ifndef TARN_MEMORY_RESOURCE_HPP
#define TARN_MEMORY_RESOURCE_HPP

#if __cplusplus < 201703L && (!defined(_MSVC_LANG) || _MSVC_LANG < 201703L)
#error "tarn/memory_resource.hpp needs C++17; tarn/allocator.hpp does with C++11"
#endif

#include <cstddef>
#include <memory_resource>

#include "tarn/allocator.hpp"
#ifndef TARN_REGIONS_H
#include "tarn/regions.h"
#endif

namespace tarn
{
namespace detail
{
#if defined(__cpp_rtti) || defined(__GXX_RTTI) || defined(_CPPRTTI)
/** Returns @p other if it is a Resource, else nullptr. Fails: never. Bound: that of a cast. Interrupts: yes.
 *  Lock: none. */
template <class Resource> const Resource *same_kind(const std::pmr::memory_resource &other) noexcept
{
    return dynamic_cast<const Resource *>(&other);
}
#else
template <class Resource>
const Resource *same_kind(const std::pmr::memory_resource &) noexcept /* same contract as same_kind() */
{
    return nullptr;
}
#endif
} // namespace detail

/** A pool as a resource. */
class pool_resource final : public std::pmr::memory_resource
{
  public:
    /** A resource on @p pool. Fails: never; a NULL pool refuses each request. Bound: constant. Interrupts: yes.
     *  Lock: none. */
    explicit pool_resource(tarn_pool *pool) noexcept : pool_(pool)
    {
    }

    /** Returns the pool. Fails: never. Bound: constant. Interrupts: yes. Lock: none. */
    tarn_pool *pool() const noexcept
    {
        return pool_;
    }

  private:
    /**
     * Takes a block of @p bytes (0 counts as 1) at a multiple of @p alignment.
     *
     * Returns: the block, never null. Fails: std::bad_alloc if the pool refuses, or the alignment is no power of two.
     * Bound: as tarn_alloc_aligned().
     */
    void *do_allocate(std::size_t bytes, std::size_t alignment) override
    {
        return detail::take(pool_, bytes, alignment);
    }

    /**
     * Gives a block back. Size and alignment are not needed.
     *
     * Fails: never; a pointer that is no block of the pool is refused as tarn_free() says, and told by the pool.
     * Bound: as tarn_free().
     */
    void do_deallocate(void *block, std::size_t, std::size_t) override
    {
        (void)tarn_free(pool_, block);
    }

    /** Returns whether @p other is a resource on the same pool. Fails: never. Bound: constant. Interrupts: yes.
     *  Lock: none. */
    bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override
    {
        const pool_resource *same = detail::same_kind<pool_resource>(other);
        return this == &other || (same != nullptr && same->pool_ == pool_);
    }

    tarn_pool *pool_;
};

/** A heap of regions as a resource, for requests of one kind: one resource each for fast memory, for DMA, for any. */
class heap_resource final : public std::pmr::memory_resource
{
  public:
    /**
     * A resource on @p heap whose requests ask for what @p request says, at its alignment or a container's, whichever
     * is larger. The masks that it points at must live as long as the resource.
     *
     * Fails: never; a NULL heap refuses each request. Bound: constant. Interrupts: yes. Lock: none.
     */
    explicit heap_resource(tarn_heap *heap, const tarn_request &request = tarn_request()) noexcept
        : heap_(heap), request_(request)
    {
    }

    /** Returns the heap. Fails: never. Bound: constant. Interrupts: yes. Lock: none. */
    tarn_heap *heap() const noexcept
    {
        return heap_;
    }

  private:
    /**
     * Takes a block of @p bytes (0 counts as 1) at a multiple of @p alignment, from a region that serves the request.
     *
     * Returns: the block, never null. Fails: std::bad_alloc if the heap refuses, or the alignment is no power of two.
     * Bound: as tarn_heap_alloc().
     */
    void *do_allocate(std::size_t bytes, std::size_t alignment) override
    {
        tarn_request request = request_;
        request.alignment = alignment > request.alignment ? alignment : request.alignment;
        void *block = tarn_heap_alloc(heap_, bytes, &request);
        if (block == nullptr) {
            detail::refuse();
        }
        return block;
    }

    /**
     * Gives a block back, whichever region it lies in. Size and alignment are not needed.
     *
     * Fails: never; a pointer that is no block of the heap is refused as tarn_heap_free() says, and told by the heap.
     * Bound: as tarn_heap_free().
     */
    void do_deallocate(void *block, std::size_t, std::size_t) override
    {
        (void)tarn_heap_free(heap_, block);
    }

    /** Returns whether @p other is a resource on the same heap. Fails: never. Bound: constant. Interrupts: yes.
     *  Lock: none. */
    bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override
    {
        const heap_resource *same = detail::same_kind<heap_resource>(other);
        return this == &other || (same != nullptr && same->heap_ == heap_);
    }

    tarn_heap *heap_;
    tarn_request request_;
};
} // namespace tarn

#endif
