#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/tlsf_lvgl.c: create, add a region, remove it, realloc, walk and check, as a graphics library does; and
# examples/lvgl_mem.c, the functions that LVGL asks for.
#   run_phytium_lvgl.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
! grep -q 'TARN_TLSF_REGIONS 1$' "$build/generated/include/tarn/config.h" || { echo "the example has 2 regions"; exit 77; }
"$build/examples/tlsf_lvgl" | tee "$work/output"
[ "$(grep -c 'check 0$' "$work/output")" = 4 ] || { echo "not every check is 0"; exit 1; }
grep -q 'tlsf_remove_pool: .*in use' "$work/output" || { echo "a region in use was not refused"; exit 1; }
grep -q '^second region removed *0 used, *0 bytes; 1 free' "$work/output" || { echo "something is left"; exit 1; }
"$build/examples/lvgl_mem" | tee "$work/output"
[ "$(grep -c '; sound$' "$work/output")" = 4 ] || { echo "not every check is sound"; exit 1; }
