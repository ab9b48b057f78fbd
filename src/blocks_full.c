/* SPDX-License-Identifier: MIT */
/*
 * Get and put with everything that a pool may ask for: the first round after init, map, owners, guards, fill, marks,
 * events, waking; and every refusal, with its reason.
 *
 * F1 A refused call changes nothing but the refusal count, and leaves the evidence of damage where it is; only a block
 *    that is listed and out by the map leaves the list, for its owner has it, and one that was written to while it was
 *    free, so that the next get finds the one behind it.
 * F2 No user byte is read or written in the critical section but a free block's link.
 * F3 With the map, whoever clears a block's bit owns its way back: of two puts one wins, whatever the discipline.
 * Bound: constant, plus a step per word of the block where it is filled.
 */
#include "blocks_full.h"

#include "events.h"
#include "gate.h"
#include "tarn/port.h"

/* ---- admission ---- */

#if BLOCKS_ONLY_PLAIN

/* As blocks_sum_of(), in a loop, each half of the 64 bits by itself. */
uint32_t tarn_blocks_sum(const unsigned char *b)
{
    const unsigned char *at = b + 4u * BLOCKS_FIRST;
    uint32_t low = blocks_word(b, BLOCKS_LAYOUT);
    uint32_t high = 0;
    for (;;) {
        uint64_t product = (uint64_t)low * UINT32_C(0x7F4A7C15);
        high = high * UINT32_C(0x7F4A7C15) + low * UINT32_C(0x9E3779B9) + (uint32_t)(product >> 32);
        if (at == b + 4u * (BLOCKS_BYTES + 2)) {
            return high;
        }
        low = (uint32_t)product ^ word_load(at);
        if (at != b + 4u * BLOCKS_BYTES) {
            high ^= word_load(at + 4);
        }
        at += 8;
    }
}

#else

uint32_t tarn_blocks_sum(const unsigned char *b)
{
    return blocks_sum_of(b);
}

#endif

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
        (blocks_batch(b) != 0) != (blocks_slots(layout) != 0) || blocks_word(b, BLOCKS_SUM) != blocks_sum(b)) {
        return false;
    }
    uint32_t alignment = blocks_alignment(layout);
    uint64_t need = (uint64_t)blocks_usable(size) + (blocks_has(layout, TARN_BLOCKS_GUARD) ? 4u : 0u);
    uint32_t shift = lowest_bit(stride);
    uint64_t control = blocks_control_bytes(layout, count);
    return ((need + alignment - 1u) & ~(uint64_t)(alignment - 1u)) == stride &&
           (blocks_word(b, BLOCKS_SHIFT) & UINT16_MAX) == (shift | (highest_bit(count) + 1u) << 8) &&
           (stride >> shift) * blocks_word(b, BLOCKS_INVERSE) == 1u && first >= control &&
           first - control < alignment && (first & (alignment < 8u ? 3u : 7u)) == 0 &&
           first + (uint64_t)count * stride <= blocks_word(b, BLOCKS_BYTES) && blocks_shared(b, BLOCKS_FRESH) <= count;
}

/* B1, in a build that wants little code by the sum alone. */
SMALL_IN_CALLERS static inline bool full_header_holds(const unsigned char *b)
{
    if (BLOCKS_ONLY_PLAIN) {
        return tarn_blocks_sum(b) == blocks_word(b, BLOCKS_SUM) &&
               blocks_shared(b, BLOCKS_FRESH) <= blocks_word(b, BLOCKS_COUNT);
    }
    return tarn_blocks_header_legal(b);
}

/* Of a handle at a multiple of 8. */
static inline bool full_magic_holds(const unsigned char *b)
{
    return BLOCKS_ONLY_PLAIN ? ((word_load_shared(b) ^ BLOCKS_PLAIN) & ~BLOCKS_KINDS) == 0 : blocks_alive(b);
}

tarn_status tarn_blocks_admit(const tarn_blocks *pool)
{
    const unsigned char *b = blocks_image(pool);
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    if (((uintptr_t)b & 7u) != 0 || !full_magic_holds(b)) {
        return TARN_E_NOT_A_POOL;
    }
    bool ours =
        (blocks_word(b, BLOCKS_LAYOUT) & 15u) == BLOCKS_FORMAT && !blocks_is_absent(blocks_word(b, BLOCKS_LAYOUT));
    return ours && full_header_holds(b) ? TARN_OK : TARN_E_DAMAGED;
}

/* The same in the few instructions that a get or a put can spare. False: tarn_blocks_admit() says why. */
static inline bool admit_unchanged(const unsigned char *b)
{
    if (BLOCKS_ONLY_PLAIN) {
        return tarn_blocks_admit((const tarn_blocks *)b) == TARN_OK;
    }
    if (!blocks_likely(b != NULL && ((uintptr_t)b & 7u) == 0 && blocks_alive(b))) {
        return false;
    }
    return (blocks_word(b, BLOCKS_LAYOUT) & 15u) == BLOCKS_FORMAT && blocks_unchanged(b) &&
           blocks_likely(blocks_shared(b, BLOCKS_FRESH) <= blocks_word(b, BLOCKS_COUNT));
}

tarn_status tarn_blocks_place(const unsigned char *b, const void *block, uint32_t *offset, uint32_t *number)
{
    *offset = (uint32_t)((uintptr_t)block - (uintptr_t)b);
    return blocks_number_of(b, block, blocks_shared(b, BLOCKS_FRESH), number);
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
    if (blocks_mark(b) == 0) {
        return;
    }
    blocks_raise(b + 4u * BLOCKS_MARK, used + 1u);
    if (used >= blocks_fresh(b)) {
        word_store_shared(b + 4u * BLOCKS_MARK, 0);
        word_store_shared(b, blocks_magic_for(layout));
    }
}

typedef struct full_taken {
    uint32_t offset;
    uint32_t number;
    bool fresh;
} full_taken;

/* In the critical section, where the list is empty: once in a block's life, so all of the header is looked at. Its
 * guard is written here, so that no check made under the port's lock finds a block without one. */
static tarn_status full_take_fresh(unsigned char *b, uint32_t layout, full_taken *t)
{
    if (!full_header_holds(b)) {
        return TARN_E_DAMAGED;
    }
    blocks_taking taking = blocks_pop_fresh(b, &t->offset, &t->fresh);
    if (taking != BLOCKS_TAKEN_ONE) {
        return taking == BLOCKS_NONE ? TARN_E_EXHAUSTED : TARN_E_DAMAGED;
    }
    t->number = blocks_number(b, t->offset);
    if (blocks_has(layout, TARN_BLOCKS_GUARD)) {
        word_store(blocks_guard_word(b, t->offset), blocks_guard(t->offset));
    }
    if (blocks_has(layout, BLOCKS_HOLDS) && word_load_shared(b + t->offset) == blocks_held_mark(t->offset)) {
        word_store_shared(b + t->offset, 0); /* of before the last clear; anything else may have been constructed */
    }
    return TARN_OK;
}

/* In the critical section: a block, noted as out. */
static inline tarn_status full_take(unsigned char *b, uint32_t layout, uint32_t owner, full_taken *t)
{
    if (!blocks_likely(blocks_alive(b))) {
        return TARN_E_NOT_A_POOL;
    }
    blocks_taking taking = blocks_pop_number(b, &t->offset, &t->number);
    if (!blocks_likely(taking == BLOCKS_TAKEN_ONE)) {
        tarn_status status = taking == BLOCKS_NONE ? full_take_fresh(b, layout, t) : TARN_E_DAMAGED;
        if (status != TARN_OK) {
            return status;
        }
    }
    if (blocks_has(layout, TARN_BLOCKS_MAP) && !blocks_map_mark(b, t->number)) {
        return TARN_E_DAMAGED; /* listed and out: it stays with whom it was given to */
    }
    if (blocks_has(layout, TARN_BLOCKS_OWNER)) {
        word_store_shared(blocks_owner_word(b, layout, t->number), owner);
    }
    if (!blocks_likely(blocks_mark(b) == 0)) {
        tarn_blocks_note_mark(b, layout);
    }
    return TARN_OK;
}

/* In the critical section: a block is noted as in; false if it was. */
static bool release_claim(unsigned char *b, uint32_t layout, uint32_t number)
{
    if (blocks_has(layout, TARN_BLOCKS_MAP) && !blocks_map_unmark(b, number)) {
        return false;
    }
    if (blocks_has(layout, TARN_BLOCKS_OWNER)) {
        word_store_shared(blocks_owner_word(b, layout, number), 0);
    }
    return true;
}

/* A block whose fill or guard was overwritten while it was free is held back as it is, but for its link. */
static bool taken_sound(unsigned char *b, uint32_t layout, const full_taken *t)
{
    if (t->fresh) {
        return true;
    }
    if ((!blocks_has(layout, TARN_BLOCKS_POISON) || fill_intact(b, t->offset)) && guard_intact(b, layout, t->offset)) {
        return true;
    }
    uintptr_t state = blocks_enter(b);
    (void)release_claim(b, layout, t->number);
    word_store_shared(b + t->offset, blocks_held_mark(t->offset));
    blocks_leave(b, state);
    return false;
}

static inline blocks_got get_one(unsigned char *b)
{
    full_taken t = {0, 0, false};
    if (!admit_unchanged(b)) {
        tarn_status why = tarn_blocks_admit((const tarn_blocks *)(const void *)b);
        return (blocks_got){NULL, why != TARN_OK ? why : TARN_E_DAMAGED};
    }
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    uint32_t owner = blocks_has(layout, TARN_BLOCKS_OWNER) ? TARN_OWNER(0, tarn_port_task()) : 0;
    event_enter(b, NULL, 0);
    uintptr_t state = blocks_enter(b);
    tarn_status status = full_take(b, layout, owner, &t);
    blocks_leave(b, state);
    if (blocks_likely(status == TARN_OK) && blocks_has(layout, TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON) &&
        !taken_sound(b, layout, &t)) {
        status = TARN_E_DAMAGED;
    }
    event_leave(b, NULL, 0);
    if (blocks_has(layout, TARN_BLOCKS_EVENTS) && status == TARN_OK) {
        event_raise(TARN_EVENT_ALLOC, TARN_OK, (const tarn_pool *)(const void *)b, b + t.offset,
                    blocks_word(b, BLOCKS_SIZE), 0);
    }
    return (blocks_got){t.offset != 0 ? b + t.offset : NULL, status};
}

blocks_got tarn_blocks_try(tarn_blocks *pool)
{
    return get_one(blocks_image(pool));
}

void *tarn_blocks_get_refused(const tarn_blocks *pool, tarn_status status, const void *block)
{
    (void)tarn_blocks_refuse(pool, status, TARN_EVENT_FAIL, block);
    return NULL;
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
    tarn_status asked = ask_gates(pool);
    if (!blocks_likely(asked == TARN_OK)) {
        return tarn_blocks_get_refused(pool, asked, NULL);
    }
    blocks_got got = get_one(blocks_image(pool));
    if (got.status == TARN_E_EXHAUSTED &&
        gate_relieves(pool, blocks_word(blocks_image(pool), BLOCKS_SIZE), 0, 0, got.status)) {
        got = get_one(blocks_image(pool));
    }
    return blocks_likely(got.status == TARN_OK) ? got.block : tarn_blocks_get_refused(pool, got.status, got.block);
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

void tarn_blocks_wake(const unsigned char *b, uint32_t layout)
{
    if (blocks_has(layout, TARN_BLOCKS_WAITABLE)) {
        memory_barrier();
        tarn_blocks_waker *waker = wake;
        if (waker != NULL) {
            waker(b);
        }
    }
}

/* In the critical section: the block is the caller's no more. */
static inline bool full_claim(unsigned char *b, uint32_t layout, uint32_t number)
{
    return blocks_likely(blocks_alive(b) && blocks_used(b) != 0) && release_claim(b, layout, number);
}

static inline tarn_status full_take_back(unsigned char *b, uint32_t layout, void *block, uint32_t number)
{
    event_enter(b, NULL, 0);
    uintptr_t state = blocks_enter(b);
    bool listed = full_claim(b, layout, number) && blocks_push_out(b, block, number);
    blocks_leave(b, state);
    event_leave(b, NULL, 0);
    return listed ? TARN_OK : TARN_E_DOUBLE_FREE;
}

/* The same with the fill between the claim and the list, outside the section. */
static tarn_status full_take_back_filled(unsigned char *b, uint32_t layout, void *block, uint32_t number)
{
    uint32_t filled = blocks_usable(blocks_word(b, BLOCKS_SIZE));
    event_enter(b, block, filled);
    uintptr_t state = blocks_enter(b);
    bool listed = full_claim(b, layout, number);
    blocks_leave(b, state);
    if (listed) {
        fill_block(b, (uint32_t)((uintptr_t)block - (uintptr_t)b));
        state = blocks_enter(b);
        listed = blocks_push(b, block, number);
        blocks_leave(b, state);
    }
    event_leave(b, block, filled);
    return listed ? TARN_OK : TARN_E_DOUBLE_FREE;
}

/* Why a put is refused before anything was done. */
static tarn_status refuse_put(tarn_blocks *pool, const void *block)
{
    uint32_t offset;
    uint32_t number;
    tarn_status status = tarn_blocks_admit(pool);
    if (status == TARN_OK) {
        status = tarn_blocks_place(blocks_image(pool), block, &offset, &number);
    }
    /* Sound by now: another call handed the block out meanwhile, which was a put too early. */
    return tarn_blocks_refuse(pool, status != TARN_OK ? status : TARN_E_DOUBLE_FREE, TARN_EVENT_REFUSE, block);
}

/* With the flags that have something done outside the section. */
static tarn_status put_special(tarn_blocks *pool, void *block, uint32_t number)
{
    unsigned char *b = blocks_image(pool);
    uint32_t offset = (uint32_t)((uintptr_t)block - (uintptr_t)b);
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    bool tells = blocks_has(layout, TARN_BLOCKS_EVENTS);
    if (!guard_intact(b, layout, offset)) {
        return tarn_blocks_refuse(pool, TARN_E_DAMAGED, TARN_EVENT_REFUSE, block);
    }
    if (tells) {
        event_raise(TARN_EVENT_FREE, TARN_OK, (tarn_pool *)(void *)pool, block, 0, 0);
    }
    tarn_status status = blocks_has(layout, TARN_BLOCKS_POISON) ? full_take_back_filled(b, layout, block, number)
                                                                : full_take_back(b, layout, block, number);
    if (status != TARN_OK) {
        if (tells) {
            event_raise(TARN_EVENT_UNDO, status, (tarn_pool *)(void *)pool, block, 0, 0);
        }
        return tarn_blocks_refuse(pool, status, TARN_EVENT_REFUSE, block);
    }
    tarn_blocks_wake(b, layout);
    return TARN_OK;
}

tarn_status tarn_blocks_put_full(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    uint32_t number;
    if (!admit_unchanged(b) || !blocks_locate(b, block, &number) ||
        !blocks_likely(number < blocks_shared(b, BLOCKS_FRESH))) {
        return refuse_put(pool, block);
    }
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    if (blocks_has(layout, TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON | TARN_BLOCKS_EVENTS | TARN_BLOCKS_WAITABLE)) {
        return put_special(pool, block, number);
    }
    tarn_status status = full_take_back(b, layout, block, number);
    return blocks_likely(status == TARN_OK) ? status : tarn_blocks_refuse(pool, status, TARN_EVENT_REFUSE, block);
}
