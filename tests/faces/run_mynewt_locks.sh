#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests of the Mynewt face on a port that watches: no lock is taken while another is held, nothing is printed and no
# event raised under one, and each is given back. Once with a task tag, once without, where locks of the port nest.
#   run_mynewt_locks.sh BUILD
#
# Covers: M19
set -eu
. tests/support/watch_locks.sh
watch_build "$1" tests/support faces/mynewt faces/liteos src
for tag in 7 TARN_TASK_NONE; do
    for test in pool registry block debug section; do
        watch_run $tag tests/faces/test_mynewt_$test.c test_mynewt_$test.c
    done
done
