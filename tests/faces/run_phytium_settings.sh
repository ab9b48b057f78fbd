#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests of the Phytium face with other settings than the build's: the least of each, odd ones, and an init that is
# strict; what a test needs and has not, it says and skips.
#   run_phytium_settings.sh BUILD
#
# Covers: FMEMP_ERR_ALREADY_INIT P16 USE_TLSF
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '#include <cmocka.h>' | gcc -fsyntax-only -x c -include stdarg.h -include stddef.h -include stdint.h -include setjmp.h - \
    2>/dev/null || { echo "no cmocka"; exit 77; }
flags="-std=gnu11 -O0 -w -Iinclude -Isrc -Ifaces/phytium/include -Ifaces/liteos/include"
mkdir -p "$work/include/tarn"

# with NAME=VALUE...: the build's settings, but these; the value off means not at all.
with() {
    cp "$build/generated/include/tarn/config.h" "$work/include/tarn/config.h"
    for setting in "$@"; do
        sed -i "/define ${setting%%=*} /d; s/^#define TARN_CONFIG_H\$/&\n#define ${setting%%=*} ${setting#*=}/" \
            "$work/include/tarn/config.h"
        sed -i '/ off$/d' "$work/include/tarn/config.h"
    done
    /usr/bin/python3 tests/support/objects.py "$work/cache" "$work/include" "$work/objects" gcc $flags -- \
        src/*.c faces/phytium/*.c faces/liteos/*.c ports/posix/*.c
    for test in fmemp life tag tlsf threads cost; do
        gcc $flags -I "$work/include" -I tests/faces -I tests/support tests/faces/test_phytium_$test.c "$work"/objects/*.o -lcmocka -pthread \
            -lm -o "$work/test"
        status=0
        TARN_TEST_SCALE=2 "$work/test" >"$work/output" 2>&1 || status=$?
        [ $status = 0 ] || [ $status = 77 ] || { cat "$work/output"; echo "test_phytium_$test fails with $*"; exit 1; }
        passed=$((passed + $(sed -n 's/^\[  PASSED  \] \([0-9]*\) .*/\1/p' "$work/output" | grep . || echo 0)))
        skipped=$((skipped + $(sed -n 's/^\[  SKIPPED \] \([0-9]*\) .*/\1/p' "$work/output" | grep . || echo 0)))
    done
    echo "$*: $passed tests passed, $skipped skipped"
    passed=0 skipped=0
}

passed=0 skipped=0
with TARN_FMEMP_STRICT_INIT=1 USE_TLSF=off
with TARN_TLSF_REGIONS=1 TARN_FMEMP_TAGS=1 TARN_REGISTRY_CAPACITY=4
with TARN_TLSF_REGIONS=3 TARN_FMEMP_TAGS=3 TARN_REGISTRY_CAPACITY=5
with TARN_WITH_TLSF=off TARN_WITH_BESTFIT=off TARN_LITEOS_ALGORITHM=3
with TARN_TLSF_REGIONS=1000 TARN_FMEMP_TAGS=200
