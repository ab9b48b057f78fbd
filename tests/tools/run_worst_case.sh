#!/bin/sh
# SPDX-License-Identifier: MIT
# The worst cases: on Cortex-M4 and RV32 each sequence of bench/worst-case/records takes the instructions, holds the lock as
# long, and each function the stack, that bench/worst-case/baseline.txt says; functions of known length are counted right;
# and a search that is made again finds the same.
#   run_worst_case.sh BUILD
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
    echo "$*"
    exit 1
}

bench/worst-case/run --quick --cores cortex-m4,rv32 "$build" >"$work/compared" 2>&1 && status=0 || status=$?
[ "$status" = 0 ] || { tail -n 30 "$work/compared"; exit "$status"; }

# Where no QEMU has plugins nothing is measured, and that is said.
mkdir "$work/bin"
for qemu in qemu-system-arm qemu-system-riscv32 "qemu-$(uname -m)"; do
    printf '#!/bin/sh\necho "$0: -plugin: plugin interface not enabled in this build" >&2\nexit 1\n' >"$work/bin/$qemu"
    chmod +x "$work/bin/$qemu"
done
for what in '--quick --cores cortex-m4,rv32' "--cores host --replay $work/any"; do
    PATH=$work/bin:$PATH bench/worst-case/run $what "$build" >"$work/why" 2>&1 && status=0 || status=$?
    [ "$status" = 77 ] || fail "without plugins, run $what ends with $status: $(tail -n 1 "$work/why")"
    grep -q 'left out: no plugins in qemu-' "$work/why" || fail "no word of plugins: $(cat "$work/why")"
done

# What is no record is told in one line.
printf '' >"$work/bad-1"
printf 'known\nalloc\n' >"$work/bad-2"
printf 'known\nalloc 0 many\n' >"$work/bad-3"
printf 'known\nalloc 0..1/0 1\n' >"$work/bad-4"
printf '\377\376\n' >"$work/bad-5"
for bad in 1 2 3 4 5 6; do
    ! bench/worst-case/run --replay "$work/bad-$bad" --cores host "$build" >"$work/why" 2>&1 &&
        [ "$(wc -l <"$work/why")" = 1 ] || fail "record $bad of those that are none: $(tail -n 1 "$work/why")"
done

# One core at least is here, or nothing had been compared.
printf 'known\nalloc 0..2\nfree 1\nresize 0 1\nrealloc 0 1\n' >"$work/known"
bench/worst-case/run --cores cortex-m4,rv32 --replay "$work/known" "$build" >"$work/counted"
for core in $(sed -n 's/^worst-case: \([a-z0-9-]*\): .* compared.*/\1/p' "$work/compared"); do
    counted=$(awk -v core="$core," '/^[a-z]/ { inside = $1 == core } inside && ($1 == "alloc" || $1 == "free") { print $1, $4 }' "$work/counted" | tr '\n' ' ')
    [ "$counted" = "alloc 41 alloc 41 alloc 41 free 1 " ] || fail "$core: functions of known length: $counted"

    longer=$(awk -v core="$core," '/^[a-z]/ { inside = $1 == core } inside && /resize/ { less = $6 } inside && /realloc/ { print $6 - less }' \
        "$work/counted")
    [ "$longer" = 30 ] || fail "$core: a lock held for 30 instructions longer: $longer"

    for round in 1 2; do
        bench/worst-case/search --core "$core" --rounds 3 --only tlsf-4k --out "$work/found-$round" "$build/worst-case" >/dev/null
    done
    diff -r "$work/found-1" "$work/found-2" >"$work/differ" || fail "$core: the same seed found something else: $(head -n 5 "$work/differ")"
    [ "$(find "$work/found-1" -type f | wc -l)" -ge 5 ] || fail "$core: the search found too few sequences"
    rm -r "$work/found-1" "$work/found-2"
done
sed 's/^worst-case: //' "$work/compared"
