#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_mynewt_threads.c under the thread sanitizer.
#   run_mynewt_tsan.sh BUILD
set -eu
build=$1
. tests/support/tsan.sh
tsan_passes 2 20 -I faces/mynewt/include tests/faces/test_mynewt_threads.c tests/support/test.c
