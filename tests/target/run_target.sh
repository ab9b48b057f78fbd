#!/bin/sh
# SPDX-License-Identifier: MIT
# A few of the programs that `make test-target` runs, on two cores: that they build for them and run.
#   run_target.sh BUILD
set -eu
cd "$(dirname "$0")/../.."
why=$(scripts/test-target "$1" cortex-m4 nothing 2>&1) && status=0 || status=$?
case $status:$why in 2:*"no such core: nothing"*) ;; *) echo "a core that is none: $why"; exit 1 ;; esac
PROGRAMS="unit.realloc unit.words unit.regions_left faces.liteos_pool faces.phytium_tlsf faces.mynewt_block
    image.blocks_damage" JOBS=2 scripts/test-target "$1" cortex-m4 rv32
