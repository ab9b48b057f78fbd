#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn run --leaks`: what a program has still allocated at exit, by call site, most bytes first; a program that gives all
# back has nothing of its own in the list.
. "$(dirname "$0")/tarn_checks.sh"

cat >"$work/leaks.c" <<'END'
#include <stdlib.h>
#include <unistd.h>
void *volatile kept;
__attribute__((noinline)) void many(int count)
{
    for (int i = 0; i < count; i++) {
        kept = malloc(100); /* many */
    }
}
__attribute__((noinline)) void large(void)
{
    kept = malloc(50000); /* large */
}
int main(int count, char **arguments)
{
    (void)arguments;
    many(3);
    large();
    free(kept);
    if (count > 1) {
        large();
    }
    if (count > 2) {
        _exit(0);
    }
    return 0;
}
END
compile leaks.c leaks -g -fno-builtin

# listed OPTION... -- ARGUMENT...: the lines of the list that are about the program itself.
listed() {
    expect 0 "$tarn" run --report /dev/null "$@"
    said '^tarn: at exit of leaks, pid [0-9]+, still allocated: [0-9]+ bytes in [0-9]+ blocks'
    grep '/leaks+0x' "$work/err" >"$work/lines" || :
}
# place LINE TEXT: the line of the list is about the line of the program with this comment.
place() {
    at=$(sed -n "$1s/.*\/leaks+\(0x[0-9a-f]*\)).*/\1/p" "$work/lines")
    command -v addr2line >/dev/null || return 0
    wanted=$(grep -n "/\* $2 \*/" "$work/leaks.c" | cut -d: -f1)
    was=$(addr2line -e "$work/leaks" "$(printf '0x%x' $((at - 1)))" | sed 's/.*:\([0-9]*\).*/\1/')
    [ "$was" = "$wanted" ] || fail "line $was and not $wanted: $(cat "$work/lines")"
    pass
}
for engine in $(engines); do
    listed --engine "$engine" --leaks "$work/leaks"
    [ "$(grep -c . "$work/lines")" = 1 ] || fail "not one place: $(cat "$work/err")"
    grep -qE '^  [0-9]+ bytes in 3 blocks, thread 0, from 0x[0-9a-f]+ \(/.*/leaks\+0x[0-9a-f]+\)$' "$work/lines" ||
        fail "not three blocks: $(cat "$work/err")"
    place 1 many
    listed --engine "$engine" --leaks --words 3 "$work/leaks" more
    [ "$(grep -c . "$work/lines")" = 2 ] || fail "not two places: $(cat "$work/err")"
    grep -qE '^  5[0-9]+ bytes in 1 block, .*, first in allocation [0-9]+$' "$work/lines" || fail "no number: $(cat "$work/err")"
    place 1 large
    place 2 many
done
listed --leaks --words 0 "$work/leaks"
said 'blocks; TARN_WORDS=2 tells where from$'
[ "$(grep -c '^  ' "$work/err")" = 0 ] || fail "places without words: $(cat "$work/err")"
listed --leaks --words 1 "$work/leaks"
said '^  [0-9]+ bytes in [0-9]+ blocks, thread 0$'
expect 0 env TARN_WORDS=1 "$tarn" run --report /dev/null --leaks "$work/leaks"
! grep -q ' from 0x' "$work/err" || fail "TARN_WORDS=1 is not heeded: $(cat "$work/err")"
expect 0 "$tarn" run --report /dev/null "$work/leaks"
! grep -q 'at exit of' "$work/err" || fail "a list that nobody asked for: $(cat "$work/err")"
expect 0 "$tarn" run --report /dev/null --leaks "$work/leaks" ends early
! grep -q 'at exit of' "$work/err" || fail "a list from _exit(): $(cat "$work/err")"
expect 0 env TARN_LEAKS=yes "$tarn" run --report /dev/null "$work/leaks"
grep -qx 'tarn: TARN_LEAKS=yes is none of 0, 1; using 0' "$work/err" || fail "TARN_LEAKS=yes: $(cat "$work/err")"
done_with "lists of what is still allocated"
