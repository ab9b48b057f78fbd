/* SPDX-License-Identifier: MIT */
/*
 * FMEMP_TAG_DEBUG: who allocated each address. Tags lie in a table of the program, so that a pool with tags is the pool
 * without them; alone in its file, so that a program without tags has no table.
 *
 * T1 a tag is in the list of the pool that `owner` names, or free: owner NULL, or mem_addr 0 after the pool ended
 * T2 lists and tags are read and changed only under the tags' lock; no other lock is held then
 * T3 an address's tag says freed before the block is given back, so that whoever gets it next finds no live tag
 * T4 a list is walked only while its pool's heap is alive; the structure of another pool is never written to: the first
 *    tag of its list, which that structure names, stays where it is
 * Bound: TARN_FMEMP_TAGS steps.
 */
#include "face.h"
#include "text.h"

#include "tarn/port.h"

#if !defined(TARN_FMEMP_TAGS) || TARN_FMEMP_TAGS < 1
#error "tarn/config.h: TARN_FMEMP_TAGS is 1 or more; configs/config.h.example has every option"
#endif

typedef struct slot {
    FMempTag tag;
    FMemp *owner;
    uint32_t freed_at; /* what frees was then */
    bool first;        /* of its list */
} slot;

static slot table[TARN_FMEMP_TAGS];

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

static FMempTag *find(const FMemp *memp, uintptr_t address)
{
    FMempTag *tag = memp->tags_list;
    while (tag != NULL && tag->mem_addr != address) {
        tag = tag->next;
    }
    return tag;
}

static void mark_freed(FMempTag *tag)
{
    tag->mem_size = 0;
    tag->status = FMEMP_TAG_FREEED;
    ((slot *)(void *)tag)->freed_at = ++frees;
}

/* Takes a tag out of its list, which is this pool's if it is the first. */
static void unlink_tag(FMemp *memp, const slot *s)
{
    if (s->first) {
        memp->tags_list = s->tag.next;
        for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
            table[i].first = table[i].first || &table[i].tag == s->tag.next;
        }
        return;
    }
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        if (table[i].tag.next == &s->tag) {
            table[i].tag.next = s->tag.next;
        }
    }
}

/* A pool that begins anew without having ended leaves tags behind that nobody reaches. */
static void release_stale(const FMemp *memp)
{
    for (uint32_t i = 0; memp->tags_list == NULL && i < TARN_FMEMP_TAGS; i++) {
        if (table[i].owner == memp) {
            table[i].owner = NULL;
        }
    }
}

/* T4: whether the tag may make room for one of this pool. */
static bool is_spare(const slot *s, const FMemp *memp)
{
    return s->tag.status == FMEMP_TAG_FREEED && (s->owner == memp || !s->first);
}

/* A free slot, else the tag whose address was freed first, of whichever pool; NULL if there is neither. */
static slot *take_slot(FMemp *memp)
{
    slot *oldest = NULL;
    for (uint32_t i = 0; i < TARN_FMEMP_TAGS; i++) {
        if (table[i].owner == NULL || table[i].tag.mem_addr == 0) {
            return &table[i];
        }
        if (is_spare(&table[i], memp) && (oldest == NULL || frees - table[i].freed_at > frees - oldest->freed_at)) {
            oldest = &table[i];
        }
    }
    if (oldest != NULL) {
        unlink_tag(memp, oldest);
    }
    return oldest;
}

static FMempTag *make(FMemp *memp, uintptr_t address)
{
    release_stale(memp);
    slot *s = take_slot(memp);
    if (s == NULL) {
        return NULL;
    }
    s->owner = memp;
    s->tag.mem_addr = address;
    s->tag.status = FMEMP_TAG_FREEED;
    s->tag.id = memp->tags_list == NULL ? 0 : memp->tags_list->id + 1u;
    s->tag.next = memp->tags_list;
    s->first = true;
    if (memp->tags_list != NULL) {
        ((slot *)(void *)memp->tags_list)->first = false;
    }
    memp->tags_list = &s->tag;
    return &s->tag;
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

static void note_allocated(FMemp *memp, void *block, fsize_t size, const char *file, unsigned long line,
                           const char *words)
{
    if (block == NULL) {
        return;
    }
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    FMempTag *tag = find(memp, (uintptr_t)block);
    bool twice = tag != NULL && tag->status == FMEMP_TAG_ALLOCATED;
    tag = tag != NULL ? tag : make(memp, (uintptr_t)block);
    bool told = tag == NULL && fmemp_control_of(fmemp_heap(memp))->untagged++ != 0;
    if (tag != NULL) {
        tag->status = FMEMP_TAG_ALLOCATED;
        tag->mem_size = size;
        compose(tag->msg, file, line, words);
    }
    tarn_port_unlock(&tarn_phytium_tags, state);
    if (twice) {
        say("Allocate twice !!!", block);
    }
    if (tag == NULL && !told) {
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
    FMempTag *tag = find(memp, (uintptr_t)block);
    if (tag != NULL) {
        b.live = tag->status == FMEMP_TAG_ALLOCATED;
        b.freed = !b.live;
        b.size = tag->mem_size;
        mark_freed(tag);
    }
    tarn_port_unlock(&tarn_phytium_tags, state);
    return b;
}

/* The block was not given back after all. */
static void undo_freed(FMemp *memp, const void *block, fsize_t size)
{
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    FMempTag *tag = find(memp, (uintptr_t)block);
    if (tag != NULL) {
        tag->mem_size = size;
        tag->status = FMEMP_TAG_ALLOCATED;
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
    if (tarn_phytium_free(fmemp_heap(memp), ptr, "FMempFree") == TARN_OK) {
        return;
    }
    if (old.live) {
        undo_freed(memp, ptr, old.size);
    }
    if (old.freed) {
        say("Free twice !!!", ptr);
    }
}
