/* SPDX-License-Identifier: MIT */
/*
 * FMEMP_TAG_DEBUG: who allocated each address. Tags lie in a table of the program, so that a pool with tags is the pool
 * without them; alone in its file, so that a program without tags has no table.
 *
 * T1 a slot is in the list of the pool whose life it has (F4), or free: life 0. Lists of pools that are no more may run
 *    into others; they end there, because a list is followed only through slots of its own life
 * T2 lists and tags are read and changed only under the tags' lock; no other lock is held then
 * T3 an address's tag says freed before the block is given back, so that whoever gets it next finds no live tag
 * T4 a list is followed only while its pool's heap is alive; the structure of another pool is never written to: the
 *    first tag of its list, which that structure names, stays where it is
 * Bound: TARN_FMEMP_TAGS steps; where the table is full, as many look-ups in the registry.
 */
#include "face.h"
#include "text.h"

#include "tarn/port.h"

#if !defined(TARN_FMEMP_TAGS) || TARN_FMEMP_TAGS < 1
#error "tarn/config.h: TARN_FMEMP_TAGS is 1 or more; configs/config.h.example has every option"
#endif

static fmemp_slot table[TARN_FMEMP_TAGS];

/* How often a tag was marked freed. */
static uint32_t frees;

static void say(const char *words, const void *address)
{
    text t = tarn_phytium_text("[ERR] FMEMP: ");
    tarn_phytium_put(&t, words);
    tarn_phytium_put(&t, " @");
    tarn_phytium_put_address(&t, address);
    tarn_phytium_put_end(&t);
}

static void say_untagged(const FMemp *memp, const void *block)
{
    text t = tarn_phytium_text("[WARN] FMEMP: ");
    tarn_phytium_put_address(&t, memp);
    tarn_phytium_put(&t, ": block @");
    tarn_phytium_put_address(&t, block);
    tarn_phytium_put(&t, " goes untagged, all ");
    tarn_phytium_put_number(&t, TARN_FMEMP_TAGS);
    tarn_phytium_put(&t, " tags (TARN_FMEMP_TAGS) are taken; said once for each pool");
    tarn_phytium_put_end(&t);
}

/* T4 */
static bool has_tags(const FMemp *memp)
{
    const tarn_heap *heap = fmemp_heap(memp);
    return heap != NULL && heap_is(heap);
}

/* ---- under the lock ---- */

static fmemp_slot *find(const FMemp *memp, uintptr_t address)
{
    fmemp_slot *s = fmemp_slot_of(memp, memp->tags_list);
    while (s != NULL && s->tag.mem_addr != address) {
        s = fmemp_slot_of(memp, s->tag.next);
    }
    return s;
}

static void mark_freed(fmemp_slot *s)
{
    s->tag.mem_size = 0;
    s->tag.status = FMEMP_TAG_FREEED;
    s->freed_at = ++frees;
}

/* Takes a slot out of its list, which is this pool's if it is the first: then another is about to become that. */
static void unlink_slot(FMemp *memp, const fmemp_slot *s)
{
    if (s->first) {
        memp->tags_list = s->tag.next;
    }
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        FMempTag *tag = &table[i].tag;
        tag->next = tag->next == &s->tag ? s->tag.next : tag->next;
    }
}

/* T4: whether the slot may make room for a tag of this pool. */
static bool is_spare(const fmemp_slot *s, const FMemp *memp)
{
    return s->tag.status == FMEMP_TAG_FREEED && (s->life == memp->life || !s->first);
}

/* A free slot, else that whose address was freed first, of whichever pool; NULL if there is neither. */
static fmemp_slot *take_slot(FMemp *memp)
{
    fmemp_slot *oldest = NULL;
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        if (table[i].life == 0) {
            return &table[i];
        }
        if (is_spare(&table[i], memp) && (oldest == NULL || frees - table[i].freed_at > frees - oldest->freed_at)) {
            oldest = &table[i];
        }
    }
    if (oldest != NULL) {
        unlink_slot(memp, oldest);
    }
    return oldest;
}

static fmemp_slot *make(FMemp *memp, uintptr_t address)
{
    fmemp_slot *head = fmemp_slot_of(memp, memp->tags_list);
    fmemp_slot *s = take_slot(memp);
    if (s == NULL) {
        return NULL;
    }
    head = head == s ? fmemp_slot_of(memp, memp->tags_list) : head;
    s->tag.mem_addr = address;
    s->tag.id = head == NULL ? 0 : head->tag.id + 1u;
    s->tag.next = head == NULL ? NULL : &head->tag;
    s->heap = fmemp_heap(memp);
    s->life = memp->life;
    s->first = true;
    if (head != NULL) {
        head->first = false;
    }
    memp->tags_list = &s->tag;
    return s;
}

/* ---- pools that are no more ---- */

/* Frees the slots of pools that ended otherwise than by their structure: with a block that carried them, forgotten. */
static void reclaim(void)
{
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
        fmemp_slot s = table[i];
        tarn_port_unlock(&tarn_phytium_tags, state);
        if (s.life != 0 && tarn_phytium_is_gone(s.heap, s.life)) {
            state = tarn_port_lock(&tarn_phytium_tags);
            table[i].life = table[i].life == s.life ? 0 : table[i].life;
            tarn_port_unlock(&tarn_phytium_tags, state);
        }
    }
}

/* ---- text of a tag ---- */

static size_t append(char *msg, size_t length, const char *words)
{
    while (words != NULL && *words != '\0' && length < FMEMP_TAG_MSG_LEN - 1u) {
        msg[length++] = *words++;
    }
    msg[length] = '\0';
    return length;
}

static void compose(char *msg, const char *file, unsigned long line, const char *words)
{
    char digits[24];
    size_t at = sizeof digits - 1u;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + line % 10u);
        line /= 10u;
    } while (line != 0);
    size_t length = append(msg, 0, file);
    length = append(msg, length, "_");
    length = append(msg, length, digits + at);
    length = append(msg, length, ": ");
    (void)append(msg, length, words);
}

/* ---- what the calls do to tags ---- */

/* What note_allocated() found. */
typedef struct noted {
    bool tagged;
    bool twice; /* the tag said allocated already */
} noted;

static noted tag_block(FMemp *memp, const void *block, fsize_t size, const char *msg)
{
    noted n = {false, false};
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    fmemp_slot *s = find(memp, (uintptr_t)block);
    n.twice = s != NULL && s->tag.status == FMEMP_TAG_ALLOCATED;
    s = s != NULL ? s : make(memp, (uintptr_t)block);
    n.tagged = s != NULL;
    if (n.tagged) {
        s->tag.status = FMEMP_TAG_ALLOCATED;
        s->tag.mem_size = size;
        memcpy(s->tag.msg, msg, FMEMP_TAG_MSG_LEN);
    }
    tarn_port_unlock(&tarn_phytium_tags, state);
    return n;
}

/* Whether this is the pool's first block without a tag. */
static bool first_untagged(const FMemp *memp)
{
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    bool first = fmemp_control_of(fmemp_heap(memp))->untagged++ == 0;
    tarn_port_unlock(&tarn_phytium_tags, state);
    return first;
}

static void note_allocated(FMemp *memp, void *block, fsize_t size, const char *file, unsigned long line,
                           const char *words)
{
    char msg[FMEMP_TAG_MSG_LEN] = "";
    if (block == NULL) {
        return;
    }
    compose(msg, file, line, words);
    noted n = tag_block(memp, block, size, msg);
    if (!n.tagged) {
        reclaim();
        n = tag_block(memp, block, size, msg);
    }
    if (n.twice) {
        say("Allocate twice !!!", block);
    }
    if (!n.tagged && first_untagged(memp)) {
        say_untagged(memp, block);
    }
}

/* What a block's tag said before it was marked freed. */
typedef struct before {
    bool live;  /* allocated */
    bool freed; /* freed already, unless it was allocated again without a tag */
    fsize_t size;
} before;

/* T3 */
static before note_freed(FMemp *memp, const void *block)
{
    before b = {false, false, 0};
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    fmemp_slot *s = find(memp, (uintptr_t)block);
    if (s != NULL) {
        b.live = s->tag.status == FMEMP_TAG_ALLOCATED;
        b.freed = !b.live;
        b.size = s->tag.mem_size;
        mark_freed(s);
    }
    tarn_port_unlock(&tarn_phytium_tags, state);
    return b;
}

/* The block was not given back after all. */
static void undo_freed(FMemp *memp, const void *block, fsize_t size)
{
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    fmemp_slot *s = find(memp, (uintptr_t)block);
    if (s != NULL) {
        s->tag.mem_size = size;
        s->tag.status = FMEMP_TAG_ALLOCATED;
    }
    tarn_port_unlock(&tarn_phytium_tags, state);
}

void *FMempMallocTag(FMemp *memp, fsize_t nbytes, const char *file, unsigned long line, const char *msg)
{
    void *block = FMempMalloc(memp, nbytes);
    note_allocated(memp, block, nbytes, file, line, msg);
    return block;
}

void *FMempMallocAlignTag(FMemp *memp, fsize_t size, fsize_t align, const char *file, unsigned long line,
                          const char *msg)
{
    void *block = FMempMallocAlign(memp, size, align);
    note_allocated(memp, block, size, file, line, msg);
    return block;
}

void *FMempCallocTag(FMemp *memp, fsize_t count, fsize_t size, const char *file, unsigned long line, const char *msg)
{
    void *block = FMempCalloc(memp, count, size);
    note_allocated(memp, block, count * size, file, line, msg);
    return block;
}

void *FMempReallocTag(FMemp *memp, void *ptr, fsize_t size, const char *file, unsigned long line, const char *msg)
{
    before old = {false, false, 0};
    if (ptr != NULL && size == 0) {
        FMempFreeTag(memp, ptr);
        return NULL;
    }
    if (has_tags(memp) && ptr != NULL) {
        old = note_freed(memp, ptr);
    }
    void *block = FMempRealloc(memp, ptr, size);
    if (block == NULL && old.live) {
        undo_freed(memp, ptr, old.size);
    }
    note_allocated(memp, block, size, file, line, msg);
    return block;
}

void FMempFreeTag(FMemp *memp, void *ptr)
{
    if (!has_tags(memp) || ptr == NULL) {
        return;
    }
    before old = note_freed(memp, ptr);
    if (tarn_phytium_free(fmemp_heap(memp), ptr, "FMempFree", caller_here()) == TARN_OK) {
        return;
    }
    if (old.live) {
        undo_freed(memp, ptr, old.size);
    }
    if (old.freed) {
        say("Free twice !!!", ptr);
    }
}
