#!/bin/sh
# SPDX-License-Identifier: MIT
# The GDB script's rules are those of tarn_rule_text(), all of them and no other.
#   run_gdb_rules.sh BUILD              compares
#   run_gdb_rules.sh --write BUILD      writes them into tools/gdb/tarn.py
set -eu
write=no
[ "${1-}" != --write ] || { write=yes; shift; }
build=$1
script=tools/gdb/tarn.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/rules.c" <<'END'
#include <stdio.h>
#include <string.h>
#include "tarn/blocks.h"
#include "tarn/report.h"
static int rules(char letter, uint32_t first, uint32_t end)
{
    int known = 0;
    for (uint32_t rule = first; rule < end; rule++)
        if (strcmp(tarn_rule_text(rule), "unknown rule") != 0)
            known += printf("    \"%c%u\": \"%s\",\n", letter, rule - first + 1u, tarn_rule_text(rule)) > 0;
    return known;
}
int main(void)
{
    return rules('I', TARN_RULE_HEADER, TARN_RULE_BLOCKS_HEADER) < 16 || rules('B', TARN_RULE_BLOCKS_HEADER, 64) < 7;
}
END
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
# shellcheck disable=SC2086
"${CC:-cc}" -std=c11 $flags -Iinclude -I"$build/generated/include" "$work/rules.c" -L"$build/lib" -ltarn -ltarn-posix \
    -ltarn -pthread -o "$work/rules"
"$work/rules" >"$work/wanted"
if [ $write = yes ]; then
    sed -i -e "/^RULES = {/r $work/wanted" -e '/^RULES = {/,/^}/{/^    "/d}' "$script"
fi
sed -n '/^RULES = {/,/^}/{/^    "/p}' "$script" >"$work/has"
diff "$work/wanted" "$work/has" >"$work/differences" ||
    { cat "$work/differences"; echo "$script has not what tarn_rule_text() says: $0 --write $build"; exit 1; }
echo "gdb_rules: $(grep -c . "$work/wanted") rules"
