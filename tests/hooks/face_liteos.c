/* SPDX-License-Identifier: MIT */
/* LiteOS pools with a hook: what the tools must have nothing to say about. */
#include "face.h"
#include "los_memory.h"

static UINT32 bytes[4096];

int main(void)
{
    char *block[8];
    begin();
    must(LOS_MemInit(bytes, sizeof bytes) == LOS_OK, "LOS_MemInit");
    for (unsigned i = 0; i < 8; i++) {
        block[i] = i % 2 == 0 ? LOS_MemAlloc(bytes, 33 + i) : LOS_MemAllocAlign(bytes, 33 + i, 64);
        must(block[i] != NULL, "LOS_MemAlloc");
        memset(block[i], (int)i, 33 + i);
    }
    for (unsigned i = 0; i < 8; i += 3) {
        block[i] = LOS_MemRealloc(bytes, block[i], 200 + i);
        must(block[i] != NULL && block[i][32 + i] == (char)i, "LOS_MemRealloc");
        memset(block[i], (int)i, 200 + i);
    }
    must(LOS_MemIntegrityCheck(bytes) == LOS_OK, "LOS_MemIntegrityCheck");
    must(LOS_MemTotalUsedGet(bytes) != 0 && LOS_MemFreeBlksGet(bytes) != 0, "statistics");
    for (unsigned i = 0; i < 8; i++) {
        must(LOS_MemFree(bytes, block[i]) == LOS_OK, "LOS_MemFree");
    }
    must(LOS_MemDeInit(bytes) == LOS_OK, "LOS_MemDeInit");
    memset(bytes, 1, sizeof bytes);
    return 0;
}
