#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_regions_threads.c under the thread sanitizer: regions that come and go, and nested pools.
#   run_regions_tsan.sh BUILD
set -eu
build=$1
. tests/support/tsan.sh
tsan_passes 4 10 -I faces/phytium/include -I faces/liteos/include tests/unit/test_regions_threads.c tests/support/*.c
