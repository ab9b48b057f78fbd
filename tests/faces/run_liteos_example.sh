#!/bin/sh
# SPDX-License-Identifier: MIT
# The guide's multi-pool example, unmodified, prints its tables in the guide's layout to the byte: the text around the
# numbers is the guide's, each row equals its numbers put through the guide's format, and the numbers are right.
#   run_liteos_example.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")

$CC -std=c11 -Wall -Wextra -Werror $flags -I include -I "$build/generated/include" -I faces/liteos/include \
    examples/liteos_multi_pool.c -L"$build/lib" -ltarn-liteos -ltarn-posix -ltarn -pthread -o "$work/example"

# The guide's log without its numbers.
cat >"$work/guide" <<'END'

********step1 list the mem poll
pool0 :
pool addr          pool size    used size     free size    max free node size   used node num     free node num
---------------    --------     -------       --------     --------------       -------------      ------------
ROW
pool1 :
pool addr          pool size    used size     free size    max free node size   used node num     free node num
---------------    --------     -------       --------     --------------       -------------      ------------
ROW
pool2 :
pool addr          pool size    used size     free size    max free node size   used node num     free node num
---------------    --------     -------       --------     --------------       -------------      ------------
ROW

********step2 list the mem poll
pool0 :
pool addr          pool size    used size     free size    max free node size   used node num     free node num
---------------    --------     -------       --------     --------------       -------------      ------------
ROW
pool1 :
pool addr          pool size    used size     free size    max free node size   used node num     free node num
---------------    --------     -------       --------     --------------       -------------      ------------
ROW

********step3 list the mem poll
pool0 :
pool addr          pool size    used size     free size    max free node size   used node num     free node num
---------------    --------     -------       --------     --------------       -------------      ------------
ROW
END

check() {
    "$work/example" >"$work/output"
    sed 's/^0x.*/ROW/' "$work/output" | cmp - "$work/guide"
    awk '/^0x/ { printf "%-16s   0x%-8s   0x%-8s    0x%-8s   0x%-16s   0x%-13s    0x%-13s\n", $1, substr($2, 3),
        substr($3, 3), substr($4, 3), substr($5, 3), substr($6, 3), substr($7, 3); next } { print }' "$work/output" |
        cmp - "$work/output"
    # The rows as numbers: the system pool carries two blocks throughout; the nested pools are empty.
    sed -n 's/^0x//; T; s/0x//g; p' "$work/output" | tr a-f A-F | while read -r _ size used free largest nodes free_nodes; do
        for word in $size $used $free $largest $nodes $free_nodes; do printf '%d ' "0x$word"; done
        echo
    done >"$work/numbers"
    awk -v h="$header" -v whole="$system_bytes" '
        NR == 1 || NR == 4 || NR == 6 { bad += $1 != whole || $5 != 3 || $6 != 1 || $2 < 2 * (1048576 + h) + h }
        NR == 2 || NR == 3 || NR == 5 { bad += $1 != 1048576 || $2 != h || $3 != $4 || $5 != 1 || $6 != 1 }
        NR == 2 { control = $1 - $2 - $3 } NR == 3 || NR == 5 { bad += $1 - $2 - $3 != control }
        NR == 1 { outer = $1 - $2 - $3 } NR == 4 || NR == 6 { bad += $1 - $2 - $3 != outer }
        END { exit bad != 0 || NR != 6 }' "$work/numbers" || { cat "$work/output"; echo "wrong numbers"; exit 1; }
}

grep -q '^#define TARN_LITEOS_WATERLINE_COLUMN' "$build/generated/include/tarn/config.h" &&
    { echo "this build prints the eighth column"; exit 77; }
grep -q '^#define TARN_LITEOS_OWNER' "$build/generated/include/tarn/config.h" && header=8 || header=4
system_bytes=$(($(sed -n 's/^#define TARN_LITEOS_SYSTEM_POOL_BYTES //p' "$build/generated/include/tarn/config.h")))
check
system_bytes=$((5 * 1048576))
export TARN_LITEOS_SYS_MEM=5M
check
cat "$work/output"
echo "the example's output is the guide's to the byte, numbers aside; checked with two sizes of the system pool"
