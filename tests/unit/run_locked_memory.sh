#!/bin/sh
# SPDX-License-Identifier: MIT
# No byte of the program's is touched under a pool's lock (locked_memory.c), and the test would see it: with a library that
# fills what is given back under the lock, it dies.
#   run_locked_memory.sh BUILD
set -eu
build=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiles="$cc -std=gnu11 -O1 -g -Wall -Wextra -I $PWD/include -I $build/generated/include -I $PWD/tests/support -I $PWD/src"
wraps='-Wl,--wrap=tarn_port_lock -Wl,--wrap=tarn_port_unlock'
root=$PWD
(cd "$work" && $compiles -c "$root/tests/unit/locked_memory.c" "$root"/src/*.c "$root"/ports/posix/*.c)
$cc "$work"/*.o -pthread $wraps -o "$work/locked"
"$work/locked"
"$work/locked" heaps

sed '/^tarn_status tarn_leave_filled/,/^}/ s/^    access_end(a);/    memset(address, 0, image_usable(\&a->im, b->size));\n&/' \
    src/leave.c >"$work/leave.c"
! cmp -s src/leave.c "$work/leave.c" || { echo "leave.c has changed: nothing was broken"; exit 1; }
$compiles -c "$work/leave.c" -o "$work/leave.o"
$cc "$work"/*.o -pthread $wraps -o "$work/broken"
if (ulimit -c 0; "$work/broken") >"$work/log" 2>&1; then
    echo "a fill under the lock went unnoticed"
    exit 1
fi
echo "a library that fills under the lock dies, as it must"
