/* SPDX-License-Identifier: MIT */
/*
 * A firmware that uses three memory interfaces side by side, for a Cortex-M4: LiteOS dynamic memory, FMemp of the
 * Phytium SDK and Mynewt's os_mempool. Then one task writes past its block, on purpose: the next free is refused and
 * reported on the console, and the RAM is written to a file of the host's, ram.bin, for `tarn inspect`. README.md has
 * the commands.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fmempory_pool.h"
#include "los_memory.h"
#include "os/os_mempool.h"
#include "tarn/liteos.h"
#include "tarn/report.h"

enum { FRAMES = 4, FRAME_BYTES = 64 };

static _Alignas(16) unsigned char liteos_memory[4096];
static _Alignas(16) unsigned char fmemp_memory[4096];
static os_membuf_t frame_memory[OS_MEMPOOL_SIZE(FRAMES, FRAME_BYTES)];
static struct os_mempool frames;
static FMemp fmemp;

/* Each block of a LiteOS pool notes who called for it. No system pool: its memory is nobody's here. */
const tarn_liteos_settings tarn_liteos_config = {.callers = TARN_LITEOS_ON};

/* The task that made the mistake, and the task that met it. */
static char *message;
static char *state;

__attribute__((noinline)) static void take_message(void)
{
    message = LOS_MemAlloc(liteos_memory, 24);
}

__attribute__((noinline)) static void take_state(void)
{
    state = LOS_MemAlloc(liteos_memory, 48);
}

static void use_pools(void)
{
    void *packet = FMempMalloc(&fmemp, 300);
    void *frame = os_memblock_get(&frames);
    take_message();
    take_state();
    printf("message %p, state %p, packet %p, frame %p; %u frames are left\n", (void *)message, (void *)state, packet,
           frame, (unsigned)frames.mp_num_free);
}

/* 24 bytes were asked for, and 56 are filled: over the words and the header of the block behind. */
static void make_the_mistake(void)
{
    memset(message, 'Z', 56);
}

/* The RAM that the program uses, from symbols of picolibc's linker script. */
extern unsigned char __data_start[];
extern unsigned char __bss_end[];

static int dump_ram(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    size_t bytes = (size_t)(__bss_end - __data_start);
    if (file < 0 || write(file, __data_start, bytes) != (int)bytes || close(file) != 0) {
        return 1;
    }
    printf("%s: %u bytes from %p\n", path, (unsigned)bytes, (void *)__data_start);
    return 0;
}

int main(void)
{
    if (LOS_MemInit(liteos_memory, sizeof liteos_memory) != LOS_OK ||
        FMempInit(&fmemp, fmemp_memory, fmemp_memory + sizeof fmemp_memory) != FMEMP_SUCCESS ||
        os_mempool_init(&frames, FRAMES, FRAME_BYTES, frame_memory, "frames") != OS_OK ||
        tarn_reports_on() != TARN_OK) {
        return 1;
    }
    use_pools();
    make_the_mistake();
    printf("free of state: %s\n", LOS_MemFree(liteos_memory, state) == LOS_OK ? "done" : "refused");
    return dump_ram("ram.bin");
}
