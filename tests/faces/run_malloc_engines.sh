#!/bin/sh
# SPDX-License-Identifier: MIT
# The test programs of the malloc face, which run on the default engine by themselves, on every other engine.
. "$(dirname "$0")/tarn_checks.sh"

[ -x "$build/tests/faces.malloc_api" ] || { echo "the test programs are not built"; exit 77; }
# What an engine can do wrong between threads and forks it does in few of them; what is common to all is tested in full on
# the default one.
export TARN_TEST_SCALE=${TARN_TEST_SCALE:-5}
for engine in $(engines); do
    for program in "$build"/tests/faces.malloc_*; do
        expect 0 timeout 300 env TARN_ENGINE="$engine" "$program"
    done
done
for words in 1 3 4; do
    expect 0 timeout 300 env TARN_WORDS=$words "$build/tests/faces.malloc_threads"
done
done_with "the programs of the malloc face on $(engines | wc -l) engines, and threads with 1, 3 and 4 words"
