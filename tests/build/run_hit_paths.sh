#!/bin/sh
# SPDX-License-Identifier: MIT
# A request that is served from a list of parked blocks, and a block that is parked, are tarn_alloc() and tarn_free()
# from their first instruction to a return, without a register saved: what they call they jump to. One saved register is
# two instructions of all calls, and comes with a line of C that looks harmless.
#   run_hit_paths.sh BUILD
set -eu
build=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Instructions of the whole function, as many as there are at -O2, and of which GCC: another one is only held to saving
# nothing. Of them 55 and 83 are on the way to a hit.
gcc=12
figures='tarn_alloc 67
tarn_free 97'

skip() {
    echo "hit_paths: $*"
    exit 77
}
case $("$cc" -dumpmachine 2>/dev/null) in
x86_64-*) ;;
*) skip "not for x86-64" ;;
esac
defined=$("$cc" -dM -E -x c /dev/null)
echo "$defined" | grep -q '__GNUC__' && ! echo "$defined" | grep -q '__clang__' || skip "$cc is no GCC"
echo "$defined" | grep -q '__LP64__' || skip "$cc compiles for 32 bits"
command -v objdump >/dev/null || skip "objdump is missing"

"$cc" -std=c11 -O2 -Iinclude -I"$build/generated/include" -Isrc -c src/pool.c -o "$work/pool.o"
objdump -d --no-show-raw-insn "$work/pool.o" >"$work/all"
failed=0
say=
while read -r name most; do
    awk -v name="<$name>:" '$2 == name { inside = 1; next } !NF { inside = 0 } inside && $2 !~ /^(nop|data16|xchg|cs|endbr64)/' \
        "$work/all" >"$work/code"
    count=$(wc -l <"$work/code")
    [ "$count" -ge 10 ] || { echo "hit_paths: no code of $name" && exit 1; }
    # rbx, rbp and r12 to r15 are the caller's; whoever writes to one has saved it. A call has to keep what it is for.
    if grep -nE '	(push|pop|call|enter|leave)|%(rbx|ebx|bx|bl|rbp|ebp|bp|bpl|r1[2-5][dwb]?)\b|(sub|add) .*,%rsp' "$work/code" >"$work/saves"; then
        echo "hit_paths: $name saves a register or calls:"
        cat "$work/saves"
        failed=1
    fi
    if echo "$defined" | grep -q "^#define __GNUC__ $gcc\$" && [ "$count" -gt "$most" ]; then
        echo "hit_paths: $name has $count instructions, not $most"
        failed=1
    fi
    say="$say $name has $count instructions;"
done <<EOF
$figures
EOF
[ "$failed" = 0 ] || exit 1
echo "hit_paths:$say nothing is saved"
