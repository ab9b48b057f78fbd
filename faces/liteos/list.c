/* SPDX-License-Identifier: MIT */
/*
 * What LiteOS prints about pools: the table of LOS_MemPoolList() and the free nodes by power of two. The layouts are
 * those of the LiteOS guides to the byte, trailing blanks included.
 */
#include "face.h"
#include "text.h"

/* Free nodes are counted by floor(log2(size)), within 2^4 .. 2^29; lines of the listing hold 8 classes. */
#define CLASS_LOWEST 4u
#define CLASS_COUNT 26u
#define CLASSES_PER_LINE 8u

VOID tarn_liteos_say_wrong_pool(const VOID *pool, INT32 line)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] wrong mem pool addr: ");
    put_address(&text, pool);
    tarn_liteos_put(&text, ", line:");
    tarn_liteos_put_number(&text, (UINT32)line, 0);
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}

static VOID put_titles(tarn_liteos_text *text, bool waterline)
{
    tarn_liteos_put(text, "pool addr          pool size    used size     free size    "
                          "max free node size   used node num     free node num");
    tarn_liteos_put(text, waterline ? "      UsageWaterLine\n" : "\n");
    tarn_liteos_put(text, "---------------    --------     -------       --------     "
                          "--------------       -------------      ------------");
    tarn_liteos_put(text, waterline ? "      ------------\n" : "\n");
}

static VOID put_row(tarn_liteos_text *text, const VOID *pool, const LOS_MEM_POOL_STATUS *status, bool waterline)
{
    tarn_liteos_put_hex(text, (UINTPTR)pool, 14); /* 16 with the prefix, which the other columns do not count */
    tarn_liteos_put(text, "   ");
    tarn_liteos_put_hex(text, LOS_MemPoolSizeGet(pool), 8);
    tarn_liteos_put(text, "   ");
    tarn_liteos_put_hex(text, status->uwTotalUsedSize, 8);
    tarn_liteos_put(text, "    ");
    tarn_liteos_put_hex(text, status->uwTotalFreeSize, 8);
    tarn_liteos_put(text, "   ");
    tarn_liteos_put_hex(text, status->uwMaxFreeNodeSize, 16);
    tarn_liteos_put(text, "   ");
    tarn_liteos_put_hex(text, status->uwUsedNodeNum, 13);
    tarn_liteos_put(text, "    ");
    tarn_liteos_put_hex(text, status->uwFreeNodeNum, 13);
    if (waterline) {
        tarn_liteos_put(text, "    ");
        tarn_liteos_put_hex(text, status->uwUsageWaterLine, 13);
    }
    tarn_liteos_put(text, "\n");
}

VOID OsMemInfoPrint(const VOID *pool)
{
    LOS_MEM_POOL_STATUS status;
    if (LOS_MemInfoGet((VOID *)(UINTPTR)pool, &status) != LOS_OK) {
        return;
    }
    bool waterline = tarn_liteos_has_waterline_column();
    tarn_liteos_text text;
    text_begin(&text);
    put_titles(&text, waterline);
    put_row(&text, pool, &status, waterline);
    tarn_liteos_put_end(&text);
}

UINT32 LOS_MemPoolList(VOID)
{
    tarn_registration entry;
    UINT32 index = 0;
    (void)tarn_liteos_system();
    for (; tarn_registered(TARN_FACE_LITEOS, index, &entry); index++) {
        tarn_liteos_text text;
        text_begin(&text);
        tarn_liteos_put(&text, "pool");
        tarn_liteos_put_number(&text, index, 0);
        tarn_liteos_put(&text, " :\n");
        tarn_liteos_put_end(&text);
        OsMemInfoPrint(entry.pool);
    }
    return index;
}

static bool count_free(const tarn_block *block, void *context)
{
    UINT32 *counts = (UINT32 *)context;
    if (block->state == TARN_BLOCK_FREE) {
        UINT32 class_of = 0;
        while (class_of < CLASS_COUNT - 1u && block->size >> (class_of + CLASS_LOWEST + 1u) != 0) {
            class_of++;
        }
        counts[class_of]++;
    }
    return true;
}

static VOID put_classes(tarn_liteos_text *text, const UINT32 *counts, UINT32 from, UINT32 to)
{
    tarn_liteos_put(text, "\n    block size:  ");
    for (UINT32 i = from; i < to; i++) {
        tarn_liteos_put(text, "2^");
        tarn_liteos_put_number(text, i + CLASS_LOWEST, 5);
    }
    tarn_liteos_put(text, "\n    node number: ");
    for (UINT32 i = from; i < to; i++) {
        tarn_liteos_put(text, "  ");
        tarn_liteos_put_number(text, counts[i], 5);
    }
}

UINT32 LOS_MemFreeNodeShow(VOID *pool)
{
    tarn_stats stats;
    if (!counts_of(pool, &stats)) {
        tarn_liteos_say_wrong_pool(pool, __LINE__);
        return LOS_NOK;
    }
    UINT32 counts[CLASS_COUNT] = {0};
    if (tarn_walk_held(pool_of(pool), count_free, counts) != TARN_OK) {
        (void)tarn_liteos_check_failed(pool, "LOS_MemFreeNodeShow", __LINE__);
        return LOS_NOK;
    }
    /* The original counts 2^29 and never shows it; shown here if there is something to show. */
    UINT32 shown = counts[CLASS_COUNT - 1u] != 0 ? CLASS_COUNT : CLASS_COUNT - 1u;
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "\n   ************************ left free node number**********************");
    for (UINT32 from = 0; from < shown; from += CLASSES_PER_LINE) {
        put_classes(&text, counts, from, from + CLASSES_PER_LINE < shown ? from + CLASSES_PER_LINE : shown);
    }
    tarn_liteos_put(&text, "\n   ********************************************************************\n\n");
    tarn_liteos_put_end(&text);
    return LOS_OK;
}
