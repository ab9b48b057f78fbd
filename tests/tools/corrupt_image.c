/* SPDX-License-Identifier: MIT */
/*
 * Corrupts images in some thousand ways, seals again what it wrote, so that the readers get past the seals, and gives
 * each to all that `tarn inspect` asks of a pool.
 *
 *   corrupt_image COUNT FOLDER IMAGE...    the images, and as many pools of its own, of every kind that can be made
 *
 * One image in eight is cut off, or has a piece of another over it; the others have one to eight places changed: words
 * of the pool's header, of its control data, of headers of blocks, of pages of a slab, of lists of block pools, or any;
 * and as a rule header, blocks' headers or live objects sealed.
 *
 * CI1 every question is answered, without a sanitizer's word, in at most ten seconds
 * CI2 a pool that is called sound has no end of its walk, and figures that agree: used and free are its capacity, the
 *     walk, the histogram and the lists have what is used
 *
 * TARN_TEST_SEED seeds it. Ends with 0 if all of it held, else at the first that does not, which it leaves in FOLDER.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../tools/reader/reader.h"
#include "../image/blocks_sign.h"
#include "blocks.h"
#include "prng.h"
#include "slab.h"
#include "view.h"

enum { ROOM = 16384, SECONDS = 10, PATH_MOST = 4096, IMAGES_MOST = 64, PLACES = 64 };

typedef struct file_image {
    unsigned char *bytes;
    size_t size;
} file_image;

static file_image images[IMAGES_MOST];
static size_t image_count;
static file_image trial;
static prng chance;
static char path[PATH_MOST];
static unsigned long number;
static unsigned long sound, damaged;

static uint32_t below(uint32_t bound)
{
    return prng_below(&chance, bound);
}

static _Noreturn void stop(const char *what)
{
    fprintf(stderr, "trial %lu, see %s: %s\n", number, path, what);
    exit(1);
}

static void need(bool holds, const char *what)
{
    if (!holds) {
        stop(what);
    }
}

/* ---- images ---- */

static void add_image(unsigned char *bytes, size_t size)
{
    if (image_count < IMAGES_MOST) {
        images[image_count++] = (file_image){bytes, size};
    }
}

static void load(const char *name)
{
    FILE *file = fopen(name, "rb");
    need(file != NULL && fseek(file, 0, SEEK_END) == 0, name);
    size_t size = (size_t)ftell(file);
    unsigned char *bytes = malloc(size);
    rewind(file);
    need(bytes != NULL && fread(bytes, 1, size, file) == size, name);
    (void)fclose(file);
    add_image(bytes, size);
}

/* Options at random; those that do not go together are refused, and others taken. */
static tarn_options some_options(void)
{
    static const uint32_t flags[] = {0, 0, TARN_POOL_GUARD, TARN_POOL_POISON, TARN_POOL_BACKUP, TARN_POOL_ZERO_ON_FREE};
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.engine = 1u + below(3);
    options.granule = 4u << below(3);
    options.flags = flags[below(sizeof flags / sizeof flags[0])] | (below(3) == 0 ? TARN_POOL_CURSOR : 0);
    options.recognition = below(4) == 0 ? TARN_RECOGNISE_EXACT : TARN_RECOGNISE_AUTO;
    options.extension_words = below(6);
    options.park = below(3) == 0 ? 256 : 0;
    options.slab = below(3) == 0 ? 8u + below(100) : 0;
    options.quarantine = below(4) == 0 ? 2000 : 0;
    options.modules = below(4) == 0 ? 6 : 0;
    return options;
}

static void use(tarn_pool *pool)
{
    void *blocks[96] = {NULL};
    for (uint32_t i = 0; i < 300; i++) {
        uint32_t at = below(96);
        if (blocks[at] != NULL) {
            (void)tarn_free(pool, blocks[at]);
            blocks[at] = NULL;
        } else {
            blocks[at] = tarn_alloc(pool, 1u + below(below(3) == 0 ? 700 : 90));
        }
    }
}

static void make_blocks(unsigned char *bytes)
{
    tarn_blocks *pool;
    tarn_blocks_options options;
    memset(&options, 0, sizeof options);
    options.flags = below(2) == 0 ? 0 : TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER | TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON;
    need(tarn_blocks_init(&pool, bytes, ROOM, 8u + below(200), &options) == TARN_OK, "no block pool");
    void *blocks[40];
    for (uint32_t i = 0; i < 40; i++) {
        blocks[i] = tarn_blocks_get(pool);
    }
    for (uint32_t i = 0; i < 40; i += 1u + below(3)) {
        (void)tarn_blocks_put(pool, blocks[i]);
    }
    add_image(bytes, ROOM);
}

static void make_one(void)
{
    tarn_pool *pool;
    unsigned char *bytes = aligned_alloc(4096, ROOM);
    need(bytes != NULL, "no memory");
    if (below(4) == 0) {
        make_blocks(bytes);
        return;
    }
    tarn_options options = some_options();
    while (tarn_init(&pool, bytes, ROOM - 64u, &options) != TARN_OK) {
        options = some_options();
    }
    use(pool);
    add_image(bytes, ROOM);
}

/* ---- changes ---- */

static void put(const tarn_view *view, uint64_t at, uint32_t value)
{
    if (at <= view->bytes && view->bytes - at >= 4u) {
        value = view->swapped != 0 ? swap_word(value) : value;
        memcpy(trial.bytes + (size_t)(view->base - trial.bytes) + at, &value, 4);
    }
}

/* The pools that begin in the image as it was: files have them at every 16 KiB. */
static bool some_pool(const file_image *from, tarn_view *view)
{
    uint64_t at = from->size > ROOM ? (uint64_t)below((uint32_t)(from->size / ROOM)) * ROOM : 0;
    if (trial.size < from->size || tarn_view_open(view, from->bytes + at, from->size - (size_t)at) != TARN_OK) {
        return false;
    }
    view->base = trial.bytes + at;
    return true;
}

/* Granule offsets of up to PLACES blocks, in the image as it was. */
static uint32_t blocks_of(const file_image *from, const tarn_view *view, uint32_t offsets[PLACES])
{
    tarn_view was = *view;
    block_ref b;
    uint32_t count = 0;
    was.base = from->bytes + (view->base - trial.bytes);
    for (uint32_t at = was.first; at != was.top && tarn_view_block(&was, at, &b); at += b.size) {
        offsets[count < PLACES ? count : below(PLACES)] = at;
        count += count < PLACES ? 1u : 0;
    }
    return count;
}

static uint32_t extreme(const tarn_view *view)
{
    const uint32_t values[] = {0,
                               1,
                               2,
                               3,
                               7,
                               8,
                               31,
                               0x7FFF,
                               0xFFFF,
                               0x10000,
                               0x7FFFFFFF,
                               0x80000000,
                               0xFFFFFFF8,
                               0xFFFFFFFF,
                               view->first,
                               view->top,
                               view->end,
                               view->end - view->first,
                               view->top - 1u,
                               view->key};
    return values[below(sizeof values / sizeof values[0])];
}

static uint32_t changed(const tarn_view *view, uint32_t word)
{
    switch (below(4)) {
    case 0:
        return word ^ UINT32_C(1) << below(32);
    case 1:
        return word + below(9) - 4u;
    case 2:
        return extreme(view);
    default:
        return below(UINT32_MAX);
    }
}

static void change_word(const tarn_view *view, uint64_t at)
{
    put(view, at, changed(view, view_word(view, at)));
}

/* A header that proves itself, of another size or other flags. */
static void seal_block(const tarn_view *view, uint32_t offset)
{
    image im = view_geometry(view);
    uint32_t header = view_header(view, offset);
    uint32_t body = header & im.body_mask;
    if (below(2) == 0) {
        body ^= 1u << below(3);
    } else {
        body = (changed(view, body >> BLOCK_SIZE_SHIFT) << BLOCK_SIZE_SHIFT | (body & 7u)) & im.body_mask;
    }
    put(view, view_payload(view, offset) - 4u,
        block_seal(&im, offset, body & ~BLOCK_LEFT_FREE) | (body & BLOCK_LEFT_FREE));
}

/* Other objects are live in the page, if it is one, and their sum is right; or a page of another class, sealed. */
static void seal_page(const tarn_view *view, uint32_t offset)
{
    uint64_t page = view_payload(view, offset);
    uint64_t table = 4u * (uint64_t)IMAGE_SLAB;
    uint32_t index = below(SLAB_CLASSES_MAX);
    uint32_t shape = view_word(view, table + 4u * SLAB_SHAPE);
    if (!slab_shape_is_legal(shape, view_word(view, table))) {
        return;
    }
    index = below(2) == 0 ? view_word(view, page) & SLAB_CLASS_MASK : index;
    uint64_t row = table + 4u * (uint64_t)slab_row(index, 0);
    slab_class c = slab_class_shape(view->layout, slab_unit_shift(shape), view_word(view, row + 4u * SLAB_BYTES),
                                    view_word(view, row + 4u * SLAB_OBJECTS));
    put(view, page, slab_page_seal(view->key, offset, index, &c));
    uint32_t sum = slab_live_begin(view->key, offset);
    for (uint32_t i = 0; i < (c.objects + 31u) >> 5 && i < 4096u; i++) {
        uint32_t word = below(UINT32_MAX) & slab_live_mask(c.objects, i);
        put(view, page + 4u * (uint64_t)(PAGE_LIVE + i), word);
        sum = slab_live_mix(sum, word);
    }
    put(view, page + 4u * PAGE_LIVE_SEAL, sum);
}

static void seal_table(const tarn_view *view)
{
    uint64_t table = 4u * (uint64_t)IMAGE_SLAB;
    uint32_t shape = view_word(view, table + 4u * SLAB_SHAPE);
    uint32_t sum = slab_sum_begin(shape, view_word(view, table + 4u * SLAB_LIMIT));
    for (uint32_t i = 0; i < slab_classes(shape); i++) {
        uint64_t row = table + 4u * (uint64_t)slab_row(i, 0);
        sum = slab_sum_mix(sum, view_word(view, row + 4u * SLAB_BYTES), view_word(view, row + 4u * SLAB_OBJECTS));
    }
    put(view, table + 4u * SLAB_SUM, sum);
}

/* The words of the pool's header, as they are now, are what was sealed. */
static void seal_header(const tarn_view *view)
{
    image im = image_shape(view_get(view, IMAGE_LAYOUT));
    uint32_t section = 0;
    im.key = view_get(view, IMAGE_KEY);
    im.first = view_get(view, IMAGE_FIRST);
    if (layout_has_slab(im.layout)) {
        seal_table(view);
        section = image_slab_seal(view_get(view, IMAGE_PARK_LIMIT), view_get(view, IMAGE_SLAB),
                                  view_get(view, IMAGE_SLAB_SHAPE));
    } else if (layout_has_map(im.layout) || layout_parks(im.layout)) {
        section = view_get(view, layout_sealed_word(im.layout));
    }
    put(view, 4u * IMAGE_SEAL, image_seal_of(&im, view_get(view, IMAGE_END), section));
}

static void change_pool(const file_image *from, const tarn_view *view)
{
    uint32_t offsets[PLACES];
    uint32_t count = blocks_of(from, view, offsets);
    uint32_t offset = count != 0 ? offsets[below(count)] : view->first;
    uint64_t control = view_payload(view, view->first);
    switch (below(7)) {
    case 0:
        change_word(view, 4u * (uint64_t)below(IMAGE_SEAL + 1u));
        break;
    case 1:
        change_word(view, 4u * (uint64_t)below((uint32_t)(control / 4u)));
        break;
    case 2:
        change_word(view, view_payload(view, offset) - 4u + 4u * (uint64_t)below(8));
        break;
    case 3:
        change_word(view, view_payload(view, offset) - 8u - 4u * (uint64_t)below(5));
        break;
    case 4:
        seal_block(view, offset);
        break;
    case 5:
        if (layout_has_slab(view->layout)) {
            seal_page(view, offset);
        }
        break;
    default:
        if (layout_has_slab(view->layout)) {
            change_word(view, 4u * (uint64_t)(IMAGE_SLAB + below(40)));
        }
    }
}

/* A word of a block pool's header, of what lies between it and the blocks, or a link. */
static void change_blocks(unsigned char *bytes, size_t size)
{
    static const uint32_t values[] = {0, 1, 2, 64, 128, 0x7FFFFFFF, 0xFFFFFFF8, 0xFFFFFFFF};
    uint32_t word;
    uint32_t first;
    uint32_t stride;
    memcpy(&first, bytes + 4u * BLOCKS_FIRST, 4);
    memcpy(&stride, bytes + 4u * BLOCKS_STRIDE, 4);
    uint64_t place = below(2) == 0 ? 4u * (uint64_t)below(24) : first + (uint64_t)stride * below(20);
    place = place <= size - 4u ? place : 0;
    memcpy(&word, bytes + place, 4);
    switch (below(4)) {
    case 0:
        word ^= UINT32_C(1) << below(32);
        break;
    case 1:
        word = values[below(sizeof values / sizeof values[0])];
        break;
    case 2:
        word = first + stride * below(400);
        break;
    default:
        word += stride * (below(9) - 4u);
    }
    memcpy(bytes + place, &word, 4);
    if (below(4) != 0) {
        blocks_sign(bytes);
    }
}

/* Whether there was a block pool of this machine's byte order at a random place, which is changed. */
static bool changed_blocks(const file_image *from)
{
    size_t at = from->size > ROOM ? (size_t)below((uint32_t)(from->size / ROOM)) * ROOM : 0;
    bool there = trial.size == from->size && memcmp(from->bytes + at + 1, "trb", 3) == 0;
    if (there) {
        change_blocks(trial.bytes + at, trial.size - at);
    }
    return there;
}

static void corrupt(void)
{
    const file_image *from = &images[below((uint32_t)image_count)];
    tarn_view view;
    trial.size = from->size;
    memcpy(trial.bytes, from->bytes, from->size);
    if (below(8) == 0) {
        const file_image *other = &images[below((uint32_t)image_count)];
        uint32_t length = 8u * (1u + below(1000));
        uint32_t least = (uint32_t)(other->size < trial.size ? other->size : trial.size);
        memcpy(trial.bytes + 8u * below((least - length) / 8u), other->bytes + 8u * below((least - length) / 8u),
               length);
        trial.size = below(3) == 0 ? below((uint32_t)trial.size) : trial.size;
    }
    for (uint32_t times = 1u << below(4); times != 0; times--) {
        if (changed_blocks(from)) {
            continue;
        }
        if (!some_pool(from, &view) || below(8) == 0) {
            if (trial.size != 0) {
                trial.bytes[below((uint32_t)trial.size)] ^= (unsigned char)(1u << below(8));
            }
            continue;
        }
        change_pool(from, &view);
        if (below(4) != 0) {
            seal_header(&view);
        }
    }
}

/* ---- questions ---- */

/* What a walk has. */
typedef struct walked {
    uint64_t bytes, used, blocks;
} walked;

static bool sum_up(const tarn_block *block, void *context)
{
    walked *w = context;
    w->bytes += block->size;
    w->used += tarn_block_counts(block) ? block->size : 0;
    w->blocks += tarn_block_counts(block) ? 1u : 0;
    return true;
}

static void ask_why(const found_pool *pool)
{
    static const uint64_t sizes[] = {0, 1, 24, 100, 5000, UINT32_MAX, UINT64_MAX};
    tarn_verdict verdict;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        (void)pool_why(pool, sizes[i], 0, &verdict);
        (void)pool_why(pool, sizes[i], UINT64_C(1) << below(40), &verdict);
    }
}

/* CI2 */
static void compare(const found_pool *pool, const tarn_stats *stats, const histogram *h, const block_groups *groups)
{
    uint64_t end;
    walked w = {0, 0, 0};
    slab_figures slab;
    uint64_t blocks = 0;
    (void)pool_walk(pool, sum_up, &w);
    (void)pool_slab(pool, &slab);
    for (uint32_t row = 0; row < HISTOGRAM_ROWS; row++) {
        blocks += h->used_blocks[row];
    }
    need(pool_reach(pool, &end) == WALK_WHOLE, "a sound pool's walk ends");
    need(stats->used + stats->free == stats->capacity, "used and free are not the capacity");
    need(w.used == stats->used && w.blocks == stats->blocks, "the walk has other used blocks");
    need(w.bytes == stats->capacity, "the walk has other bytes");
    need(blocks == stats->blocks, "the histogram has other blocks");
    need(groups->bytes + groups->held_bytes + slab.page_bytes - slab.object_bytes == stats->used,
         "owners have other bytes");
}

static void ask(const found_pool *pool)
{
    static const group_choice choices[] = {
        {GROUP_MODULE, false, 0}, {GROUP_TASK, false, 0}, {GROUP_SITE, true, 3}, {GROUP_SITE, false, 0}};
    tarn_stats stats;
    tarn_report report;
    histogram h;
    pool_map map;
    block_groups groups;
    char line[RULE_NAME];
    (void)pool_stats(pool, &stats);
    pool_report(pool, &report);
    (void)rule_name(report.rule, line);
    histogram_make(pool, &h);
    map_make(pool, &map);
    ask_why(pool);
    (void)pool_held_back(pool);
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        need(groups_make(pool, &choices[i], &groups), "no memory for groups");
        if (i + 1u == sizeof choices / sizeof choices[0] && report.rule == 0) {
            compare(pool, &stats, &h, &groups);
        }
        groups_free(&groups);
    }
    sound += report.rule == 0 ? 1u : 0;
    damaged += report.rule != 0 ? 1u : 0;
}

static void store(void)
{
    FILE *file = fopen(path, "wb");
    need(file != NULL && fwrite(trial.bytes, 1, trial.size, file) == trial.size && fclose(file) == 0, path);
}

/* The bytes as memory of exactly their size, so that a read behind them is seen. */
static void inspect(void)
{
    found_pools found;
    unsigned char *bytes = malloc(trial.size + 1u);
    reader r = {.kind = READER_RAW, .file_bytes = trial.size};
    need(bytes != NULL, "no memory");
    memcpy(bytes + 1, trial.bytes, trial.size); /* at an odd address, as in a file */
    need(trial.size == 0 || (reader_add_piece(&r, 0, trial.size, bytes + 1) && reader_add_extent(&r, 0, trial.size)),
         "no memory");
    need(pools_find(&r, &found), r.why);
    for (size_t i = 0; i < found.count; i++) {
        if (found.rows[i].rejected == NULL) {
            ask(&found.rows[i]);
        }
    }
    pools_free(&found);
    for (uint64_t place = 0; place < trial.size; place += ROOM) {
        need(pools_take(&r, place, &found), r.why);
        if (found.accepted != 0) {
            ask(&found.rows[0]);
        }
        pools_free(&found);
    }
    reader_close(&r);
    free(bytes);
}

int main(int count, char **arguments)
{
    const char *text = getenv("TARN_TEST_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : UINT64_C(20261120);
    if (count < 3) {
        return 2;
    }
    unsigned long trials = strtoul(arguments[1], NULL, 0);
    (void)snprintf(path, sizeof path, "%s/corrupted", arguments[2]);
    chance = prng_make(seed, 1);
    for (int i = 3; i < count; i++) {
        load(arguments[i]);
    }
    for (size_t own = image_count + 4u; own != 0; own--) {
        make_one();
    }
    size_t most = 0;
    for (size_t i = 0; i < image_count; i++) {
        most = images[i].size > most ? images[i].size : most;
    }
    trial.bytes = malloc(most);
    need(trial.bytes != NULL, "no memory");
    size_t files = (size_t)(count - 3);
    for (number = 0; number < trials; number++) {
        if (number % 16u == 0) { /* its own pools are others from time to time */
            image_count = files + below((uint32_t)files + 4u);
            free(images[image_count].bytes);
            make_one();
            image_count = 2u * files + 4u;
        }
        corrupt();
        store();
        time_t begun = time(NULL);
        inspect();
        need(time(NULL) - begun <= SECONDS, "it took more than ten seconds");
    }
    printf("seed %" PRIu64 ": %lu corrupted images, of whose pools %lu are sound and %lu damaged\n", seed, trials,
           sound, damaged);
    return 0;
}
