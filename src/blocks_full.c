/* SPDX-License-Identifier: MIT */
/*
 * Get and put with everything that a pool may ask for: the first round after init, map, owners, guards, fill, marks,
 * events, waking; and every refusal, with its reason.
 *
 * F1 A refused call changes nothing but the refusal count, and leaves the evidence of damage where it is.
 * F2 No user byte is read or written in the critical section but a free block's link.
 * F3 With the map, whoever clears a block's bit owns its way back: of two puts one wins, whatever the discipline.
 * Bound: constant, plus a step per word of the block where it is filled.
 */
#include "blocks_full.h"

#include "events.h"
#include "gate.h"
#include "tarn/port.h"

/* ---- admission ---- */

bool tarn_blocks_header_legal(const unsigned char *b)
{
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    uint32_t stride = blocks_word(b, BLOCKS_STRIDE);
    uint32_t count = blocks_word(b, BLOCKS_COUNT);
    uint32_t first = blocks_word(b, BLOCKS_FIRST);
    uint32_t size = blocks_word(b, BLOCKS_SIZE);
    uint32_t log2 = layout >> BLOCKS_LAYOUT_ALIGNMENT & 15u;
    if (count == 0 || stride == 0 || size > UINT32_MAX - 8u || log2 < 2u || log2 > 12u ||
        layout >> BLOCKS_LAYOUT_RESERVED != 0 || (layout & 15u) > BLOCKS_FORMAT_TAGGED_32 ||
        (blocks_word(b, BLOCKS_BATCH) != 0) != (blocks_slots(layout) != 0)) {
        return false;
    }
    uint32_t alignment = blocks_alignment(layout);
    uint64_t need = (uint64_t)blocks_usable(size) + (blocks_has(layout, TARN_BLOCKS_GUARD) ? 4u : 0u);
    uint32_t shift = lowest_bit(stride);
    uint64_t control = blocks_control_bytes(layout, count);
    return ((need + alignment - 1u) & ~(uint64_t)(alignment - 1u)) == stride &&
           blocks_word(b, BLOCKS_SHIFT) == (shift | (highest_bit(count) + 1u) << 8) &&
           (stride >> shift) * blocks_word(b, BLOCKS_INVERSE) == 1u && first >= control &&
           first - control < alignment && (first & (alignment < 8u ? 3u : 7u)) == 0 &&
           first + (uint64_t)count * stride <= blocks_word(b, BLOCKS_BYTES) && blocks_shared(b, BLOCKS_FRESH) <= count;
}

tarn_status tarn_blocks_admit(const tarn_blocks *pool)
{
    const unsigned char *b = blocks_image(pool);
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    if (((uintptr_t)b & 7u) != 0 || !blocks_alive(b)) {
        return TARN_E_NOT_A_POOL;
    }
    bool ours = (blocks_word(b, BLOCKS_LAYOUT) & 15u) == BLOCKS_FORMAT;
    return ours && tarn_blocks_header_legal(b) ? TARN_OK : TARN_E_DAMAGED;
}

tarn_status tarn_blocks_place(const unsigned char *b, const void *block, uint32_t *offset, uint32_t *number)
{
    uint32_t first = blocks_word(b, BLOCKS_FIRST);
    uint32_t stride = blocks_word(b, BLOCKS_STRIDE);
    uint32_t count = blocks_word(b, BLOCKS_COUNT);
    uintptr_t distance = (uintptr_t)block - (uintptr_t)b;
    if (block == NULL) {
        return TARN_E_NULL;
    }
    if (distance < first || (uint64_t)distance - first >= (uint64_t)count * stride) {
        return TARN_E_FOREIGN;
    }
    *offset = (uint32_t)distance;
    *number = blocks_number(b, *offset);
    if (*number >= count) {
        return TARN_E_NOT_A_BLOCK;
    }
    return *number < blocks_shared(b, BLOCKS_FRESH) ? TARN_OK : TARN_E_DOUBLE_FREE;
}

tarn_status tarn_blocks_refuse(const tarn_blocks *pool, tarn_status status, uint32_t kind, const void *block)
{
    if (tarn_blocks_admit(pool) == TARN_OK) {
        unsigned char *b = blocks_image(pool);
        uintptr_t state = blocks_enter(b);
        blocks_increment(b + 4u * BLOCKS_REFUSALS);
        blocks_leave(b, state);
    }
    event_raise(status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : kind, status, (const tarn_pool *)(const void *)pool,
                block, 0, 0);
    return status;
}

/* ---- guard and fill, of a block that the caller owns ---- */

static void fill_block(unsigned char *b, uint32_t offset)
{
    uint32_t usable = blocks_usable(blocks_word(b, BLOCKS_SIZE));
    for (uint32_t at = 4; at < usable; at += 4u) {
        word_store(b + offset + at, BLOCKS_FILL);
    }
}

static bool fill_intact(const unsigned char *b, uint32_t offset)
{
    uint32_t usable = blocks_usable(blocks_word(b, BLOCKS_SIZE));
    uint32_t at = 4;
    while (at < usable && word_load(b + offset + at) == BLOCKS_FILL) {
        at += 4u;
    }
    return at >= usable;
}

static bool guard_intact(unsigned char *b, uint32_t layout, uint32_t offset)
{
    if (!blocks_has(layout, TARN_BLOCKS_GUARD)) {
        return true;
    }
    event_enter(b, NULL, 0);
    bool intact = word_load(blocks_guard_word(b, offset)) == blocks_guard(offset);
    event_leave(b, NULL, 0);
    return intact;
}

/* ---- get ---- */

/* The mark of low_reset(): once as many are out as ever before, fresh tells the peak again and plain pools are
 * plain. */
void tarn_blocks_note_mark(unsigned char *b, uint32_t layout)
{
    uint32_t used = blocks_used(b);
    if (blocks_shared(b, BLOCKS_MARK) == 0) {
        return;
    }
    blocks_raise(b + 4u * BLOCKS_MARK, used + 1u);
    if (used >= blocks_shared(b, BLOCKS_FRESH)) {
        word_store_shared(b + 4u * BLOCKS_MARK, 0);
        word_store_shared(b, blocks_magic_for(layout));
    }
}

typedef struct taken {
    uint32_t offset;
    bool fresh;
} taken;

/* In the critical section: a block, noted as out. */
static tarn_status take(unsigned char *b, uint32_t layout, uint32_t owner, taken *t)
{
    if (!blocks_alive(b)) {
        return TARN_E_NOT_A_POOL;
    }
    t->fresh = false;
    t->offset = blocks_pop(b);
    if (t->offset == BLOCKS_NONE) {
        t->offset = blocks_pop_fresh(b, &t->fresh);
    }
    if (t->offset <= BLOCKS_BROKEN) {
        return t->offset == BLOCKS_BROKEN ? TARN_E_DAMAGED : TARN_E_EXHAUSTED;
    }
    uint32_t number = blocks_number(b, t->offset);
    if (blocks_has(layout, TARN_BLOCKS_MAP) &&
        (blocks_bits_set(blocks_map_word(b, number), blocks_map_bit(number)) & blocks_map_bit(number)) != 0) {
        return TARN_E_DAMAGED; /* listed and out: it stays with whom it was given to */
    }
    if (blocks_has(layout, TARN_BLOCKS_OWNER)) {
        word_store_shared(blocks_owner_word(b, layout, number), owner);
    }
    tarn_blocks_note_mark(b, layout);
    return TARN_OK;
}

/* In the critical section: a block is noted as in; false if it was. */
static bool release_claim(unsigned char *b, uint32_t layout, uint32_t number)
{
    uint32_t bit = blocks_map_bit(number);
    if (blocks_has(layout, TARN_BLOCKS_MAP) && (blocks_bits_clear(blocks_map_word(b, number), bit) & bit) == 0) {
        return false;
    }
    if (blocks_has(layout, TARN_BLOCKS_OWNER)) {
        word_store_shared(blocks_owner_word(b, layout, number), 0);
    }
    return true;
}

/* A block whose fill or guard was overwritten while it was free goes back as it is. */
static bool taken_sound(unsigned char *b, uint32_t layout, const taken *t)
{
    if (t->fresh) {
        if (blocks_has(layout, TARN_BLOCKS_GUARD)) {
            word_store(blocks_guard_word(b, t->offset), blocks_guard(t->offset));
        }
        return true;
    }
    if ((!blocks_has(layout, TARN_BLOCKS_POISON) || fill_intact(b, t->offset)) && guard_intact(b, layout, t->offset)) {
        return true;
    }
    uint32_t number = blocks_number(b, t->offset);
    uintptr_t state = blocks_enter(b);
    (void)release_claim(b, layout, number);
    (void)blocks_push(b, t->offset, number);
    blocks_leave(b, state);
    return false;
}

void *tarn_blocks_try(tarn_blocks *pool, tarn_status *status, void **culprit)
{
    unsigned char *b = blocks_image(pool);
    *culprit = NULL;
    *status = tarn_blocks_admit(pool);
    if (*status != TARN_OK) {
        return NULL;
    }
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    uint32_t owner = blocks_has(layout, TARN_BLOCKS_OWNER) ? TARN_OWNER(0, tarn_port_task()) : 0;
    taken t = {BLOCKS_NONE, false};
    event_enter(b, NULL, 0);
    uintptr_t state = blocks_enter(b);
    *status = take(b, layout, owner, &t);
    blocks_leave(b, state);
    if (*status == TARN_OK && !taken_sound(b, layout, &t)) {
        *status = TARN_E_DAMAGED;
    }
    event_leave(b, NULL, 0);
    if (*status != TARN_OK) {
        *culprit = t.offset > BLOCKS_BROKEN ? b + t.offset : NULL;
        return NULL;
    }
    if (blocks_has(layout, TARN_BLOCKS_EVENTS)) {
        event_raise(TARN_EVENT_ALLOC, TARN_OK, (tarn_pool *)(void *)pool, b + t.offset, blocks_word(b, BLOCKS_SIZE), 0);
    }
    return b + t.offset;
}

/* A plain pool's gates would be asked where its list is empty and nowhere else, so they are not. */
static tarn_status ask_gates(const tarn_blocks *pool)
{
    bool asks = gate_is_there() && tarn_blocks_admit(pool) == TARN_OK &&
                blocks_has(blocks_word(blocks_image(pool), BLOCKS_LAYOUT), TARN_BLOCKS_EVENTS);
    return asks ? gate_ask(pool, blocks_word(blocks_image(pool), BLOCKS_SIZE), 0, 0) : TARN_OK;
}

void *tarn_blocks_get_full(tarn_blocks *pool)
{
    void *culprit = NULL;
    void *block = NULL;
    tarn_status status = ask_gates(pool);
    if (status == TARN_OK) {
        block = tarn_blocks_try(pool, &status, &culprit);
        if (status == TARN_E_EXHAUSTED &&
            gate_relieves(pool, blocks_word(blocks_image(pool), BLOCKS_SIZE), 0, 0, status)) {
            block = tarn_blocks_try(pool, &status, &culprit);
        }
    }
    if (block == NULL) {
        (void)tarn_blocks_refuse(pool, status, TARN_EVENT_FAIL, culprit);
    }
    return block;
}

/* ---- put ---- */

/* Each side announces itself, then looks at what the other announces: one of the two sees the other. */
#if defined(__GNUC__)
static _Atomic(tarn_blocks_waker *) wake;
#else
static tarn_blocks_waker *volatile wake;
#endif

void tarn_blocks_wake_through(tarn_blocks_waker *waker)
{
    wake = waker;
    memory_barrier();
}

static void wake_waiters(const unsigned char *b, uint32_t layout)
{
    if (blocks_has(layout, TARN_BLOCKS_WAITABLE)) {
        memory_barrier();
        tarn_blocks_waker *waker = wake;
        if (waker != NULL) {
            waker(b);
        }
    }
}

/* The claim, the fill outside the section if there is one, and the list. */
static tarn_status take_back(unsigned char *b, uint32_t layout, uint32_t offset, uint32_t number)
{
    bool fills = blocks_has(layout, TARN_BLOCKS_POISON);
    uint32_t filled = fills ? blocks_usable(blocks_word(b, BLOCKS_SIZE)) : 0;
    event_enter(b, fills ? b + offset : NULL, filled);
    uintptr_t state = blocks_enter(b);
    bool out = blocks_alive(b) && blocks_used(b) != 0 && release_claim(b, layout, number);
    bool listed = out && !fills && blocks_push(b, offset, number);
    blocks_leave(b, state);
    if (out && fills) {
        fill_block(b, offset);
        state = blocks_enter(b);
        listed = blocks_push(b, offset, number);
        blocks_leave(b, state);
    }
    event_leave(b, fills ? b + offset : NULL, filled);
    return listed ? TARN_OK : TARN_E_DOUBLE_FREE;
}

tarn_status tarn_blocks_put_full(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    uint32_t offset = 0;
    uint32_t number = 0;
    tarn_status status = tarn_blocks_admit(pool);
    if (status == TARN_OK) {
        status = tarn_blocks_place(b, block, &offset, &number);
    }
    if (status != TARN_OK) {
        return tarn_blocks_refuse(pool, status, TARN_EVENT_REFUSE, block);
    }
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    bool tells = blocks_has(layout, TARN_BLOCKS_EVENTS);
    if (!guard_intact(b, layout, offset)) {
        return tarn_blocks_refuse(pool, TARN_E_DAMAGED, TARN_EVENT_REFUSE, block);
    }
    if (tells) {
        event_raise(TARN_EVENT_FREE, TARN_OK, (tarn_pool *)(void *)pool, block, 0, 0);
    }
    status = take_back(b, layout, offset, number);
    if (status != TARN_OK) {
        if (tells) {
            event_raise(TARN_EVENT_UNDO, status, (tarn_pool *)(void *)pool, block, 0, 0);
        }
        return tarn_blocks_refuse(pool, status, TARN_EVENT_REFUSE, block);
    }
    wake_waiters(b, layout);
    return TARN_OK;
}
