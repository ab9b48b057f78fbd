#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_threads.c under the thread sanitizer: one pool of each engine, plain on the short ways and with words,
# with guard, poison and zero on free, with a quarantine, with walks and checks of both kinds.
#   run_threads_tsan.sh BUILD
set -eu
build=$1
. tests/support/tsan.sh
tsan_passes 2 5 -Wl,--undefined=tarn_port_lock tests/unit/test_threads.c tests/support/test.c
