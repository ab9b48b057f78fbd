/* SPDX-License-Identifier: MIT */
/*
 * Writing and verifying tails and the slack in front of them, under the pool's lock.
 *
 * Bound: bytes of slack.
 */
#include "tail.h"

#include "backup.h"

tarn_status tarn_tail_admit(const image *im, const block_ref *b)
{
    uint32_t word = word_load(tail_word(im, b->offset, b->size));
    size_t room = image_usable(im, b->size) + layout_reserve_bytes(im->layout);
    if (!tail_proves(im, b->offset, word) || tail_slack(word) > room) {
        return TARN_E_DAMAGED;
    }
    return tail_state(word) == TAIL_USED ? TARN_OK : TARN_E_DOUBLE_FREE;
}

tarn_status tarn_tail_leaving(const image *im, const void *address, block_ref *b)
{
    tarn_status status = block_recognise(im, address, b);
    if (status != TARN_OK) {
        return status;
    }
    uint32_t word = word_load(tail_word(im, b->offset, b->size));
    if (!tail_proves(im, b->offset, word)) {
        return TARN_E_DAMAGED;
    }
    return tail_state(word) == TAIL_LEAVING ? TARN_OK : TARN_E_DOUBLE_FREE;
}

bool tarn_tail_guards(const image *im, const block_ref *b)
{
    if (!layout_guards(im->layout)) {
        return true;
    }
    unsigned char *tail = tail_word(im, b->offset, b->size);
    const unsigned char *end = tail_slack_end(im, tail);
    uint32_t different = 0;
    for (const unsigned char *at = end - tail_slack(word_load(tail)); at < end; at++) {
        different |= byte_load(at) ^ TAIL_GUARD;
    }
    return different == 0;
}

tarn_status tarn_tail_admit_whole(const image *im, const block_ref *b)
{
    tarn_status status = layout_has_tail(im->layout) ? tarn_tail_admit(im, b) : TARN_OK;
    bool whole = (!layout_has_tail(im->layout) || status != TARN_OK || tarn_tail_guards(im, b)) &&
                 (!layout_has_backup(im->layout) || tarn_backup_holds(im, b));
    return status == TARN_OK && !whole ? TARN_E_DAMAGED : status;
}

void tarn_tail_set_state(const image *im, const block_ref *b, uint32_t state)
{
    unsigned char *tail = tail_word(im, b->offset, b->size);
    uint32_t slack = tail_slack(word_load(tail));
    word_store(tail, tail_seal(im, b->offset, slack | state << TAIL_STATE_SHIFT));
}

void tarn_tail_forget_giver(const image *im, const block_ref *b)
{
    if (layout_reserve_bytes(im->layout) > 4u) {
        word_store(image_payload(im, b->offset) + image_usable(im, b->size) + 4, 0);
    }
}

void tarn_tail_hold(const image *im, const block_ref *b)
{
    tarn_tail_set_state(im, b, TAIL_HELD);
    tarn_tail_forget_giver(im, b);
}

void tarn_tail_write(const image *im, uint32_t offset, size_t size)
{
    uint32_t granules = block_size(im, block_header(im, offset));
    unsigned char *tail = tail_word(im, offset, granules);
    unsigned char *end = tail_slack_end(im, tail);
    size_t room = image_usable(im, granules) + layout_reserve_bytes(im->layout);
    uint32_t slack = (uint32_t)(room - (size == 0 ? 1u : size));
    for (unsigned char *at = end - slack; at < end; at++) {
        byte_store(at, TAIL_GUARD);
    }
    word_store(tail, tail_seal(im, offset, slack | TAIL_USED << TAIL_STATE_SHIFT));
}
