#!/bin/sh
# SPDX-License-Identifier: MIT
# The bench of traces on a small trace, one round: its tables and data name every allocator, one that joins as a shared
# object too, and one that refuses. The smallest pools are right; times are not looked at.
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
expect 0 bench/traces/run --rounds 1 --out "$work/page" --work "$work/bin" --allocator "$work/joins0.so" \
    --allocator "$work/joins1.so" "$build" "$work/small"
cp "$work/out" "$work/page.md"
number='-?[0-9]+\.[0-9] \([0-9]+\.[0-9]\)'
for allocator in floor bump header 'tarn tlsf' 'tarn bestfit' glibc joins0; do
    [ "$(grep -cE "^\| $allocator \| $number \| ([0-9.]+|-) \|\$" "$work/page.md")" = 2 ] ||
        fail "no row of $allocator in both tables: $(cat "$work/page.md")"
    pass
done
[ "$(grep -cE '^\| joins1 \| [0-9]+ refused \| - \|$' "$work/page.md")" = 2 ] || fail "who refuses: $(cat "$work/page.md")"
for pool in roomy tight; do
    grep -q joins0 "$work/page/plots/traces-$pool.dat" || fail "no data for the plot of $pool pools"
    pass
done

# The smallest pool is the one that `tarn replay` finds on the same engine.
for engine in tlsf bestfit; do
    expect 0 "$tarn" replay --engine "$engine" --recognise auto --rounds 1 --pool min --json "$work/small"
    ratio=$(value '"%.3f" % (d["pool"]["minimum"] / d["trace"]["peak_live"])')
    grep -qE "^\| tarn $engine \| $ratio \| $ratio \|\$" "$work/page.md" ||
        fail "the smallest pool of $engine is not $ratio of the peak: $(grep "$engine" "$work/page.md")"
    pass
done

# An engine that visits all blocks is there for a trace this small, and left out where there are too many visits.
if grep -q "define TARN_WITH_LINEAR 1" "$build/generated/include/tarn/config.h"; then
    [ "$(grep -cE "^\| tarn linear \| $number \|" "$work/page.md")" = 2 ] || fail "no linear"
    expect 0 bench/traces/run --visits 10 --rounds 1 --out "$work/page" --work "$work/bin" "$build" "$work/small"
    [ "$(grep -cE '^\| tarn linear \| - \| - \|$' "$work/out")" = 2 ] || fail "linear makes more visits than are sane"
fi
expect 1 bench/traces/run --rounds 1 --out "$work/page" --work "$work/bin" "$build" "$work/joins.c"
said 'no trace: it begins with neither'
said '^bench: nothing to measure$'
expect 0 bench/traces/run --rounds 1 --out "$work/page" --work "$work/bin" --allocator "$work/small" "$build" "$work/small"
said 'small: .*(invalid ELF|too short)'
done_with "the tables, the data of the plots, smallest pools, and allocators that join"
