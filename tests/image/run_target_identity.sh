#!/bin/sh
# SPDX-License-Identifier: MIT
# The same operations leave the same bytes on other cores: the images of identity.c on this machine and on emulated
# boards, compared by a sum of each.
#   run_target_identity.sh BUILD      (a build folder, for its generated configuration)
# CORES: rows of tests/target/cores.sh, default cortex-m4, rv32. Call sites are unknown, as in run_image_identity.sh.
set -eu
cd "$(dirname "$0")/../.."
. tests/target/cores.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for symbol in TARN_WITH_TLSF TARN_WITH_BESTFIT TARN_WITH_LINEAR; do
    grep -q "define $symbol 1" "$1/generated/include/tarn/config.h" || {
        echo "this configuration has not all engines ($symbol)"
        exit 77
    }
done
mkdir -p "$work/tarn"
sed 's/TARN_BLOCKS_SYNC_ATOMIC/TARN_BLOCKS_SYNC_PORT/' "$1/generated/include/tarn/config.h" >"$work/tarn/config.h"
flags="-std=gnu11 -O1 -D__builtin_return_address(level)=0 -DIDENTITY_OPERATIONS=${OPERATIONS:-40} -DIDENTITY_LARGEST=0x18000
    -I$work -Iinclude -Itests/support tests/image/identity.c tests/support/drive.c"

${CC:-cc} $flags -o "$work/here" src/*.c ports/nolock/*.c
"$work/here" - >"$work/expected" || { echo "target_identity: an operation went wrong here"; exit 1; }
same=
for core in ${CORES:-cortex-m4 rv32}; do
    core_use $core || { echo "target_identity: no such core: $core"; exit 2; }
    missing=$(core_missing)
    [ -z "$missing" ] || { echo "  $core: $missing is missing (Debian: $core_package)"; continue; }
    core_large
    $core_cc $flags -o "$work/$core.elf" src/*.c ports/nolock/*.c -ffunction-sections -Wl,--gc-sections $core_link
    case $core_host in bare) word="-append -" ;; hosted) word=- ;; esac
    $core_run "$work/$core.elf" $word </dev/null >"$work/$core" 2>&1 || { echo "target_identity: an operation went wrong on $core"; exit 1; }
    cmp "$work/expected" "$work/$core" || { echo "target_identity: $core leaves other bytes than this machine"; exit 1; }
    same="$same $core"
done
[ -n "$same" ] || { echo "target_identity: no core's tools are here"; exit 77; }
read -r images bytes operations refused <<TOTALS
$(tail -n 1 "$work/expected")
TOTALS
echo "identical on$same and here: $images images, $bytes bytes, after $operations operations, $refused refused"
