#!/bin/sh
# SPDX-License-Identifier: MIT
# How `tarn run` ends: as its program does, exit status and signal; and what it does with signals of its own.
. "$(dirname "$0")/tarn_checks.sh"

for code in 0 1 2 77 125 126 127 255; do
    expect $code "$tarn" run --report /dev/null sh -c "exit $code"
done
for signal in 1 2 3 6 9 10 11 13 14 15; do
    expect $((128 + signal)) env --default-signal "$tarn" run --report /dev/null sh -c "kill -$signal \$\$"
done

# What cannot be run at all.
expect 127 "$tarn" run no-such-program
said "^tarn: cannot run 'no-such-program': No such file or directory\$"
expect 127 "$tarn" run ./no/such/program
expect 127 "$tarn" run ''
expect 126 "$tarn" run /
said "^tarn: cannot run '/': Is a directory\$"
echo 'exit 9' >"$work/plain"
expect 126 "$tarn" run "$work/plain"
said 'Permission denied'
chmod +x "$work/plain"
expect 9 "$tarn" run --report /dev/null "$work/plain" # no format: run by the shell, as execvp() does
printf '#!/no/such/shell\n' >"$work/script"
chmod +x "$work/script"
expect 127 "$tarn" run "$work/script"
printf '#!/bin/sh\nexit 8\n' >"$work/script"
expect 8 env PATH="$work" "$tarn" run --report /dev/null script

# A signal sent to tarn alone reaches the program, which may handle it, ignore it or die of it.
cat >"$work/waits" <<'SCRIPT'
#!/bin/sh
trap 'echo caught TERM; exit 33' TERM
trap 'echo caught INT; exit 34' INT
trap '' HUP
echo ready
while :; do sleep 0.05; done
SCRIPT
chmod +x "$work/waits"

# await PATTERN FILE
await() {
    for _ in $(seq 200); do
        ! grep -q "$1" "$2" || return 0
        sleep 0.05
    done
    fail "no '$1' within 10 s: $(cat "$2")"
}

# sends STATUS SIGNAL...: starts the program, sends tarn these signals, and expects the status.
sends() {
    wanted=$1
    shift
    : >"$work/said"
    # A shell's background jobs ignore INT; the program must start with signals as an interactive one does.
    env --default-signal "$tarn" run --report "$work/report" "$work/waits" >"$work/said" 2>&1 &
    pid=$!
    await ready "$work/said"
    for signal in "$@"; do
        kill -"$signal" $pid
    done
    status=0
    wait $pid || status=$?
    [ $status = "$wanted" ] || fail "after $*: status $status, not $wanted"
    pass
}
sends 33 TERM
sends 34 INT
sends 33 HUP TERM
grep -q 'caught TERM' "$work/said" || fail "the program did not handle TERM"
grep -q ', process ' "$work/report" || fail "no report after a handled signal"

# Ignored signals stay ignored in the program.
status sh -c "trap '' TERM; exec '$tarn' run --report /dev/null sh -c 'kill -TERM \$\$; exit 21'"
[ "$status" = 21 ] || fail "an ignored TERM ended the program: $status"
pass

# A parent that ignores SIGCHLD does not keep tarn from learning the status.
expect 5 env --ignore-signal=CHLD "$tarn" run --report /dev/null sh -c 'exit 5'

# Standard streams are the program's own.
[ "$(echo through | "$tarn" run --report /dev/null cat)" = through ] || fail "standard input does not reach the program"
status=0
"$tarn" run --report /dev/null cat <&- >/dev/null 2>&1 || status=$?
[ $status != 125 ] || fail "tarn cannot run with a closed standard input"
done_with "exit statuses, signals and standard streams pass through"
