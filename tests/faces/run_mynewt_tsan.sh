#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_mynewt_threads.c under the thread sanitizer.
#   run_mynewt_tsan.sh BUILD
exec tests/support/tsan.sh "$1" mynewt tests/faces/test_mynewt_threads.c
