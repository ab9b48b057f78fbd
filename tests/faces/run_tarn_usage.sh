#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line of `tarn`: help, version, and one clear line for everything that is wrong, with the right exit code.
. "$(dirname "$0")/tarn_checks.sh"

expect 0 "$tarn" --version
[ "$(cat "$work/out")" = "tarn $(sed -n 's/^#define TARN_VERSION_STRING "\(.*\)"/\1/p' include/tarn/version.h)" ] ||
    fail "--version says: $(cat "$work/out")"
for help in "--help" "-h" "run --help" "run -h"; do
    expect 0 "$tarn" $help
    head -n 1 "$work/out" | grep -q '^usage: tarn' || fail "$help prints no usage"
    [ ! -s "$work/err" ] || fail "$help writes to stderr"
done
awk 'length > 100 { exit 1 }' "$work/out" || fail "a line of the help is longer than 100 columns"

# A wrong command line prints nothing to stdout, says what is wrong first, and ends with 2.
refuse() {
    pattern=$1
    shift
    expect 2 "$tarn" "$@"
    said "$pattern"
    [ ! -s "$work/out" ] || fail "$* writes to stdout"
}
refuse '^usage: tarn'
refuse "^tarn: unknown verb 'frob'\$" frob
refuse "^tarn: unknown option '--frob'\$" --frob
refuse '^tarn: no program given$' run
refuse '^tarn: no program given$' run --engine tlsf
refuse '^tarn: no program given$' run --
refuse "^tarn: unknown option '--frob'\$" run --frob true
refuse "^tarn: unknown option '-x'\$" run -x true
refuse "^tarn: unknown option '-x'\$" run -xh true
refuse "^tarn: option '--engine' needs a value\$" run --engine
refuse "^tarn: unknown engine 'first': none of tlsf, bestfit, linear\$" run --engine first true
refuse "^tarn: unknown engine ''" run --engine= true
refuse '^tarn: --report needs the name of a file$' run --report= true
for size in '' 0 00 k -1 +5 1.5m 0x 0xk 0x0 1x10 1a 10q 10kk '10 k' ' 10' 1e9 99999999999999999999 18446744073709551615g; do
    refuse "^tarn: '.*' is not a size" run --pool "$size" true
done
for size in 9g 8589934593 9000000k 99999m 0x200000001; do
    refuse "^tarn: a pool of '$size' is too large: at most 8g\$" run --pool "$size" true
done

for words in '' 5 -1 x 11 7 '1 '; do
    refuse "^tarn: '.*' is no number of words: 0, 1, 2, 3 or 4\$" run --words "$words" true
done
expect 0 "$tarn" run --words 3 --report /dev/null env
grep -qx 'TARN_WORDS=3' "$work/out" || fail "--words 3 sets: $(grep TARN_ "$work/out")"
for rule in '' nth every=0 nth=-1 chance=65537 once nth=1,once,persistent nth=1,,every=2 frob=1 nth=4294967296; do
    refuse "^tarn: '.*' is no rule of nth=N" run --fail "$rule" true
done
cat >"$work/requests.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 0; i < 8; i++) {
        void *volatile block = malloc(1000);
        putchar(block != NULL ? '+' : '-');
    }
    return 0;
}
END
${CC:-cc} $(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$1/CMakeCache.txt") -fno-builtin "$work/requests.c" -o "$work/requests"
for rule in nth=3:++-+++++ every=3:++-++-++ nth=3,persistent:++------ every=3,once:++-+++++ chance=65536:-------- \
    every=2,to=999:++++++++; do
    expect 0 "$tarn" run --fail "from=1000,${rule%:*}" --report /dev/null "$work/requests"
    [ "$(cat "$work/out")" = "${rule#*:}" ] || fail "--fail $rule gave $(cat "$work/out")"
done
TARN_FAIL=frob expect 0 "$tarn" run --report /dev/null true
said '^tarn: TARN_FAIL=frob is no rule of'

# A size is as good in hexadecimal.
for size in 0x100000 0X400K 1024k 1M; do
    expect 0 "$tarn" run --pool "$size" --report "$work/report" true
    grep -qE '^  pool +1048576 bytes' "$work/report" || fail "--pool $size gave: $(cat "$work/report")"
done

# Everything behind the program is the program's, with and without --.
expect 0 "$tarn" run --pool 1M --report /dev/null echo --pool x
[ "$(cat "$work/out")" = "--pool x" ] || fail "echo printed: $(cat "$work/out")"
expect 0 "$tarn" run --report=/dev/null -- echo -- --help
[ "$(cat "$work/out")" = "-- --help" ] || fail "echo printed: $(cat "$work/out")"

# Output that cannot be written is no success.
if [ -e /dev/full ]; then
    status=0
    "$tarn" --help >/dev/full 2>"$work/err" || status=$?
    [ "$status" = 125 ] || fail "--help to a full device ended with $status"
    said 'cannot write to standard output'
    expect 0 "$tarn" run --report /dev/full true
    said "cannot write '/dev/full'"
fi
done_with "help, version and every refusal of the command line"
