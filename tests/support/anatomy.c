/* SPDX-License-Identifier: MIT */
/* Lists the parts of an image, from the layout in src/image.h, block.h, links.h, park.h and the engines' headers. */
#include "anatomy.h"

#include "cursor.h"
#include "index_bestfit.h"
#include "index_tlsf.h"
#include "park.h"
#include "quarantine.h"

typedef struct list {
    image im;
    part *parts;
    size_t count;
    size_t capacity;
} list;

static image open_const(const void *bytes)
{
    return image_open((unsigned char *)(uintptr_t)bytes);
}

const char *part_name(part_kind kind)
{
    static const char *const names[PART_KINDS] = {
        "magic",
        "layout",
        "key",
        "first",
        "end",
        "top",
        "used",
        "peak",
        "blocks",
        "tallies",
        "listed",
        "seal",
        "word of parked blocks",
        "map length",
        "map",
        "bitmap",
        "list head",
        "head of parked blocks",
        "header, used",
        "header, free",
        "header, parked",
        "header, wilderness",
        "next",
        "where",
        "child",
        "slot",
        "tag",
        "extension",
        "tail",
        "copy",
        "cursor",
        "quarantine",
        "link of a waiting block",
        "link of a parked block",
    };
    return names[kind];
}

static void add(list *l, part_kind kind, uint32_t offset, const unsigned char *at, size_t width)
{
    if (l->count < l->capacity) {
        part p = {kind, offset, (size_t)(at - l->im.base), width};
        l->parts[l->count++] = p;
    }
}

static void add_words(list *l, part_kind kind, uint32_t offset, const unsigned char *at, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) {
        add(l, kind, offset, at + 4u * i, 4);
    }
}

static void add_heads(list *l, heads table, uint32_t count)
{
    size_t width = table.narrow ? 2 : 4;
    for (uint32_t i = 0; i < count; i++) {
        add(l, PART_HEAD, 0, table.at + width * i, width);
    }
}

static void add_control(list *l)
{
    for (uint32_t i = 0; i < IMAGE_WORDS; i++) {
        add(l, (part_kind)(PART_MAGIC + i), 0, l->im.base + 4u * i, 4);
    }
    if (layout_parks(l->im.layout)) {
        add_words(l, PART_PARK, 0, l->im.base + 4u * IMAGE_PARK_CHECK, IMAGE_PARK_HEADS - IMAGE_PARK_CHECK);
        add_words(l, PART_PARK_HEAD, 0, l->im.base + 4u * IMAGE_PARK_HEADS, IMAGE_PARK_LISTS);
    }
    if (layout_has_map(l->im.layout)) {
        unsigned char *map = l->im.base + IMAGE_HEADER_BYTES;
        add(l, PART_MAP_LENGTH, 0, map, 4);
        add_words(l, PART_MAP, 0, map + 4, word_load(map));
    }
    if (layout_engine(l->im.layout) == TARN_ENGINE_TLSF) {
        tlsf_index opened;
        const tlsf_index *index = tlsf_open(&l->im, &opened);
        add_words(l, PART_BITMAP, 0, tlsf_bitmap(&l->im, index), tlsf_words_of(&l->im, index));
        add_heads(l, tlsf_heads(&l->im, index), tlsf_bins_of(&l->im, index));
    } else if (layout_engine(l->im.layout) == TARN_ENGINE_BESTFIT) {
        bestfit_index opened;
        const bestfit_index *index = bestfit_open(&l->im, &opened);
        add_words(l, PART_BITMAP, 0, index->bitmaps, 2);
        add_heads(l, index->heads, index->lists + index->tries);
    }
    if (layout_has_cursor(l->im.layout)) {
        add_words(l, PART_CURSOR, 0, cursor_words(&l->im), 2);
    }
    if (layout_quarantines(l->im.layout)) {
        add_words(l, PART_QUARANTINE, 0, wait_word(&l->im, WAIT_OLDEST), WAIT_WORDS);
    }
}

/* A node of a trie is named by its slot, all other listed blocks by where. */
static void add_free(list *l, uint32_t offset, uint32_t size)
{
    unsigned char *payload = image_payload(&l->im, offset);
    bool indexed = layout_engine(l->im.layout) != TARN_ENGINE_LINEAR;
    bool in_trie = layout_engine(l->im.layout) == TARN_ENGINE_BESTFIT && !bestfit_is_small(size);
    bool node = in_trie && link_get(&l->im, offset, NODE_SLOT) != SLOT_BEHIND;
    if (indexed) {
        add(l, PART_NEXT, offset, payload, 4);
    }
    if (indexed && !node) {
        add(l, PART_WHERE, offset, where_word(&l->im, offset), 4);
    }
    if (in_trie) {
        add_words(l, PART_CHILD, offset, payload + 4u * NODE_CHILD, node ? 2 : 0);
        add(l, PART_SLOT, offset, payload + 4u * NODE_SLOT, 4);
    }
    add(l, PART_TAG, offset, block_left_tag(&l->im, offset + size), 4);
}

/* What a block that waits, or was set aside when it left, has between payload and tail. */
static void add_waiting(list *l, uint32_t offset, uint32_t size)
{
    uint32_t state = tail_state(word_load(tail_word(&l->im, offset, size)));
    if (layout_quarantines(l->im.layout) && (state == TAIL_QUARANTINED || state == TAIL_HELD)) {
        unsigned char *at = image_payload(&l->im, offset) + image_usable(&l->im, size);
        add_words(l, PART_LINK, offset, at, layout_reserve_bytes(l->im.layout) / 4u);
    }
}

/* What a used block has beside its header. */
static void add_used(list *l, uint32_t offset, uint32_t size)
{
    uint32_t words = layout_extension(l->im.layout);
    add_words(l, PART_EXTENSION, offset, image_payload(&l->im, offset) - image_lead_bytes(&l->im), words);
    if (layout_has_tail(l->im.layout)) {
        add(l, PART_TAIL, offset, block_left_tag(&l->im, offset + size), 4);
        add_waiting(l, offset, size);
    }
}

static void add_block(list *l, uint32_t offset, uint32_t header, uint32_t size)
{
    unsigned char *payload = image_payload(&l->im, offset);
    if (block_used(header)) {
        add(l, PART_HEADER_USED, offset, payload - 4, 4);
        add_used(l, offset, size);
    } else if (block_parked(header)) { /* no pool that parks has tails or copies */
        add(l, PART_HEADER_PARKED, offset, payload - 4, 4);
        add_words(l, PART_PARK_LINK, offset, payload, 2);
    } else {
        add(l, PART_HEADER_FREE, offset, payload - 4, 4);
        add_free(l, offset, size);
    }
    if (layout_has_backup(l->im.layout)) {
        bool last = block_used(header) && !layout_has_tail(l->im.layout);
        add(l, PART_COPY, offset, block_left_tag(&l->im, offset + size) - (last ? 0 : 4), 4);
    }
}

size_t anatomy(const void *bytes, part *parts, size_t capacity)
{
    list l = {open_const(bytes), parts, 0, capacity};
    add_control(&l);
    uint32_t top = image_get(&l.im, IMAGE_TOP);
    uint32_t size = 0;
    for (uint32_t offset = image_get(&l.im, IMAGE_FIRST); offset < top; offset += size) {
        uint32_t header = block_header(&l.im, offset);
        size = block_size(&l.im, header);
        add_block(&l, offset, header, size);
    }
    add(&l, PART_HEADER_TOP, top, image_payload(&l.im, top) - 4, 4);
    return l.count;
}

size_t part_find(const part *parts, size_t count, size_t from, part_kind kind)
{
    while (from < count && parts[from].kind != kind) {
        from++;
    }
    return from;
}

uint32_t part_get(const void *bytes, const part *p)
{
    const unsigned char *at = (const unsigned char *)bytes + p->at;
    return p->width == 2 ? half_load(at) : word_load(at);
}

void part_set(void *bytes, const part *p, uint32_t value)
{
    unsigned char *at = (unsigned char *)bytes + p->at;
    if (p->width == 2) {
        half_store(at, value);
    } else {
        word_store(at, value);
    }
}

void part_seal(void *bytes, uint32_t offset, uint32_t size, uint32_t flags)
{
    image im = open_const(bytes);
    block_write(&im, offset, size, flags);
}

uint32_t part_size(const void *bytes, uint32_t offset)
{
    image im = open_const(bytes);
    return block_size(&im, block_header(&im, offset));
}

void anatomy_swap(void *bytes, const part *parts, size_t count)
{
    unsigned char *base = bytes;
    for (size_t i = 0; i < count; i++) {
        unsigned char *at = base + parts[i].at;
        for (size_t low = 0, high = parts[i].width - 1u; low < high; low++, high--) {
            unsigned char byte = at[low];
            at[low] = at[high];
            at[high] = byte;
        }
    }
}
