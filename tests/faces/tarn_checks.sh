# SPDX-License-Identifier: MIT
# What the script tests of the `tarn` command and the malloc library share; sourced with the build folder as $1.
set -eu
[ -n "${1-}" ] || { echo "usage: ${0##*/} BUILD" >&2; exit 2; }
build=$(cd "$1" && pwd)
tarn=$build/bin/tarn
library=$build/lib/libtarn-malloc.so
checks=0
name=${0##*/}
unset TARN_ENGINE TARN_POOL TARN_WORDS TARN_GUARD TARN_QUARANTINE TARN_POLICY TARN_LEAKS TARN_REPORT TARN_MALLOC_SO LD_PRELOAD
[ -x "$tarn" ] && [ -e "$library" ] || { echo "the tarn command or libtarn-malloc.so is not built"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$name: $*" >&2
    exit 1
}

pass() {
    checks=$((checks + 1))
}

# status COMMAND...: runs it with its output in $work/out and $work/err, and sets $status.
status() {
    status=0
    "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

# expect STATUS COMMAND...: it must end with this status.
expect() {
    wanted=$1
    shift
    status "$@"
    [ "$status" = "$wanted" ] || fail "$* ended with $status, not $wanted: $(cat "$work/err")"
    pass
}

# said PATTERN: the last command wrote a line that matches to stderr.
said() {
    grep -qE -- "$1" "$work/err" || fail "no line on stderr matches '$1': $(cat "$work/err")"
    pass
}

# engines: those that the library was built with.
engines() {
    for engine in tlsf bestfit linear; do
        "$tarn" run --engine "$engine" --report "$work/engine" true 2>/dev/null || continue
        if grep -qE "^  engine +$engine\$" "$work/engine"; then
            echo "$engine"
        fi
    done
}

# compile SOURCE OUTPUT FLAGS...: with the compiler that built tarn.
compile() {
    source=$1 output=$2
    shift 2
    "${CC:-cc}" "$@" -O1 -o "$work/$output" "$work/$source" || fail "cannot compile $source"
}

# links COMPILER FLAGS...: an empty program that includes the C library can be built. What fails to build after it is ours.
links() {
    printf '#include <stdio.h>\nint main(void) { return 0; }\n' >"$work/empty.c"
    "$@" "$work/empty.c" -o "$work/empty" >"$work/empty.log" 2>&1
}

# needs_sanitizers: skips where an empty program cannot be linked with them and run.
sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all"
needs_sanitizers() {
    { links "${CC:-cc}" $sanitizers && "$work/empty" >"$work/empty.log" 2>&1; } ||
        { echo "no sanitizers: $(tail -n 1 "$work/empty.log")"; exit 77; }
}

done_with() {
    echo "$name: $checks checks, $*"
}
