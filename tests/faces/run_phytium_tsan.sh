#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_phytium_threads.c under the thread sanitizer.
#   run_phytium_tsan.sh BUILD
set -eu
. tests/support/tsan.sh
tsan_passes 2 10 -I "$1/generated/include" -I faces/phytium/include tests/faces/test_phytium_threads.c src/*.c \
    ports/posix/*.c faces/phytium/*.c
