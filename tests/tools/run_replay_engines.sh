#!/bin/sh
# SPDX-License-Identifier: MIT
# The same traces, of programs and of random calls, through every engine, granule, kind of recognition and, where pools
# have them, parked lists and slabs: contents are checked in each, and what a program could observe (what was served, what each
# block held, what lived when) is the same in all. Then in pools too small, where each refuses what it must and breaks
# nothing.
. "$(dirname "$0")/replay_checks.sh"
build_traces || fail "cannot build traces.c: $(cat "$work/traces.log")"
engines=$(engines)
parks=none
! "$tarn" replay --help | grep -q -- '--park ' || parks='none 0 256'
slabs=
! "$tarn" replay --help | grep -q -- '--slab ' || slabs='32 128'

# ---- traces ----
traces=
for number in 1 2 3; do
    format=$([ $number = 2 ] && echo tarn || echo atrace)
    "$work/traces" make $format $((seed + number)) 4000 "$work/random$number" >"$work/made"
    traces="$traces random$number"
done
# recorded NAME COMMAND...: a program that is here anyway; one that is not is left out.
recorded() {
    file=$1
    shift
    has_zstd && command -v "$1" >/dev/null || return 0
    "$tarn" record -o "$work/$file" -- "$@" >"$work/out" 2>"$work/err" || fail "cannot record $*: $(cat "$work/err")"
    traces="$traces $file"
}
printf '#include <stdio.h>\nint main(void) { return puts("a tarn"); }\n' >"$work/hello.c"
recorded compiler "${CC:-cc}" -O1 -c "$work/hello.c" -o "$work/hello.o"
recorded perl perl -e 'my %words; while (<>) { $words{$_}++ for split } print scalar keys %words' docs/design.md
recorded sort sort docs/design.md
set -- $traces
[ $# -ge 3 ] || fail "too few traces"

# ---- what is the same whoever serves: not where blocks lie, nor what they take ----
cat >"$work/observed.py" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
print(json.dumps([d["trace"], d["failed"]["requests"], d["check"]["blocks"], d["check"]["bytes"], d["check"]["checks"],
                  d["check"]["problem"], [[s["operations"], s["live"], s["blocks"]] for s in d["samples"]]]))
PY
replays=0
# observe TRACE OPTIONS...: in a roomy pool.
observe() {
    observed=$1
    shift
    expect 0 timeout 120 "$tarn" replay --check --json --rounds 1 "$@" "$work/$observed"
    "$python" "$work/observed.py" "$work/out" >"$work/observation"
    [ -e "$work/$observed.seen" ] || cp "$work/observation" "$work/$observed.seen"
    cmp -s "$work/$observed.seen" "$work/observation" ||
        fail "$observed with $*: $(cut -c 1-600 "$work/observation"), not $(cut -c 1-600 "$work/$observed.seen")"
    replays=$((replays + 1))
}
for trace in $traces; do
    for engine in $engines; do
        for park in $parks; do
            options="--engine $engine"
            [ $park = none ] || options="$options --park $park"
            for granule in 4 8 16; do
                observe "$trace" $options --granule $granule --recognise keyed
            done
            [ $park = 256 ] || observe "$trace" $options --recognise exact
        done
        for slab in $slabs; do
            observe "$trace" --engine $engine --slab $slab --granule $([ $slab = 32 ] && echo 4 || echo 16)
            observe "$trace" --engine $engine --slab $slab --park 256
        done
    done
    "$python" -c 'import json, sys; d = json.load(open(sys.argv[1])); sys.exit(d[1] != 0 or d[2] == 0 or d[5] is not None)' \
        "$work/$trace.seen" || fail "$trace: a request failed in a roomy pool, or nothing was checked"
done

# ---- pools of nine tenths of the peak: refusals differ, damage is nowhere ----
for trace in $traces; do
    peak=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[0]["peak_live"] * 9 // 10 // 8 * 8)' "$work/$trace.seen")
    for engine in $engines; do
        for park in $parks; do
            options="--engine $engine"
            [ $park = none ] || options="$options --park $park"
            expect 1 timeout 120 "$tarn" replay --check --json --rounds 1 --pool "$peak" $options "$work/$trace"
            is 'd["failed"]["requests"] > 0' True
            is 'd["check"]["problem"]' None
        done
        for slab in $slabs; do
            timeout 120 "$tarn" replay --check --json --rounds 1 --pool "$peak" --engine "$engine" --slab $slab \
                "$work/$trace" >"$work/out" 2>"$work/err" || [ $? = 1 ] || fail "$(cat "$work/err")"
            is 'd["check"]["problem"]' None
        done
    done
done
done_with "seed $seed: $replays replays of$traces observed the same on$(echo " $engines" | tr '\n' ' ')"
