#!/bin/sh
# SPDX-License-Identifier: MIT
# The trace reader, with sanitizers, on files of both formats that were cut, corrupted or extended: a refusal with a
# reason, or a trace that holds together. TARN_TEST_SEED and TARN_TEST_SCALE as in test programs.
. "$(dirname "$0")/replay_checks.sh"

needs_sanitizers
build_traces $sanitizers || fail "traces.c does not build: $(cat "$work/traces.log")"
count=$((5000 * ${TARN_TEST_SCALE:-100} / 100))
[ "$count" -ge 100 ] || count=100
for format in atrace tarn; do
    "$work/traces" make $format "$seed" 400 "$work/$format" >"$work/made" || fail "cannot make a trace"
done
set -- "$work/atrace" "$work/tarn" tests/tools/samples/calls.trace
if has_zstd; then
    expect 0 "$tarn" record -o "$work/recorded" cat /dev/null
    set -- "$@" "$work/recorded"
fi
status "$work/traces" hostile "$seed" "$count" "$@"
[ "$status" = 0 ] || fail "seed $seed: $(cat "$work/err")"
pass
done_with "seed $seed, $(cat "$work/out")"
