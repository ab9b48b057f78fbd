#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/regions.c says what it should, figures excepted, and the first C program of docs/regions.md compiles without
# a warning as it stands there and prints the line that the page gives.
#   run_regions_example.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")

# same NAME: what NAME printed is what NAME.expected says, N standing for any figure.
same() {
    sed 's/[0-9][0-9]*/N/g' "$work/$1" >"$work/$1.figureless"
    diff -u "$work/$1.expected" "$work/$1.figureless" || { echo "$1 prints something else"; exit 1; }
}

cat >"$work/example.expected" <<'END'
three regions: ok
fast only: N blocks, then refused
fast or external: external
anywhere, a small one: fast
dma buffers for N bytes: N, in dma; N begin and end on a line
  fast: N bytes, N blocks, N used, peak N, largest request now N
  external: N bytes, N blocks, N used, peak N, largest request now N
  dma: N bytes, N blocks, N used, peak N, largest request now N
  heap: N blocks, N used, peak N, N refusals
remove dma: blocks are still in use
  N blocks in use, N bytes with headers
  module N has N of them
  module N has N of them
remove dma: ok
dma without its region: refused
  fast: N bytes, N blocks, N used, peak N, largest request now N
  external: N bytes, N blocks, N used, peak N, largest request now N
  heap: N blocks, N used, peak N, N refusals
check: ok
END
"$build/examples/regions" | tee "$work/example"
same example
grep -q '100 bytes: 3, in dma; 3 begin and end' "$work/example" || { echo "a DMA buffer shares a line"; exit 1; }

awk '/^```c$/ && !done { on = 1; next } /^```/ { if (on) done = 1; on = 0 } on' docs/regions.md >"$work/program.c"
[ -s "$work/program.c" ] || { echo "docs/regions.md has no C program"; exit 1; }
${CC:-cc} -std=c11 $flags -Wall -Wextra -Wconversion -Werror -Iinclude -I"$build/generated/include" "$work/program.c" \
    "$build/lib/libtarn.a" "$build/lib/libtarn-nolock.a" -o "$work/run"
"$work/run" | tee "$work/page"
sed -n '/^```text$/,/^```$/p' docs/regions.md | sed '/^```/d' | sed 's/[0-9][0-9]*/N/g' >"$work/page.expected"
same page
echo "examples/regions.c: $(wc -l <"$work/example") lines as they should be; docs/regions.md: $(wc -l <"$work/program.c")\
 lines compiled out of it and run"
