#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn inspect` on memory that programs of either word size and byte order wrote: the same pools with the same figures.
. "$(dirname "$0")/inspect_checks.sh"

cc=${CC:-cc}
native native
"$work/native" image "$work/native.image"
expect 0 "$tarn" inspect "$work/native.image"
shows ': raw, 131072 bytes of memory, 8 pools$'
[ "$(grep -c '  sound$' "$work/out")" = 8 ] || fail "not 8 sound pools: $(cat "$work/out")"
shows '^    0x000140a0 +tlsf '
shows '^6 places look like pools and are none; --all shows them$'
expect 0 "$tarn" inspect --all "$work/native.image"
shows '^no pool at 0x000152b0 \(variable\): in another pool.s free memory$'
shows '^no pool at 0x0001c040 \(variable\): its blocks do not prove themselves$'
shows '^no pool at 0x0001c400 \(variable\): '
shows '^no pool at 0x0001c803 \(blocks\): '
shows '^no pool at 0x0001fffc \(variable\): bytes end before the image does$'

# Every section, on each pool; the summary is what images of other programs are compared with.
sections="--map --histogram --owners --leaks --why 1000"
json $sections "$work/native.image"
cp "$work/summary" "$work/wanted"
[ "$(wc -l <"$work/wanted")" = 8 ] || fail "not 8 pools: $(cat "$work/wanted")"
json --leaks --since 100000 "$work/native.image"
! grep -q '\*' "$work/summary" || fail "blocks allocated after the last: $(cat "$work/summary")"
json --leaks --since 39 "$work/native.image"
[ "$(head -n 1 "$work/summary" | grep -o '1\*')" = "" ] || fail "block 39 was given back: $(head -n 1 "$work/summary")"

# same WHAT ARGUMENTS...: inspected so, the image has the same pools.
same() {
    what=$1
    shift
    json $sections "$@"
    cmp -s "$work/wanted" "$work/summary" || fail "$what: $(diff "$work/wanted" "$work/summary")"
    pass
}

# Behind a header of odd length, and with addresses.
{ printf 'odd'; cat "$work/native.image"; } >"$work/odd"
same "an odd offset" "$work/odd"
same "a base" --base 0x20000000 "$work/native.image"
expect 0 "$tarn" inspect --base 0x20000000 "$work/native.image"
shows '^  0x20004000 +bestfit '

tried=native
# big WHAT IMAGE: its eight pools are big-endian ones.
big() {
    expect 0 "$tarn" inspect "$2"
    [ "$(grep -cE ' big .* sound$' "$work/out")" = 8 ] || fail "$1: $(cat "$work/out")"
    same "$1" "$2"
}
"$python" tests/tools/swap.py "$work/native.image" "$work/swapped.image"
big swapped "$work/swapped.image"
tried="$tried swapped"

. tests/support/narrow.sh
if narrow_runs "$cc"; then
    pools narrow "$cc" -m32 || fail "cannot build pools.c: $(cat "$work/narrow.log")"
    $narrow "$work/narrow" image "$work/narrow.image"
    same "a 32-bit program" "$work/narrow.image"
    tried="$tried 32-bit"
fi
for target in powerpc:ppc s390x:s390x; do
    compiler=${target%:*}-linux-gnu-gcc runner=qemu-${target#*:}
    command -v "$compiler" >/dev/null && command -v "$runner" >/dev/null || continue
    pools "${target%:*}" "$compiler" -static || fail "$compiler: $(cat "$work/${target%:*}.log")"
    "$runner" "$work/${target%:*}" image "$work/${target%:*}.image"
    big "${target%:*}" "$work/${target%:*}.image"
    tried="$tried ${target%:*}"
done

# One pool by its place, and damage with its culprit: the header of the second block.
expect 0 "$tarn" inspect --at 0x140a0 "$work/native.image"
shows ' 1 pools$'
expect 3 "$tarn" inspect --at 0x20 "$work/native.image"
shows '^no pool at 0x00000020 \(variable\): '
cp "$work/native.image" "$work/damaged.image"
"$python" - "$work/damaged.image" <<'PY'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
layout, _, first = struct.unpack_from("<3I", data, 0x8004)
shift, lead = (layout & 3) + 2, 4 + 4 * (layout >> 4 & 7)
header = struct.unpack_from("<I", data, 0x8000 + (first << shift) - 4)[0]
size = (header & (0xFFFFFFFF >> (layout >> 7 & 31))) >> 3
second = 0x8000 + (first + size << shift)
struct.pack_into("<I", data, second - 4, 0x41414141)
open(sys.argv[1], "wb").write(data)
PY
expect 1 "$tarn" inspect --at 0x8000 "$work/damaged.image"
shows '  damaged: I3$'
shows '  I3 broken at 0x[0-9a-f]*: block header$'
shows 'expected 0x[0-9a-f]*, found 0x41414141'
shows 'the left neighbour: 0x[0-9a-f]*, [0-9]* bytes, module 5 task 9, call site 0x[0-9a-f]*, allocation 0$'
expect 1 "$tarn" inspect --map --why 100 --at 0x8000 "$work/damaged.image"
shows ' 100 bytes: damaged '
shows '=#+[?]+$'

# Sums that damage cuts short say so, and where; others do not.
broken=$(sed -n 's/^  I3 broken at \(0x[0-9a-f]*\): .*/\1/p' "$work/out")
for section in --histogram --owners --leaks; do
    expect 1 "$tarn" inspect $section --at 0x8000 "$work/damaged.image"
    shows "^  the walk ends at damage, at ${broken:-nowhere}: blocks from there on are in none of the sums below\$"
    expect 0 "$tarn" inspect $section --at 0 "$work/damaged.image"
    ! grep -q 'the walk ends' "$work/out" || fail "a sound pool: $(cat "$work/out")"
done
status "$tarn" inspect --json --leaks --at 0x8000 "$work/damaged.image"
shows '"walk": *"ended"'
shows "\"walk_end\": *\"$broken\""
json --leaks --owners "$work/damaged.image"

# A block held back is nobody's, and is called so.
"$work/native" held "$work/held.image"
expect 1 "$tarn" inspect --map --leaks --owners "$work/held.image"
shows 'the left neighbour: 0x[0-9a-f]*, 200 bytes, held back, module 3 task 7, call site 0x[0-9a-f]*, allocation 0$'
shows '^ +0 bytes in +0 blocks together$'
shows '^ +[0-9]* bytes in +1 blocks held back, nobody.s$'
shows '=h+[+]?[?]+$'
shows '=h+[+]?[.]+$'
[ "$(grep -c 'blocks held back, nobody' "$work/out")" = 6 ] || fail "not 2 pools: $(cat "$work/out")"
json $sections "$work/held.image"
status "$tarn" inspect --json "$work/held.image"
shows '"held_back": *2[0-9][0-9],'
shows '"state": *"held back"'

# Objects of a slab are what somebody has, and not its pages.
status "$work/native" slab "$work/slab.image"
case $status in
0)
    "$python" tests/tools/swap.py "$work/slab.image" "$work/slab.swapped"
    for image in "$work/slab.image" "$work/slab.swapped"; do
        expect 0 "$tarn" inspect --map --leaks --owners "$image"
        shows '  sound, slab: 60 objects of 1360 bytes in [5-9] pages of [0-9]+$'
        shows '^ +1200 bytes in +50 blocks: module 5 task 9, call site 0x[0-9a-f]*, oldest allocation 0$'
        shows '^ +480 bytes in +11 blocks: module 3 task 7, call site 0x[0-9a-f]*, oldest allocation 60$'
        shows '^ +1680 bytes in +61 blocks together$'
        shows '^ +0x[0-9a-f]* .*s{32}'
        json $sections "$image"
        pass
    done
    tried="$tried slab" ;;
3) ;;
*) fail "pools slab: $status" ;;
esac

# The verdicts.
for verdict in '100:fits' '60000:never fits' '11100:fragmented' '16k:never fits'; do
    expect 0 "$tarn" inspect --at 0 --why "${verdict%:*}" "$work/native.image"
    shows "bytes: ${verdict#*:} \\(needs"
done
expect 0 "$tarn" inspect --at 0 --why 100:256 "$work/native.image"
shows '100 bytes at a multiple of 256: fits'
done_with "images of: $tried"
