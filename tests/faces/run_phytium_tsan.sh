#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_phytium_threads.c under the thread sanitizer.
#   run_phytium_tsan.sh BUILD
set -eu
build=$1
. tests/support/tsan.sh
tsan_passes 2 10 -I faces/phytium/include tests/faces/test_phytium_threads.c
