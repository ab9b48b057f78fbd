#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds every program of tests/faults, one fault each, runs it at every tier and counts what was found (fault.h says
# what a program asserts).
#   run_faults.sh BUILD            builds and runs all
#   run_faults.sh BUILD --table    the same, and prints the rows of docs/tables/faults.md instead
set -eu
build=$1
table=${2-}
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
include="-Itests/faults -Iinclude -I$build/generated/include -Ifaces/liteos/include -Ifaces/mynewt/include"
libraries="$build/lib/libtarn-liteos.a $build/lib/libtarn-mynewt.a $build/lib/libtarn-posix.a $build/lib/libtarn.a"
for library in $libraries; do
    [ -e "$library" ] || { echo "this build has no $(basename "$library")"; exit 77; }
done
libraries="$libraries $build/lib/libtarn-posix.a $build/lib/libtarn.a -pthread"
compile="$cc -std=gnu11 -O1 $flags -Wall -Wextra -Wconversion -Werror $include"

$compile -c tests/faults/fault.c -o "$work/fault.o"
names=$(cd tests/faults && ls ./*.c | sed 's|^./||; s|\.c$||; /^fault$/d')

# One line of shell per program; a failed one leaves its name, and what it said.
for name in $names; do
    echo "$compile tests/faults/$name.c $work/fault.o $libraries -o $work/$name >$work/$name.log 2>&1 &&" \
        "timeout 60 $work/$name >$work/$name.out 2>>$work/$name.log || echo $name >>$work/failed"
done | xargs -P "$(nproc)" -I LINE sh -c LINE

if [ -e "$work/failed" ]; then
    while read -r name; do
        [ ! -e "$work/$name.out" ] || cat "$work/$name.out"
        cat "$work/$name.log"
    done <"$work/failed"
    echo "faults: $(wc -l <"$work/failed") of $(echo "$names" | wc -l) programs failed:" $(sort "$work/failed")
    exit 1
fi >&2

cell() {
    case $1 in
    found) printf ' found |' ;;
    silent) printf ' not promised |' ;;
    *) printf ' - |' ;;
    esac
}

if [ "$table" = --table ]; then
    echo '| fault | what is done | in | 1 | 2 | 3 | 4 |'
    echo '|---|---|---|---|---|---|---|'
    for name in $names; do
        # shellcheck disable=SC2046
        set -- $(grep '^fault ' "$work/$name.out")
        about=$(sed -n '2,/\*\//p' "tests/faults/$name.c" | tr '\n' ' ' | sed 's|^/\* *||; s| *\*/.*||; s|  *\*  *| |g')
        printf '| `%s` | %s | %s |' "$name" "$about" "$3"
        cell "$4"; cell "$5"; cell "$6"; cell "$7"
        echo
    done
    exit
fi
for name in $names; do
    grep -v '^fault ' "$work/$name.out"
done
cat "$work"/*.out | awk '/^fault / { programs++; kinds[$3]++; for (tier = 4; tier <= 7; tier++) all[$tier]++ }
    END { printf "faults: %d programs (%d pools, %d block pools, %d heaps); by tier found %d, silent and safe %d, no such pool %d\n",
          programs, kinds["pool"], kinds["blocks"], kinds["heap"], all["found"], all["silent"], all["none"] }'
