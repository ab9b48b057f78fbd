#!/bin/sh
# SPDX-License-Identifier: MIT
# The bench of traces on a small trace, one round: its page and data name every allocator, one that joins as a shared
# object too, and one that refuses. What it measures is not looked at.
. "$(dirname "$0")/replay_checks.sh"
for symbol in TARN_WITH_TLSF TARN_WITH_BESTFIT; do
    grep -q "define $symbol 1" "$build/generated/include/tarn/config.h" ||
        { echo "this configuration has not both engines ($symbol)"; exit 77; }
done
build_traces || fail "cannot build traces.c: $(cat "$work/traces.log")"
"$work/traces" make atrace "$seed" 2000 "$work/small" >"$work/made"

cat >"$work/joins.c" <<'SOURCE'
#include <stdlib.h>

#include "allocator.h"

static int calls;

static bool begin(void *memory, size_t bytes)
{
    return memory != NULL && bytes != 0;
}

static void *take(size_t size)
{
    return REFUSES && ++calls % 100 == 0 ? NULL : malloc(size);
}

const bench_allocator bench_this = {BENCH_ALLOCATOR_VERSION, "joins", begin, take, aligned_alloc, realloc, free};
SOURCE
for refuses in 0 1; do
    "${CC:-cc}" -O1 -shared -fPIC -I bench/traces -DREFUSES=$refuses "$work/joins.c" -o "$work/joins$refuses.so" ||
        fail "the documented interface does not compile"
done
expect 0 bench/traces/run --rounds 1 --out "$work/page" --allocator "$work/joins0.so" --allocator "$work/joins1.so" \
    "$build" "$work/small"
for allocator in floor bump header 'tarn tlsf' 'tarn bestfit' glibc joins0 joins1; do
    [ "$(grep -cE "^\| trace \|.* $allocator \|" "$work/page/performance.md")" = 2 ] || fail "no column $allocator in both tables"
    pass
done
[ "$(grep -cE '^\| small (\| -?[0-9.]+ \([0-9.]+\) ){6,8}\| -?[0-9.]+ \([0-9.]+\) \| [0-9]+ refused \|$' \
    "$work/page/performance.md")" = 2 ] || fail "the tables: $(cat "$work/page/performance.md")"
grep -q '"joins0"' "$work/page/plots/traces.dat" || fail "no data for the plot"
expect 1 bench/traces/run --rounds 1 --out "$work/page" "$build" "$work/joins.c"
said 'no trace: it begins with neither'
said '^bench: nothing to measure$'
done_with "the page, its data, and allocators that join"
