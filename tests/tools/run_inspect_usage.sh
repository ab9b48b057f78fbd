#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line of `tarn inspect`, files that are none, and a command that was built without elfutils.
. "$(dirname "$0")/inspect_checks.sh"

expect 0 "$tarn" inspect --help
grep -q '^usage: tarn inspect' "$work/out" || fail "no usage"
awk 'length > 100 { exit 1 }' "$work/out" || fail "a line of the help is longer than 100 columns"

# A wrong command line prints nothing to stdout, says what is wrong first, and ends with 2.
refuse() {
    pattern=$1
    shift
    expect 2 "$tarn" inspect "$@"
    said "$pattern"
    [ ! -s "$work/out" ] || fail "$* writes to stdout"
}
refuse '^tarn: no file given$'
refuse '^tarn: more than one file given$' one two
refuse "^tarn: unknown option '--frob'\$" --frob file
refuse "^tarn: unknown option '-x'\$" -x file
refuse "^tarn: option '--at' needs a value\$" --at
for number in '' x 0x -1 +1 1k ' 1' 0x10000000000000000 18446744073709551616 0x0x1 1e3; do
    refuse "^tarn: option '--at': '.*' is not a number" --at "$number" file
done
refuse "^tarn: option '--since': '.*' is not a number" --since 4294967296 file
for why in '' 0 : 8: :8 8:3 8:0 1x 99999999999999999999 8:8:8; do
    refuse "^tarn: '.*' is not SIZE or SIZE:ALIGNMENT" --why "$why" file
done
refuse '^tarn: a file and --pid exclude each other$' --pid 1 file
refuse '^tarn: --raw and --base are for files$' --raw --pid 1
refuse "^tarn: option '--pid': there is no process 0\$" --pid 0
refuse "^tarn: option '--pid': '.*' is not a number" --pid 9999999999

# Files that are none, none of which keeps it waiting.
nothing() {
    pattern=$1
    shift
    expect 125 timeout 20 "$tarn" inspect "$@"
    said "$pattern"
    [ "$(wc -l <"$work/err")" = 1 ] || fail "more than one line: $(cat "$work/err")"
}
nothing "^tarn: '/no/such/file': No such file or directory\$" /no/such/file
nothing "^tarn: '$work': not a file of bytes\$" "$work"
: >"$work/empty"
nothing "^tarn: '.*/empty': the file is empty\$" "$work/empty"
mkfifo "$work/fifo"
nothing "^tarn: '.*/fifo': not a file of bytes\$" "$work/fifo"
nothing "^tarn: '/dev/zero': not a file of bytes\$" /dev/zero
echo 'nothing here' >"$work/text"
nothing "beyond 2\\^64\$" --base 0xffffffffffffffff "$work/text"
expect 3 "$tarn" inspect "$work/text"
json "$work/text"
[ ! -s "$work/summary" ] || fail "a pool in a text"
expect 3 "$tarn" inspect --at 4 "$work/text"
expect 3 "$tarn" inspect --at 0xffffffffffffffff "$work/text"

# A sparse file of 1 TiB costs what is in it.
native program
"$work/program" image "$work/image"
if truncate -s 1T "$work/sparse" 2>/dev/null; then
    dd if="$work/image" of="$work/sparse" bs=4096 seek=$((1 << 20)) conv=notrunc 2>/dev/null
    expect 0 timeout 60 "$tarn" inspect "$work/sparse"
    shows '^  0x100000000 +tlsf '
    shows ' 8 pools$'
    rm "$work/sparse"
fi

# Output that cannot be written is no success.
if [ -e /dev/full ]; then
    status=0
    "$tarn" inspect "$work/text" >/dev/full 2>"$work/err" || status=$?
    [ "$status" = 125 ] || fail "to a full device: status $status"
    said 'cannot write to standard output'
fi

# Names with bytes that a terminal or JSON would choke on.
odd=$(printf 'a\033[31m\377"\\')
cp "$work/text" "$work/$odd"
expect 3 "$tarn" inspect "$work/$odd"
! grep -q "$(printf '\033')" "$work/out" || fail "an escape reached the terminal"
json "$work/$odd"

# Without elfutils: dumps as ever, and one line about what is missing.
command_of "$work/plain" -- tools/tarn/*.c tools/reader/*.c tools/reader/plain/*.c
tarn=$work/plain
nothing "^tarn: '.*/plain': this tarn was built without elfutils" "$work/plain"
nothing "^tarn: this tarn was built without elfutils \\(Debian: libdw-dev\\), which names call sites\$" --elf "$work/plain" "$work/image"
expect 0 "$work/plain" inspect --leaks "$work/image"
shows 'call site 0x'
expect 3 "$work/plain" inspect --raw "$work/text"
done_with "refusals, odd files and names, and a build without elfutils"
