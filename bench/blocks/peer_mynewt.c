/* SPDX-License-Identifier: MIT */
/*
 * The list that Mynewt's os_mempool documents, written anew: a count of free blocks, its lowest value, links as
 * pointers, and critical sections that are empty here. With its checks off, which is how it is built by default, put
 * looks at nothing but NULL: a foreign, misplaced or surplus block goes into the list. A pool may have a callback that
 * put calls instead.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "peers.h"

enum { HAS_CALLBACK = 1 };

typedef struct mempool mempool;

struct mempool {
    uint32_t block_size;
    uint16_t blocks;
    uint16_t free;
    uint16_t fewest_free;
    uint8_t flags;
    void *first;
    int (*callback)(mempool *pool, void *block);
};

void *mynewt_get(void *pool);
int mynewt_put(void *pool, void *block);
pattern *const *direct_patterns(void);
peer_filler peer_fill;

/* Masking interrupts does nothing on a host, but the compiler may not move accesses across. */
static inline void section(void)
{
    __asm__ volatile("" : : : "memory");
}

void *mynewt_get(void *pool)
{
    mempool *p = pool;
    void *block = NULL;
    if (p != NULL) {
        section();
        if (p->free != 0) {
            block = p->first;
            memcpy(&p->first, block, sizeof p->first);
            p->free--;
            if (p->fewest_free > p->free) {
                p->fewest_free = p->free;
            }
        }
        section();
    }
    return block;
}

int mynewt_put(void *pool, void *block)
{
    mempool *p = pool;
    if (p == NULL || block == NULL) {
        return 3;
    }
    if ((p->flags & HAS_CALLBACK) != 0 && p->callback != NULL) {
        return p->callback(p, block);
    }
    section();
    memcpy(block, &p->first, sizeof p->first);
    p->first = block;
    p->free++;
    section();
    return 0;
}

static mempool *make(void)
{
    mempool *p = aligned_alloc(4096, 4096);
    unsigned char *blocks = aligned_alloc(4096, ((size_t)PEER_BLOCKS * PEER_BYTES + 4095u) & ~(size_t)4095u);
    if (p == NULL || blocks == NULL) {
        abort();
    }
    *p = (mempool){.block_size = PEER_BYTES, .blocks = PEER_BLOCKS};
    for (size_t i = PEER_BLOCKS; i-- > 0;) {
        (void)mynewt_put(p, blocks + i * PEER_BYTES);
    }
    p->fewest_free = p->free;
    return p;
}

int peer_fill(peer *peers)
{
    peers[0] = (peer){"Mynewt's list (as documented, no checks)", false, make(), mynewt_get,
                      (peer_put *)(void (*)(void))mynewt_put,     NULL,  NULL,   NULL};
    peers[1] = peers[0];
    peers[1].name = "Mynewt's list (as documented, no checks), by name";
    peers[1].direct = direct_patterns();
    return 2;
}
