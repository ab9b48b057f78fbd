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

# command_of OUTPUT FLAGS... -- SOURCES...: a program of these sources, the trace reader and the core, with sanitizers if FLAGS has
# them: the core is then compiled once for all scripts of the build folder. With the core's sources where its libraries do
# not fit, as with another compiler. $command_needs are libraries of others.
command_of() {
    output=$1 command_flags=
    shift
    while [ "$1" != -- ]; do
        command_flags="$command_flags $1"
        shift
    done
    shift
    command_libraries=$build/lib
    case $command_flags in *-fsanitize=*)
        . tests/support/variants.sh
        variant_targets='tarn tarn-posix'
        variant "$build" inspected -O1 $sanitizers
        command_libraries=$variant/lib ;;
    esac
    for core in "-L$command_libraries -ltarn -ltarn-posix -ltarn" 'src/*.c ports/posix/*.c'; do
        "${CC:-cc}" -std=gnu11 -O1 $command_flags -Iinclude -I"$build/generated/include" -Isrc -Itests/support "$@" \
            tools/trace/*.c tools/trace/plain/*.c $core ${command_needs-} -pthread -o "$output" 2>"$work/command.log" && return
    done
    fail "$(basename "$output") does not build: $(cat "$work/command.log")"
}

done_with() {
    echo "$name: $checks checks, $*"
}
