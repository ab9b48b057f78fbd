#!/bin/sh
# SPDX-License-Identifier: MIT
# The static probes that a program with libtarn-hooks has, as readelf sees them.
#   run_usdt.sh BUILD
set -eu
. tests/hooks/hooks.sh
echo '#include <sys/sdt.h>' | ${CC:-cc} $(hooks_flags "$1") -fsyntax-only -x c - 2>/dev/null || { echo "no sys/sdt.h"; exit 77; }
cat >"$work/usdt.c" <<'END'
#include "tarn/hooks.h"
static TARN_STORAGE(memory, 4096);
int main(void)
{
    tarn_pool *pool;
    tarn_status installed = tarn_usdt_install();
    if (installed == TARN_E_UNAVAILABLE)
        return 77;
    if (installed != TARN_OK || tarn_init(&pool, memory, sizeof memory, NULL) != TARN_OK)
        return 1;
    void *block = tarn_alloc(pool, 100);
    return tarn_free(pool, block) == TARN_OK && tarn_usdt_remove() == TARN_OK ? 0 : 1;
}
END
hooks_link "$1" "$work" usdt '' "$work/usdt.c"
status=0
"$work/usdt" || status=$?
[ $status != 77 ] || { echo "this libtarn-hooks was built before sys/sdt.h was there"; exit 77; }
[ $status = 0 ] || fail "the program with probes failed"
readelf -n "$work/usdt" >"$work/log"
for probe in init:2 deinit:2 reset:2 grow:2 unlist:2 alloc:5 free:3 resize:4 undo:3 fail:5 refuse:4 corrupt:4; do
    arguments=$(awk -v name=${probe%:*} '$1 == "Provider:" { ours = $2 == "tarn" } $1 == "Name:" { ours = ours && $2 == name }
        $1 == "Arguments:" && ours { print NF - 1; exit }' "$work/log")
    [ "$arguments" = ${probe#*:} ] || fail "probe ${probe%:*} has '$arguments' arguments"
    found=$((found + 1))
done
echo "usdt: $found probes"
