#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_blocks_threads.c under the thread sanitizer, in every discipline that threads may share a pool in.
#   run_blocks_tsan.sh BUILD
set -eu
. tests/support/blocks_configs.sh
build=$1
. tests/support/tsan.sh
for discipline in port atomic atomic32 cache plain small; do
    blocks_config $discipline "$build" "$work/$discipline"
    echo "blocks_tsan: $discipline"
    case $discipline in
    plain | small) count=2 ;;
    *) count=6 ;;
    esac
    # What is not about block pools comes from the library.
    tsan_passes $count 3 -I "$work/$discipline" tests/unit/test_blocks_threads.c tests/support/test.c src/blocks*.c
done
