/* SPDX-License-Identifier: MIT */
/*
 * Finding pools: every magic is a candidate, and a candidate has to prove that it is a pool.
 *
 * S1 An accepted pool has a legal header (tarn_view_open() or tarn_blocks_view_open()), lies in the memory as a whole,
 *    and begins at a multiple of 8 where addresses are known.
 * S2 A variable pool's first block or its last header proves itself; both where the check is narrower than 8 bits.
 * S3 Inside an accepted pool it lies in one used block, as far as that pool's walk goes, and at most DEEPEST deep.
 * Bound: bytes of the memory; each block of an accepted pool is passed once, however many candidates lie in it.
 */
#define _GNU_SOURCE /* MAP_NORESERVE */
#include "../../src/blocks_view.h"
#include "../../src/view.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "reader.h"

enum { DEEPEST = 8, MOST = 1 << 20, NARROW_CHECK = 8 };

/* What the three magics of block pools have in common. */
#define BLOCKS_KIND_MASK UINT32_C(0xFFFFFF3F)

static found_pool *add_row(reader *r, found_pools *found, uint64_t place, pool_kind kind)
{
    size_t n = found->count;
    if ((n & (n - 1u)) == 0) {
        found_pool *rows = realloc(found->rows, (n == 0 ? 1u : 2u * n) * sizeof *rows);
        if (rows == NULL) {
            (void)reader_fail(r, "not enough memory");
            return NULL;
        }
        found->rows = rows;
    }
    found_pool *pool = &found->rows[n];
    memset(pool, 0, sizeof *pool);
    pool->place = place;
    pool->kind = kind;
    pool->around = n;
    found->count = n + 1u;
    return pool;
}

/* ---- one candidate ---- */

static bool top_proves(const tarn_view *view)
{
    image im = view_geometry(view);
    uint32_t body = (view->end - view->top) << BLOCK_SIZE_SHIFT;
    return view_header(view, view->top) == block_seal(&im, view->top, body);
}

/* S2 */
static bool blocks_prove(const tarn_view *view)
{
    block_ref b;
    bool top = top_proves(view);
    bool first = view->first == view->top ? top : tarn_view_block(view, view->first, &b);
    return layout_check_bits(view->layout) < NARROW_CHECK ? top && first : top || first;
}

static void open_variable(found_pool *pool, const unsigned char *bytes, uint64_t size)
{
    pool->status = tarn_view_open(&pool->variable, bytes, (size_t)size);
    if (pool->status == TARN_OK) {
        pool->bytes = view_payload(&pool->variable, pool->variable.end);
        pool->swapped = pool->variable.swapped != 0;
        pool->rejected = blocks_prove(&pool->variable) ? NULL : "its blocks do not prove themselves";
    }
}

/* A view of a block pool wants aligned words; what a file has elsewhere is copied, once its header has said how much.
 * Copies have as many bytes as the memory together, so that no file can ask for more. */
static const unsigned char *aligned(reader *r, const unsigned char *bytes, uint64_t *size)
{
    _Alignas(8) unsigned char header[BLOCKS_HEADER_BYTES];
    if (((uintptr_t)bytes & 3u) == 0 || *size < sizeof header) {
        return ((uintptr_t)bytes & 3u) == 0 ? bytes : NULL;
    }
    memcpy(header, bytes, sizeof header);
    tarn_blocks_view view = {header, sizeof header, 0, 0};
    view.swapped = (blocks_view_get(&view, BLOCKS_MAGIC) & BLOCKS_KIND_MASK) != BLOCKS_PLAIN;
    uint64_t wanted = blocks_view_get(&view, BLOCKS_FIRST) +
                      (uint64_t)blocks_view_get(&view, BLOCKS_COUNT) * blocks_view_get(&view, BLOCKS_STRIDE);
    wanted = wanted < sizeof header ? sizeof header : wanted;
    if (wanted > *size || wanted > r->file_bytes - r->copied) {
        return NULL;
    }
    void *at = mmap(NULL, (size_t)wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED || !reader_add_hold(r, at, (size_t)wanted)) {
        return NULL;
    }
    memcpy(at, bytes, (size_t)wanted);
    r->copied += wanted;
    *size = wanted;
    return at;
}

static void open_blocks(reader *r, found_pool *pool, const unsigned char *bytes, uint64_t size)
{
    const unsigned char *at = aligned(r, bytes, &size);
    pool->status = at == NULL ? TARN_E_DAMAGED : tarn_blocks_view_open(&pool->blocks, at, (size_t)size);
    if (pool->status == TARN_OK) {
        blocks_shape shape = tarn_blocks_view_shape(&pool->blocks);
        pool->bytes = shape.first + (uint64_t)shape.count * shape.stride;
        pool->swapped = pool->blocks.swapped != 0;
    }
}

static void open_candidate(reader *r, found_pool *pool)
{
    uint64_t size;
    const unsigned char *bytes = reader_at(r, pool->place, &size);
    if (r->kind != READER_RAW && pool->place % 8u != 0) {
        pool->status = TARN_E_MISALIGNED;
    } else if (pool->kind == POOL_VARIABLE) {
        open_variable(pool, bytes, size);
    } else {
        open_blocks(r, pool, bytes, size);
    }
    if (pool->status != TARN_OK) {
        pool->rejected = tarn_status_text(pool->status);
    }
}

/* ---- what lies around it ---- */

/* An accepted pool that the search has not left yet. */
typedef struct enclosing {
    size_t row;
    uint32_t cursor;         /* of a variable pool: the block that holds what was asked for last, or one before it */
    unsigned char *free_map; /* of a block pool: a bit per block that is in a list */
    bool lost;               /* the walk met damage */
} enclosing;

typedef struct search {
    reader *r;
    found_pools *found;
    enclosing stack[DEEPEST];
    uint32_t depth;
} search;

static const char *inside_variable(enclosing *e, const tarn_view *view, uint64_t at, uint64_t end)
{
    block_ref b = {0, 0, 0};
    image im = view_geometry(view);
    uint32_t lead = image_lead_bytes(&im);
    if (at < view_payload(view, view->first)) {
        return "in another pool's control data";
    }
    for (; e->cursor != view->top; e->cursor += b.size) {
        if (e->lost || !tarn_view_block(view, e->cursor, &b)) {
            e->lost = true;
            return NULL; /* nobody can tell */
        }
        if (at < view_payload(view, e->cursor + b.size) - lead) {
            break;
        }
    }
    if (e->cursor == view->top || !block_used(b.header)) {
        return "in another pool's free memory";
    }
    bool whole = at >= view_payload(view, e->cursor) && end <= view_payload(view, e->cursor + b.size) - lead;
    return whole ? NULL : "across another pool's blocks";
}

static const char *inside_blocks(const enclosing *e, const tarn_blocks_view *view, uint64_t at, uint64_t end)
{
    blocks_shape shape = tarn_blocks_view_shape(view);
    if (at < shape.first) {
        return "in another pool's control data";
    }
    uint64_t number = (at - shape.first) / shape.stride;
    if (end > shape.first + (number + 1u) * shape.stride) {
        return "across another pool's blocks";
    }
    bool is_free =
        number >= shape.fresh || (e->free_map != NULL && ((uint32_t)e->free_map[number / 8u] >> number % 8u & 1u) != 0);
    return is_free ? "in another pool's free memory" : NULL;
}

static const char *inside(search *s, const found_pool *pool)
{
    enclosing *e = &s->stack[s->depth - 1u];
    const found_pool *outer = &s->found->rows[e->row];
    uint64_t at = pool->place - outer->place;
    if (at + pool->bytes > outer->bytes) {
        return "across another pool's end";
    }
    return outer->kind == POOL_VARIABLE ? inside_variable(e, &outer->variable, at, at + pool->bytes)
                                        : inside_blocks(e, &outer->blocks, at, at + pool->bytes);
}

static void leave(search *s)
{
    free(s->stack[--s->depth].free_map);
}

static void enter(search *s, size_t row)
{
    const found_pool *pool = &s->found->rows[row];
    enclosing *e = &s->stack[s->depth++];
    *e = (enclosing){row, 0, NULL, false};
    if (pool->kind == POOL_VARIABLE) {
        e->cursor = pool->variable.first;
    } else {
        e->free_map = blocks_free_map(&pool->blocks, NULL);
    }
}

static bool consider(search *s, uint64_t place, pool_kind kind)
{
    if (s->found->count >= MOST) {
        s->found->too_many = true;
        return true;
    }
    found_pool *pool = add_row(s->r, s->found, place, kind);
    if (pool == NULL) {
        return false;
    }
    open_candidate(s->r, pool);
    while (s->depth != 0 && place - s->found->rows[s->stack[s->depth - 1u].row].place >=
                                s->found->rows[s->stack[s->depth - 1u].row].bytes) {
        leave(s);
    }
    if (pool->rejected == NULL && s->depth != 0) {
        pool->rejected = s->depth == DEEPEST ? "nested too deep" : inside(s, pool);
        pool->depth = s->depth;
        pool->around = s->stack[s->depth - 1u].row;
    }
    if (pool->rejected == NULL) {
        s->found->accepted++;
        enter(s, s->found->count - 1u);
    }
    return true;
}

/* ---- magics ---- */

static bool version_is_known(unsigned char letter, unsigned char version)
{
    if (letter == 'n') {
        return version == TARN_IMAGE_VERSION || version == (IMAGE_CLOSED_VALUE & 0xFFu);
    }
    return letter == 'b' && (version == (BLOCKS_PLAIN & 0xFFu) || version == (BLOCKS_FULL & 0xFFu) ||
                             version == (BLOCKS_CACHED & 0xFFu));
}

/* Both kinds have a 't' beside an 'r' in the middle: version, t, r, letter; or letter, r, t, version. */
static bool magic_at(const unsigned char *t, const unsigned char *begin, const unsigned char *end,
                     const unsigned char **magic, pool_kind *kind)
{
    size_t before = (size_t)(t - begin);
    size_t behind = (size_t)(end - t) - 1u;
    unsigned char letter = 0;
    if (before >= 1 && behind >= 2 && t[1] == 'r' && version_is_known(t[2], t[-1])) {
        letter = t[2];
        *magic = t - 1;
    } else if (before >= 2 && behind >= 1 && t[-1] == 'r' && version_is_known(t[-2], t[1])) {
        letter = t[-2];
        *magic = t - 2;
    }
    *kind = letter == 'n' ? POOL_VARIABLE : POOL_BLOCKS;
    return letter != 0;
}

/* A magic may begin in front of the stretch that its 't' lies in. */
static bool scan_stretch(search *s, const reader_piece *piece, uint64_t from, uint64_t to)
{
    const unsigned char *end = piece->bytes + to;
    const unsigned char *t = piece->bytes + from;
    while (t < end && (t = reader_find(t, end, 't')) != NULL) {
        const unsigned char *magic;
        pool_kind kind;
        if (magic_at(t, piece->bytes, piece->bytes + piece->size, &magic, &kind) &&
            !consider(s, piece->place + (uint64_t)(magic - piece->bytes), kind)) {
            return false;
        }
        t++;
    }
    return true;
}

static bool scan_piece(search *s, const reader_piece *piece)
{
    uint64_t begin;
    uint64_t end = 0;
    while (reader_next_data(s->r, piece, end, &begin, &end)) {
        if (!scan_stretch(s, piece, begin, end)) {
            return false;
        }
    }
    return true;
}

bool pools_find(reader *r, found_pools *found)
{
    memset(found, 0, sizeof *found);
    search s = {.r = r, .found = found, .depth = 0};
    bool ok = true;
    for (size_t i = 0; ok && i < r->piece_count; i++) {
        ok = scan_piece(&s, &r->pieces[i]);
    }
    while (s.depth != 0) {
        leave(&s);
    }
    return ok;
}

bool pools_take(reader *r, uint64_t place, found_pools *found)
{
    uint64_t size;
    memset(found, 0, sizeof *found);
    const unsigned char *bytes = reader_at(r, place, &size);
    bool blocks = bytes != NULL && size >= 4u && (bytes[0] == 'b' || bytes[3] == 'b');
    found_pool *pool = add_row(r, found, place, blocks ? POOL_BLOCKS : POOL_VARIABLE);
    if (pool == NULL) {
        return false;
    }
    if (bytes == NULL) {
        pool->status = TARN_E_FOREIGN;
        pool->rejected = "there are no bytes at that place";
        return true;
    }
    open_candidate(r, pool);
    if (pool->status == TARN_OK) { /* who names the place wants it looked at, proved or not */
        pool->rejected = NULL;
        found->accepted = 1;
    }
    return true;
}

void pools_free(found_pools *found)
{
    free(found->rows);
    memset(found, 0, sizeof *found);
}
