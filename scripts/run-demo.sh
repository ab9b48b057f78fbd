#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make run` shows after the build: pools inside a pool, as in the LiteOS guide, then a real program, unchanged, on
# each engine.
#   run-demo.sh BUILD
set -eu
cd "$(dirname "$0")/.."
[ -n "${1-}" ] || { echo "usage: scripts/run-demo.sh BUILD" >&2; exit 2; }
build=$(cd "$1" && pwd)
tarn=$build/bin/tarn
example=$build/examples/liteos_multi_pool
source=src/pool.c
unset TARN_ENGINE TARN_POOL TARN_REPORT LD_PRELOAD

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "make run: $*" >&2
    exit 1
}

for program in "$tarn" "$example"; do
    [ -x "$program" ] || fail "$program is missing: run \`make\` first"
done
compiler=${CC:-gcc}
command -v "$compiler" >/dev/null || compiler=cc
command -v "$compiler" >/dev/null || fail "no C compiler called gcc or cc"

echo "1. Pools inside a pool: the multi-pool example of the LiteOS guide (examples/liteos_multi_pool.c)."
echo
"$example" >"$work/example" || fail "the example ended with status $?"
sed 's/^/   /' "$work/example"
pools=$(grep -c '^pool[0-9]* :' "$work/example" || true)
[ "$pools" -gt 0 ] || fail "the example listed no pool"
echo
echo "   Each \"pool addr\" row is one pool; step by step the two pools made by the example are deleted again."
echo

echo "2. A real program, unchanged: the C compiler, all its malloc on a tarn pool, compiling $source."
echo
# compile OUTPUT: prefixed by $launcher.
compile() {
    $launcher "$compiler" -O2 -std=c11 -ffreestanding -Iinclude -I"$build/generated/include" -Isrc -c $source -o "$1"
}

launcher=
echo "   \$ $compiler -O2 ... -c $source"
compile "$work/plain.o" || fail "the compiler itself does not compile $source"
echo "   without tarn: an object file of $(wc -c <"$work/plain.o") bytes"

# in_this_build ENGINE: a library built without the engine takes its default instead; the report tells which one ran.
in_this_build() {
    "$tarn" run --engine "$1" --report "$work/probe" -- true 2>"$work/error" || fail "$(cat "$work/error")"
    grep -q "^  engine *$1\$" "$work/probe"
}

# compile_on ENGINE: the same with tarn.
compile_on() {
    launcher="$tarn run --engine $1 --report $work/report"
    compile "$work/$1.o" || fail "the compiler failed on engine $1"
    cmp -s "$work/plain.o" "$work/$1.o" || fail "engine $1: the object file differs from the one made without tarn"
    echo
    echo "   \$ tarn run --engine $1 $compiler -O2 ... -c $source"
    echo "   the same object file, byte for byte; what the largest of the pools saw:"
    largest_section "$work/report" | sed 's/^/   /'
}

# The section of the process with the highest peak: the compiler proper, which the driver starts.
largest_section() {
    awk '/^tarn: / { section = "" } { section = section $0 "\n" } $1 == "peak" { peak = $2 + 0 }
         $1 == "refused" && peak >= best { best = peak; shown = section } END { printf "%s", shown }' "$1"
}

ran=
for engine in tlsf bestfit linear; do
    if in_this_build $engine; then
        compile_on $engine
        ran="$ran $engine"
    else
        echo
        echo "   $engine is not in this build"
    fi
done
[ -n "$ran" ] || fail "no engine ran"
echo
echo "Try it: $1/bin/tarn run PROGRAM ARGUMENTS...      More: $1/bin/tarn run --help"
echo "make run: all as it should be: $pools pool rows listed, one object file on engines:$ran"
