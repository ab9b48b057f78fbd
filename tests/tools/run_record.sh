#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn record`: what a program asked for is what a replay of its trace asks for, call by call; threads, fork, exec,
# and programs that end in the middle.
. "$(dirname "$0")/replay_checks.sh"

expect 0 "$tarn" record --help
grep -q '^usage: tarn record' "$work/out" || fail "no usage"
awk 'length > 100 { exit 1 }' "$work/out" || fail "a line of the help is longer than 100 columns"
refuse() {
    pattern=$1
    shift
    expect 2 "$tarn" record "$@"
    said "$pattern"
    [ ! -s "$work/out" ] || fail "$* writes to stdout"
}
refuse '^tarn: no file given to record into: -o FILE$' true
refuse '^tarn: no file given to record into' -o '' true
refuse '^tarn: no program given$' -o x
refuse "^tarn: option '-o' needs a value\$" -o
refuse "^tarn: unknown option '--frob'\$" --frob true
if ! has_zstd; then
    expect 125 "$tarn" record -o "$work/trace" true
    said 'this tarn was built without libzstd'
    done_with "the command line, in a build without libzstd"
    exit 0
fi
expect 127 "$tarn" record -o "$work/trace" /no/such/program
expect 126 "$tarn" record -o "$work/trace" "$work"
expect 125 env TARN_RECORD_SO=/no/such/file "$tarn" record -o "$work/trace" true
said "^tarn: TARN_RECORD_SO: cannot read '/no/such/file'\$"
[ ! -e "$work/trace" ] || fail "a file of a program that never ran"
expect 125 "$tarn" record -o /no/such/folder/trace true
said "^tarn: cannot write '/no/such/folder/trace': No such file or directory\$"

build_traces || fail "cannot build traces.c: $(cat "$work/traces.log")"
cp tests/tools/calls.c "$work"
compile calls.c calls -fno-builtin -pthread

# record WANTED WORDS...: the program ends with this status; what stderr says about the trace is in $work/err.
record() {
    wanted=$1
    shift
    expect "$wanted" "$tarn" record -o "$work/trace" -- "$work/calls" "$@"
    [ ! -s "$work/out" ] || fail "$* writes to stdout"
    said "^tarn: [0-9]+ calls of [0-9]+ process(es)? in '.*/trace'\$"
}

# calls [PROCESS]: the calls of at least 100000 bytes, and the frees of their slots.
calls() {
    "$work/traces" show "$work/trace" "$@" >"$work/all" || fail "$(cat "$work/all")"
    awk '$1 != "free" && $3 >= 100000 { big[$2] = 1; print $1, $3, $4; next }
         $1 == "free" && big[$2] { print "free"; big[$2] = 0; next }
         $1 != "free" { big[$2] = 0 }' "$work/all" >"$work/found"
}

# ---- each function, and what comes of it ----
record 3 plain
said '^tarn: the program ended with status 3$'
calls
cat >"$work/wanted" <<'LIST'
malloc 100001 0
calloc 100002 0
malloc 100003 0
aligned 100004 6
aligned 100005 12
aligned 100006 5
aligned 100007 12
realloc 200000 0
realloc 300000 0
free
free
free
free
free
free
free
LIST
cmp -s "$work/wanted" "$work/found" || fail "recorded: $(diff "$work/wanted" "$work/found")"
pass
expect 0 "$tarn" replay --check --rounds 1 --json "$work/trace"
is 'd["trace"]["refused"]' 2
is 'd["trace"]["unmatched"] + d["trace"]["lost"]' 0
is 'd["trace"]["processes"][0]["program"]' calls
is 'd["trace"]["peak_usable"] >= d["trace"]["peak_live"] >= 200000 + 300000' True
is 'd["failed"]["requests"]' 0
is 'd["check"]["problem"]' None

# ---- threads: in the order of the trace no two live blocks have one address, whichever thread freed the first ----
record 3 threads
expect 0 "$tarn" replay --check --rounds 1 --json "$work/trace"
is 'd["trace"]["malloc"] >= 8000' True
is 'd["trace"]["unmatched"] + d["trace"]["lost"] + d["trace"]["refused"]' 0
is 'd["check"]["problem"]' None
is 'd["trace"]["left"] < 20' True

# ---- a forked process begins with what its parent had ----
record 3 fork
expect 0 "$tarn" replay --rounds 1 --json "$work/trace"
is '[p["forked_from"] for p in d["trace"]["processes"]]' '[0, 1, 2]'
is 'd["trace"]["process"]' 1
for number in 1 2 3; do
    calls $number
    case $number in
    1) wanted='malloc 100011 0;malloc 100012 0;free;free;' ;;
    2) wanted='malloc 100011 0;malloc 100012 0;free;malloc 100013 0;free;' ;;
    3) wanted='malloc 100011 0;malloc 100012 0;free;malloc 100013 0;free;free;malloc 100014 0;free;' ;;
    esac
    [ "$(tr '\n' ';' <"$work/found")" = "$wanted" ] || fail "process $number: $(cat "$work/found")"
    expect 0 "$tarn" replay --process $number --check --rounds 1 --json "$work/trace"
    is 'd["trace"]["unmatched"] + d["trace"]["lost"]' 0
done
expect 0 "$tarn" replay --rounds 1 --process 3 "$work/trace"
shows ', process 3 of 3: calls, pid [0-9]+, forked$'

# ---- exec: another program, with an empty heap ----
record 3 exec plain
expect 0 "$tarn" replay --rounds 1 --json "$work/trace"
is '[p["forked_from"] for p in d["trace"]["processes"]]' '[0, 0]'
is 'd["trace"]["processes"][0]["pid"] == d["trace"]["processes"][1]["pid"]' True
calls 1
[ "$(cat "$work/found")" = 'malloc 100021 0' ] || fail "before exec: $(cat "$work/found")"
calls 2
cmp -s "$work/wanted" "$work/found" || fail "after exec: $(diff "$work/wanted" "$work/found")"

# ---- nothing that happened before the end is lost, whatever the end; the status is the program's ----
for end in abort:134 kill:137 _exit:7; do
    record "${end#*:}" plain "${end%:*}"
    calls
    cmp -s "$work/wanted" "$work/found" || fail "before $end: $(diff "$work/wanted" "$work/found")"
    pass
done

# A process that outlives the program is recorded until then, and ends on its own.
record 3 plain linger
said '^tarn: 1 processes still run, and are in it up to here$'
expect 0 "$tarn" replay --rounds 1 --json "$work/trace"
pid=$(value '[p["pid"] for p in d["trace"]["processes"] if p["forked_from"] == 1][0]')
kill "$pid" || fail "the recorded process $pid is gone"

# ---- other programs ----
expect 0 "$tarn" record -o "$work/trace" -- sh -c 'echo one | cat; echo two | cat'
[ "$(cat "$work/out")" = "$(printf 'one\ntwo')" ] || fail "the shell printed: $(cat "$work/out")"
expect 0 "$tarn" replay --rounds 1 --json "$work/trace"
is 'sorted(set(p["program"] for p in d["trace"]["processes"]))' "['cat', 'sh']"
is 'd["trace"]["unmatched"] + d["trace"]["lost"]' 0

# On another allocator, which is then the one recorded.
expect 3 env LD_PRELOAD="$library" "$tarn" record -o "$work/trace" -- "$work/calls" plain threads
expect 0 "$tarn" replay --check --rounds 1 --json "$work/trace"
is 'd["trace"]["unmatched"] + d["trace"]["lost"]' 0
is 'd["check"]["problem"]' None

# A call site is an address of the recorded run, and is called so; where addresses are not random it is the next run's
# too.
if command -v setarch >/dev/null && setarch -R true 2>/dev/null; then
    for run in first second; do
        setarch -R "$tarn" record -o "$work/trace" -- "$work/calls" plain 2>/dev/null && status=0 || status=$?
        [ "$status" = 3 ] || fail "recorded by setarch -R, calls ended with $status"
        expect 1 "$tarn" replay --pool 100k --rounds 1 "$work/trace"
        sed -n 's/^    [0-9.]* s into the recorded run, thread [0-9]*, called from \(0x[0-9a-f]*\) there$/\1/p' \
            "$work/out" >"$work/$run"
    done
    [ -s "$work/first" ] || fail "no call site: $(cat "$work/out")"
    cmp -s "$work/first" "$work/second" || fail "other call sites: $(diff "$work/first" "$work/second")"
    pass
fi

# A disk that is full, and a file that is cut.
if [ -e /dev/full ]; then
    expect 125 "$tarn" record -o /dev/full -- "$work/calls" plain
    said "^tarn: cannot write '/dev/full': No space left on device\$"
fi
record 3 plain
head -c 100 "$work/trace" >"$work/cut"
expect 125 "$tarn" replay "$work/cut"
said 'the file ends too early'

# The format is the one that earlier versions wrote: this sample was recorded of `calls plain fork`.
cp tests/tools/samples/calls.trace "$work/trace"
calls 3
[ "$(tail -n 8 "$work/found" | tr '\n' ';')" = 'malloc 100011 0;malloc 100012 0;free;malloc 100013 0;free;free;malloc 100014 0;free;' ] ||
    fail "the sample: $(cat "$work/found")"
done_with "the command line, every function, threads, fork, exec, ends of programs, other allocators"
