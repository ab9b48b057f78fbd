#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads on memboxes of both kinds under the thread sanitizer.
#   run_liteos_tsan.sh BUILD
exec tests/support/tsan.sh "$1" liteos tests/faces/test_liteos_boxmodel.c tests/faces/test_liteos_sysbox.c
