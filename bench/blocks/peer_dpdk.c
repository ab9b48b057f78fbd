/* SPDX-License-Identifier: MIT */
/* DPDK's rte_mempool without huge pages: with a cache of 256 per thread, without, and without for one thread only. */
#define _GNU_SOURCE
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <sched.h>

#include "peers.h"

static void *dpdk_get(void *pool)
{
    void *block;
    return rte_mempool_get(pool, &block) == 0 ? block : NULL;
}

static void dpdk_put(void *pool, void *block)
{
    rte_mempool_put(pool, block);
}

/* Only threads that it knows have a cache. */
static void dpdk_enter(void)
{
    (void)rte_thread_register();
}

static void dpdk_leave(void)
{
    rte_thread_unregister();
}

static int add(peer *p, const char *name, const char *key, unsigned cache, unsigned flags)
{
    void *pool =
        rte_mempool_create(key, PEER_BLOCKS, PEER_BYTES, cache, 0, NULL, NULL, NULL, NULL, SOCKET_ID_ANY, flags);
    *p = (peer){name, flags == 0, pool, dpdk_get, dpdk_put, dpdk_enter, dpdk_leave, NULL};
    return pool != NULL;
}

peer_filler peer_fill;

int peer_fill(peer *peers)
{
    char *arguments[] = {"bench", "--no-huge", "--no-pci",      "--no-shconf",      "--no-telemetry",
                         "-m",    "64",        "--log-level=1", "--lcores=0@(0-1)", NULL};
    cpu_set_t before;
    (void)sched_getaffinity(0, sizeof before, &before);
    int count = 0;
    if (rte_eal_init((int)(sizeof arguments / sizeof arguments[0]) - 1, arguments) < 0) {
        return 0;
    }
    (void)sched_setaffinity(0, sizeof before, &before); /* it pins who calls it */
    count += add(&peers[count], "DPDK, cache of 256", "cached", 256, 0);
    count += add(&peers[count], "DPDK, no cache", "shared", 0, 0);
    count += add(&peers[count], "DPDK, no cache, one thread", "single", 0, RTE_MEMPOOL_F_SP_PUT | RTE_MEMPOOL_F_SC_GET);
    return count;
}
