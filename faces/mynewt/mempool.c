/* SPDX-License-Identifier: MIT */
/*
 * Making, clearing and listing Mynewt pools.
 *
 * The list is the public g_os_mempool_list. It is walked from its head and no further than structures that are pools:
 * one that went away with its memory ends the list there, and nothing is written through it.
 * Bound: blocks, listed pools.
 */
#include "buffer.h"

struct tarn_mynewt_pools g_os_mempool_list = STAILQ_HEAD_INITIALIZER(g_os_mempool_list);

/* ---- the list, inside the section ---- */

/* The link that names the pool, or the one at the end. */
static struct os_mempool **list_link(const struct os_mempool *mp)
{
    struct os_mempool **link = &g_os_mempool_list.stqh_first;
    while (*link != NULL && *link != mp && face_is_pool(*link)) {
        link = &(*link)->mp_list.stqe_next;
    }
    return link;
}

static void list_append(struct os_mempool *mp)
{
    struct os_mempool **end = list_link(NULL);
    mp->mp_list.stqe_next = NULL;
    *end = mp;
    g_os_mempool_list.stqh_last = &mp->mp_list.stqe_next;
}

/* The pool's own link stays: who stands on it in an iteration goes on from there. */
static bool list_remove(const struct os_mempool *mp)
{
    struct os_mempool **link = list_link(mp);
    bool found = *link != NULL && *link == mp;
    if (found) {
        *link = mp->mp_list.stqe_next;
        if (*link == NULL) {
            g_os_mempool_list.stqh_last = link;
        }
    }
    return found;
}

/* Whether the registry has an entry on the pool's account. A buffer that another listed pool has too stays entered. */
static bool is_entered(const struct os_mempool *mp)
{
    const struct os_mempool *other = g_os_mempool_list.stqh_first;
    while (other != NULL && face_is_pool(other) && (other == mp || other->mp_membuf_addr != mp->mp_membuf_addr)) {
        other = other->mp_list.stqe_next;
    }
    return mp->mp_num_blocks != 0 && (other == NULL || !face_is_pool(other));
}

bool tarn_mynewt_nth(uint32_t index, tarn_registration *entry)
{
    uintptr_t state = tarn_mynewt_enter();
    const struct os_mempool *mp = g_os_mempool_list.stqh_first;
    while (mp != NULL && face_is_pool(mp) && index-- != 0) {
        mp = mp->mp_list.stqe_next;
    }
    bool found = mp != NULL && face_is_pool(mp);
    if (found) {
        unsigned char *end = block_at(mp, mp->mp_num_blocks) + map_bytes(mp);
        entry->pool = (tarn_pool *)mp->mp_membuf_addr;
        entry->bytes = (uintptr_t)end - mp->mp_membuf_addr;
        entry->name = mp->name;
        entry->face = TARN_FACE_MYNEWT;
    }
    tarn_mynewt_leave_unnoted(state);
    return found;
}

/* ---- geometry ---- */

_Static_assert(sizeof(struct os_mempool) < 256, "the option word has eight bits for it");

typedef struct geometry {
    uint32_t alignment;
    uintptr_t stride;
    uintptr_t bytes; /* of the buffer */
} geometry;

static bool options_known(uint32_t options)
{
    uint32_t alignment = options & 0xFFu;
    uint32_t choices = TARN_MYNEWT_CHECK | TARN_MYNEWT_POISON | TARN_MYNEWT_GUARD | TARN_MYNEWT_MAP | TARN_MYNEWT_EXT;
    bool map_alone = (options & (TARN_MYNEWT_MAP | TARN_MYNEWT_CHECK)) == TARN_MYNEWT_MAP;
    return (alignment == 4 || alignment == 8 || alignment == 16) && !map_alone &&
           (options & ~choices & ~UINT32_C(0xFF)) == TARN_MYNEWT_INTERFACE;
}

/* The same arithmetic as OS_MEMPOOL_SIZE(); false if the buffer would not end within the address space. */
static bool geometry_of(geometry *g, uint32_t blocks, uint32_t block_size, const void *membuf, uint32_t options)
{
    g->alignment = options & 0xFFu;
    uint64_t stride = block_size < sizeof(void *) ? sizeof(void *) : block_size;
    stride = (stride + g->alignment - 1u) / g->alignment * g->alignment;
    stride += (options & TARN_MYNEWT_GUARD) != 0 ? g->alignment : 0;
    uint64_t bytes = stride * blocks + ((options & TARN_MYNEWT_MAP) != 0 ? (blocks + 31u) / 32u * 4u : 0);
    g->stride = (uintptr_t)stride;
    g->bytes = (uintptr_t)bytes;
    return stride <= UINTPTR_MAX && bytes <= UINTPTR_MAX - (uintptr_t)membuf;
}

/* ---- what is in the buffer ---- */

static void fill_block(const struct os_mempool *mp, uint32_t index)
{
    unsigned char *block = block_at(mp, index);
    link_store(block, index + 1u < mp->mp_num_blocks ? block_at(mp, index + 1u) : NULL);
    if (face_has(mp, TARN_MYNEWT_POISON)) {
        block_poison(mp, block);
    }
    if (face_has(mp, TARN_MYNEWT_GUARD)) {
        word_store(block + block_payload(mp), GUARD_WORD);
    }
    if (face_has(mp, TARN_MYNEWT_MAP)) {
        map_turn(mp, block);
    }
}

/* Bits beyond the last block are nobody's and stay clear. */
static void clear_map(const struct os_mempool *mp)
{
    for (uint32_t at = 0; at < map_bytes(mp); at += 4) {
        word_store(block_at(mp, mp->mp_num_blocks) + at, 0);
    }
}

/* Every block free, in order of address. */
static void fill(struct os_mempool *mp)
{
    clear_map(mp);
    for (uint32_t i = 0; i < mp->mp_num_blocks; i++) {
        fill_block(mp, i);
    }
    mp->slh_first = mp->mp_num_blocks == 0 ? NULL : (struct os_memblock *)(void *)block_at(mp, 0);
    mp->mp_num_free = mp->mp_num_blocks;
    mp->mp_min_free = mp->mp_num_blocks;
}

/* ---- init ---- */

/* Nobody finds the structure or its bytes while they are made. An entry of the same buffer is left for the new one to
 * replace, which ends what lies in it. */
static void begin(struct os_mempool *mp, const geometry *g, const void *membuf, const char *name)
{
    uintptr_t state = tarn_mynewt_enter();
    if (list_remove(mp) && is_entered(mp) && (mp->mp_membuf_addr != (uintptr_t)membuf || g->bytes == 0)) {
        tarn_mynewt_note_exit((const void *)mp->mp_membuf_addr);
    }
    mp->tarn_magic = 0;
    if (g->bytes != 0) {
        tarn_mynewt_note_entry(membuf, g->bytes, name);
    }
    tarn_mynewt_leave(state);
}

static void describe(struct os_mempool *mp, const geometry *g, uint16_t blocks, uint32_t block_size, uint32_t options)
{
    uint32_t shift = 0;
    while ((g->stride >> shift & 1u) == 0) {
        shift++;
    }
    mp->mp_block_size = block_size;
    mp->mp_num_blocks = blocks;
    mp->mp_flags = (options & TARN_MYNEWT_EXT) != 0 ? OS_MEMPOOL_F_EXT : 0;
    mp->tarn_stride = g->stride;
    mp->tarn_shift = shift;
    mp->tarn_inverse = stride_inverse(g->stride >> shift);
    mp->tarn_options = options;
}

static void publish(struct os_mempool *mp)
{
    uintptr_t state = tarn_mynewt_enter();
    mp->tarn_magic = FACE_MAGIC;
    list_append(mp);
    tarn_mynewt_leave(state);
}

static void make(struct os_mempool *mp, void *membuf, const char *name)
{
    mp->mp_membuf_addr = (uintptr_t)membuf;
    mp->name = (char *)(uintptr_t)name;
    if ((mp->mp_flags & OS_MEMPOOL_F_EXT) != 0) {
        struct os_mempool_ext *mpe = (struct os_mempool_ext *)mp;
        mpe->mpe_put_cb = NULL;
        mpe->mpe_put_arg = NULL;
    }
    fill(mp);
}

os_error_t tarn_mynewt_init(struct os_mempool *mp, uint16_t blocks, uint32_t block_size, void *membuf, const char *name,
                            uint32_t options)
{
    if (mp == NULL || block_size == 0 || (membuf == NULL && blocks != 0)) {
        return OS_INVALID_PARM;
    }
    if (!options_known(options)) {
        return tarn_mynewt_refuse(mp, NULL, (face_fault){TARN_E_INTERFACE, "option word refused"});
    }
    geometry g;
    bool fits = geometry_of(&g, blocks, block_size, membuf, options);
    if ((uintptr_t)membuf % g.alignment != 0) {
        return OS_MEM_NOT_ALIGNED;
    }
    if (!fits) {
        return tarn_mynewt_refuse(mp, NULL, (face_fault){TARN_E_TOO_LARGE, "too large"});
    }
    begin(mp, &g, membuf, name);
    describe(mp, &g, blocks, block_size, options);
    make(mp, membuf, name);
    publish(mp);
    return OS_OK;
}

/* ---- the other operations on whole pools ---- */

os_error_t os_mempool_unregister(struct os_mempool *mp)
{
    uintptr_t state = tarn_mynewt_enter();
    bool found = mp != NULL && list_remove(mp);
    if (found && is_entered(mp)) {
        tarn_mynewt_note_exit((const void *)mp->mp_membuf_addr);
    }
    tarn_mynewt_leave(state);
    return found ? OS_OK : OS_INVALID_PARM;
}

os_error_t os_mempool_clear(struct os_mempool *mp)
{
    if (mp == NULL) {
        return OS_INVALID_PARM;
    }
    uintptr_t state = tarn_mynewt_enter();
    bool pool = face_is_pool(mp);
    if (pool) {
        fill(mp);
    } else {
        tarn_mynewt_note_fault(mp, NULL, FAULT_NO_POOL);
    }
    tarn_mynewt_leave(state);
    return pool ? OS_OK : OS_INVALID_PARM;
}

void os_mempool_module_init(void)
{
    uintptr_t state = tarn_mynewt_enter();
    g_os_mempool_list.stqh_first = NULL;
    g_os_mempool_list.stqh_last = &g_os_mempool_list.stqh_first;
    tarn_mynewt_note_forget();
    tarn_mynewt_leave(state);
}

void tarn_mynewt_end(const void *buffer)
{
    uintptr_t state = tarn_mynewt_enter();
    struct os_mempool **link = &g_os_mempool_list.stqh_first;
    while (*link != NULL && face_is_pool(*link)) {
        struct os_mempool *mp = *link;
        if (mp->mp_membuf_addr == (uintptr_t)buffer) {
            (void)list_remove(mp);
            mp->tarn_magic = 0;
        } else {
            link = &mp->mp_list.stqe_next;
        }
    }
    tarn_mynewt_leave(state);
}
