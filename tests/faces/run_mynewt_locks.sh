#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests of the Mynewt face on a port that watches: no lock is taken while another is held, nothing is printed and no
# event raised under one, and each is given back. Once with a task tag, once without, where locks of the port nest.
#   run_mynewt_locks.sh BUILD
#
# Covers: M19
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h | gcc -fsyntax-only -x c - 2>/dev/null ||
    { echo "no cmocka"; exit 77; }

cat >"$work/port.c" <<'END_OF_PORT'
#include <stdio.h>
#include <stdlib.h>
#include "tarn/events.h"
#include "tarn/port.h"
static const void *held;
static unsigned long taken, depth;
static unsigned char guard;
static void refuse(const char *what)
{
    fprintf(stderr, "%s under a lock\n", what);
    abort();
}
uintptr_t tarn_port_lock(const void *address)
{
    if (held != NULL && (TAG != TARN_TASK_NONE || held != address))
        refuse("a lock");
    held = address;
    taken++;
    return ++depth;
}
void tarn_port_unlock(const void *address, uintptr_t state)
{
    if (held != address || state != depth)
        refuse("another lock given back");
    if (--depth == 0)
        held = NULL;
}
uint32_t tarn_port_task(void) { return TAG; }
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
END_OF_PORT
flags="-std=gnu11 -O1 -I $build/generated/include"
for folder in include src faces/mynewt/include faces/liteos/include tests/support; do
    flags="$flags -I $PWD/$folder"
done
# A member each, so that a test's own tarn_mynewt_fault() is found first; two faces have a text.c.
for folder in src faces/mynewt faces/liteos tests/support; do
    mkdir -p "$work/$folder"
    (sources=$(ls "$PWD/$folder"/*.c) && cd "$work/$folder" && gcc $flags -c $sources && ar rc lib.a ./*.o)
done
for tag in 7 TARN_TASK_NONE; do
    for test in pool block debug section; do
        gcc $flags -I tests/faces -w "-DTAG=$tag" tests/faces/test_mynewt_$test.c "$work/port.c" \
            "$work"/tests/support/lib.a "$work"/faces/mynewt/lib.a "$work"/faces/liteos/lib.a "$work"/src/lib.a \
            -lcmocka -pthread -lm -o "$work/test"
        TARN_TEST_SCALE=5 "$work/test" >"$work/output" 2>&1 ||
            { tail -n 20 "$work/output"; echo "test_mynewt_$test.c failed with tag $tag"; exit 1; }
        echo "test_mynewt_$test.c, tag $tag: $(grep 'locks taken' "$work/output")"
    done
done
