#!/bin/sh
# SPDX-License-Identifier: MIT
# The configuration `smallest`: what it leaves out is refused by name, in a pool that is to be made and in one that was
# made by another build; what it has works.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 -c 'import kconfiglib' 2>/dev/null || { echo "python3-kconfiglib is not installed"; exit 77; }
cc=${CC:-cc}

cat >"$work/program.c" <<'END_OF_PROGRAM'
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "tarn/inspect.h"
#include "tarn/pool.h"
static _Alignas(16) unsigned char memory[8192];
static void refused(tarn_options options)
{
    tarn_pool *pool;
    assert(tarn_init(&pool, memory, sizeof memory, &options) == TARN_E_UNAVAILABLE && pool == NULL);
    assert(tarn_overhead(sizeof memory, &options) == 0);
}
/* With an argument writes the image of a pool with an owner word there, else reads it. */
int main(int count, char **arguments)
{
    tarn_pool *pool;
    FILE *file = fopen(arguments[1], count > 2 ? "wb" : "rb");
    assert(file != NULL);
    if (count > 2) {
        tarn_options owners = {.extension_words = 1};
        assert(tarn_init(&pool, memory, sizeof memory, &owners) == TARN_OK && tarn_alloc(pool, 10) != NULL);
        return fwrite(memory, sizeof memory, 1, file) == 1 && fclose(file) == 0 ? 0 : 1;
    }
    tarn_view view;
    assert(fread(memory, sizeof memory, 1, file) == 1);
    assert(tarn_view_open(&view, memory, sizeof memory) == TARN_E_UNAVAILABLE);
    assert(tarn_adopt(&pool, memory, sizeof memory) == TARN_E_UNAVAILABLE);
    refused((tarn_options){.extension_words = 1});
    refused((tarn_options){.recognition = TARN_RECOGNISE_EXACT});
    refused((tarn_options){.flags = TARN_POOL_GUARD});
    refused((tarn_options){.flags = TARN_POOL_POISON});
    refused((tarn_options){.flags = TARN_POOL_ZERO_ON_FREE});
    refused((tarn_options){.flags = TARN_POOL_BACKUP});
    refused((tarn_options){.quarantine = 256});
    refused((tarn_options){.park = 256});
    refused((tarn_options){.slab = 32});
    assert(tarn_init(&pool, memory, sizeof memory, NULL) == TARN_OK);
    unsigned char *block = tarn_alloc(pool, 100);
    void *other = tarn_alloc_aligned(pool, 100, 64);
    assert(block != NULL && other != NULL);
    memset(block, 7, 100);
    block = tarn_realloc(pool, block, 1000);
    assert(block != NULL && block[0] == 7 && block[99] == 7 && tarn_check(pool, NULL) == TARN_OK);
    assert(tarn_free(pool, block + 8) != TARN_OK && tarn_free(pool, block) == TARN_OK);
    assert(tarn_free(pool, block) == TARN_E_DOUBLE_FREE && tarn_free(pool, other) == TARN_OK);
    tarn_stats stats;
    assert(tarn_stats_get(pool, &stats) == TARN_OK && stats.used == 0 && stats.refusals == 2);
    return 0;
}
END_OF_PROGRAM

# built CONFIGURATION: the program with the core of that configuration.
built() {
    mkdir -p "$work/$1/tarn"
    scripts/kconfig defconfig "configs/$1.defconfig" "$work/$1/config"
    scripts/kconfig header "$work/$1/config" "$work/$1/tarn/config.h"
    $cc -std=c11 -O1 -Wall -Wextra -Werror -Iinclude -Isrc -I"$work/$1" "$work/program.c" src/*.c ports/nolock/*.c \
        -o "$work/$1.run"
}

built liteos-default
built smallest
"$work/liteos-default.run" "$work/image" write
"$work/smallest.run" "$work/image"
echo "smallest: 9 options and the image of another build refused by name, the rest works"
