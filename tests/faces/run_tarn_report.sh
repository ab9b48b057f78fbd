#!/bin/sh
# SPDX-License-Identifier: MIT
# What `tarn run` reports: where, for which processes, and figures that fit what the program did.
. "$(dirname "$0")/tarn_checks.sh"

# field FILE PROGRAM TITLE: the first number after the title in the program's section.
field() {
    awk -v program="$2" -v title="$3" '
        /^tarn: / { on = ($2 == program ",") }
        on && index($0, "  " title " ") == 1 { sub("  " title " *", ""); print $1; exit }' "$1"
}

cat >"$work/known.c" <<'SOURCE'
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
static void *volatile keep[300];
static volatile size_t too_large = (size_t)1 << (sizeof(size_t) * 8 - 2);
int main(void)
{
    for (int i = 0; i < 100; i++) {
        keep[i] = malloc(1000);
    }
    for (int i = 0; i < 30; i++) {
        keep[100 + i] = calloc(10, 100);
    }
    for (int i = 0; i < 20; i++) {
        keep[i] = realloc(keep[i], 2000);
    }
    keep[200] = reallocarray(NULL, 10, 10);
    keep[201] = memalign(256, 10);
    keep[202] = aligned_alloc(256, 256);
    for (int i = 0; i < 5; i++) {
        keep[210 + i] = malloc(too_large);
    }
    for (int i = 0; i < 50; i++) {
        free(keep[i]);
    }
    free(NULL);
    return 3;
}
SOURCE
compile known.c known
for engine in $(engines); do
    expect 3 "$tarn" run --engine "$engine" --pool 16m --report "$work/report" "$work/known"
    [ ! -s "$work/err" ] || fail "with --report, stderr says: $(cat "$work/err")"
    [ "$(field "$work/report" known engine)" = "$engine" ] || fail "engine: $(cat "$work/report")"
    [ "$(field "$work/report" known pool)" = 16777216 ] || fail "pool: $(cat "$work/report")"
    grep -qxE '  calls +105 malloc, 30 calloc, 21 realloc, 2 aligned, 50 free' "$work/report" ||
        fail "calls: $(cat "$work/report")"
    [ "$(field "$work/report" known refused)" = 5 ] || fail "refused: $(cat "$work/report")"
    grep -qE '^  live at exit .* in 83 blocks$' "$work/report" || fail "live blocks: $(cat "$work/report")"
    live=$(field "$work/report" known 'live at exit') peak=$(field "$work/report" known peak)
    free=$(field "$work/report" known 'free at exit') largest=$(field "$work/report" known 'largest free')
    [ "$live" -ge 80100 ] && [ "$live" -le 90000 ] || fail "live: $(cat "$work/report")"
    [ "$peak" -ge 150000 ] && [ "$peak" -le 170000 ] || fail "peak: $(cat "$work/report")"
    [ "$largest" -le "$free" ] && [ $((live + free)) -le 16777216 ] || fail "free: $(cat "$work/report")"
    checks=$((checks + 7))
done

# To stderr without --report, and stdout is the program's alone.
expect 3 "$tarn" run "$work/known"
said '^tarn: known, process [0-9]+$'
[ ! -s "$work/out" ] || fail "the report went to stdout"

# To stdout, behind what the program wrote there.
expect 0 "$tarn" run --report - echo first
[ ! -s "$work/err" ] || fail "with --report -, stderr says: $(cat "$work/err")"
[ "$(sed -n 1p "$work/out")" = first ] || fail "stdout: $(cat "$work/out")"
sed -n 2p "$work/out" | grep -q '^tarn: echo, process' || fail "no report on stdout: $(cat "$work/out")"
[ ! -e - ] || fail "--report - made a file of that name"

# An unwritable report is found before the program runs.
expect 125 "$tarn" run --report /no/such/folder/file touch "$work/ran"
said "^tarn: cannot write '/no/such/folder/file': No such file or directory\$"
[ ! -e "$work/ran" ] || fail "the program ran although its report could not be written"

# One section per process: what a shell starts, what a process forks, also after closing all descriptors.
cat >"$work/forks.c" <<'SOURCE'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void *volatile keep;
int main(void)
{
    for (int i = 0; i < 1000; i++) {
        keep = malloc(100);
    }
    if (fork() == 0) {
        for (int i = 3; i < 1024; i++) {
            close(i);
        }
        for (int i = 0; i < 7; i++) {
            keep = malloc(100);
        }
        exit(0);
    }
    wait(NULL);
    return 0;
}
SOURCE
compile forks.c forks
expect 0 "$tarn" run --report "$work/report" sh -c "'$work/known'; '$work/forks'; exit 0"
[ "$(grep -c '^tarn: known, process' "$work/report")" = 1 ] || fail "sections: $(cat "$work/report")"
[ "$(grep -c '^tarn: forks, process' "$work/report")" = 2 ] || fail "sections: $(cat "$work/report")"
[ "$(grep -c '^tarn: .*, process' "$work/report")" = 4 ] || fail "sections: $(cat "$work/report")"
head -n 1 "$work/report" | grep -q '^tarn: sh, process' || fail "the program is not first: $(cat "$work/report")"
grep -qE '^  calls +7 malloc, ' "$work/report" || fail "a forked child's calls are not its own: $(cat "$work/report")"
checks=$((checks + 5))

# A process that cannot leave a record is said to be missing.
expect 137 "$tarn" run --report "$work/report" sh -c 'kill -KILL $$'
grep -q '^tarn: sh, process [0-9]*, left no record: it was ended by a signal$' "$work/report" || fail "no word of it"

# A name that tries to look like a report, and lines in the records that are none.
mkdir "$work/odd"
odd=$(printf 'a\nb pid=1\033[31m')
cp "$work/known" "$work/odd/$odd"
expect 3 "$tarn" run --report "$work/report" "$work/odd/$odd"
head -n 1 "$work/report" | grep -qE '^tarn: a\?b pid=1\?\[31m, process [0-9]+$' || fail "name: $(head -n 1 "$work/report")"
cat >"$work/liar.c" <<'SOURCE'
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    FILE *file = fopen(getenv("TARN_REPORT"), "a");
    fputs("nonsense\ntarn-malloc-1 pid=1 engine=\n", file);
    fputs("tarn-malloc-1 pid=99999999999999999999999 engine=1", file);
    fputc('\0', file);
    for (int i = 0; i < 100000; i++) {
        fputc('x', file);
    }
    fputc('\n', file);
    return fclose(file);
}
SOURCE
compile liar.c liar
expect 0 "$tarn" run --report "$work/report" "$work/liar"
grep -q '^tarn: 3 lines of the report could not be read$' "$work/report" || fail "lies: $(cat "$work/report")"
[ "$(grep -c ', process ' "$work/report")" = 1 ] || fail "lies were believed: $(cat "$work/report")"

# An existing preload stays, and is first; a nested run reports to the inner one.
printf 'int tarn_test_marker;\n' >"$work/other.c"
compile other.c other.so -shared -fPIC
expect 0 env LD_PRELOAD="$work/other.so" "$tarn" run --report /dev/null sh -c 'echo "$LD_PRELOAD"'
[ "$(cat "$work/out")" = "$work/other.so:$library" ] || fail "LD_PRELOAD is $(cat "$work/out")"
expect 3 "$tarn" run --report "$work/outer" "$tarn" run --report "$work/inner" "$work/known"
grep -q '^tarn: known' "$work/inner" || fail "inner report: $(cat "$work/inner")"
grep -q '^tarn: tarn' "$work/outer" || fail "outer report: $(cat "$work/outer")"

# Without the command: an existing file takes a line, a missing one is not created.
: >"$work/lines"
expect 3 env LD_PRELOAD="$library" TARN_REPORT="$work/lines" "$work/known"
[ "$(wc -l <"$work/lines")" = 1 ] || fail "lines: $(cat "$work/lines")"
expect 3 env LD_PRELOAD="$library" TARN_REPORT="$work/missing" "$work/known"
[ ! -e "$work/missing" ] || fail "a missing report file was created"
done_with "figures on $(engines | wc -l) engines, children, forks, odd names and lying records"
