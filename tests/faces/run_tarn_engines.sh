#!/bin/sh
# SPDX-License-Identifier: MIT
# Which engines there are is the preloaded library's to say, not the command's: either may be built with fewer.
. "$(dirname "$0")/tarn_checks.sh"

# only_tlsf OUTPUT FLAGS...: the library's sources, and what the flags add, with one engine.
mkdir "$work/tarn"
sed -E '/^#define TARN_WITH_(BESTFIT|LINEAR) /d' "$build/generated/include/tarn/config.h" >"$work/tarn/config.h"
grep -q '^#define TARN_WITH_TLSF' "$work/tarn/config.h" || { echo "this build is without tlsf"; exit 77; }
only_tlsf() {
    output=$1
    shift
    "${CC:-cc}" -O1 -I "$work" -I include -I src src/*.c ports/posix/*.c "$@" -pthread -o "$work/$output" ||
        fail "cannot build $output with tlsf alone"
}

# ran_on ENGINE: the last report names it.
ran_on() {
    grep -qE "^  engine +$1\$" "$work/report" || fail "not on $1: $(cat "$work/report")"
    pass
}

# A command with one engine and a library with all.
only_tlsf tarn-tlsf tools/tarn/*.c tools/reader/*.c tools/reader/plain/*.c tools/trace/*.c tools/trace/plain/*.c
for engine in $(engines); do
    expect 0 env TARN_MALLOC_SO="$library" "$work/tarn-tlsf" run --engine "$engine" --report "$work/report" true
    ran_on "$engine"
done

# A command with all engines and a library with one, which says so in each process and goes on.
only_tlsf tlsf.so -shared -fPIC -fno-builtin faces/malloc/*.c
for engine in bestfit linear; do
    expect 0 env TARN_MALLOC_SO="$work/tlsf.so" "$tarn" run --engine "$engine" --report "$work/report" true
    said "^tarn: TARN_ENGINE: engine not compiled in; using the default\$"
    ran_on tlsf
done
expect 0 env TARN_MALLOC_SO="$work/tlsf.so" "$tarn" run --engine tlsf --report "$work/report" true
[ ! -s "$work/err" ] || fail "for an engine that is there, stderr says: $(cat "$work/err")"
ran_on tlsf
done_with "commands and libraries with different engines"
