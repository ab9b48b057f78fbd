#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn replay`: its command line, its figures against those of a trace whose sums are known, the search for the
# smallest pool, refusals with their reason, text and JSON.
. "$(dirname "$0")/replay_checks.sh"
build_traces || fail "cannot build traces.c: $(cat "$work/traces.log")"
engines=$(engines)

expect 0 "$tarn" replay --help
grep -q '^usage: tarn replay' "$work/out" || fail "no usage"
awk 'length > 100 { exit 1 }' "$work/out" || fail "a line of the help is longer than 100 columns"

# ---- a wrong command line prints nothing to stdout, says what is wrong first, and ends with 2 ----
refuse() {
    pattern=$1
    shift
    expect 2 "$tarn" replay "$@"
    said "$pattern"
    [ ! -s "$work/out" ] || fail "$* writes to stdout"
}
refuse '^tarn: no file given$'
refuse '^tarn: no file given$' --check
refuse '^tarn: more than one file given$' one two
refuse "^tarn: unknown option '--frob'\$" --frob file
refuse "^tarn: unknown option '-x'\$" -x file
refuse "^tarn: option '--engine' needs a value\$" --engine
refuse "^tarn: unknown engine 'first': none of tlsf, bestfit, linear\$" --engine first file
for size in '' 0 -1 1.5m mini 10q; do
    refuse "^tarn: '$size' is neither min nor a size" --pool "$size" file
done
refuse '^tarn: a pool of .9g. is too large: at most 8g$' --pool 9g file
for number in '' 0 100 -1 +1 1k x; do
    refuse "^tarn: option '--rounds': '.*' is not a number from 1 to 99\$" --rounds "$number" file
done
refuse "^tarn: option '--process': '0' is not a number" --process 0 file
refuse "^tarn: option '--granule': '6' is none of 4, 8, 16\$" --granule 6 file
refuse "^tarn: option '--granule': '32' is not a number from 1 to 16\$" --granule 32 file
refuse "^tarn: option '--recognise': 'never' is none of auto, keyed, exact\$" --recognise never file
for park in '' 1 -1 2x 1.5k defaults 4g; do
    refuse "^tarn: option '--park': '$park' is neither default nor 0 nor a size from 2 to 4294967295\$" --park "$park" file
done
refuse "^tarn: option '--park' needs a value\$" --park

# ---- files that are none ----
nothing() {
    pattern=$1
    shift
    expect 125 timeout 20 "$tarn" replay "$@"
    said "$pattern"
    [ "$(wc -l <"$work/err")" = 1 ] || fail "more than one line: $(cat "$work/err")"
}
nothing "^tarn: '/no/such/file': No such file or directory\$" /no/such/file
nothing "^tarn: '$work': not a file of bytes\$" "$work"
: >"$work/empty"
nothing 'the file is empty$' "$work/empty"
mkfifo "$work/fifo"
nothing 'not a file of bytes$' "$work/fifo"
echo 'no trace here' >"$work/text"
nothing ': no trace: it begins with neither ATRACE1 nor TARNTRC$' "$work/text"
printf 'TARNTRC\n\002\000' >"$work/later"
nothing ': version 2 of the format; this tarn reads 1$' "$work/later"
# The format says that the header's six sums come first: here no operation, then one of an unknown kind.
zeros() {
    head -c "$1" /dev/zero
}
{ printf 'ATRACE1\n'; zeros 48; } >"$work/none"
nothing ': there is no operation in it$' "$work/none"
{ printf 'ATRACE1\n\001'; zeros 47; printf '\011'; } >"$work/code"
nothing ': operation 0 has the unknown code 9$' "$work/code"
{ printf 'ATRACE1\n\001'; zeros 47; printf '\000\001'; } >"$work/dead"
nothing ': operation 0 is on an object that does not live$' "$work/dead"

# ---- figures ----
for format in atrace tarn; do
    sums=$("$work/traces" make $format "$seed" 3000 "$work/$format")
    set -- $sums
    expect 0 "$tarn" replay --json --rounds 1 "$work/$format"
    [ $format = tarn ] || is 'd["trace"]["operations"]' "$1"
    is 'd["trace"]["objects"]' "$2"
    is 'd["trace"]["peak_objects"]' "$3"
    is 'd["trace"]["peak_live"]' "$4"
    is 'd["trace"]["requested"]' "$5"
    is 'sum(d["trace"][k] for k in ("malloc", "calloc", "aligned", "realloc", "free")) == d["trace"]["operations"]' True
    is 'd["failed"]["requests"]' 0
    is 'len(d["samples"])' 64
    is 'd["samples"][-1]["operations"] == d["trace"]["operations"]' True
    is 'd["samples"][-1]["blocks"] == d["trace"]["left"]' True
    is 'all(s["live"] <= s["used"] and s["largest_free"] <= s["free"] for s in d["samples"])' True
    is 'all(s["used"] + s["free"] + d["pool"]["control"] == d["pool"]["bytes"] for s in d["samples"])' True
    is 'd["trace"]["peak_live"] <= d["pool"]["peak_used"] <= 2 * d["trace"]["peak_live"] + 65536' True
    is 'd["pool"]["bytes"] == 4 * d["trace"]["peak_live"] + 64 * d["trace"]["peak_objects"] + (1 << 20)' True
    is 'd["time"]["rounds"]' 1
    is '"check" in d' False
done
expect 0 "$tarn" replay --check --json "$work/atrace"
is 'd["check"]["problem"]' None
is 'd["check"]["blocks"] == d["trace"]["objects"]' True
is 'd["check"]["checks"]' 65
expect 0 "$tarn" replay --granule 16 --recognise exact --json "$work/atrace"
is 'd["pool"]["granule"]' 16
is 'd["pool"]["recognition"]' exact
nothing ', and no process 2$' --process 2 "$work/atrace"
nothing 'has 1 processes, and no process 2$' --process 2 "$work/tarn"

# ---- the smallest pool serves, and the next smaller one does not, on each engine ----
for engine in $engines; do
    expect 0 "$tarn" replay --engine "$engine" --check --rounds 1 --pool min --json "$work/atrace"
    is 'd["pool"]["engine"]' "$engine"
    is 'd["check"]["problem"]' None
    is 'd["pool"]["bytes"] == d["pool"]["minimum"]' True
    smallest=$(value 'd["pool"]["minimum"]')
    expect 0 "$tarn" replay --engine "$engine" --rounds 1 --pool "$smallest" --json "$work/atrace"
    is 'd["failed"]["requests"]' 0
    expect 1 "$tarn" replay --engine "$engine" --rounds 1 --pool $((smallest - 8)) --check --json "$work/atrace"
    is 'd["failed"]["requests"] > 0' True
    is 'd["check"]["problem"]' None
    is 'sum(v for k, v in d["failed"].items() if k not in ("requests", "first")) == d["failed"]["requests"]' True
    is 'd["failed"]["first"][0]["why"] in ("fragmented", "exhausted")' True
    is 'd["failed"]["first"][0]["needed"] >= d["failed"]["first"][0]["size"] + 4' True
    expect 0 "$tarn" replay --engine "$engine" --pool min "$work/atrace"
    shows "^minimum pool +$smallest bytes, "
done

for slab in '' 1 -1 2x 1.5k defaults 129 4g; do
    refuse "^tarn: option '--slab': '$slab' is neither default nor 0 nor a size from 2 to 128\$" --slab "$slab" file
done
refuse "^tarn: option '--slab' needs a value\$" --slab

# ---- pools with a slab ----
slab_of() {
    expect 0 "$tarn" replay --json --rounds 1 "$@" "$work/atrace"
    value 'd["pool"]["slab"]'
}
[ "$(slab_of)" = 0 ] && [ "$(slab_of --slab 0)" = 0 ] || fail "a pool has a slab that was not asked for"
[ "$(slab_of --slab 24)" = 24 ] || fail "not the slab that was asked for"
[ "$(slab_of --slab default --pool 1m)" = 32 ] || fail "the default of 1 MiB is not 32"
expect 0 "$tarn" replay --slab 24 --rounds 1 "$work/atrace"
shows '^slab +requests of up to 24 bytes$'
nothing 'cannot make a pool of .*: ' --slab 32 --recognise exact "$work/atrace"
for engine in $(engines); do
    expect 0 "$tarn" replay --engine "$engine" --slab 32 --check --rounds 1 --pool min --json "$work/atrace"
    smallest=$(value 'd["pool"]["minimum"]')
    expect 0 "$tarn" replay --engine "$engine" --slab 32 --rounds 1 --pool "$smallest" --check --json "$work/atrace"
done

# ---- pools that park: a size is a pool's own, the default follows the pool, and what is served stays the same ----
park_of() {
    expect 0 "$tarn" replay --rounds 1 --json "$@" "$work/atrace"
    value 'd["pool"]["park"]'
}
[ "$(park_of)" = 0 ] && [ "$(park_of --park 0)" = 0 ] || fail "a pool parks that was not asked to"
[ "$(park_of --park 300)" = 300 ] && [ "$(park_of --park 2k)" = 2048 ] || fail "not the bytes that were asked for"
[ "$(park_of --park default --pool 1m)" = 1024 ] || fail "the default of 1 MiB is not 1024"
[ "$(park_of --park default --pool 16m)" = 4096 ] || fail "the default of 16 MiB is not 4096"
for engine in $engines; do
    for park in 64 2k default; do
        expect 0 "$tarn" replay --engine "$engine" --park $park --check --rounds 1 --pool min --json "$work/atrace"
        is 'd["check"]["problem"]' None
        is 'd["pool"]["bytes"] == d["pool"]["minimum"]' True
        smallest=$(value 'd["pool"]["minimum"]')
        expect 0 "$tarn" replay --engine "$engine" --park $park --rounds 1 --pool "$smallest" --json "$work/atrace"
        expect 1 "$tarn" replay --engine "$engine" --park $park --rounds 1 --pool $((smallest - 8)) --check --json "$work/atrace"
        is 'd["failed"]["requests"] > 0' True
        is 'd["check"]["problem"]' None
    done
done
expect 0 "$tarn" replay --park 300 --rounds 1 "$work/atrace"
shows '^parked +at most 300 bytes of each small size$'
nothing 'cannot make a pool of .*: ' --park 300 --recognise exact "$work/atrace"

# A request that no pool of this size could serve, in words.
expect 1 "$tarn" replay --pool 2k "$work/atrace"
shows '^failed +[0-9]+ requests: .*never fits'
shows '^  operation [0-9]+: (malloc|calloc|realloc|aligned) of [0-9]+ bytes.*: (never fits|exhausted|fragmented); it takes '
nothing 'cannot make a pool of 10 bytes' --pool 10 "$work/atrace"
expect 1 "$tarn" replay --pool 6k "$work/tarn"
shows '^    [0-9.]+ s into the recorded run, thread 77, called from an unknown place$'

# Text has every section once.
expect 0 "$tarn" replay --check "$work/atrace"
for section in trace operations 'peak live' pool 'peak used' time throughput failed checked fragmentation; do
    [ "$(grep -c "^$section  *" "$work/out")" -ge 1 ] || fail "no section $section: $(cat "$work/out")"
    pass
done
shows '^checked .* 65 times: nothing is wrong$'
[ "$(grep -cE '^ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9.]+ %$' "$work/out")" = 16 ] || fail "not 16 samples"

# Output that cannot be written is no success; a name that a terminal would choke on.
if [ -e /dev/full ]; then
    status=0
    "$tarn" replay --rounds 1 "$work/atrace" >/dev/full 2>"$work/err" || status=$?
    [ "$status" = 125 ] || fail "to a full device: status $status"
    said 'cannot write to standard output'
fi
odd=$(printf 'a\033[31m\377"\\')
cp "$work/atrace" "$work/$odd"
expect 0 "$tarn" replay --rounds 1 "$work/$odd"
! grep -q "$(printf '\033')" "$work/out" || fail "an escape reached the terminal"
expect 0 "$tarn" replay --rounds 1 --json "$work/$odd"
is 'd["failed"]["requests"]' 0

# The bar: on a terminal, in a run of more than a second, and gone at its end; never into a pipe. The run is made long by
# stopping it once it has used 30 ms.
"$work/traces" make atrace "$seed" 100000 "$work/long" >"$work/made"
cat >"$work/slow.py" <<'PY'
import os, pty, re, signal, subprocess, sys, time
leader, follower = pty.openpty() if sys.argv[1] == "terminal" else os.pipe()
run = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=follower)
os.close(follower)
while run.poll() is None:
    with open("/proc/%d/stat" % run.pid) as stat:
        if int(stat.read().rsplit(")", 1)[1].split()[11]) >= 3:
            os.kill(run.pid, signal.SIGSTOP)
            time.sleep(1.1)
            os.kill(run.pid, signal.SIGCONT)
            break
said = b""
try:
    for piece in iter(lambda: os.read(leader, 65536), b""):
        said += piece
except OSError:
    pass
before, percent, behind = said.rpartition(b"%")
print("bar" if percent else "none", "gone" if re.fullmatch(rb"\r +\r", behind) else "left", len(said) > 0, run.wait())
PY
shown=$("$python" "$work/slow.py" terminal "$tarn" replay --rounds 99 "$work/long")
[ "$shown" = "bar gone True 0" ] || fail "the progress bar: $shown"
shown=$("$python" "$work/slow.py" pipe "$tarn" replay --rounds 99 "$work/long")
[ "$shown" = "none left False 0" ] || fail "a progress bar into a pipe: $shown"
pass

# Without libzstd: unpacked traces as ever, and one line about what is missing.
command_of "$work/plain" -- tools/tarn/*.c tools/reader/*.c tools/reader/plain/*.c
tarn=$work/plain
expect 0 "$tarn" replay --rounds 1 "$work/atrace"
printf '\050\265\057\375' >"$work/packed"
nothing 'compressed, and this tarn was built without libzstd' "$work/packed"
expect 125 env TARN_RECORD_SO="$build/lib/libtarn-record.so" "$tarn" record -o "$work/x" true
said 'this tarn was built without libzstd'
done_with "seed $seed: command line, files, figures, smallest pools, refusals, text, JSON and the bar"
