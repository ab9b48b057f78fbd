/* SPDX-License-Identifier: MIT */
/*
 * What pool.c does with blocks in pools with tails (tail.h) and filled free memory (fill.h).
 */
#ifndef TARN_SRC_LEAVE_H
#define TARN_SRC_LEAVE_H

#include "access.h"
#include "policy.h"
#include "steps.h"

/* Under the lock: what was taken becomes a used block of this size; top is where the wilderness began before. If free
 * memory behind its payload, which slack and tail would be written over, had been written to, it is held instead: that
 * shows there, but for what lies under words of the pool's, which the answer alone tells. */
fill_break tarn_dress_block(const image *im, uint32_t offset, uint32_t top, size_t size);

/* Outside the lock: tells of a block that was set aside as tarn_hold_back() leaves it; broken.at NULL: its end was not
 * written over. */
void tarn_tell_held(const void *pool, const void *block, size_t size, size_t alignment, const void *caller,
                    fill_break broken);

/* Outside the lock: the payload of a block just taken holds the fill, if that is to be verified. */
bool tarn_payload_sound(const tarn_pool *pool, const image *im, const unsigned char *payload, size_t size);

/* Under the lock: that block is held, as tarn_hold_back() leaves it. */
void tarn_hold_block(const image *im, const block_ref *b, origin *o);

/* Outside the lock: fills user memory with what free memory of such a pool holds. */
void tarn_fill_outside(const void *pool, uint32_t layout, unsigned char *from, size_t bytes);

/* Takes a block just taken, whose memory had been written to while it was free, out of circulation. Its words are again
 * those of who had it then, as far as nothing is counted by them. *remedy as policy.h has it; without one a refusal has
 * been counted. False if nothing is held: with REMEDY_ANEW where the key says that the pool was reset meanwhile, and
 * without remedy if what was taken is no block any more. */
bool tarn_hold_back(const tarn_pool *pool, const void *address, uint32_t key, origin *o, uint32_t *remedy);

/* Puts a block that was held back into the hands of who asked for it, and for so many bytes. False if it is no block
 * any more, or the pool was reset; a refusal has been counted then. */
bool tarn_give_held(const tarn_pool *pool, const void *address, uint32_t key, size_t size, const origin *o);

/* What taking a block back came to beside the status. */
typedef struct returned {
    size_t carrying; /* bytes of a block that carries pools which are still to be dropped, else 0 */
    uint32_t remedy; /* REMEDY_*, if it was refused */
    bool left;       /* the block has left the program all the same: L2 */
    uint32_t key;    /* then: of the pool, which a reset changes */
} returned;

/* Takes a recognised block back, with its bytes filled in between; leaves the pool that was entered. Where blocks wait
 * before they are free (quarantine.h), that is where it goes. A refusal is counted unless r->remedy is one.
 * TARN_E_DAMAGED. */
tarn_status tarn_leave_filled(access *a, const block_ref *b, void *address, const void *caller, returned *r);

/* Outside the lock: the second half of it, of a block that is leaving, filled, with a refusal as tarn_leave_filled().
 * TARN_E_DAMAGED, and as tarn_free() of what is no such block any more. TARN_OK if the key says that the pool was reset
 * meanwhile. */
tarn_status tarn_leave_end(const tarn_pool *pool, const void *address, uint32_t key, const void *caller,
                           uint32_t *remedy);

/* Outside the lock: carries the remedy for it out; true if tarn_leave_end() shall be tried again, which has nothing to
 * do if the pool was reset. If not, the refusal is counted, and the block held. */
bool tarn_leave_remedy(const tarn_pool *pool, uint32_t remedy, const void *address, uint32_t key);

/* Under the lock: makes the tail of the block at address, which is leaving, anew if it is broken, and holds the block
 * if held. Does nothing if there is no such block. */
void tarn_leave_mend(const image *im, const void *address, bool held);

/* Outside the lock: fills what the block would lose to a new size where it stands, in a pool that fills free memory. */
void tarn_fill_cut(const tarn_pool *pool, void *address, size_t size, size_t alignment);

#endif
