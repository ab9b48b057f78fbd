/* SPDX-License-Identifier: MIT */
/*
 * Memboxes of the static kind: boxes in the caller's buffer, each behind a head. Invariants: membox.h.
 *
 * A box's number is one multiply, as in every pool of equal blocks; the stride's inverse has no place in the buffer and
 * is worked out in each call, in a fixed number of steps.
 * Bound: constant; init, show: boxes; clear: a box's bytes.
 */
#include "membox.h"

#include "../block_list.h"
#include "text.h"

#define CONTROL_BYTES ((UINT32)sizeof(LOS_MEMBOX_INFO))
#define LIST_AT ((UINT32)offsetof(LOS_MEMBOX_INFO, stFreeList))
#define HEAD_BYTES ((UINT32)OS_MEMBOX_NODE_HEAD_SIZE)

/* The original's mark, as wide as a pointer: odd, and so no address of a head. */
#define HEAD_OUT ((VOID *)(UINTPTR)UINT64_C(0xA55A5AA5A55A5AA5))

/* A membox as read under its lock. */
typedef struct box_view {
    unsigned char *at;
    box_counts is;
    UINTPTR inverse;
    UINT32 shift;
} box_view;

/* ---- geometry ---- */

/* From one box to the next: what LOS_MEMBOX_ALLIGNED() gives, where that does not overflow. */
static uint64_t stride_for(UINT32 size)
{
    return ((uint64_t)size + HEAD_BYTES + HEAD_BYTES - 1u) & ~(uint64_t)(HEAD_BYTES - 1u);
}

static bool is_stride(UINT32 size)
{
    return size >= 2u * HEAD_BYTES && (size & (HEAD_BYTES - 1u)) == 0;
}

/* X1 */
static bool open_box(box_view *b, const VOID *pool)
{
    b->at = box_bytes(pool);
    if (!box_counts_read(&b->is, pool) || !is_stride(b->is.size) ||
        CONTROL_BYTES + (uint64_t)b->is.size * b->is.count > UINT32_MAX) {
        return false;
    }
    b->shift = lowest_bit(b->is.size);
    b->inverse = stride_inverse(b->is.size >> b->shift);
    return true;
}

static unsigned char *head_at(const box_view *b, UINT32 number)
{
    return b->at + CONTROL_BYTES + (UINTPTR)b->is.size * number;
}

static bool is_head(const box_view *b, const VOID *head)
{
    UINTPTR distance = (UINTPTR)head - (UINTPTR)head_at(b, 0);
    return stride_number(distance, b->inverse, b->shift) < b->is.count;
}

static VOID *first_free(const box_view *b)
{
    return link_load(b->at + LIST_AT);
}

static bool list_holds(const box_view *b)
{
    VOID *head = first_free(b);
    return list_head_holds(head, is_head(b, head), b->is.count - b->is.out, b->is.count);
}

/* ---- init ---- */

/* X3: called when the memory around is given back, with no lock held. */
static VOID end_box(const tarn_registration *entry)
{
    box_view b;
    uintptr_t state = tarn_port_lock(entry->pool);
    if (open_box(&b, entry->pool) && (entry->bytes - CONTROL_BYTES) / b.is.size == b.is.count) {
        word_store(b.at + BOX_SIZE, 0);
    }
    tarn_port_unlock(entry->pool, state);
}

static VOID list_box(const VOID *pool, UINT32 bytes)
{
    static const registry_kind kind = {NULL, end_box};
    tarn_registration entry = {(tarn_pool *)(UINTPTR)pool, bytes, NULL, TARN_FACE_MEMBOX};
    while (tarn_liteos_box_gives_way(pool, bytes)) {
    }
    tarn_status listed = tarn_registry_enter(&entry, &kind, NULL);
    while (listed == TARN_E_REGISTRY_FULL && tarn_liteos_oldest_box_gives_way()) {
        listed = tarn_registry_enter(&entry, &kind, NULL);
    }
    if (listed == TARN_E_REGISTRY_FULL) {
        event_raise(TARN_EVENT_UNLISTED_INIT, listed, entry.pool, NULL, bytes, 0);
    }
}

/* Every box free, in order of address. Nobody takes it for a membox before it is one. */
static VOID fill(const box_view *b)
{
    unsigned char *at = b->at;
    uintptr_t state = tarn_port_lock(at);
    word_store(at + BOX_SIZE, 0);
    tarn_port_unlock(at, state);
    for (UINT32 i = 0; i < b->is.count; i++) {
        link_store(head_at(b, i), i + 1u < b->is.count ? head_at(b, i + 1u) : NULL);
    }
    state = tarn_port_lock(at);
    link_store(at + LIST_AT, head_at(b, 0));
    word_store(at + BOX_COUNT, b->is.count);
    word_store(at + BOX_OUT, 0);
    word_store(at + BOX_SIZE, b->is.size);
    tarn_port_unlock(at, state);
}

UINT32 tarn_liteos_box_init(VOID *pool, UINT32 poolSize, UINT32 blkSize)
{
    box_view b = {box_bytes(pool), {0, 0, 0}, 0, 0};
    uint64_t stride = stride_for(blkSize);
    if (pool == NULL || blkSize == 0) {
        return LOS_NOK;
    }
    tarn_status status = box_range(pool, poolSize, CONTROL_BYTES + stride);
    if (status != TARN_OK) {
        tarn_liteos_box_refused("LOS_MemboxInit", pool, NULL, status);
        return LOS_NOK;
    }
    b.is.size = (UINT32)stride;
    b.is.count = (poolSize - CONTROL_BYTES) / b.is.size;
    list_box(pool, poolSize);
    fill(&b);
    if (((UINTPTR)pool & (HEAD_BYTES - 1u)) != 0) {
        tarn_liteos_say_misaligned(pool, poolSize);
    }
    return LOS_OK;
}

/* ---- alloc and free, under the lock ---- */

/* The link is read once: who writes to free boxes may do so between a look at it and its use. */
static tarn_status take(const box_view *b, VOID **taken)
{
    UINT32 free = b->is.count - b->is.out;
    VOID *head = first_free(b);
    if (!list_head_holds(head, is_head(b, head), free, b->is.count)) {
        return TARN_E_DAMAGED;
    }
    if (free == 0) {
        return TARN_E_EXHAUSTED;
    }
    VOID *next = link_load(head);
    if (!list_next_holds(next, is_head(b, next), head, free)) {
        return TARN_E_DAMAGED;
    }
    link_store(b->at + LIST_AT, next);
    link_store(head, HEAD_OUT);
    word_store(b->at + BOX_OUT, b->is.out + 1u);
    *taken = head;
    return TARN_OK;
}

/* X2: whether a box with its head there is out. */
static tarn_status is_out(const box_view *b, const VOID *head)
{
    if (!is_head(b, head)) {
        bool inside = (UINTPTR)head - (UINTPTR)head_at(b, 0) < (UINTPTR)b->is.size * b->is.count;
        return inside ? TARN_E_NOT_A_BLOCK : TARN_E_FOREIGN;
    }
    const VOID *link = link_load(head);
    if (link == HEAD_OUT && b->is.out != 0) {
        return TARN_OK;
    }
    return link == NULL || is_head(b, link) ? TARN_E_DOUBLE_FREE : TARN_E_DAMAGED;
}

static VOID give(const box_view *b, VOID *head)
{
    link_store(head, first_free(b));
    link_store(b->at + LIST_AT, head);
    word_store(b->at + BOX_OUT, b->is.out - 1u);
}

/* ---- what programs call ---- */

VOID *tarn_liteos_box_alloc(VOID *pool)
{
    box_view b;
    VOID *head = NULL;
    if (pool == NULL) {
        return NULL;
    }
    uintptr_t state = tarn_port_lock(pool);
    tarn_status status = open_box(&b, pool) ? take(&b, &head) : TARN_E_NOT_A_POOL;
    tarn_port_unlock(pool, state);
    if (status != TARN_OK) {
        tarn_liteos_box_refused("LOS_MemboxAlloc", pool, NULL, status);
        return NULL;
    }
    return (unsigned char *)head + HEAD_BYTES;
}

UINT32 tarn_liteos_box_free(VOID *pool, VOID *box)
{
    box_view b;
    if (pool == NULL || box == NULL) {
        return LOS_NOK;
    }
    VOID *head = (VOID *)((UINTPTR)box - HEAD_BYTES);
    uintptr_t state = tarn_port_lock(pool);
    tarn_status status = open_box(&b, pool) ? is_out(&b, head) : TARN_E_NOT_A_POOL;
    if (status == TARN_OK && !list_holds(&b)) {
        status = TARN_E_DAMAGED;
    }
    if (status == TARN_OK) {
        give(&b, head);
    }
    tarn_port_unlock(pool, state);
    if (status != TARN_OK) {
        tarn_liteos_box_refused("LOS_MemboxFree", pool, box, status);
    }
    return status == TARN_OK ? LOS_OK : LOS_NOK;
}

VOID tarn_liteos_box_clear(VOID *pool, VOID *box)
{
    box_view b;
    if (pool == NULL || box == NULL) {
        return;
    }
    uintptr_t state = tarn_port_lock(pool);
    tarn_status status = open_box(&b, pool) ? is_out(&b, (VOID *)((UINTPTR)box - HEAD_BYTES)) : TARN_E_NOT_A_POOL;
    tarn_port_unlock(pool, state);
    if (status != TARN_OK) {
        tarn_liteos_box_refused("LOS_MemboxClr", pool, box, status);
        return;
    }
    memset(box, 0, b.is.size - HEAD_BYTES);
}

/* ---- show ---- */

/* Heads are copied under the lock and printed without it, so many at a time. */
enum { COPIES = 16 };

typedef struct show {
    const VOID *pool;
    box_view b;
    VOID *last; /* of the list, the head printed last; NULL: none yet */
    UINT32 number;
    UINT32 copied;
    bool broken;
    VOID *head[COPIES];
    VOID *link[COPIES];
} show;

typedef VOID copier(show *s);

static VOID copy(show *s, VOID *head)
{
    s->head[s->copied] = head;
    s->link[s->copied] = link_load(head);
    s->copied++;
}

/* The next free boxes. If the one printed last was taken meanwhile, the list ends there. */
static VOID copy_free(show *s)
{
    VOID *head = s->last == NULL ? first_free(&s->b) : link_load(s->last);
    while (s->copied < COPIES && s->number + s->copied < s->b.is.count && head != NULL && head != HEAD_OUT) {
        if (!is_head(&s->b, head)) {
            s->broken = true;
            return;
        }
        copy(s, head);
        s->last = head;
        head = s->link[s->copied - 1u];
    }
}

static VOID copy_all(show *s)
{
    while (s->copied < COPIES && s->number + s->copied < s->b.is.count) {
        copy(s, head_at(&s->b, s->number + s->copied));
    }
}

static bool more_copied(show *s, copier *copy_some)
{
    s->copied = 0;
    uintptr_t state = tarn_port_lock(s->pool);
    if (open_box(&s->b, s->pool)) {
        copy_some(s);
    }
    tarn_port_unlock(s->pool, state);
    return s->copied != 0;
}

static VOID put_head(tarn_liteos_text *text, const show *s, UINT32 i, bool with_link)
{
    tarn_liteos_put(text, "[INFO] (");
    tarn_liteos_put_number(text, s->number + i, 0);
    tarn_liteos_put(text, ",");
    put_address(text, s->head[i]);
    if (with_link) {
        tarn_liteos_put(text, ",");
        put_address(text, s->link[i]);
    }
    tarn_liteos_put(text, ")\r\n");
}

static VOID put_heads(show *s, const CHAR *title, copier *copy_some, bool with_link)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, title);
    s->number = 0;
    while (more_copied(s, copy_some)) {
        for (UINT32 i = 0; i < s->copied; i++) {
            put_head(&text, s, i, with_link);
        }
        s->number += s->copied;
    }
    tarn_liteos_put_end(&text);
}

VOID tarn_liteos_box_show(VOID *pool)
{
    show s = {0};
    if (pool == NULL) {
        return;
    }
    s.pool = pool;
    uintptr_t state = tarn_port_lock(pool);
    bool sane = open_box(&s.b, pool);
    tarn_port_unlock(pool, state);
    if (!sane) {
        tarn_liteos_box_refused("LOS_ShowBox", pool, NULL, TARN_E_NOT_A_POOL);
        return;
    }
    tarn_liteos_box_title("[INFO] ", pool, s.b.is.size, s.b.is.count);
    put_heads(&s, "[INFO] free node list:\r\n", copy_free, false);
    put_heads(&s, "[INFO] all node list:\r\n", copy_all, true);
    if (s.broken) {
        tarn_liteos_box_refused("LOS_ShowBox", pool, s.last, TARN_E_DAMAGED);
    }
}
