/* SPDX-License-Identifier: MIT */
/* Mynewt's pools beside a hook, which does not know their blocks: the tools must have nothing to say. */
#include "face.h"
#include "os/os_mempool.h"

static os_membuf_t buffer[OS_MEMPOOL_SIZE(8, 36)];

int main(void)
{
    static struct os_mempool pool;
    void *block[8];
    begin();
    must(os_mempool_init(&pool, 8, 36, buffer, "blocks") == OS_OK, "os_mempool_init");
    for (unsigned i = 0; i < 8; i++) {
        block[i] = os_memblock_get(&pool);
        must(block[i] != NULL, "os_memblock_get");
        memset(block[i], 1, 36);
    }
    must(os_memblock_get(&pool) == NULL, "a ninth block");
    for (unsigned i = 0; i < 8; i++) {
        must(os_memblock_put(&pool, block[i]) == OS_OK, "os_memblock_put");
    }
    must(os_mempool_is_sane(&pool), "os_mempool_is_sane");
    return 0;
}
