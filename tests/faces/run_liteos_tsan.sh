#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads on memboxes of both kinds under the thread sanitizer.
#   run_liteos_tsan.sh BUILD
set -eu
build=$1
. tests/support/tsan.sh
for program in boxmodel:2 sysbox:9; do
    tsan_passes "${program#*:}" 20 -I faces/liteos/include "tests/faces/test_liteos_${program%:*}.c" tests/support/test.c
done
