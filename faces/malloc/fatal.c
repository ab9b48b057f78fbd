/* SPDX-License-Identifier: MIT */
/*
 * The end of a program that misused its heap: a report on stderr, then abort(), as glibc does. Written with nothing but
 * write(), from a stack buffer.
 *
 * Bound: blocks of the pool.
 */
#include <stdlib.h>
#include <unistd.h>

#include "face.h"
#include "image.h"
#include "tarn/inspect.h"

static void add_program(tarn_malloc_text *text)
{
    tarn_malloc_text_add(text, " [");
    tarn_malloc_text_add(text, tarn_malloc_program());
    tarn_malloc_text_add(text, ", pid ");
    tarn_malloc_text_add_number(text, (uint64_t)getpid());
    tarn_malloc_text_add(text, "]\n");
}

/* Where in the pool the pointer leads, if anywhere. */
static void add_place(tarn_malloc_text *text, const tarn_malloc_heap *heap, const void *pointer)
{
    tarn_block block;
    if (tarn_block_at(heap->pool, pointer, &block) != TARN_OK) {
        return;
    }
    uintptr_t payload = (uintptr_t)image_base(heap->pool) + (uintptr_t)block.offset;
    uintptr_t address = (uintptr_t)pointer;
    tarn_malloc_text_add(text, "tarn: the address lies ");
    tarn_malloc_text_add_number(text, address >= payload ? address - payload : payload - address);
    tarn_malloc_text_add(text, address >= payload ? " bytes into" : " bytes before");
    tarn_malloc_text_add(text, block.state == TARN_BLOCK_FREE ? " the free block of " : " the used block of ");
    tarn_malloc_text_add_number(text, block.usable);
    tarn_malloc_text_add(text, " bytes at ");
    tarn_malloc_text_add_address(text, payload);
    tarn_malloc_text_add(text, "\n");
}

/* What each rule of tarn/inspect.h is about. */
static const char *rule_text(uint32_t rule)
{
    static const char *const texts[] = {
        [0] = "unknown rule",
        [TARN_RULE_HEADER] = "pool header",
        [TARN_RULE_TILING] = "blocks without gap",
        [TARN_RULE_CHECK] = "block header",
        [TARN_RULE_MERGED] = "no two free neighbours",
        [TARN_RULE_LEFT] = "left neighbour's flag",
        [TARN_RULE_TAG] = "free block's size tag",
        [TARN_RULE_LISTED] = "free block listed",
        [TARN_RULE_LINKS] = "free block's links",
        [TARN_RULE_BITMAP] = "free list bitmap",
        [TARN_RULE_COUNTS] = "statistics",
        [TARN_RULE_MAP] = "map of used blocks",
    };
    return texts[rule < sizeof texts / sizeof texts[0] ? rule : 0];
}

/* Who may have written past its end, where a block's header is what broke. */
static void add_left_neighbour(tarn_malloc_text *text, const tarn_pool *pool, const tarn_finding *finding)
{
    tarn_stats counts;
    tarn_block left;
    const unsigned char *payload = image_base(pool) + (size_t)finding->offset;
    bool header = finding->rule == TARN_RULE_CHECK || finding->rule == TARN_RULE_TILING;
    if (!header || tarn_counts_get(pool, &counts) != TARN_OK ||
        tarn_block_at(pool, payload - counts.overhead - 1, &left) != TARN_OK || left.state == TARN_BLOCK_FREE) {
        return;
    }
    tarn_malloc_text_add(text, "tarn: the used block before it has ");
    tarn_malloc_text_add_number(text, left.usable);
    tarn_malloc_text_add(text, " bytes at ");
    tarn_malloc_text_add_address(text, (uintptr_t)image_base(pool) + (uintptr_t)left.offset);
    tarn_malloc_text_add(text, "\n");
}

void tarn_malloc_damaged_pool(const char *function, const tarn_pool *pool, const tarn_finding *finding)
{
    tarn_malloc_text text = {.length = 0};
    tarn_malloc_text_add(&text, "tarn: ");
    tarn_malloc_text_add(&text, function);
    tarn_malloc_text_add(&text, "(): the heap is damaged near ");
    tarn_malloc_text_add_address(&text, (uintptr_t)image_base(pool) + (uintptr_t)finding->offset);
    tarn_malloc_text_add(&text, ": rule I");
    tarn_malloc_text_add_number(&text, finding->rule);
    tarn_malloc_text_add(&text, " (");
    tarn_malloc_text_add(&text, rule_text(finding->rule));
    tarn_malloc_text_add(&text, ")");
    add_program(&text);
    (void)tarn_malloc_enter();
    add_left_neighbour(&text, pool, finding);
    tarn_malloc_leave();
    tarn_malloc_text_write(&text, STDERR_FILENO);
    abort();
}

/* Ends the program if the heap is what is wrong, and not the pointer. */
static void end_if_damaged(const char *function)
{
    tarn_finding finding = {0};
    const tarn_pool *pool = tarn_malloc_enter()->pool;
    tarn_status status = tarn_check(pool, &finding);
    tarn_malloc_leave();
    if (status == TARN_E_DAMAGED && finding.rule != 0) {
        tarn_malloc_damaged_pool(function, pool, &finding);
    }
}

void tarn_malloc_bad_pointer(const char *function, const void *block, tarn_status status)
{
    if (status == TARN_E_DAMAGED) {
        end_if_damaged(function);
    }
    tarn_malloc_text text = {.length = 0};
    tarn_malloc_text_add(&text, "tarn: ");
    tarn_malloc_text_add(&text, function);
    tarn_malloc_text_add(&text, "(): bad pointer ");
    tarn_malloc_text_add_address(&text, (uintptr_t)block);
    tarn_malloc_text_add(&text, ": ");
    tarn_malloc_text_add(&text, tarn_status_text(status));
    add_program(&text);
    add_place(&text, tarn_malloc_enter(), block);
    tarn_malloc_leave();
    tarn_malloc_text_write(&text, STDERR_FILENO);
    abort();
}
