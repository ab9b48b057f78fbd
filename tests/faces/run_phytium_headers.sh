#!/bin/sh
# SPDX-License-Identifier: MIT
# Each header of the Phytium face alone, and with LiteOS's in both orders, under every language version and switch that
# a program may have. tlsf.h and regions.h are pedantic in C++.
#   run_phytium_headers.sh BUILD
#
# Covers: P2 T10 fmempory_pool.h fmemory_pool.h common/fmempory_pool.h common/fmemory_pool.h fslink_list.h tlsf.h ferror_code.h ftypes.h
set -eu
build=$1
include="-I include -I $build/generated/include -I faces/phytium/include -I faces/liteos/include"
strict='-Wall -Wextra -Wshadow -Wundef -pedantic-errors -Werror'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
command -v "${CXX:=g++}" >/dev/null || { echo "no C++ compiler"; exit 77; }
compilers="$CC $CXX"
for other in clang clang++; do
    command -v $other >/dev/null && compilers="$compilers $other"
done

# write FILE HEADER...: a translation unit that includes these and uses what they declare.
write() {
    file=$work/$1.c
    shift
    for header in "$@"; do echo "#include \"$header\""; done >"$file"
    echo 'int not_empty;' >>"$file"
}

number=0
for header in fmempory_pool.h fmemory_pool.h common/fmempory_pool.h common/fmemory_pool.h tlsf.h ferror_code.h ftypes.h \
    fslink_list.h tarn/regions.h; do
    number=$((number + 1))
    write alone$number $header
done
write phytium_first fmempory_pool.h tlsf.h los_memory.h tarn/liteos.h tarn/regions.h
write liteos_first los_memory.h los_config.h tlsf.h common/fmempory_pool.h fmemory_pool.h
write all_names fmemory_pool.h fmempory_pool.h common/fmempory_pool.h common/fmemory_pool.h
cat >"$work/use.c" <<'END'
#include "fmempory_pool.h"
#include "los_memory.h"
int use(FMemp *memp, UINT32 *size);
int use(FMemp *memp, UINT32 *size)
{
    u32 total = 0;
    void *block = FMEMP_MALLOC_ALIGN(memp, 10, 64);
    block = FMEMP_REALLOC(memp, block, 20);
    FMEMP_FREE(memp, block);
    FMEMP_FREE(memp, FMEMP_CALLOC(memp, 1, 2));
    FMEMP_FREE(memp, FMEMP_MALLOC(memp, 3));
    FMemProbe(memp, &total, NULL, NULL);
    *size = LOS_MemPoolSizeGet(OS_SYS_MEM_ADDR) + TRUE + FALSE;
    return FMempInit(memp, NULL, NULL) == FMEMP_ERR_INVALID_BUF && total == 0;
}
END

for compiler in $compilers; do
    case $compiler in
    *++) language=c++ standards='c++11 c++14 c++17 c++20' ;;
    *) language=c standards='c11 c17 c2x' ;;
    esac
    for standard in $standards; do
        for file in "$work"/*.c; do
            $compiler -x $language -std=$standard $strict $include -fsyntax-only "$file"
            count=$((count + 1))
        done
        for flags in -DFMEMP_TAG_DEBUG -fshort-enums -funsigned-char '-DFMEMP_TAG_DEBUG -O2'; do
            $compiler -x $language -std=$standard $strict $flags $include -fsyntax-only "$work/use.c"
            count=$((count + 1))
        done
    done
done
echo "phytium headers: $count compilations, without a warning"
