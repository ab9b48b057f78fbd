#!/bin/sh
# SPDX-License-Identifier: MIT
# Model check of the lock-free core (src/blocks_atomic.h with both heads): the sources themselves under every schedule
# that blocks_atomic.pml describes. Without the tag, and with a map bit cleared in two accesses, it must find the fault.
#   run_blocks_spin.sh BUILD
set -eu
. tests/support/blocks_configs.sh
build=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v spin >/dev/null || { echo "no spin"; exit 77; }

mkdir "$work/src"
cp src/*.c src/*.h ports/nolock/*.c tests/model/blocks_steps.h "$work/src"
# The one read that is no atomic access, lest the thread sanitizer tells of it, is one here.
racing='return \*(const volatile aliasing_word \*)at;'
[ "$(grep -c "$racing" src/word.h)" = 1 ] || { echo "blocks_spin: word_load_racing() has changed" >&2; exit 1; }
sed -i "s/$racing/return word_load_shared(at);/" "$work/src/word.h"

# core DISCIPLINE: its objects, every atomic access a step.
core() {
    blocks_config "$1" "$build" "$work/$1"
    for source in "$work/src"/*.c; do
        $cc -std=gnu11 -O2 -w -I "$work/$1" -I include -I "$work/src" -DSTEPS_CORE -include blocks_steps.h \
            -c "$source" -o "$work/$1/$(basename "$source" .c).o"
    done
}

# check EXPECTED DISCIPLINE DEFINES CALLS: EXPECTED is sound or the name of a fault, CALLS three numbers.
check() {
    $cc -std=gnu11 -O2 -w $3 -I "$work/$2" -I include -I "$work/src" -c tests/model/blocks_steps.c -o "$work/steps.o"
    # shellcheck disable=SC2086
    set -- "$1" "$2" "$3" $4
    (cd "$work" && spin -a "-DCALLS_0=$4" "-DCALLS_1=$5" "-DCALLS_2=$6" "$OLDPWD/tests/model/blocks_atomic.pml") \
        >"$work/log"
    $cc -O2 -w -DSAFETY -DNOREDUCE -DMEMLIM=1024 -I "$work/src" "$work/pan.c" "$work/steps.o" "$work/$2"/*.o \
        -o "$work/pan"
    (cd "$work" && ./pan -m1000) >"$work/log" 2>&1 || true
    states=$(sed -n 's/^ *\([0-9e.+]*\) states, stored.*/\1/p' "$work/log")
    found=$(sed -n 's/^fault: //p' "$work/log")
    # A search that was cut short proves nothing.
    if [ "$1" = sound ] && grep -q 'errors: 0' "$work/log" &&
        ! grep -q 'Search not completed\|max search depth' "$work/log"; then
        found=sound
    fi
    echo "blocks_spin: $2 $3, $4 + $5 + $6 calls: ${found:-nothing} in $states states"
    [ "$found" = "$1" ] || { tail -n 40 "$work/log"; echo "blocks_spin: not as expected: $1" >&2; exit 1; }
}

core atomic
core atomic32
for discipline in atomic atomic32; do
    check sound $discipline '' '1 5 0'
    check sound $discipline '' '1 3 1'
    check sound $discipline '-DSTEPS_MAP' '2 2 0'
    check 'put twice' $discipline '-DSTEPS_MAP -DSTEPS_TORN' '2 1 0'
done
# The length in the wider head makes the case rarer, not impossible.
check 'damage where there is none' atomic -DSTEPS_UNTAGGED '1 5 0'
check 'a listed block has an owner' atomic32 -DSTEPS_UNTAGGED '1 3 0'
