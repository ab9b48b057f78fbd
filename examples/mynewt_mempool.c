/* SPDX-License-Identifier: MIT */
/*
 * Mynewt's memory pools as firmware uses them: a static buffer, an extended pool whose blocks pass through a callback
 * when they are put, and a listing of all pools. Then what becomes of wrong puts and of a stray write, with CHECK,
 * POISON and GUARD on and a reaction to faults of the program's own.
 *
 *   cc mynewt_mempool.c $(pkg-config --cflags --libs tarn-mynewt) && ./a.out
 */
/* Here because this is one file; a program has them in its syscfg/syscfg.h or on the command line. */
#define OS_ALIGNMENT 8
#define MYNEWT_VAL_OS_MEMPOOL_CHECK 1
#define MYNEWT_VAL_OS_MEMPOOL_POISON 1
#define MYNEWT_VAL_OS_MEMPOOL_GUARD 1
#include "os/os_mempool.h"

#include <stdio.h>

enum { PACKETS = 8, PACKET_BYTES = 36, EVENTS = 4, EVENT_BYTES = 70 };

static os_membuf_t packet_buffer[OS_MEMPOOL_SIZE(PACKETS, PACKET_BYTES)];
static struct os_mempool packets;

static uint8_t event_buffer[OS_MEMPOOL_BYTES(EVENTS, EVENT_BYTES)] __attribute__((aligned(OS_ALIGNMENT)));
static struct os_mempool_ext events;

static int faults;

/* In place of the library's, which prints a line; one that calls abort() stops as Mynewt does. */
void tarn_mynewt_fault(const struct os_mempool *mp, const void *block, const char *what)
{
    printf("  %s: %s\n", mp == NULL ? "?" : mp->name, what);
    faults += block != NULL;
}

/* Called by os_memblock_put() of the extended pool; it gives the block back now, or later from elsewhere. */
static os_error_t event_put(struct os_mempool_ext *ome, void *data, void *arg)
{
    ++*(int *)arg;
    return os_memblock_put_from_cb(&ome->mpe_mp, data);
}

static void list_pools(void)
{
    struct os_mempool_info info;
    for (struct os_mempool *mp = NULL; (mp = os_mempool_info_get_next(mp, &info)) != NULL;) {
        printf("%s: %d blocks of %d bytes, %d free, least free %d\n", info.omi_name, info.omi_num_blocks,
               info.omi_block_size, info.omi_num_free, info.omi_min_free);
    }
}

static void show(const char *what, os_error_t error)
{
    printf("%s: %s\n", what, error == OS_OK ? "OS_OK" : error == OS_INVALID_PARM ? "OS_INVALID_PARM" : "other");
}

static void show_faults(void)
{
    unsigned char *first = os_memblock_get(&packets), *second = os_memblock_get(&packets);
    show("put inside a block", os_memblock_put(&packets, first + 8));
    show("put of the other pool's block", os_memblock_put(&packets, event_buffer));
    second[40] ^= 1; /* the guard: 36 bytes rounded up to the alignment are 40 */
    show("put after a write past the end", os_memblock_put(&packets, second));
    second[40] ^= 1;
    show("put of it, repaired", os_memblock_put(&packets, second));
    show("put", os_memblock_put(&packets, first));
    show("put of a block that is free", os_memblock_put(&packets, second));
    first[20] ^= 1;
    printf("get after a write to a free block: %s\n", os_memblock_get(&packets) == second ? "the next one" : "other");
}

int main(void)
{
    int passed = 0;
    if (os_mempool_init(&packets, PACKETS, PACKET_BYTES, packet_buffer, "packets") != OS_OK ||
        os_mempool_ext_init(&events, EVENTS, EVENT_BYTES, event_buffer, "events") != OS_OK) {
        return 1;
    }
    events.mpe_put_cb = event_put;
    events.mpe_put_arg = &passed;
    void *event = os_memblock_get(&events.mpe_mp);
    show("put through the callback", os_memblock_put(&events.mpe_mp, event));
    show_faults();
    list_pools();
    return passed == 1 && faults == 5 && packets.mp_num_free == PACKETS - 2 ? 0 : 1;
}
