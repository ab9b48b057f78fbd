#!/bin/sh
# SPDX-License-Identifier: MIT
# The GDB script: on a core file, on a live program, on a 32-bit and a big-endian one, and with named memory.
. "$(dirname "$0")/inspect_checks.sh"

command -v gdb >/dev/null || { echo "gdb is missing"; exit 77; }
gdb -nx -q -batch -ex 'python print(1)' 2>/dev/null </dev/null | grep -qx 1 || { echo "gdb is without python"; exit 77; }
native program

# ask COMMANDS... -- ARGUMENTS...: what gdb prints, in $work/out.
ask() {
    set -f
    arguments= commands=yes
    for word in "$@"; do
        case $commands$word in
        yes--) commands=no ;;
        yes*) printf '%s\n' "$word" ;;
        esac
    done >"$work/commands"
    while [ "$1" != -- ]; do shift; done
    shift
    set +f
    status gdb -nx -q -batch -ex 'set confirm off' -ex 'set width 0' -ex "source $PWD/tools/gdb/tarn.py" -x "$work/commands" "$@"
}

ask "run crash" "generate-core-file $work/core" "tarn pools" "kill" -- "$work/program"
[ -s "$work/core" ] || { tail -n 1 "$work/err"; exit 77; }
line=$(grep -n '/\* of a buffer \*/' tests/tools/pools.c | cut -d: -f1)

# finds_all: 8 pools, one nested, the damaged one with its culprit.
finds_all() {
    shows '^8 pools$'
    [ "$(grep -c ', sound$' "$work/out")" = 7 ] || fail "not 7 sound pools: $(cat "$work/out")"
    shows '^  0x[0-9a-f]* .*tlsf .*4096 bytes, used 104, free 3872, peak 104, blocks 1, sound$'
    shows ', damaged: I3$'
}
finds_all
victim=$(sed -n 's/^\(0x[0-9a-f]*\) .*damaged: I3$/\1/p' "$work/out")
ask "tarn pools" "tarn check" "tarn leaks $victim" "tarn map $victim" -- "$work/program" "$work/core"
finds_all
shows '^  I3 broken at 0x[0-9a-f]*: block header$'
found=$(sed -n 's/^    \(expected 0x[0-9a-f]*, found 0x[0-9a-f]*\)$/\1/p' "$work/out")
"$tarn" inspect --at "$victim" "$work/core" 2>/dev/null | grep -q "^    ${found:-nothing}\$" ||
    fail "the script's '$found' is not what tarn inspect says"
shows '^    the block there:    0x[0-9a-f]*, owner unknown$'
called="called in take_buffer \\(.*pools.c:$line\\), alloc"
shows "^    the left neighbour: 0x[0-9a-f]*, 24 bytes, module 3 task 7, $called"
shows '^ +40 bytes in +1 blocks: module 3 task 7, called in take_buffer '
broken=$(sed -n 's/^  I3 broken at \(0x[0-9a-f]*\): .*/\1/p' "$work/out")
shows "^  the walk ends at damage, at ${broken:-nowhere}: blocks from there on are not in this list\$"
shows '^  0x[0-9a-f]* =+#+[?]+$'
block=$(sed -n 's/.*the left neighbour: \(0x[0-9a-f]*\), .*/\1/p' "$work/out")
ask "tarn who $block + 5" "tarn who $block + 60" "tarn who $victim" "tarn who 1" -- "$work/program" "$work/core"
shows "is byte 5 of the block at $block, 24 bytes, in the pool at $victim: module 3 task 7, called in take_buffer "
shows 'lies behind damage in the pool at '
shows "^$victim is control data of the pool at $victim\$"
said '^no pool holds 0x1$'

# A list of a sound pool has all.
ask "tarn leaks" -- "$work/program" "$work/core"
[ "$(grep -c 'the walk ends' "$work/out")" = 1 ] || fail "sound pools: $(cat "$work/out")"

# The same figures as the command's.
"$work/program" image "$work/image"
json --leaks "$work/image"
ask "break pause" "run wait" "tarn pools" "tarn leaks" "kill" -- "$work/program"
shows '^8 pools$'
for used in $(awk '{ print $5 }' "$work/summary"); do
    shows " used $used, "
done
shows 'called in take_message \(.*pools.c:[0-9]*\)$'

# A block held back is nobody's, and is called so; the block behind it is broken.
ask "break write_image" "run held $work/held" "tarn check" "tarn leaks" "tarn map" "kill" -- "$work/program"
shows 'the left neighbour: 0x[0-9a-f]*, 2[0-9][0-9] bytes, held back, module 3 task 7, '
! grep -q ' bytes in ' "$work/out" || fail "a leak: $(cat "$work/out")"
shows '=h+[+]?[?]+$'
shows '=h+[+]?[.]+$'

# Memory that is named, as on a board, is all that is searched.
ask "break pause" "run wait" "tarn memory &memory 16384" "tarn pools" "tarn memory 1" "kill" -- "$work/program"
shows '^1 pools$'
said '^tarn memory START LENGTH'
tried="core live named"

. tests/support/narrow.sh
if narrow_runs "${CC:-cc}" && [ -z "$narrow" ]; then # GDB starts what the kernel does
    pools narrow "${CC:-cc}" -m32 || fail "cannot build pools.c: $(cat "$work/narrow.log")"
    ask "run crash" "tarn pools" "tarn check" "kill" -- "$work/narrow"
    finds_all
    shows 'module 3 task 7, called in take_buffer '
    tried="$tried 32-bit"
fi
done_with "the GDB script on: $tried"
