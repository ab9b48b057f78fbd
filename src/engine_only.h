/* SPDX-License-Identifier: MIT */
/*
 * The operations of pool_ops.h under the names that engine.h calls them by in a build with one engine. Included behind
 * pool_ops.h, by the engine that there is; a file that defines ENGINE_ONLY_LINKAGE in front of engine.h has them for
 * itself.
 *
 * Bound: as the engine's operations.
 */
#ifndef ENGINE
#error "the including file defines ENGINE(name)"
#endif

ENGINE_ONLY_LINKAGE uint32_t tarn_only_index_bytes(uint32_t size_bits)
{
    return ENGINE(index_bytes)(size_bits);
}

ENGINE_ONLY_LINKAGE tarn_status tarn_only_take(const image *im, uint32_t need, uint32_t *taken)
{
    return ENGINE(take)(im, need, taken);
}

ENGINE_ONLY_LINKAGE tarn_status tarn_only_take_aligned(const image *im, uint32_t need, uint32_t alignment,
                                                       uint32_t *taken)
{
    return ENGINE(take_aligned)(im, need, alignment, taken);
}

ENGINE_ONLY_LINKAGE tarn_status tarn_only_would_take(const image *im, uint32_t need, uint32_t alignment)
{
    return ENGINE(would_take)(im, need, alignment);
}

ENGINE_ONLY_LINKAGE bool tarn_only_may_release(const image *im, const block_ref *given)
{
    return ENGINE(may_release)(im, given);
}

ENGINE_ONLY_LINKAGE tarn_status tarn_only_release(const image *im, const block_ref *given)
{
    return ENGINE(release)(im, given);
}

ENGINE_ONLY_LINKAGE tarn_status tarn_only_extend(const image *im, const block_ref *given, uint32_t need)
{
    return ENGINE(extend)(im, given, need);
}

ENGINE_ONLY_LINKAGE bool tarn_only_may_trim(const image *im, const block_ref *given, uint32_t need)
{
    return ENGINE(may_trim)(im, given, need);
}

ENGINE_ONLY_LINKAGE tarn_status tarn_only_trim(const image *im, const block_ref *given, uint32_t need)
{
    return ENGINE(trim)(im, given, need);
}

ENGINE_ONLY_LINKAGE tarn_status tarn_only_absorb_left(const image *im, const block_ref *given, uint32_t need,
                                                      block_ref *moved)
{
    return ENGINE(absorb_left)(im, given, need, moved);
}

ENGINE_ONLY_LINKAGE uint32_t tarn_only_largest(const image *im)
{
    return ENGINE(largest_request)(im);
}

ENGINE_ONLY_LINKAGE uint32_t tarn_only_widest(const image *im)
{
    return ENGINE(widest_block)(im);
}

ENGINE_ONLY_LINKAGE void tarn_only_rebuild(const image *im, bool keeps_marks)
{
    ENGINE(rebuild)(im, keeps_marks);
}

ENGINE_ONLY_LINKAGE void *tarn_only_plain_alloc(tarn_pool *pool, size_t size)
{
    return ENGINE(plain_alloc)(pool, size);
}

ENGINE_ONLY_LINKAGE bool tarn_only_plain_free(tarn_pool *pool, const void *block)
{
    return ENGINE(plain_free)(pool, block);
}

ENGINE_ONLY_LINKAGE tarn_status tarn_only_plain_resize(tarn_pool *pool, const void *block, size_t size, size_t *usable)
{
    return ENGINE(plain_resize)(pool, block, size, usable);
}
