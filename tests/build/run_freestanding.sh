#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles the core with the compiler's own headers and nothing else: no C library is there to be leaned on.
#   run_freestanding.sh BUILD
set -eu
build=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
own=$($cc -print-file-name=include)
[ -d "$own" ] || { echo "freestanding: $cc does not say where its own headers are"; exit 77; }
count=0
for source in src/*.c; do
    $cc -std=c11 -ffreestanding -nostdinc -isystem "$own" -O2 -Wall -Wextra -Werror -Iinclude \
        -I"$build/generated/include" -Isrc -c "$source" -o "$work/$count.o"
    count=$((count + 1))
done
# What is left for others to define: the port, and three functions of <string.h>; the table is the linker's.
foreign=$(nm -u "$work"/*.o | awk '/ U / { print $2 }' | sort -u | grep -v '^tarn_\|^_GLOBAL_OFFSET_TABLE_$' |
    tr '\n' ' ')
[ "$foreign" = "memcpy memmove memset " ] || { echo "freestanding: the core asks for: $foreign"; exit 1; }
echo "freestanding: $count files compiled without a C library's headers; asked of it: $foreign"
