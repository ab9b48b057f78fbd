#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_blocks_threads.c under the thread sanitizer, in every discipline that threads may share a pool in.
#   run_blocks_tsan.sh BUILD
set -eu
. tests/support/blocks_configs.sh
. tests/support/tsan.sh
for discipline in port atomic atomic32 cache; do
    blocks_config $discipline "$1" "$work/$discipline"
    echo "blocks_tsan: $discipline"
    tsan_passes 5 3 -I "$work/$discipline" tests/unit/test_blocks_threads.c tests/support/test.c src/*.c ports/posix/*.c
done
