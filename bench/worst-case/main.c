/* SPDX-License-Identifier: MIT */
/*
 * Makes the operations of sequences, with marks around each call. Reads them from the file `operations` of the folder
 * it runs in, one a line:
 *
 *   FACE [engine NAME] [bytes N] [count N] [park N] [slab N] [words N] [locked]   a new pool (faces.h)
 *   alloc SLOTS [SIZE]           into each slot a block, whatever is in it is forgotten
 *   aligned SLOTS SIZE LOG2      at a multiple of 2^LOG2
 *   free SLOTS
 *   wrong SLOTS BYTES            gives back an address so far into the block, which is to be refused
 *   resize SLOTS SIZE            where it stands
 *   realloc SLOTS SIZE
 *   end                          of a sequence
 *
 * SLOTS: FIRST[..LAST[/STEP]]. SIZE: BYTES[,BYTES...][+MORE], in turns, and so much more for each slot after the first.
 * All numbers are decimal.
 * Lines that begin with # are left out. A line that is none of these, or a pool that cannot be made, ends the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faces.h"
#include "marks.h"

enum { SLOTS = 16384, BYTES = 1 << 20, TURNS = 4 };

static _Alignas(4096) unsigned char memory[BYTES];
static void *blocks[SLOTS];
static size_t dirty; /* bytes at the start of memory that pools may have written to */

/* The sequence under way. */
typedef struct run {
    const face *face;
    void *handle;
} run;

/* A line's numbers. */
typedef struct operation {
    uint32_t first, last, step;
    uint32_t sizes[TURNS], turns, more;
    uint32_t extra;
} operation;

static void die(const char *what)
{
    (void)printf("worst-case: not understood, or not possible: %s\n", what);
    exit(1);
}

static bool word_is(const char *text, const char *word)
{
    size_t length = strlen(word);
    return strncmp(text, word, length) == 0 && (text[length] == ' ' || text[length] == '\n' || text[length] == 0);
}

/* The number at *text, which is left behind it; 0 where there is none. */
static uint32_t number(const char **text)
{
    char *behind;
    uint32_t value = (uint32_t)strtoul(*text, &behind, 10);
    *text = behind;
    return value;
}

static uint32_t number_after(const char **text, const char *sign, uint32_t otherwise)
{
    size_t length = strlen(sign);
    if (strncmp(*text, sign, length) != 0) {
        return otherwise;
    }
    *text += length;
    return number(text);
}

static operation parse(const char *line)
{
    operation op;
    const char *text = strchr(line, ' ');
    if (text == NULL) {
        die(line);
    }
    op.first = number(&text);
    op.last = number_after(&text, "..", op.first);
    op.step = number_after(&text, "/", 1);
    op.sizes[0] = number(&text);
    for (op.turns = 1; op.turns < TURNS && *text == ','; op.turns++) {
        op.sizes[op.turns] = number_after(&text, ",", 0);
    }
    op.more = number_after(&text, "+", 0);
    op.extra = number(&text);
    if (op.last >= SLOTS || op.first > op.last || op.step == 0) {
        die(line);
    }
    return op;
}

/* ---- one operation of each kind ---- */

/* Up to the end of a block, and what is written behind one. */
static void note_dirty(const void *block, uint32_t size)
{
    size_t end = (size_t)((const unsigned char *)block - memory) + size + 128u;
    if (block != NULL && end > dirty) {
        dirty = end < BYTES ? end : BYTES;
    }
}

/* What a pool left behind would be taken for its own by the next, which has the same key. */
static void clear_memory(void)
{
    uint32_t *words = (uint32_t *)(void *)memory;
    for (size_t i = 0; i < dirty / 4u; i++) {
        words[i] = 0;
    }
    dirty = 16u << 10; /* no control data is longer */
}

static void tell(bool served, bool moved)
{
    if (!served) {
        mark_refused();
    } else if (moved) {
        mark_moved();
    } else {
        mark_served();
    }
}

/* The call, unless the interface has no such function: then the operation is left out. */
static bool made(any_function function, uintptr_t first, uintptr_t second, uintptr_t third, uintptr_t *answer)
{
    if (function == NULL) {
        mark_skipped();
        return false;
    }
    *answer = call_marked(function, first, second, third);
    return true;
}

static void do_alloc(const run *r, uint32_t slot, uint32_t size, uint32_t extra)
{
    (void)extra;
    blocks[slot] = (void *)call_marked(r->face->alloc, (uintptr_t)r->handle, size, 0);
    note_dirty(blocks[slot], size);
    tell(blocks[slot] != NULL, false);
}

static void do_aligned(const run *r, uint32_t slot, uint32_t size, uint32_t extra)
{
    uintptr_t alignment = (uintptr_t)1 << extra;
    uintptr_t answer;
    bool first = r->face->alignment_first;
    if (made(r->face->aligned, (uintptr_t)r->handle, first ? alignment : size, first ? size : alignment, &answer)) {
        blocks[slot] = (void *)answer;
        note_dirty(blocks[slot], size);
        tell(answer != 0, false);
    }
}

static void do_free(const run *r, uint32_t slot, uint32_t size, uint32_t extra)
{
    (void)extra;
    if (size != 0 && r->face->gives_silently) { /* it may be another block's address, and nobody would know */
        mark_skipped();
        return;
    }
    uintptr_t answer = call_marked(r->face->give, (uintptr_t)r->handle, (uintptr_t)blocks[slot] + size, 0);
    tell(r->face->gives_silently || answer == 0, false);
    blocks[slot] = size == 0 ? NULL : blocks[slot];
}

static void do_resize(const run *r, uint32_t slot, uint32_t size, uint32_t extra)
{
    uintptr_t answer;
    (void)extra;
    if (made(r->face->resize, (uintptr_t)r->handle, (uintptr_t)blocks[slot], size, &answer)) {
        note_dirty(blocks[slot], size);
        tell(answer == 0, false);
    }
}

static void do_realloc(const run *r, uint32_t slot, uint32_t size, uint32_t extra)
{
    uintptr_t before = (uintptr_t)blocks[slot];
    uintptr_t answer;
    (void)extra;
    if (made(r->face->realloc, (uintptr_t)r->handle, before, size, &answer)) {
        blocks[slot] = answer != 0 ? (void *)answer : blocks[slot];
        note_dirty(blocks[slot], size);
        tell(answer != 0, answer != before);
    }
}

/* ---- lines ---- */

typedef struct kind {
    const char *name;
    void (*make)(const run *r, uint32_t slot, uint32_t size, uint32_t extra);
    bool takes_block;
} kind;

static const kind kinds[] = {
    {"alloc", do_alloc, false}, {"aligned", do_aligned, false}, {"free", do_free, true},
    {"wrong", do_free, true},   {"resize", do_resize, true},    {"realloc", do_realloc, true},
};

static bool make_operation(const run *r, const char *line)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (word_is(line, kinds[i].name)) {
            operation op = parse(line);
            uint32_t made = 0;
            for (uint32_t slot = op.first; slot <= op.last; slot += op.step, made++) {
                uint32_t size = op.sizes[made % op.turns] + made * op.more;
                if (kinds[i].takes_block && blocks[slot] == NULL) {
                    mark_skipped();
                } else {
                    kinds[i].make(r, slot, size, op.extra);
                }
            }
            return true;
        }
    }
    return false;
}

/* The number behind a word of the line, 0 where it does not stand there. */
static uint32_t said(const char *line, const char *word)
{
    const char *text = strstr(line, word);
    if (text == NULL) {
        return 0;
    }
    text += strlen(word);
    return number(&text);
}

static uint32_t engine_of(const char *line)
{
    bool linear = strstr(line, " engine linear") != NULL;
    return strstr(line, " engine bestfit") != NULL ? 2u : linear ? 3u : 1u;
}

static bool begin(run *r, const char *line)
{
    for (const face *f = faces; f->name != NULL; f++) {
        if (word_is(line, f->name)) {
            pool_wish wish = {
                engine_of(line),      said(line, " bytes "), said(line, " count "),          said(line, " park "),
                said(line, " slab "), said(line, " words "), strstr(line, " locked") != NULL};
            if (r->handle != NULL) {
                r->face->close(r->handle);
            }
            clear_memory();
            memset(blocks, 0, sizeof blocks);
            r->face = f;
            r->handle = f->open(&wish, memory, sizeof memory);
            return r->handle != NULL;
        }
    }
    return false;
}

int main(void)
{
    static char line[256];
    run r = {NULL, NULL};
    FILE *file = fopen("operations", "r");
    if (file == NULL) {
        die("no file `operations`");
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (word_is(line, "end")) {
            mark_finished();
        } else if (line[0] != '#' && line[0] != '\n' && !(r.handle != NULL && make_operation(&r, line)) &&
                   !begin(&r, line)) {
            die(line);
        }
    }
    (void)fclose(file);
    return 0;
}
