#!/bin/sh
# SPDX-License-Identifier: MIT
# The GDB script on pools of every kind (kinds.c): what it says of policy, closed pools, blocks that wait or are held
# back, and of a slab's objects; and of faults planted in tails, slack, copies, the list of waiting blocks, the place of
# the check in steps, parked blocks and the slab the rule and the words that tarn_check() says.
. "$(dirname "$0")/inspect_checks.sh"

command -v gdb >/dev/null || { echo "gdb is missing"; exit 77; }
gdb -nx -q -batch -ex 'python print(1)' 2>/dev/null </dev/null | grep -qx 1 || { echo "gdb is without python"; exit 77; }

# kinds OUTPUT FLAGS...: kinds.c and the library's sources.
kinds() {
    output=$1
    shift
    "${CC:-cc}" -std=gnu11 -g -O1 "$@" -Iinclude -I"$build/generated/include" -Isrc tests/tools/kinds.c src/*.c \
        ports/nolock/*.c -o "$work/$output" 2>"$work/$output.log"
}

# ask PROGRAM FAULT COMMANDS...: what gdb prints where the program stops, in $work/out.
ask() {
    program=$1 fault=$2
    shift 2
    { printf 'break stop_here\nrun %s\n' "$fault"; printf '%s\n' "$@"; echo kill; } >"$work/commands"
    status gdb -nx -q -batch -ex 'set confirm off' -ex 'set width 0' -ex "source $PWD/tools/gdb/tarn.py" \
        -x "$work/commands" "$work/$program"
}

# checked PROGRAM
checked() {
    ask "$1" '' 'tarn pools' 'tarn check' 'tarn waiting' 'tarn map &memory[2]' 'tarn who blocks[0][1]' \
        "dump binary memory $work/kinds.image &memory ((char*)&memory)+sizeof(memory)"
    shows '^7 pools$'
    [ "$(grep -c ', sound$' "$work/out")" = 7 ] || fail "not 7 sound pools: $(cat "$work/out")"
    shows '^0x[0-9a-f]* .* blocks 6, policy isolate, held back [0-9]+ in 1, sound$'
    shows '^0x[0-9a-f]* .* blocks 5, policy continue, sound$'
    shows '^0x[0-9a-f]* .* blocks 3, waiting [0-9]+ in 3, sound$'
    shows '^0x[0-9a-f]* .* blocks 6, policy close, closed, sound$'
    shows '^0x[0-9a-f]* .* used 160, free [0-9]*, peak 320, blocks 3, sound$'
    shows '^pool at 0x[0-9a-f]*: sound, policy close, closed$'
    [ "$(grep -c 'the check in steps goes on at 0x' "$work/out")" = 1 ] || fail "no place: $(cat "$work/out")"
    waiting=$(sed -n 's/^0x.* waiting \([0-9]*\) in 3, sound$/\1/p' "$work/out")
    cp "$work/out" "$work/shown"
    expect 0 "$tarn" inspect --raw "$work/kinds.image"
    [ "$(awk '$1 == "place" { for (i = 1; i <= NF; i++) if ($i == "waiting") column = i }
        column && $column > 0 && /sound/ { print $column }' "$work/out")" = "$waiting" ] ||
        fail "$waiting bytes wait, and tarn inspect says: $(cat "$work/out")"
    mv "$work/shown" "$work/out"
    line=$(grep -n '/\* given back \*/' tests/tools/kinds.c | cut -d: -f1)
    given="given back in give_back \\(.*kinds.c:$line\\)"
    sed -n '/^  0x[0-9a-f]*, [0-9]* bytes, waiting, /s/.*bytes, waiting, module 3 task \([0-9]*\),.*/\1/p' \
        "$work/out" >"$work/order"
    [ "$(tr '\n' ' ' <"$work/order")" = "4 0 2 " ] || fail "waiting in the order $(cat "$work/order")"
    shows "^  0x[0-9a-f]*, [0-9]+ bytes, waiting, module 3 task 4, called in fill .*, allocation 4, $given\$"
    shows '^  0x[0-9a-f]*, 44 bytes, held back, module 3 task 1, called in fill '
    shows '^  0x[0-9a-f]* .*q'
    shows 'is byte 0 of the block at 0x[0-9a-f]*, 44 bytes, .*: held back, module 3 task 1,'
    ask "$1" '' 'tarn pools' 'tarn map &memory[6]' 'tarn leaks &memory[6]' 'tarn who objects[3] + 5' \
        'tarn who objects[1]' 'tarn who objects[3] - 200'
    shows '^0x[0-9a-f]* .* blocks 9, slab: 28 objects of 896 bytes in 3 pages of 1536, sound$'
    shows '^  0x[0-9a-f]* .*s{16}'
    shows '^ +896 bytes in +28 blocks: module 4 task 9, called in make_slab '
    ! grep -q ' 1536 bytes in ' "$work/out" || fail "pages are in the list: $(cat "$work/out")"
    in_page='the object at 0x[0-9a-f]*, 32 bytes, in the page at 0x[0-9a-f]* of the slab of .*'
    shows "is byte 5 of $in_page: module 4 task 9, called"
    shows "is byte 0 of $in_page: free\$"
    shows 'is byte -?[0-9]+ of the block at 0x[0-9a-f]*, [0-9]+ bytes, in the pool at 0x[0-9a-f]*: page of the slab$'
    for fault in guard tail copy copy_of_free list list_ends list_granules list_limit list_limit_possible list_seal \
        list_oldest place parked_link parked_out parked_rest parked_head parked_words slab_seal slab_live slab_next \
        slab_prev slab_live_seal slab_sum slab_head slab_empty slab_pages slab_bit slab_mark; do
        ask "$1" $fault 'tarn check'
        told=$(sed -n 's/^told \(I[0-9]*\) .*/\1/p' "$work/out")
        words=$(sed -n 's/^told I[0-9]* \(.*\)/\1/p' "$work/out")
        shows "^  ${told:-none} broken at 0x"
        shows "^    ${words:-none}\$"
        [ "$(grep -c ': damaged' "$work/out")" = 1 ] || fail "$fault: not one pool is damaged: $(cat "$work/out")"
        pass
    done
}

kinds kinds || fail "cannot build kinds.c: $(cat "$work/kinds.log")"
checked kinds
tried=native
. tests/support/narrow.sh
if narrow_runs "${CC:-cc}" && [ -z "$narrow" ]; then # GDB starts what the kernel does
    kinds narrow -m32 || fail "cannot build kinds.c: $(cat "$work/narrow.log")"
    checked narrow
    tried="$tried 32-bit"
fi
done_with "the GDB script on pools of every kind: $tried"
