#!/bin/sh
# SPDX-License-Identifier: MIT
# Small pools, address-space limits and settings without meaning: requests are refused with ENOMEM, programs say so in
# their own words, and a setting that cannot be honoured is named once and replaced by the default.
. "$(dirname "$0")/tarn_checks.sh"

cat >"$work/fills.c" <<'SOURCE'
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* Fills the heap with blocks of this size, gives all back, and does it again: the same number must fit. */
static unsigned fill(size_t size)
{
    void **last = NULL;
    unsigned count = 0;
    for (void **block; (block = malloc(size)) != NULL; last = block) {
        memset(block, 0x55, size < 10000 ? size : sizeof *block);
        *block = last;
        count++;
    }
    if (errno != ENOMEM) {
        exit(1);
    }
    while (last != NULL) {
        void **before = *last;
        free(last);
        last = before;
    }
    return count;
}
int main(int count, char **arguments)
{
    size_t size = strtoul(arguments[count - 1], NULL, 10);
    unsigned first = fill(size), second = fill(size);
    if (first != second) {
        return 2;
    }
    return printf("%u\n", first) > 0 ? 0 : 3;
}
SOURCE
compile fills.c fills
for engine in $(engines); do
    for size in 16 100 5000; do
        expect 0 "$tarn" run --engine "$engine" --pool 256k --report "$work/report" "$work/fills" $size
        blocks=$(cat "$work/out")
        [ $((blocks * size)) -ge 90000 ] && [ $((blocks * size)) -le 262144 ] || fail "$blocks blocks of $size in 256k"
        grep -q '^  refused  *2 requests$' "$work/report" || fail "refused: $(cat "$work/report")"
        checks=$((checks + 2))
    done
done

# Nothing at all, from a heap without room for it: refused, not taken for damage.
cat >"$work/nothing.c" <<'SOURCE'
#include <errno.h>
#include <stdlib.h>
static int refused(const void *block)
{
    int error = errno;
    errno = 0;
    return block == NULL && error == ENOMEM;
}
int main(void)
{
    static volatile size_t zero = 0;
    for (size_t size = 65536; size != 0; size /= 2) {
        while (malloc(size) != NULL) {
        }
    }
    errno = 0;
    return refused(malloc(zero)) && refused(calloc(zero, 8)) && refused(calloc(8, zero)) &&
           refused(realloc(NULL, zero)) && refused(reallocarray(NULL, zero, 8)) && refused(malloc(1)) ? 0 : 1;
}
SOURCE
compile nothing.c nothing -D_GNU_SOURCE -fno-builtin
for engine in $(engines); do
    expect 0 "$tarn" run --engine "$engine" --pool 256k --report "$work/report" "$work/nothing"
done

# A program's own words for it.
if command -v perl >/dev/null; then
    status "$tarn" run --pool 2m --report "$work/report" perl -e '$x .= "y" x 1000 for 1 .. 10000; print length $x'
    [ "$status" -gt 0 ] && [ "$status" -lt 128 ] || fail "perl in 2m ended with $status"
    said '^Out of memory'
    expect 0 "$tarn" run --pool 64m --report /dev/null perl -e '$x .= "y" x 1000 for 1 .. 10000; print length $x'
    [ "$(cat "$work/out")" = 10000000 ] || fail "perl in 64m: $(cat "$work/out")"
fi

# From too small to start up to just enough, nothing but a clean refusal happens.
for size in 1 4k 5k 8k 12k 16k 24k 32k 48k 64k 96k 128k 256k 512k 1m; do
    status "$tarn" run --pool $size --report /dev/null sort /dev/null
    [ "$status" -lt 126 ] || fail "sort in $size ended with $status: $(cat "$work/err")"
    pass
done

# Settings without meaning, by environment.
with() {
    expect 0 env LD_PRELOAD="$library" "$@" "$work/fills" 1000000000
    [ "$(cat "$work/out")" -ge 0 ] || fail "$*"
}
for value in x 0 -5 9g 1q 99999999999999999999999999 '%n%n' "$(head -c 3000 /dev/zero | tr '\0' 7)"; do
    with TARN_POOL="$value"
    said '^tarn: TARN_POOL=.*; using the default$'
done
for value in x TLSF 'tlsf ' "$(head -c 3000 /dev/zero | tr '\0' t)"; do
    with TARN_ENGINE="$value"
    said '^tarn: TARN_ENGINE=.* is none of tlsf, bestfit, linear; using the default'
done
with TARN_REPORT="/$(head -c 3000 /dev/zero | tr '\0' r)"
said '^tarn: TARN_REPORT=/rrr.*'
for silent in TARN_POOL= TARN_ENGINE= TARN_WORDS= TARN_REPORT= TARN_POOLS=x XTARN_POOL=x TARN_REPORT=/no/such/file TARN_REPORT=/; do
    with "$silent"
    [ ! -s "$work/err" ] || fail "$silent: $(cat "$work/err")"
done

# Limits on address space and data: the default pool takes half, an asked one that does not fit is named.
for kind in v d; do
    : >"$work/lines"
    expect 0 sh -c "ulimit -$kind 400000; TARN_REPORT='$work/lines' LD_PRELOAD='$library' '$work/fills' 10000000"
    grep -q ' pool=204800000 ' "$work/lines" || fail "ulimit -$kind: $(cat "$work/lines")"
    expect 0 sh -c "ulimit -$kind 400000; TARN_POOL=1g LD_PRELOAD='$library' '$work/fills' 10000000"
    said '^tarn: TARN_POOL: cannot make a pool of this size: .*; using the default$'
done
status sh -c "ulimit -v 12000; LD_PRELOAD='$library' '$work/fills' 1000"
[ "$status" -lt 128 ] || fail "in 12 MB of address space: status $status"

# Some systems let only root read their libraries, or ignore the setuid bit on this file system.
setuid_programs_run() {
    [ "$(id -u)" = 0 ] || return 1
    chmod 755 "$work" && cp "$(command -v id)" "$work/id" && chown 1 "$work/id" && chmod 4755 "$work/id"
    [ "$("$work/id" -u 2>/dev/null)" = 1 ]
}

# A program with more rights than its user takes no settings from that user.
if setuid_programs_run && "${CC:-cc}" -o "$work/secure" "$work/fills.c" "$build/lib/libtarn-malloc.a" "$build/lib/libtarn.a" \
    "$build/lib/libtarn-posix.a" -pthread; then
    : >"$work/lines"
    chmod 666 "$work/lines"
    expect 0 env TARN_POOL=1m TARN_REPORT="$work/lines" "$work/secure" 10000000
    [ "$(cat "$work/out")" = 0 ] && [ -s "$work/lines" ] || fail "settings of an ordinary program were not taken"
    chown 1 "$work/secure" && chmod 4755 "$work/secure"
    : >"$work/lines"
    expect 0 env TARN_POOL=1m TARN_REPORT="$work/lines" "$work/secure" 10000000
    [ "$(cat "$work/out")" -gt 0 ] && [ ! -s "$work/lines" ] || fail "a setuid program took its user's settings"
else
    echo "left out, no setuid programs here: settings of a program with more rights than its user"
fi
done_with "exhaustion, limits and settings without meaning"
