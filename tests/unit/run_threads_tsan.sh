#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_threads.c under the thread sanitizer: one pool of each engine, plain, with words, with guard, poison
# and zero on free, and with a quarantine.
#   run_threads_tsan.sh BUILD
set -eu
. tests/support/tsan.sh
tsan_passes 1 5 -I "$1/generated/include" tests/unit/test_threads.c tests/support/test.c src/*.c ports/posix/*.c
