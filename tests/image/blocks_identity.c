/* SPDX-License-Identifier: MIT */
/*
 * Writes the images of many block pools, each after the same random calls, for run_blocks_identity.sh to compare
 * between word sizes and compilers. A program of its own: nothing of the build but the sources of tarn is in it.
 *
 *   blocks_identity FILE      prints: images bytes calls
 */
#include <stdio.h>
#include <string.h>

#include "prng.h"
#include "tarn/blocks.h"

enum { ROOM = 16384, CALLS = 400, MOST = 4096, SEED = 20261120 };

static _Alignas(4096) unsigned char memory[ROOM];

/* Calls that the seed decides; addresses that are refused too, since refusals are counted in the image. */
static int drive(tarn_blocks *pool, prng *random)
{
    static void *held[MOST];
    uint32_t count = 0;
    for (uint32_t call = 0; call < CALLS; call++) {
        uint32_t kind = prng_below(random, 10);
        if (kind < 5) {
            void *block = tarn_blocks_get(pool);
            if (block != NULL) {
                prng_fill(random, block, tarn_blocks_usable(pool));
                held[count++] = block;
            }
        } else if (kind < 9 && count != 0) {
            uint32_t place = prng_below(random, count);
            if (tarn_blocks_put(pool, held[place]) != TARN_OK) {
                return 1;
            }
            held[place] = held[--count];
        } else {
            (void)tarn_blocks_put(pool, memory + 1 + prng_below(random, ROOM / 4) * 4u);
            (void)tarn_blocks_low_reset(pool);
        }
    }
    return tarn_blocks_check(pool, NULL) != TARN_OK;
}

int main(int argc, char **argv)
{
    unsigned long images = 0;
    int failed = 0;
    prng random = prng_make(SEED, 0);
    FILE *file = argc == 2 ? fopen(argv[1], "wb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: blocks_identity FILE\n");
        return 2;
    }
    for (uint32_t flags = 0; flags < 64; flags++) {
        for (uint32_t i = 0; i < 6; i++) {
            tarn_blocks *pool;
            tarn_blocks_options options = {0, 0, flags | TARN_BLOCKS_UNREGISTERED, i % 3u, NULL};
            options.alignment = i < 3 ? 0 : UINT32_C(8) << i;
            memset(memory, 0, sizeof memory);
            failed |=
                tarn_blocks_init(&pool, memory, ROOM - 100u * i, 1u + prng_below(&random, 100), &options) != TARN_OK;
            failed |= failed || drive(pool, &random);
            failed |= fwrite(memory, 1, ROOM, file) != ROOM;
            images++;
        }
    }
    failed |= fclose(file) != 0;
    printf("%lu %lu %lu\n", images, images * ROOM, images * CALLS);
    return failed;
}
