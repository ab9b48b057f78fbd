#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests of heaps and of the Phytium face on a port that watches: no lock is taken while another is held, nothing is
# printed and no event raised under one, and each is given back.
#   run_phytium_locks.sh BUILD
#
# Covers: P8
set -eu
. tests/support/watch_locks.sh
watch_build "$1" tests/support faces/phytium faces/liteos src
for test in unit/test_regions unit/test_regions_blocks unit/test_regions_hostile model/test_regions faces/test_phytium_fmemp \
    faces/test_phytium_life faces/test_phytium_tlsf faces/test_phytium_tag; do
    # A task tag of 7 for everybody: the test that needs two tasks is about the posix port.
    sed '/cmocka_unit_test(a_block_belongs_to_the_task_that_asked)/d' tests/$test.c >"$work/test.c"
    watch_run 7 "$work/test.c" $test.c
done
