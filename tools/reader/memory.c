/* SPDX-License-Identifier: MIT */
/*
 * Memory to read: opening a file, and the list of its pieces.
 *
 * A file is mapped as a whole and its pieces point into the mapping, so that holes cost nothing and only pages that are
 * looked at are read. Pieces that are neighbours in memory and not in the file are copied together.
 * Bound: pieces times their logarithm to join; logarithm of the pieces to find a place.
 */
#define _GNU_SOURCE /* O_CLOEXEC, MAP_NORESERVE */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader.h"

bool reader_fail(reader *r, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)vsnprintf(r->why, sizeof r->why, format, values);
    va_end(values);
    return false;
}

/* Room for one more row in an array whose capacity is the next power of two. */
static void *room_for(void *rows, size_t count, size_t row)
{
    if ((count & (count - 1u)) != 0) {
        return rows;
    }
    size_t capacity = count == 0 ? 1u : 2u * count;
    return capacity <= SIZE_MAX / row ? realloc(rows, capacity * row) : NULL;
}

bool reader_add_piece(reader *r, uint64_t place, uint64_t size, const unsigned char *bytes)
{
    reader_piece *rows = room_for(r->pieces, r->piece_count, sizeof *rows);
    if (rows == NULL) {
        return reader_fail(r, "not enough memory");
    }
    r->pieces = rows;
    rows[r->piece_count++] = (reader_piece){place, size, bytes};
    return true;
}

bool reader_add_mapping(reader *r, const char *path, uint64_t start, uint64_t end, uint64_t offset)
{
    reader_mapping *rows = room_for(r->mappings, r->mapping_count, sizeof *rows);
    char *copy = strdup(path);
    r->mappings = rows != NULL ? rows : r->mappings;
    if (rows == NULL || copy == NULL) {
        free(copy);
        return reader_fail(r, "not enough memory");
    }
    rows[r->mapping_count++] = (reader_mapping){copy, start, end, offset};
    return true;
}

bool reader_add_hold(reader *r, void *at, size_t size)
{
    reader_hold *rows = room_for(r->holds, r->hold_count, sizeof *rows);
    if (rows == NULL) {
        (void)munmap(at, size);
        return reader_fail(r, "not enough memory");
    }
    r->holds = rows;
    rows[r->hold_count++] = (reader_hold){at, size};
    return true;
}

enum { EXTENTS_MOST = 1 << 20 };

bool reader_add_extent(reader *r, uint64_t at, uint64_t size)
{
    reader_extent *last = r->extent_count != 0 ? &r->extents[r->extent_count - 1u] : NULL;
    if (last != NULL && (last->at + last->size == at || r->extent_count == EXTENTS_MOST)) {
        last->size = at + size - last->at;
        return true;
    }
    reader_extent *rows = room_for(r->extents, r->extent_count, sizeof *rows);
    if (rows == NULL) {
        return reader_fail(r, "not enough memory");
    }
    r->extents = rows;
    rows[r->extent_count++] = (reader_extent){at, size};
    return true;
}

/* ---- joining ---- */

static int by_place(const void *left, const void *right)
{
    const reader_piece *a = left;
    const reader_piece *b = right;
    if (a->place != b->place) {
        return a->place < b->place ? -1 : 1;
    }
    return a->size < b->size ? 1 : a->size > b->size ? -1 : 0;
}

/* A piece begins behind the one before it: what two of them claim belongs to the first. */
static void drop_overlaps(reader *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->piece_count; i++) {
        reader_piece p = r->pieces[i];
        uint64_t end = kept == 0 ? 0 : r->pieces[kept - 1u].place + r->pieces[kept - 1u].size;
        if (kept != 0 && p.place < end) {
            uint64_t cut = end - p.place;
            cut = cut < p.size ? cut : p.size;
            p.place += cut;
            p.bytes += cut;
            p.size -= cut;
        }
        if (p.size != 0) {
            r->pieces[kept++] = p;
        }
    }
    r->piece_count = kept;
}

/* Copies the neighbours [from, to) into one stretch. */
static bool copy_together(reader *r, size_t from, size_t to, uint64_t size, reader_piece *whole)
{
    void *at = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        return reader_fail(r, "not enough memory to join %llu bytes", (unsigned long long)size);
    }
    if (!reader_add_hold(r, at, (size_t)size)) {
        return false;
    }
    unsigned char *to_bytes = at;
    for (size_t i = from; i < to; i++) {
        memcpy(to_bytes, r->pieces[i].bytes, (size_t)r->pieces[i].size);
        to_bytes += r->pieces[i].size;
    }
    *whole = (reader_piece){r->pieces[from].place, size, at};
    return true;
}

/* Joins the pieces from index on that are neighbours in memory into *whole; returns the index behind them. */
static size_t neighbours(const reader *r, size_t from, uint64_t *size, bool *contiguous)
{
    size_t to = from + 1u;
    *size = r->pieces[from].size;
    *contiguous = true;
    while (to < r->piece_count && r->pieces[to].place == r->pieces[from].place + *size) {
        *contiguous = *contiguous && r->pieces[to].bytes == r->pieces[from].bytes + *size;
        *size += r->pieces[to].size;
        to++;
    }
    return to;
}

bool reader_join(reader *r)
{
    size_t kept = 0;
    if (r->piece_count == 0) {
        return true;
    }
    qsort(r->pieces, r->piece_count, sizeof *r->pieces, by_place);
    drop_overlaps(r);
    for (size_t from = 0; from < r->piece_count;) {
        uint64_t size;
        bool contiguous;
        size_t to = neighbours(r, from, &size, &contiguous);
        reader_piece whole = {r->pieces[from].place, size, r->pieces[from].bytes};
        if (!contiguous && !copy_together(r, from, to, size, &whole)) {
            return false;
        }
        r->pieces[kept++] = whole;
        from = to;
    }
    r->piece_count = kept;
    return true;
}

const unsigned char *reader_at(const reader *r, uint64_t place, uint64_t *size)
{
    size_t low = 0;
    size_t high = r->piece_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2u;
        if (r->pieces[middle].place <= place) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    *size = 0;
    if (low == 0 || place - r->pieces[low - 1u].place >= r->pieces[low - 1u].size) {
        return NULL;
    }
    uint64_t skip = place - r->pieces[low - 1u].place;
    *size = r->pieces[low - 1u].size - skip;
    return r->pieces[low - 1u].bytes + skip;
}

/* The first extent that ends behind the place. */
static size_t extent_behind(const reader *r, uint64_t at)
{
    size_t low = 0;
    size_t high = r->extent_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2u;
        if (r->extents[middle].at + r->extents[middle].size <= at) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low;
}

bool reader_next_data(const reader *r, const reader_piece *piece, uint64_t from, uint64_t *begin, uint64_t *end)
{
    *begin = from;
    *end = piece->size;
    if (from >= piece->size || r->extent_count == 0) {
        return from < piece->size;
    }
    uintptr_t into_file = (uintptr_t)piece->bytes - (uintptr_t)r->file;
    if (r->file != NULL && into_file >= r->file_bytes) {
        return true; /* copied together: nobody knows */
    }
    uint64_t base = r->file != NULL ? into_file : piece->place;
    size_t index = extent_behind(r, base + from);
    if (index == r->extent_count || r->extents[index].at >= base + piece->size) {
        return false;
    }
    const reader_extent *e = &r->extents[index];
    *begin = e->at > base + from ? e->at - base : from;
    *end = e->at + e->size - base < piece->size ? e->at + e->size - base : piece->size;
    return true;
}

const unsigned char *reader_find(const unsigned char *from, const unsigned char *end, unsigned char byte)
{
    return memchr(from, byte, (size_t)(end - from));
}

/* ---- files ---- */

/* Where a sparse file has bytes. A system that cannot tell names the whole file. */
static bool find_extents(reader *r, int descriptor)
{
    off_t end = (off_t)r->file_bytes;
    for (off_t at = 0; at < end;) {
        off_t data = lseek(descriptor, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO) {
            break; /* a hole up to the end */
        }
        off_t hole = data < 0 ? -1 : lseek(descriptor, data, SEEK_HOLE);
        data = hole < 0 ? at : data;
        at = hole < 0 ? end : hole;
        if (!reader_add_extent(r, (uint64_t)data, (uint64_t)(at - data))) {
            return false;
        }
    }
    return r->extent_count != 0 || reader_add_extent(r, 0, 1);
}

static bool map_descriptor(reader *r, int descriptor)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0) {
        return reader_fail(r, "%s", strerror(errno));
    }
    if (!S_ISREG(about.st_mode)) {
        return reader_fail(r, "not a file of bytes");
    }
    if (about.st_size == 0) {
        return reader_fail(r, "the file is empty");
    }
    if ((uintmax_t)about.st_size > SIZE_MAX / 2u) {
        return reader_fail(r, "too large for this machine's address space");
    }
    void *at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, descriptor, 0);
    if (at == MAP_FAILED) {
        return reader_fail(r, "%s", strerror(errno));
    }
    r->file = at;
    r->file_bytes = (uint64_t)about.st_size;
    return reader_add_hold(r, at, (size_t)about.st_size) && find_extents(r, descriptor);
}

static bool map_file(reader *r, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not keep us waiting */
    if (descriptor < 0) {
        return reader_fail(r, "%s", strerror(errno));
    }
    bool mapped = map_descriptor(r, descriptor);
    (void)close(descriptor);
    return mapped;
}

static bool is_elf(const reader *r)
{
    return r->file_bytes >= 4u && memcmp(r->file, "\177ELF", 4) == 0;
}

bool reader_open(reader *r, const char *path, bool raw, uint64_t base)
{
    memset(r, 0, sizeof *r);
    if (!map_file(r, path)) {
        return false;
    }
    if (is_elf(r) && !raw) {
        r->kind = READER_CORE;
        return reader_load_elf(r) && reader_join(r);
    }
    if (base > UINT64_MAX - r->file_bytes) {
        return reader_fail(r, "its last byte would lie beyond 2^64");
    }
    return reader_add_piece(r, base, r->file_bytes, r->file);
}

void reader_close(reader *r)
{
    for (size_t i = 0; i < r->hold_count; i++) {
        (void)munmap(r->holds[i].at, r->holds[i].size);
    }
    for (size_t i = 0; i < r->mapping_count; i++) {
        free(r->mappings[i].path);
    }
    free(r->holds);
    free(r->extents);
    free(r->mappings);
    free(r->pieces);
    memset(r, 0, sizeof *r);
}
