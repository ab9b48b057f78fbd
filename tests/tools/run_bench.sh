#!/bin/sh
# SPDX-License-Identifier: MIT
# `make bench` in one quick round on a small trace: every part is on the page, figures to reach are compared with what was
# found, instructions of functions of known length are exact and the most is told with its operation, and no call takes more
# of them than bench/instructions/baseline.txt says. Times are not looked at.
. "$(dirname "$0")/replay_checks.sh"
for symbol in TARN_WITH_TLSF TARN_WITH_BESTFIT; do
    grep -q "define $symbol 1" "$build/generated/include/tarn/config.h" ||
        { echo "this configuration has not both engines ($symbol)"; exit 77; }
done
qemu=qemu-$(uname -m)
command -v "$qemu" >/dev/null || { echo "$qemu is missing"; exit 77; }
"$qemu" -plugin /nonexistent /bin/true 2>&1 | grep -q 'ould not load plugin' ||
    { echo "$qemu is without plugins"; exit 77; }
[ "$(uname -m)" = x86_64 ] || { echo "the functions of known length are x86-64's"; exit 77; }
build_traces || fail "cannot build traces.c: $(cat "$work/traces.log")"
"$work/traces" make atrace "$seed" 2000 "$work/small" >"$work/made"

# ---- an allocator whose functions have known lengths, and one whose 300th request takes longer than any other ----
"${CC:-cc}" -O2 -shared -fPIC -DKNOWN=40 bench/instructions/known.c -o "$work/known.so" || fail "known.c does not compile"
cat >"$work/slow.c" <<'SOURCE'
#include <stdlib.h>

#include "allocator.h"

static unsigned calls;

static bool begin(void *memory, size_t bytes)
{
    calls = 0;
    return memory != NULL && bytes != 0;
}

static void *take(size_t size)
{
    if (++calls == 300) {
        for (volatile unsigned i = 0; i < 1000000; i++) {
        }
    }
    return calls == 301 ? NULL : malloc(size);
}

const bench_allocator bench_this = {BENCH_ALLOCATOR_VERSION, "slow", begin, take, aligned_alloc, realloc, free};
SOURCE
"${CC:-cc}" -O1 -shared -fPIC -I bench/traces "$work/slow.c" -o "$work/slow.so" || fail "slow.c does not compile"

# The counts alone: known.so answers one address for all, which nobody may write to.
expect 0 bench/instructions/run --limit 5000 --allocator "$work/known.so" --allocator "$work/slow.so" --out "$work/counted" \
    --work "$work/bin" "$build" "$work/small"
# counted ALLOCATOR OPERATION FIELD: mean p50 p99.9 max number, as fields 7 to 11, in a roomy pool.
counted() {
    sed 's/"tarn \([a-z]*\)"/\1/' "$work/counted/plots/instructions.dat" |
        awk -v allocator="$1" -v operation="$2" -v field="$3" '$1 == "x86_64" && $2 == allocator && $4 == "roomy" && \
            $5 == operation { print $field }'
}
same() {
    [ "$1" = "$2" ] || fail "$3: $1, not $2"
    pass
}
for field in 7 8 9 10; do # 40 instructions, the one that answers, the return
    same "$(counted known malloc $field | cut -d . -f 1)" 42 "malloc of known length, field $field"
    same "$(counted known realloc $field | cut -d . -f 1)" 43 "realloc of known length, field $field"
    same "$(counted known free $field | cut -d . -f 1)" 1 "free of known length, field $field"
done
"$work/traces" show "$work/small" >"$work/shown"
requests() {
    awk -v wanted="$1" '($1 == "malloc" || $1 == "calloc") && ++n == wanted { print NR - 1 }' "$work/shown"
}
same "$(counted slow malloc 11)" "$(requests 300)" "the number of the malloc that took the most"
[ "$(counted slow malloc 10)" -ge 3000000 ] || fail "the most of a malloc: $(counted slow malloc 10)"
same "$(counted slow refused-malloc 11)" "$(requests 301)" "the number of the refused malloc"
same "$(counted slow refused-malloc 6)" 1 "refused mallocs"
for engine in tlsf bestfit; do
    grep -qE "^x86_64 \"tarn $engine\" small (roomy|tight) malloc [0-9]+ [0-9.]+ [0-9]+ [0-9]+ [0-9]+ [0-9]+$" \
        "$work/counted/plots/instructions.dat" || fail "no counts of $engine"
    pass
done

# ---- in a pool that is kept full ----
for engine in tlsf bestfit; do
    for kind in malloc free refused-malloc; do
        grep -qE "^x86_64 \"tarn $engine\" 65536 65536 $kind [0-9]+ " "$work/counted/plots/instructions.dat" ||
            fail "no $kind of $engine in a full pool"
        pass
    done
done

# ---- callgrind, another simulator, counts the same; its sum has the one call of the base, too. It counts in a function by
# name, and tarn_realloc() calls tarn_alloc() and tarn_free(): these are compared where nothing is reallocated, in the
# pool that is kept full ----

# sum TRACE POOL OPERATION...: instructions of these operations of tlsf, all calls together.
sum() {
    awk -v trace="$1" -v pool="$2" -v operations=" $* " '$1 == "x86_64" && $2 == "\"tarn" && $3 == "tlsf\"" && \
        $4 == trace && $5 == pool && index(operations, " " $6 " ") { all += $7 * $8 } END { printf "%.0f", all }' \
        "$work/counted/plots/instructions.dat"
}
# as_callgrind FUNCTION OPS TRACE POOL OPERATION...
as_callgrind() {
    function=$1 ops=$2
    shift 2
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$function" "$bin/count" \
        "$bin/tarn-base.so" "$bin/tarn-tlsf.so" "$ops" "$2" >"$work/out" 2>"$work/err" ||
        fail "valgrind: $(tail -n 2 "$work/err")"
    same "$(awk -v sum="$(sum "$@")" '/Collected/ { off = $4 - sum; print (off * off < 100 ? "same" : off) }' "$work/err")" \
        same "instructions of $function beside callgrind's"
}
if command -v valgrind >/dev/null; then
    bin=$work/bin/$(uname -m)
    as_callgrind tarn_realloc "$bin/small.ops" small roomy realloc
    as_callgrind tarn_alloc "$work/bin/65536.ops" 65536 65536 malloc refused-malloc
    as_callgrind tarn_free "$work/bin/65536.ops" 65536 65536 free
fi

# ---- no call takes more instructions than it did, with the compiler that the file names ----
status bench/instructions/baseline --work "$work/bin" "$build"
baseline=$(tail -n 1 "$work/out")
[ "$status" = 0 ] || [ "$status" = 77 ] || fail "instructions: $(cat "$work/out" "$work/err")"
pass

# ---- the page ----
cp "$work/small" "$work/twice"
expect 0 bench/run --quick --out "$work/parts" --work "$work/bin" --docs "$work/docs" --allocator "$work/slow.so" "$build" "$work/small" \
    "$work/twice"
page=$work/docs/performance.md
[ "$(grep -c '^## ' "$page")" = 6 ] || fail "the page has other sections: $(grep '^## ' "$page")"
for heading in 'Figures to reach' 'Time on what programs ask for' Instructions 'How cost grows with live blocks' \
    'Two threads' 'Not measured'; do
    grep -q "^## $heading\$" "$page" || fail "no section $heading"
    pass
done
for allocator in 'tarn tlsf' 'tarn bestfit' glibc slow; do
    for table in 'ns per operation' 'tight pools, ns' instructions; do
        awk -v table="| $table " -v row="| $allocator |" 'index($0, table) == 1 { inside = 1 } $0 == "" { inside = 0 }
            inside && index($0, row) == 1 { found = 1 } END { exit !found }' "$page" ||
            fail "no $allocator in the table '$table': $(cat "$page")"
        pass
    done
done
sed -n '/^## Figures/,/^## Time/p' "$page" | awk '/^\| [a-z]/ && !/^\| what/ && !/(yes|no|-) \|$/ { exit 1 }' ||
    fail "a figure to reach without a verdict"
grep -qE '^\| worst malloc, x86-64, tlsf \| [0-9]+ \| [0-9]+ \| (yes|no) \|$' "$page" || fail "no verdict on a bound"
for plot in traces-roomy traces-tight growth-time growth-instructions; do
    [ -s "$work/docs/plots/$plot.dat" ] || fail "no data for the plot $plot"
    grep -q "plots/$plot.svg" "$page" || fail "the page does not show $plot"
    ! command -v gnuplot >/dev/null || grep -q '</svg>' "$work/docs/plots/$plot.svg" || fail "no plot $plot"
    pass
done
cp "$page" "$work/before"
expect 0 bench/run --page --out "$work/parts" --work "$work/bin" --docs "$work/docs" "$build"
cmp -s "$page" "$work/before" || fail "the page written anew is another one"
done_with "counts of known length, operations that took the most, the page and its plots; $baseline"
