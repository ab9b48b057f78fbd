/* SPDX-License-Identifier: MIT */
/*
 * Checks: the whole pool, the size of one block, and what shells and checked memset and memcpy make of them.
 */
#include "called.h"
#include "face.h"
#include "tarn/report.h"
#include "text.h"

static UINT8 check_level = LOS_MEM_CHECK_LEVEL_DEFAULT;

static VOID put_left_neighbour(tarn_liteos_text *text, const VOID *pool, UINTPTR address)
{
    tarn_stats counts;
    tarn_block left;
    if (!counts_of(pool, &counts) ||
        tarn_block_at(const_pool_of(pool), (const VOID *)(address - counts.overhead - 1u), &left) != TARN_OK) {
        tarn_liteos_put(text, ", pre node: not reachable");
        return;
    }
    tarn_liteos_put(text, ", pre node: ");
    tarn_liteos_put_hex(text, image_address(pool) + (UINTPTR)left.offset, 0);
    if (left.state == TARN_BLOCK_FREE) {
        tarn_liteos_put(text, " free");
    } else {
        tarn_liteos_put(text, " allocated by task ");
        tarn_liteos_put_hex(text, owner_task(left.owner), 0);
    }
}

static VOID say_finding(const VOID *pool, const tarn_finding *finding, const CHAR *caller, INT32 line)
{
    UINTPTR address = image_address(pool) + (UINTPTR)finding->offset;
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] [");
    tarn_liteos_put(&text, caller);
    tarn_liteos_put(&text, "], ");
    tarn_liteos_put_number(&text, (UINT32)line, 0);
    tarn_liteos_put(&text, ", memory check error!\nrule I");
    tarn_liteos_put_number(&text, finding->rule, 0);
    tarn_liteos_put(&text, " (");
    tarn_liteos_put(&text, tarn_rule_text(finding->rule));
    tarn_liteos_put(&text, ") broken in pool ");
    put_address(&text, pool);
    tarn_liteos_put(&text, " at ");
    tarn_liteos_put_hex(&text, address, 0);
    tarn_liteos_put(&text, ": ");
    tarn_liteos_put_hex(&text, finding->found, 0);
    tarn_liteos_put(&text, " instead of ");
    tarn_liteos_put_hex(&text, finding->expected, 0);
    if (finding->rule == TARN_RULE_CHECK || finding->rule == TARN_RULE_TILING) {
        put_left_neighbour(&text, pool, address);
    }
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}

bool tarn_liteos_check_failed(const VOID *pool, const CHAR *caller, INT32 line)
{
    tarn_finding finding = {0};
    tarn_status status = tarn_check(const_pool_of(pool), &finding);
    if (status == TARN_E_DAMAGED) {
        say_finding(pool, &finding, caller, line);
    }
    return status != TARN_OK;
}

UINT32 LOS_MemIntegrityCheck(const VOID *pool)
{
    return tarn_liteos_check_failed(pool, "LOS_MemIntegrityCheck", __LINE__) ? LOS_NOK : LOS_OK;
}

static VOID say(const CHAR *line)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, line);
    tarn_liteos_put_end(&text);
}

VOID OsMemIntegrityMultiCheck(VOID)
{
    const UINT8 *system = tarn_liteos_system();
    if (LOS_MemIntegrityCheck(system) == LOS_OK) {
        say("system memcheck over, all passed!\n");
    }
    if (m_aucSysMem0 != system && LOS_MemIntegrityCheck(m_aucSysMem0) == LOS_OK) {
        say("exc interaction memcheck over, all passed!\n");
    }
}

/* LR[0] is the call, the rest who called that; 0 where the pool has no such word. */
static bool show_used(const tarn_block *block, void *context)
{
    const VOID *pool = context;
    UINT32 digits = 2u * (UINT32)sizeof(VOID *);
    const UINT32 sites[LOS_RECORD_LR_CNT] = {block->site, block->callers[0], block->callers[1]};
    if (!tarn_block_owned(block)) {
        return true;
    }
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put_digits(&text, image_address(pool) + (UINTPTR)block->offset, digits);
    tarn_liteos_put(&text, ": ");
    for (UINT32 i = 0; i < LOS_RECORD_LR_CNT; i++) {
        tarn_liteos_put(&text, " ");
        tarn_liteos_put_digits(&text, (UINTPTR)tarn_site_address(sites[i]), digits);
        tarn_liteos_put(&text, " ");
    }
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
    return true;
}

VOID OsMemUsedNodeShow(VOID *pool)
{
    bool wide = sizeof(VOID *) == 8;
    if (pool == NULL) {
        say("input param is NULL\n");
        return;
    }
    if (tarn_liteos_check_failed(pool, "LOS_MemIntegrityCheck", __LINE__)) {
        say("LOS_MemIntegrityCheck error\n");
        return;
    }
    say(wide ? "node                        LR[0]               LR[1]               LR[2]       \n"
             : "node            LR[0]       LR[1]       LR[2]   \n");
    (void)tarn_walk(pool_of(pool), show_used, pool);
    (void)tarn_slab_walk(pool_of(pool), show_used, pool);
}

VOID LOS_MemUsedNodeShow(VOID *pool)
{
    OsMemUsedNodeShow(pool);
}

VOID OsMemResetEndNode(VOID *pool, UINTPTR preAddr)
{
    (VOID) pool;
    (VOID) preAddr;
}

UINT32 LOS_MemCheckLevelSet(UINT8 checkLevel)
{
    switch (checkLevel) {
    case LOS_MEM_CHECK_LEVEL_LOW:
        say("LOS_MemCheckLevelSet: LOS_MEM_CHECK_LEVEL_LOW \n");
        break;
    case LOS_MEM_CHECK_LEVEL_HIGH:
        say("LOS_MemCheckLevelSet: LOS_MEM_CHECK_LEVEL_HIGH \n");
        break;
    case LOS_MEM_CHECK_LEVEL_DISABLE:
        say("LOS_MemCheckLevelSet: LOS_MEM_CHECK_LEVEL_DISABLE \n");
        break;
    default:
        say("LOS_MemCheckLevelSet: wrong param, setting failed !! \n");
        return LOS_ERRNO_MEMCHECK_WRONG_LEVEL;
    }
    check_level = checkLevel;
    return LOS_OK;
}

UINT8 LOS_MemCheckLevelGet(VOID)
{
    return check_level;
}

/* The used block whose payload holds ptr, at level LOW only if it begins there. */
static bool block_for_level(const VOID *pool, const VOID *ptr, tarn_block *block)
{
    if (check_level == LOS_MEM_CHECK_LEVEL_LOW) {
        return block_of(pool, ptr, block);
    }
    return tarn_block_at(const_pool_of(pool), ptr, block) == TARN_OK && tarn_block_owned(block) &&
           (UINTPTR)ptr >= image_address(pool) + (UINTPTR)block->offset;
}

UINT32 LOS_MemNodeSizeCheck(VOID *pool, VOID *ptr, UINT32 *totalSize, UINT32 *availSize)
{
    tarn_block block;
    tarn_stats stats;
    if (check_level == LOS_MEM_CHECK_LEVEL_DISABLE) {
        return LOS_ERRNO_MEMCHECK_DISABLED;
    }
    if (pool == NULL || ptr == NULL || totalSize == NULL || availSize == NULL) {
        return LOS_ERRNO_MEMCHECK_PARA_NULL;
    }
    if (!counts_of(pool, &stats) || (UINTPTR)ptr - (UINTPTR)pool >= stats.bytes) {
        return LOS_ERRNO_MEMCHECK_OUTSIDE;
    }
    if (!block_for_level(pool, ptr, &block)) {
        return LOS_ERRNO_MEMCHECK_NO_HEAD;
    }
    *totalSize = block.usable;
    *availSize = block.usable - (UINT32)((UINTPTR)ptr - image_address(pool) - (UINTPTR)block.offset);
    return LOS_OK;
}

static VOID say_too_long(const CHAR *who, UINT32 available, const CHAR *what, UINT32 length)
{
    static const CHAR dashes[] = "[ERR] ---------------------------------------------\n";
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, dashes);
    tarn_liteos_put(&text, "[ERR] ");
    tarn_liteos_put(&text, who);
    tarn_liteos_put(&text, " inode availSize is not enough availSize = ");
    tarn_liteos_put_hex(&text, available, 0);
    tarn_liteos_put(&text, ", ");
    tarn_liteos_put(&text, what);
    tarn_liteos_put(&text, " length = ");
    tarn_liteos_put_hex(&text, length, 0);
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put(&text, dashes);
    tarn_liteos_put_end(&text);
}

/* True if ptr lies in a block of the kernel's pools that ends less than length bytes further on. */
static bool too_long(VOID *ptr, UINT32 length, UINT32 *available)
{
    UINT32 total;
    UINT8 *pool = tarn_liteos_system();
    if ((UINTPTR)ptr - (UINTPTR)m_aucSysMem0 < g_excInteractMemSize) {
        pool = m_aucSysMem0;
    }
    return LOS_MemNodeSizeCheck(pool, ptr, &total, available) == LOS_OK && length > *available;
}

UINT32 OsMemSysNodeCheck(VOID *dst, VOID *src, UINT32 len, UINT8 pos)
{
    UINT32 available = 0;
    if (pos == 0 && too_long(dst, len, &available)) {
        say_too_long("memset: dst", available, "memset", len);
        return LOS_NOK;
    }
    if (pos == 1 && too_long(dst, len, &available)) {
        say_too_long("memcpy: dst", available, "memcpy", len);
        return LOS_NOK;
    }
    if (pos == 1 && too_long(src, len, &available)) {
        say_too_long("memcpy: src", available, "memcpy", len);
        return LOS_NOK;
    }
    return LOS_OK;
}
