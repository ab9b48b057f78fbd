/* SPDX-License-Identifier: MIT */
/* Get and put with everything that a pool may ask for, and what other calls share with them. */
#ifndef TARN_SRC_BLOCKS_FULL_H
#define TARN_SRC_BLOCKS_FULL_H

#include "blocks_sync.h"

/* What blocks.c leaves over: pools with the map alone are served (and with caches plain pools), others go on to the
 * full path. */
void *tarn_blocks_get_mapped(tarn_blocks *pool);
tarn_status tarn_blocks_put_mapped(tarn_blocks *pool, void *block);

void *tarn_blocks_get_full(tarn_blocks *pool);

/* Counts and tells a get that failed, and what is damaged if something is; returns NULL. */
void *tarn_blocks_get_refused(const tarn_blocks *pool, tarn_status status, const void *block);

/* A block if the status says so; else the one that is damaged, NULL if none is. */
typedef struct blocks_got {
    void *block;
    tarn_status status;
} blocks_got;

/* The same, but a refusal is neither counted nor told. */
blocks_got tarn_blocks_try(tarn_blocks *pool);

tarn_status tarn_blocks_put_full(tarn_blocks *pool, void *block);

/* B1 on 16 header words in the machine's byte order, but for the head and the counts, which change. */
bool tarn_blocks_header_legal(const unsigned char *b);

/* Whether the handle is a pool that this build can work with: TARN_E_NULL, TARN_E_NOT_A_POOL, TARN_E_DAMAGED. */
tarn_status tarn_blocks_admit(const tarn_blocks *pool);

/* The offset and number of the block at an address of an admitted pool, or why it is none that was handed out. */
tarn_status tarn_blocks_place(const unsigned char *b, const void *block, uint32_t *offset, uint32_t *number);

/* Counts a refusal and tells it; returns the status. An event is raised for no pool too. */
tarn_status tarn_blocks_refuse(const tarn_blocks *pool, tarn_status status, uint32_t kind, const void *block);

/* In the critical section, after blocks were taken. */
void tarn_blocks_note_mark(unsigned char *b, uint32_t layout);

/* Called after a put in a waitable pool, once someone has waited: set by blocks_wait.c, so that a program that does not
 * wait needs no port that can. */
typedef void tarn_blocks_waker(const void *address);

void tarn_blocks_wake_through(tarn_blocks_waker *waker);

/* Whether what tarn_blocks_init() or tarn_blocks_adopt() wrote stands there unchanged. */
static inline bool blocks_unchanged(const unsigned char *b)
{
    return blocks_likely(blocks_sum(b) == blocks_word(b, BLOCKS_SUM));
}

/* The number of the block at an address, to be compared with fresh; false for addresses that are too far away, of which
 * there are none where an address has 32 bits. There the place of the first block is worked out and not the distance
 * from the handle, which would be kept in a register for the push. */
static inline bool blocks_locate(const unsigned char *b, const void *block, uint32_t *number)
{
    if (UINTPTR_MAX == UINT32_MAX) {
        uint32_t first = (uint32_t)((uintptr_t)b + blocks_word(b, BLOCKS_FIRST));
        *number = blocks_number_at(b, (uint32_t)(uintptr_t)block - first);
        return true;
    }
    uintptr_t distance = (uintptr_t)block - (uintptr_t)b;
    *number = blocks_number(b, (uint32_t)distance);
    return blocks_likely(distance == (uint32_t)distance);
}

/* The number of the block at an address of an admitted pool, or why it is none that was handed out. The caller reads
 * fresh, as where it stands wants it read: in the critical section or outside. */
static inline tarn_status blocks_number_of(const unsigned char *b, const void *block, uint32_t fresh, uint32_t *number)
{
    uintptr_t distance = (uintptr_t)block - ((uintptr_t)b + blocks_word(b, BLOCKS_FIRST));
    if (block == NULL) {
        return TARN_E_NULL;
    }
    if (distance >= blocks_word(b, BLOCKS_COUNT) * blocks_word(b, BLOCKS_STRIDE)) { /* less than its bytes (B1) */
        return TARN_E_FOREIGN;
    }
    *number = blocks_number_at(b, (uint32_t)distance);
    if (*number >= blocks_word(b, BLOCKS_COUNT)) {
        return TARN_E_NOT_A_BLOCK;
    }
    return *number < fresh ? TARN_OK : TARN_E_DOUBLE_FREE;
}

/* The first block of a plain pool's list; false if the pool is another or has none listed. */
static inline bool blocks_take_listed(unsigned char *b, uint32_t *offset)
{
    uintptr_t state = blocks_enter(b);
    bool taken = blocks_likely(blocks_magic(b) == BLOCKS_PLAIN) && blocks_pop(b, offset) == BLOCKS_TAKEN_ONE;
    blocks_leave(b, state);
    return taken;
}

/* The way back. */
static inline bool blocks_give_listed(unsigned char *b, void *block)
{
    uint32_t number;
    uintptr_t state = blocks_enter(b);
    bool given = blocks_likely(blocks_magic(b) == BLOCKS_PLAIN) && blocks_locate(b, block, &number) &&
                 blocks_likely(number < blocks_fresh(b)) && blocks_push(b, block, number);
    blocks_leave(b, state);
    return given;
}

/* Wakes who waits, if the pool lets anyone wait: blocks have become free, or there will be none any more. */
void tarn_blocks_wake(const unsigned char *b, uint32_t layout);

/* ---- words that depend on the flags ---- */

static inline unsigned char *blocks_map_word(unsigned char *b, uint32_t number)
{
    return b + blocks_map_at() + (size_t)(number >> 5) * 4u;
}

static inline uint32_t blocks_map_bit(uint32_t number)
{
    return UINT32_C(1) << (number & 31u);
}

/* In the critical section: marks a block as out; false if it was. */
static inline bool blocks_map_mark(unsigned char *b, uint32_t number)
{
    return blocks_likely(blocks_bit_set(blocks_map_word(b, number), number));
}

/* The same for in. */
static inline bool blocks_map_unmark(unsigned char *b, uint32_t number)
{
    return blocks_likely(blocks_bit_clear(blocks_map_word(b, number), number));
}

static inline unsigned char *blocks_owner_word(unsigned char *b, uint32_t layout, uint32_t number)
{
    return b + blocks_owners_at(layout, blocks_word(b, BLOCKS_COUNT)) + 4u * (size_t)number;
}

static inline unsigned char *blocks_guard_word(unsigned char *b, uint32_t offset)
{
    return b + offset + blocks_usable(blocks_word(b, BLOCKS_SIZE));
}

#endif
