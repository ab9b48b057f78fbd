#!/bin/sh
# SPDX-License-Identifier: MIT
# Every LOSCFG_* switch that has an effect on LiteOS pools has it, set in `make menuconfig` as in a configuration file;
# those that have none are said to have none (build.configuration).
# Covers: LOSCFG_KERNEL_MEM_BESTFIT LOSCFG_KERNEL_MEM_BESTFIT_LITTLE LOSCFG_MEM_TASK_STAT LOSCFG_DEBUG_VERSION
# Covers: LOSCFG_MEM_DEBUG LOSCFG_MEM_MUL_MODULE LOSCFG_MEM_RECORDINFO LOSCFG_MEM_LEAKCHECK
# Covers: LOSCFG_BASE_MEM_NODE_INTEGRITY_CHECK LOSCFG_KERNEL_LMS LOSCFG_MEM_HEAD_BACKUP
#   run_liteos_switches.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=/usr/bin/python3
"$python" -c 'import kconfiglib' 2>/dev/null || { echo "python3-kconfiglib is missing"; exit 77; }
for symbol in TARN_WITH_TLSF TARN_WITH_BESTFIT TARN_WITH_LINEAR; do
    grep -q "define $symbol 1" "$build/generated/include/tarn/config.h" ||
        { echo "this configuration has not all engines ($symbol)"; exit 77; }
done

fail() {
    echo "liteos switches: $*" >&2
    exit 1
}

# What is in force; what is printed meanwhile counts too.
cat >"$work/probe.c" <<'END'
#include <stdio.h>
#include <string.h>
#include "los_memory.h"
#include "los_memrecord_pri.h"
#define TARN_LMS_KEEP_NAMES
#include "los_lms.h"
#include "tarn/inspect.h"
#include "tarn/report.h"

static UINT64 memory[512];
void tarn_port_report(const tarn_report *report)
{
    (void)report;
}

int main(void)
{
    tarn_stats stats;
    UINT32 made = LOS_MemInit(memory, sizeof memory);
    UINT8 *block = LOS_MemAlloc(memory, 24);
    UINT8 *other = LOS_MemAlloc(memory, 24);
    (void)LOS_MemAlloc(memory, 100000);
    (void)LOS_MemFree(memory, other);
    (void)LOS_MemFree(memory, other);
    UINT32 watches = tarn_liteos_lms_access((UINTPTR)other, 4, TRUE, NULL) == FALSE;
    OsMemRecordShow();
    (void)tarn_counts_get((tarn_pool *)(void *)memory, &stats);
    block[-4] ^= 0xFF;
    (void)LOS_MemAlloc(memory, 8);
    (void)LOS_MemFree(memory, block);
    fprintf(stderr, "%s engine %u header %u exact %u lms %u", made == LOS_OK ? "ok" : "failed", stats.engine,
            stats.overhead + stats.tail, (unsigned)stats.exact, watches);
    return 0;
}
END

# facts CONFIG: what a program sees whose face was built with it.
facts() {
    mkdir -p "$work/include/tarn"
    scripts/kconfig header "$1" "$work/include/tarn/config.h" 2>/dev/null
    flags="-std=c11 -O0 -Iinclude -Isrc -Ifaces/liteos/include $(sed -n 's/^CMAKE_C_FLAGS:[A-Z]*=//p' "$build/CMakeCache.txt")"
    "$python" tests/support/objects.py "$work/cache" "$work/include" "$work/objects" "${CC:-cc}" $flags -- faces/liteos/*.c
    "${CC:-cc}" $flags "-I$work/include" "$work/probe.c" "$work"/objects/*.o -L"$build/lib" -ltarn -ltarn-posix -ltarn -pthread -o "$work/probe"
    TARN_LITEOS_SYS_MEM=64k "$work/probe" 2>&1 >"$work/said"
    for what in 'No suitable free block:exhaustion' 'LOS_MemFree[:] :refusal' '^.REC. :records' 'LOS_MemAlloc., [0-9]*, memory check error:check' \
        'LOS_MemFree., [0-9]*, memory check error:backup'; do
        if grep -q "${what%:*}" "$work/said"; then printf ' %s' "${what##*:}"; fi
    done
}

checked=0
# expect WANTED LINE...: a configuration with these lines.
expect() {
    wanted=$1
    shift
    printf '%s=y\n' "$@" | sed 's/^no-\(.*\)=y/# \1 is not set/' >"$work/lines"
    scripts/kconfig defconfig "$work/lines" "$work/.config"
    facts "$work/.config" >"$work/got"
    [ "$(cat "$work/got")" = "ok $wanted" ] || fail "with $*: $(cat "$work/got"), not ok $wanted"
    checked=$((checked + 1))
}

debug='LOSCFG_DEBUG_VERSION LOSCFG_MEM_DEBUG'
default='engine 2 header 8 exact 0 lms 0'
expect "$default" LOSCFG_KERNEL_MEM_BESTFIT
expect "$default" LOSCFG_DEBUG_VERSION
expect 'engine 3 header 8 exact 0 lms 0' LOSCFG_KERNEL_MEM_BESTFIT_LITTLE
expect 'engine 2 header 4 exact 0 lms 0' no-LOSCFG_MEM_TASK_STAT \
    no-TARN_LITEOS_OWNER
expect "$default" LOSCFG_MEM_TASK_STAT no-TARN_LITEOS_OWNER
expect 'engine 2 header 8 exact 1 lms 0 exhaustion refusal' $debug
expect 'engine 2 header 4 exact 1 lms 0 exhaustion refusal' $debug no-LOSCFG_MEM_TASK_STAT \
    no-TARN_LITEOS_OWNER
expect 'engine 2 header 8 exact 1 lms 0 exhaustion refusal' $debug no-LOSCFG_MEM_TASK_STAT \
    no-TARN_LITEOS_OWNER LOSCFG_MEM_MUL_MODULE
expect 'engine 2 header 8 exact 1 lms 0 exhaustion refusal records' $debug LOSCFG_MEM_RECORDINFO
expect 'engine 2 header 32 exact 1 lms 0 exhaustion refusal' $debug LOSCFG_MEM_LEAKCHECK
expect 'engine 2 header 16 exact 1 lms 0 exhaustion refusal backup' $debug LOSCFG_MEM_HEAD_BACKUP
expect 'engine 2 header 32 exact 1 lms 0 exhaustion refusal backup' $debug LOSCFG_MEM_HEAD_BACKUP LOSCFG_MEM_LEAKCHECK
expect 'engine 2 header 8 exact 1 lms 0 exhaustion refusal check' $debug \
    LOSCFG_BASE_MEM_NODE_INTEGRITY_CHECK
expect 'engine 2 header 8 exact 0 lms 1' LOSCFG_KERNEL_LMS

# The same choices made by hand, in the menus: search for each, switch it on, save.
cmake -S . -B "$work/build" --log-level=ERROR -DTARN_TESTS=OFF "-DCMAKE_C_COMPILER=${CC:-cc}" >/dev/null
cat >"$work/keys.py" <<'END'
import os, pty, select, sys, time

pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm", LINES="40", COLUMNS="120")
    os.execvp("make", ["make", "menuconfig", "O=" + sys.argv[1]])


def send(keys):
    """Sends keys once the screen has been quiet for a while."""
    while select.select([terminal], [], [], 0.4)[0]:
        try:
            if not os.read(terminal, 65536):
                return
        except OSError:
            return
    os.write(terminal, keys.encode())


time.sleep(1)
for name in sys.argv[2:]:
    for keys in ("/", name, "\r", "y"):
        send(keys)
for keys in ("s", "\r", "\r", "q"):
    send(keys)
send("")
deadline = time.monotonic() + 20
while os.waitpid(pid, os.WNOHANG) == (0, 0):
    if time.monotonic() > deadline:
        os.kill(pid, 9)
        sys.exit("menuconfig does not end")
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            os.read(terminal, 65536)
        except OSError:
            pass
END
menus="$debug LOSCFG_MEM_LEAKCHECK LOSCFG_MEM_RECORDINFO LOSCFG_BASE_MEM_NODE_INTEGRITY_CHECK LOSCFG_MEM_MUL_MODULE LOSCFG_KERNEL_LMS LOSCFG_MEM_HEAD_BACKUP"
"$python" "$work/keys.py" "$work/build" $menus
for symbol in $menus; do
    grep -qx "$symbol=y" "$work/build/.config" || fail "make menuconfig did not set $symbol"
done
facts "$work/build/.config" >"$work/got"
[ "$(cat "$work/got")" = 'ok engine 2 header 32 exact 1 lms 1 exhaustion refusal records check' ] ||
    fail "from the menus: $(cat "$work/got")"
echo "$checked configurations, and $(echo $menus | wc -w) switches set in make menuconfig, do what they say"
