#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests of heaps and of the Phytium face on a port that watches: no lock is taken while another is held, nothing is
# printed and no event raised under one, and each is given back.
#   run_phytium_locks.sh BUILD
#
# Covers: P8
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '#include <cmocka.h>' | gcc -fsyntax-only -x c -include stdarg.h -include stddef.h -include stdint.h -include setjmp.h - \
    2>/dev/null || { echo "no cmocka"; exit 77; }

cat >"$work/port.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include "tarn/events.h"
#include "tarn/port.h"
static const void *held;
static unsigned long taken;
static unsigned char guard;
static void refuse(const char *what)
{
    fprintf(stderr, "%s under a lock\n", what);
    abort();
}
uintptr_t tarn_port_lock(const void *address)
{
    if (held != NULL)
        refuse("a lock");
    held = address;
    return ++taken;
}
void tarn_port_unlock(const void *address, uintptr_t state)
{
    if (held != address || state != taken)
        refuse("another lock given back");
    held = NULL;
}
uint32_t tarn_port_task(void) { return 7; }
uint32_t tarn_port_callers(const void **frames, uint32_t count) { return frames == NULL ? count : 0; }
unsigned char *tarn_port_event_guard(void) { return &guard; }
void tarn_port_print(const char *text, size_t length)
{
    if (held != NULL)
        refuse("printing");
    (void)fwrite(text, 1, length, stdout);
}
static void sink(const tarn_event *event, void *context)
{
    (void)event, (void)context;
    if (held != NULL)
        refuse("an event");
}
__attribute__((constructor)) static void begin(void) { (void)tarn_events_add(sink, NULL); }
__attribute__((destructor)) static void end(void)
{
    if (held != NULL)
        refuse("the end");
    fprintf(stderr, "%lu locks taken\n", taken);
}
END
flags="-std=gnu11 -O1 -I include -I $build/generated/include -I src -I faces/phytium/include -I faces/liteos/include -I tests/support"
mkdir "$work/objects"
(sources=$(ls "$PWD"/src/*.c "$PWD"/faces/phytium/*.c "$PWD"/tests/support/test.c)
    include=$(echo "$flags" | sed "s|-I \([^ /]\)|-I $PWD/\1|g")
    cd "$work/objects" && gcc $include -c $sources && for file in "$OLDPWD"/faces/liteos/*.c; do
        gcc $include -c "$file" -o "liteos_${file##*/}.o"
    done)
ar rcs "$work/objects.a" "$work"/objects/*.o # as the library is: what waits for blocks is left out
for test in unit/test_regions unit/test_regions_blocks unit/test_regions_hostile model/test_regions faces/test_phytium_fmemp \
    faces/test_phytium_life faces/test_phytium_tlsf faces/test_phytium_tag; do
    # A task tag of 7 for everybody: the test that needs two tasks is about the posix port.
    sed '/cmocka_unit_test(a_block_belongs_to_the_task_that_asked)/d' tests/$test.c >"$work/test.c"
    gcc $flags -I tests/faces -I tests/unit -w "$work/test.c" "$work/port.c" "$work/objects.a" -lcmocka -pthread -lm -o "$work/test"
    status=0
    TARN_TEST_SCALE=5 "$work/test" >"$work/output" 2>&1 || status=$?
    [ $status = 0 ] || [ $status = 77 ] || { tail -n 20 "$work/output"; echo "tests/$test.c failed"; exit 1; }
    echo "$test: $(grep 'locks taken' "$work/output")"
done
