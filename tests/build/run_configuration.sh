#!/bin/sh
# SPDX-License-Identifier: MIT
# The options: LiteOS's defaults and dependencies hold, every named configuration gives a header, a bool that is off is
# not defined, one engine always remains, and a header written by hand configures a build without Python.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 -c 'import kconfiglib' 2>/dev/null || { echo "python3-kconfiglib is not installed"; exit 77; }

fail() {
    echo "configuration: $*" >&2
    exit 1
}

# header_of FILE: the header for a configuration, without its guards.
header_of() {
    scripts/kconfig defconfig "$1" "$work/.config" && scripts/kconfig header "$work/.config" "$work/config.h" &&
        "${CC:-cc}" -dM -E -x c "$work/config.h" | grep -E '^#define (TARN|LOSCFG)_' | sort
}

# expect FILE-CONTENT SYMBOL VALUE...: the configuration with these lines defines SYMBOL as VALUE; "off" means not at all.
expect() {
    printf '%b' "$1" >"$work/defconfig"
    header_of "$work/defconfig" >"$work/got"
    shift
    while [ $# -gt 0 ]; do
        value=$(sed -n "s/^#define $1 //p" "$work/got")
        [ "${value:-off}" = "$2" ] || fail "$1 is ${value:-off}, not $2, with: $(cat "$work/defconfig")"
        checked=$((checked + 1))
        shift 2
    done
}

checked=0
expect '' TARN_WITH_TLSF 1 TARN_WITH_BESTFIT 1 TARN_WITH_LINEAR 1 TARN_REGISTRY_CAPACITY 32 TARN_LOCK_STRIPES 64 \
    TARN_LITEOS_SYSTEM_POOL_BYTES 0x4000000 TARN_LITEOS_OWNER 1 TARN_LITEOS_WATERLINE_COLUMN off \
    TARN_LITEOS_ALGORITHM 2 LOSCFG_KERNEL_MEM_BESTFIT 1 LOSCFG_KERNEL_MEM_BESTFIT_LITTLE off LOSCFG_MEM_TASK_STAT 1 \
    LOSCFG_KERNEL_MEM_SLAB_EXTENTION off LOSCFG_KERNEL_MEM_SLAB_AUTO_EXPANSION_MODE off LOSCFG_KERNEL_MEMBOX 1 \
    LOSCFG_KERNEL_MEMBOX_STATIC 1 LOSCFG_KERNEL_MEMBOX_DYNAMIC off LOSCFG_DEBUG_VERSION off LOSCFG_MEM_DEBUG off \
    LOSCFG_MEM_MUL_POOL off LOSCFG_KERNEL_LMS off LOSCFG_EXC_INTERACTION off
expect 'LOSCFG_DEBUG_VERSION=y\nLOSCFG_MEM_DEBUG=y\n' LOSCFG_MEM_MUL_POOL 1 LOSCFG_MEM_MUL_MODULE off \
    LOSCFG_MEM_HEAD_BACKUP off LOSCFG_MEM_RECORDINFO off LOSCFG_MEM_LEAKCHECK off \
    LOSCFG_BASE_MEM_NODE_INTEGRITY_CHECK off LOSCFG_BASE_MEM_NODE_SIZE_CHECK off
expect 'LOSCFG_KERNEL_MEM_BESTFIT_LITTLE=y\nLOSCFG_DEBUG_VERSION=y\nLOSCFG_MEM_DEBUG=y\nLOSCFG_MEM_MUL_MODULE=y\n' \
    TARN_LITEOS_ALGORITHM 3 LOSCFG_KERNEL_MEM_BESTFIT off LOSCFG_MEM_MUL_MODULE off LOSCFG_MEM_MUL_POOL 1
expect 'LOSCFG_KERNEL_MEM_SLAB_EXTENTION=y\n# TARN_WITH_PARKED is not set\n# TARN_WITH_SLAB is not set\n' TARN_WITH_PARKED 1 \
    TARN_WITH_SLAB 1 LOSCFG_KERNEL_MEM_SLAB_EXTENTION 1
expect '# TARN_WITH_PARKED is not set\n' TARN_WITH_PARKED off TARN_WITH_SLAB off
expect '# TARN_WITH_BESTFIT is not set\nLOSCFG_KERNEL_MEM_BESTFIT=y\n' TARN_WITH_BESTFIT 1
expect 'LOSCFG_KERNEL_MEMBOX_DYNAMIC=y\n' LOSCFG_KERNEL_MEMBOX_STATIC off LOSCFG_KERNEL_MEMBOX_DYNAMIC 1
expect '# LOSCFG_KERNEL_MEMBOX is not set\n' LOSCFG_KERNEL_MEMBOX_STATIC off LOSCFG_KERNEL_MEMBOX_DYNAMIC off
expect 'TARN_LITEOS_TLSF=y\n# TARN_WITH_TLSF is not set\n# TARN_WITH_BESTFIT is not set\n# TARN_WITH_LINEAR is not set\n' \
    TARN_WITH_TLSF 1 TARN_WITH_BESTFIT off TARN_WITH_LINEAR off TARN_LITEOS_ALGORITHM 1

for configuration in configs/*.defconfig; do
    header_of "$configuration" >"$work/got"
    ! grep -E ' (0|n|"")$' "$work/got" || fail "$configuration defines what is off"
    checked=$((checked + 1))
done

# Options without effect are named once where a configuration sets them, and not where they are on by default.
said() {
    scripts/kconfig defconfig "$1" "$work/.config"
    rm -f "$work/config.h"
    scripts/kconfig header "$work/.config" "$work/config.h" 2>"$work/said"
    [ "$(cat "$work/said")" = "$2" ] || fail "for $1 it says: $(cat "$work/said")"
    scripts/kconfig header "$work/.config" "$work/config.h" 2>"$work/said"
    [ ! -s "$work/said" ] || fail "for $1 it says again: $(cat "$work/said")"
    checked=$((checked + 2))
}
said configs/liteos-default.defconfig ''
said configs/tlsf-minimal.defconfig ''
said configs/everything.defconfig "kconfig: set, and without effect in this version: LOSCFG_BASE_MEM_NODE_SIZE_CHECK,\
 LOSCFG_EXC_INTERACTION"
printf 'LOSCFG_EXC_INTERACTION=y\nLOSCFG_DEBUG_VERSION=y\nLOSCFG_MEM_DEBUG=y\n' >"$work/defconfig"
said "$work/defconfig" 'kconfig: set, and without effect in this version: LOSCFG_EXC_INTERACTION'
printf 'LOSCFG_KERNEL_MEMBOX_DYNAMIC=y\n' >"$work/defconfig"
said "$work/defconfig" ''

# What is said to change nothing is read by no code, and selects nothing; every other LOSCFG_* does one of the two, or
# opens others.
idle=$(scripts/kconfig table | sed -n 's/^Without effect in this version[^:]*: //p' | tr -d '`.,')
[ "$(echo $idle | wc -w)" -ge 4 ] || fail "options without effect: $idle"
for option in $(sed -n 's/^\(menu\)*config \(LOSCFG_[A-Z_]*\)$/\2/p' Kconfig); do
    effects=$(cat src/*.[ch] ports/*/*.c faces/*/*.[ch] | grep -cw "$option" || true)
    selects=$(awk -v option="$option" '$1 ~ /config$/ { on = $2 == option } on && $1 == "select"' Kconfig | wc -l)
    case " $(echo $idle) " in
    *" $option "*) [ $((effects + selects)) = 0 ] || fail "$option has an effect, its help says it has none" ;;
    *) [ $((effects + selects)) != 0 ] || grep -Eq "^(if|	depends on) $option\$" Kconfig || fail "$option has no effect" ;;
    esac
    checked=$((checked + 1))
done

# Wrong input is an error, not a guess.
printf 'TARN_REGISTRY_CAPACITY=0\n' >"$work/defconfig"
! scripts/kconfig defconfig "$work/defconfig" "$work/.config" 2>/dev/null || fail "a value out of range was taken"
printf 'TARN_NO_SUCH_OPTION=y\n' >"$work/defconfig"
! scripts/kconfig defconfig "$work/defconfig" "$work/.config" 2>/dev/null || fail "an unknown option was taken"

# A build by hand: no Python is called.
sed 's/^#define TARN_REGISTRY_CAPACITY .*/#define TARN_REGISTRY_CAPACITY 7/' configs/config.h.example >"$work/by-hand.h"
cmake -S . -B "$work/build" --log-level=ERROR -DTARN_CONFIG_HEADER="$work/by-hand.h" -DTARN_KCONFIG_PYTHON=/nonexistent \
    -DTARN_TESTS=OFF "-DCMAKE_C_COMPILER=${CC:-cc}" >/dev/null
cmp "$work/by-hand.h" "$work/build/generated/include/tarn/config.h" || fail "the header given is not the one used"
echo "configuration: $checked values and files as they should be; 2 wrong inputs refused; a header by hand is used as it is"
