#!/bin/sh
# SPDX-License-Identifier: MIT
# What docs/porting-liteos.md says that the debug functions print, examples/liteos_debug.c prints: addresses and lines of
# tarn's sources aside.
#   run_liteos_shown.sh BUILD            compares
#   run_liteos_shown.sh --write BUILD    writes the output into the page
set -eu
write=no
[ "${1-}" != --write ] || { write=yes; shift; }
build=$1
page=docs/porting-liteos.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
config=$build/generated/include/tarn/config.h
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
for symbol in "TARN_LITEOS_ALGORITHM 2" "TARN_LITEOS_OWNER 1" "TARN_WITH_BESTFIT 1"; do
    grep -qx "#define $symbol" "$config" || { echo "the page is of a build with $symbol"; exit 77; }
done
! grep -qE '^#define (TARN_LITEOS_WATERLINE_COLUMN|LOSCFG_(MEM_DEBUG|MEM_LEAKCHECK|BASE_MEM|KERNEL_LMS|MEM_RECORDINFO|MEM_HEAD))' "$config" ||
    { echo "the page is of a build as it comes"; exit 77; }
"${CC:-cc}" $flags -dM -E -x c /dev/null | grep -q __LP64__ || { echo "the page is of a 64-bit build"; exit 77; }

"${CC:-cc}" -std=c11 -g -Wall -Wextra -Werror $flags -I include -I "$build/generated/include" -I faces/liteos/include \
    examples/liteos_debug.c -L"$build/lib" -ltarn-liteos -ltarn-posix -ltarn -pthread -o "$work/example"
TARN_LITEOS_SYS_MEM=64k timeout 60 "$work/example" >"$work/output" 2>&1
sed -i '1d; s/[ ]*$//' "$work/output"

# Between these two lines of the page.
begin='$ TARN_LITEOS_SYS_MEM=64k ./liteos_debug 2>&1'
# alike: without what differs from run to run.
alike() {
    sed -E 's/0x[0-9a-f]{7,}/ADDRESS/g; s/^(  metadata at).*/\1/; s/\], [0-9]+, memory check/], LINE, memory check/'
}
if [ "$write" = yes ]; then
    awk -v begin="$begin" -v output="$work/output" '
        skipping && $0 == "```" { skipping = 0 }
        !skipping { print }
        $0 == begin { skipping = 1; while ((getline line < output) > 0) print line }' "$page" >"$work/page"
    cp "$work/page" "$page"
fi
awk -v begin="$begin" 'on && $0 == "```" { on = 0 } on { print } $0 == begin { on = 1 }' "$page" | alike >"$work/wanted"
alike <"$work/output" | diff "$work/wanted" - || { echo "the page says something else"; exit 1; }
echo "$(grep -c '^-- ' "$work/output") debug functions print what the page says"
