#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn inspect` on core files of a program that wrote past its block's end: the culprit's owner and line are named.
. "$(dirname "$0")/inspect_checks.sh"

has_elf || { echo "this tarn was built without elfutils"; exit 77; }
command -v gdb >/dev/null || { echo "gdb is missing"; exit 77; }
native crashes

# core OUTPUT PROGRAM: gdb's core file of the crash.
core() {
    gdb -nx -q -batch -ex 'set confirm off' -ex 'run crash' -ex "generate-core-file $work/$1" -ex kill "$work/$2" \
        >"$work/gdb.log" 2>&1 </dev/null
    [ -s "$work/$1" ] || { tail -n 1 "$work/gdb.log"; exit 77; }
}
core core crashes
line=$(grep -n '/\* of a buffer \*/' tests/tools/pools.c | cut -d: -f1)

# names_culprit: the last command's output does.
names_culprit() {
    called="called in take_buffer \\(.*pools.c:$line\\), alloc"
    shows "^    the left neighbour: 0x[0-9a-f]*, 24 bytes, module 3 task 7, $called"
    shows '^    the block there:    0x[0-9a-f]*, 48 bytes, owner unknown$'
    shows '^  overrun of the left neighbour by at least 16 bytes$'
}
expect 1 "$tarn" inspect --leaks "$work/core"
shows ': elf, [0-9]* bytes of memory, 8 pools$'
[ "$(grep -c '  sound$' "$work/out")" = 7 ] || fail "not 7 sound pools: $(cat "$work/out")"
names_culprit
shows "module 5 task 9, called in take_message \\(.*pools.c:[0-9]*\\), oldest allocation"
json --leaks --owners --map "$work/core"
grep -q '"function": "take_buffer", "file": "[^"]*pools.c", "line": '"$line" "$work/out" || fail "no site in the JSON"
grep -q '"usable": 48, "state": "used", "module": null, "task": null, .*"sequence": null' "$work/out" ||
    fail "an owner in the JSON"
tried="gdb"

# The address of a block tells its pool; places are addresses.
expect 0 "$tarn" inspect --at "$(grep -o '"place": "0x[0-9a-f]*", "kind": "variable"' "$work/out" | head -n 1 |
    cut -d'"' -f4)" "$work/core"

# The program has moved: its core alone names pools, blocks and owners; with --elf, lines too.
mkdir "$work/moved"
mv "$work/crashes" "$work/moved/"
expect 1 "$tarn" inspect "$work/core"
shows 'the left neighbour: .* module 3 task 7, call site 0x[0-9a-f]*, alloc'
expect 1 "$tarn" inspect --elf "$work/moved/crashes" "$work/core"
names_culprit

# Another build of it is told apart, a file without tarn or none at all is refused.
native other -O2
expect 1 "$tarn" inspect --elf "$work/other" "$work/core"
said "^tarn: '.*/other' is another build than the one that ran\$"
expect 125 "$tarn" inspect --elf /no/such/file "$work/core"
said "^tarn: cannot read '/no/such/file': No such file or directory\$"
expect 125 "$tarn" inspect --elf "$0" "$work/core"
expect 125 "$tarn" inspect --elf "$work" "$work/core"

# An image alone knows its sites from the program's file.
"$work/moved/crashes" image "$work/image"
expect 0 "$tarn" inspect --leaks --elf "$work/moved/crashes" "$work/image"
shows "module 3 task 7, called in take_buffer \\(.*pools.c:$line\\)"
[ ! -s "$work/err" ] || fail "the program itself is doubted: $(cat "$work/err")"
# Nor does it know another program from that one, but where a site would have to be there is no code in it.
printf '%s\n' 'void *tarn_alloc(void) { return 0; }' 'int main(void) { return tarn_alloc() != 0; }' >"$work/small.c"
compile small.c small -g
expect 0 "$tarn" inspect --leaks --elf "$work/small" "$work/image"
said "^tarn: '.*/small': [0-9]+ of [0-9]+ call sites asked for lie in no function of it: is that the program that ran\?\$"
expect 125 "$tarn" inspect --elf /bin/true "$work/image"
said "^tarn: '/bin/true' does not define tarn_alloc: it names no call sites\$"

# A core file that was cut off is read as far as it goes.
head -c 300000 "$work/core" >"$work/cut"
status "$tarn" inspect "$work/cut"
said "^tarn: '.*/cut' ends too early: [0-9]* bytes of its segments are missing\$"

# The core of a 32-bit program.
. tests/support/narrow.sh
if narrow_runs "${CC:-cc}" && [ -z "$narrow" ]; then # GDB starts what the kernel does
    pools moved/narrow "${CC:-cc}" -m32 || fail "cannot build pools.c: $(cat "$work/moved/narrow.log")"
    core narrow.core moved/narrow
    expect 1 "$tarn" inspect "$work/narrow.core"
    names_culprit
    tried="$tried 32-bit"
fi

# What the kernel writes, where it writes it beside the program.
if [ "$(cat /proc/sys/kernel/core_pattern)" = core ]; then
    sh -c 'cd "$1" && ulimit -c unlimited && ./crashes crash; exit 0' sh "$work/moved" >/dev/null 2>&1
    kernel=$(find "$work/moved" -name 'core*')
    if [ -n "$kernel" ]; then
        expect 1 "$tarn" inspect "$kernel"
        names_culprit
        tried="$tried kernel"
    fi
fi

# As a dump, an ELF file has the same pools.
expect 1 "$tarn" inspect --raw "$work/core"
shows ': raw, .* 8 pools$'
done_with "core files: $tried"
