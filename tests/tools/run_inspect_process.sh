#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn inspect --pid`: a live program's pools, its own and the one that `tarn run` puts under it, while it goes on.
. "$(dirname "$0")/inspect_checks.sh"

native waits
pid=
trap '[ -z "$pid" ] || kill $pid 2>/dev/null || true; rm -rf "$work"' EXIT

# start COMMAND...: in the background, until it says that it is ready.
start() {
    : >"$work/ready"
    "$@" >"$work/ready" 2>/dev/null &
    pid=$!
    for _ in $(seq 200); do
        ! grep -q ready "$work/ready" || return 0
        sleep 0.05
    done
    fail "$* was not ready within 10 s"
}

stop() {
    kill -0 $pid || fail "the program did not survive"
    kill $pid
    wait $pid 2>/dev/null || true
    pid=
}

start "$work/waits" wait
status "$tarn" inspect --pid $pid
if grep -q 'no permission' "$work/err"; then
    echo "processes may not look into each other here"
    exit 77
fi
[ "$status" = 0 ] || fail "status $status: $(cat "$work/err")"
[ "$(grep -c '  sound$' "$work/out")" = 8 ] || fail "not 8 sound pools: $(cat "$work/out")"
json --leaks --owners --pid $pid
grep -q '"kind": "process", "file": null, "process": '$pid "$work/out" || fail "source: $(head -c 200 "$work/out")"
if has_elf; then
    expect 0 "$tarn" inspect --leaks --pid $pid
    shows 'module 3 task 7, called in take_buffer '
fi
grep -q '^State:.*S' "/proc/$pid/status" || fail "the program was left stopped: $(grep State "/proc/$pid/status")"
stop

# Under `tarn run`, with a pool of 8 GiB of which little was touched.
printf '#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\nint main(void)\n{\n    void *volatile p = malloc(12345);\n    puts("ready");\n    fflush(stdout);\n    pause();\n    free(p);\n    return 0;\n}\n' >"$work/sleeps.c"
compile sleeps.c sleeps
start env TARN_MALLOC_SO="$library" "$tarn" run --report /dev/null "$work/sleeps"
child=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null | tr -d ' ')
if [ -n "$child" ]; then
    expect 0 "$tarn" inspect --histogram --pid "$child"
    shows ' tlsf .* sound$'
    shows '^ +8192 +1 '
fi
stop

# Every signal that is sent meanwhile arrives.
cp tests/tools/signalled.c "$work"
compile signalled.c signalled
"$work/signalled" 3000 >"$work/signals" &
sender=$!
looks=0
while kill -0 $sender 2>/dev/null; do
    child=$(sed -n 's/^child //p' "$work/signals")
    [ -n "$child" ] || continue
    status "$tarn" inspect --pid "$child"
    [ "$status" != 3 ] || looks=$((looks + 1)) # it has no pools
done
wait $sender || fail "signalled: status $?"
grep -qx '3000 arrived' "$work/signals" || fail "of 3000 signals, in $looks looks: $(tail -n 1 "$work/signals")"
[ $looks -gt 3 ] || fail "only $looks looks while signals were sent"
pass

# Processes that are none, or another's.
expect 125 "$tarn" inspect --pid 2147483647
said '^tarn: process 2147483647: there is no such process$'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && setpriv --reuid 65534 --clear-groups "$tarn" --version >/dev/null 2>&1; then
    expect 125 setpriv --reuid 65534 --clear-groups "$tarn" inspect --pid $$
    said "^tarn: process $$: no permission to look into it: Operation not permitted\$"
elif [ "$(id -u)" != 0 ]; then
    expect 125 "$tarn" inspect --pid 1
    said '^tarn: process 1: no permission to look into it: '
fi
done_with "a live program, one under tarn run, $looks looks among 3000 signals, and refusals"
