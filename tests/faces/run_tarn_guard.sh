#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn run --guard`, `--quarantine` and `--policy`: a program that writes one byte past a block, or into one that it has
# freed, is told so, and ended, served or cut off from that block, as the policy says; one whose heap's own data it
# overwrites is ended or repaired.
. "$(dirname "$0")/tarn_checks.sh"

cat >"$work/guard.c" <<'END'
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int count, char **arguments)
{
    if (count > 2) { /* where the report has to say that the block was allocated */
        fprintf(stderr, "main is at %p\n", (void *)main);
    }
    char *volatile block = malloc(37);
    char *volatile other = malloc(37);
    const char *what = count > 1 ? arguments[1] : "";
    if (strcmp(what, "left") != 0) { /* that one's output is written when the program exits */
        setvbuf(stdout, NULL, _IONBF, 0);
    }
    memset(block, 'a', 37);
    if (strcmp(what, "past") == 0) {
        block[37] = 'a';
    } else if (strcmp(what, "header") == 0) {
        memset(block - 4, 0x5A, 4);
    } else if (strcmp(what, "twice") == 0) {
        block[37] = 'a';
        free(block);
        free(block);
    } else if (strcmp(what, "after") == 0) { /* others are freed behind it, until it leaves */
        free(block);
        block[3] = 'a';
        for (int i = 0; i < 1000; i++) {
            block = malloc(1000);
            free(block);
        }
        printf("went on\n");
        return 0;
    } else if (strcmp(what, "left") == 0) { /* never given back */
        block[37] = 'a';
        printf("left\n");
        return 0;
    } else if (strcmp(what, "waits") == 0) { /* to the end */
        free(block);
        block[3] = 'a';
        printf("waits\n");
        return 0;
    } else if (strcmp(what, "grow") == 0) {
        block[37] = 'a';
        char *volatile grown = realloc(block, 5000);
        printf("grown%s\n", grown != NULL && grown[36] == 'a' ? "" : " wrongly");
        return 0;
    }
    free(block);
    char *volatile again = malloc(37);
    printf("%s, usable %zu\n", again == block ? "handed out again" : "another", malloc_usable_size(again));
    free(again);
    free(other);
    return 0;
}
END
compile guard.c guard -fno-builtin

# on STATUS OUTPUT OPTION...: the program's status, and its output.
on() {
    ends=$1
    output=$2
    shift 2
    expect "$ends" "$tarn" run --report /dev/null "$@"
    [ "$(cat "$work/out")" = "$output" ] || fail "$* prints: $(cat "$work/out")"
    runs=$((runs + 1))
}
runs=0
aborted=134
for engine in $(engines); do
    on 0 'handed out again, usable 37' --engine "$engine" --guard "$work/guard"
    [ ! -s "$work/err" ] || fail "without a fault it says: $(cat "$work/err")"
    on 0 'handed out again, usable 44' --engine "$engine" "$work/guard" past # nothing watches
    on "$aborted" '' --engine "$engine" --guard "$work/guard" past
    said '^tarn: free\(\): the heap is damaged'
    grep -q 'overrun' "$work/err" || fail "no overrun in: $(cat "$work/err")"
    on 0 'handed out again, usable 37' --engine "$engine" --guard --policy continue "$work/guard" past
    said '^tarn: the heap is damaged, policy continue'
    grep -q 'overrun' "$work/err" || fail "no overrun in: $(cat "$work/err")"
    on 0 'another, usable 37' --engine "$engine" --guard --policy isolate "$work/guard" past
    said '^tarn: the heap is damaged, policy isolate'
    on "$aborted" '' --engine "$engine" --guard --policy isolate "$work/guard" twice
    grep -q 'tarn: free(): bad pointer' "$work/err" || fail "a second free says: $(cat "$work/err")"
    on "$aborted" '' --engine "$engine" --guard --policy repair "$work/guard" past
    on "$aborted" '' --engine "$engine" --guard "$work/guard" grow
    on 0 'grown' --engine "$engine" --guard --policy continue "$work/guard" grow
    on "$aborted" '' --engine "$engine" --policy isolate "$work/guard" header
    on 0 'another, usable 37' --engine "$engine" --quarantine 64k "$work/guard"
    [ ! -s "$work/err" ] || fail "without a fault it says: $(cat "$work/err")"
    on 0 'went on' --engine "$engine" "$work/guard" after
    on "$aborted" '' --engine "$engine" --quarantine 64k --words 2 "$work/guard" after
    said '^tarn: the heap is damaged, policy stop'
    grep -q 'use after free' "$work/err" || fail "no use after free in: $(cat "$work/err")"
    grep -q 'first bad byte' "$work/err" || fail "no place in: $(cat "$work/err")"
    on "$aborted" '' --engine "$engine" --quarantine 64k --words 2 "$work/guard" after place
    for what in from 'given back from'; do
        at=$(sed -n "s/^  block .*, $what \\(0x[0-9a-f]*\\).*/\\1/p" "$work/err")
        begins=$(sed -n 's/^main is at //p' "$work/err")
        [ -n "$at" ] && [ $((at - begins)) -gt 0 ] && [ $((at - begins)) -lt 2048 ] ||
            fail "main is at $begins, the block is said to be $what '$at': $(cat "$work/err")"
    done
    on 0 'went on' --engine "$engine" --quarantine 64k --policy continue "$work/guard" after
    said '^tarn: the heap is damaged, policy continue'
    on "$aborted" '' --engine "$engine" --quarantine 64k "$work/guard" twice
    said '^tarn: free\(\): bad pointer'
    on 0 'left' --engine "$engine" "$work/guard" left
    on "$aborted" 'left' --engine "$engine" --guard --words 2 --leaks "$work/guard" left
    grep -q 'overrun of the block by at least 1 byte' "$work/err" || fail "no overrun at exit in: $(cat "$work/err")"
    grep -q '^tarn: at exit of .*, still allocated: ' "$work/err" || fail "no list before the end: $(cat "$work/err")"
    on 0 'left' --engine "$engine" --guard --policy continue "$work/guard" left
    said '^tarn: the heap is damaged, policy continue'
    on "$aborted" 'waits' --engine "$engine" --quarantine 64k --words 2 "$work/guard" waits
    grep -q 'use after free' "$work/err" || fail "no use after free at exit in: $(cat "$work/err")"
    on 0 'handed out again, usable 40' --engine "$engine" --policy repair "$work/guard" header
    said '^tarn: the heap is damaged, policy repair'
done

for policy in '' close stop, Stop 1; do
    expect 2 "$tarn" run --policy "$policy" true
    said "^tarn: unknown policy '.*': none of stop, continue, isolate, repair\$"
done
expect 0 "$tarn" run --guard --policy repair --report /dev/null env
grep -qx 'TARN_GUARD=1' "$work/out" && grep -qx 'TARN_POLICY=repair' "$work/out" ||
    fail "--guard --policy repair set: $(grep TARN_ "$work/out")"
for size in '' 0 many -1; do
    expect 2 "$tarn" run --quarantine "$size" true
    said "^tarn: '.*' is not a size"
done
expect 0 env TARN_QUARANTINE=many "$tarn" run --report /dev/null true
grep -qx 'tarn: TARN_QUARANTINE=many is not a size such as 65536, 64k, 32m or 1g; blocks do not wait' "$work/err" ||
    fail "TARN_QUARANTINE=many: $(cat "$work/err")"
expect 0 env TARN_GUARD=yes TARN_POLICY=close "$tarn" run --report /dev/null true
grep -qx 'tarn: TARN_GUARD=yes is none of 0, 1; using 0' "$work/err" || fail "TARN_GUARD=yes: $(cat "$work/err")"
grep -qx 'tarn: TARN_POLICY=close is none of stop, continue, isolate, repair; using stop' "$work/err" ||
    fail "TARN_POLICY=close: $(cat "$work/err")"
done_with "$runs runs of a program that writes where it may not"
