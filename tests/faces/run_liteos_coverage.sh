#!/bin/sh
# SPDX-License-Identifier: MIT
# Every debugging function, shell command and configuration switch of LiteOS's memory is covered by a test that says so
# in a line `Covers:`, or is one of those said to change nothing. That a test named there can fail is not seen from here.
#   run_liteos_coverage.sh BUILD         checks
#   run_liteos_coverage.sh --table       prints the tables
set -eu
cd "$(dirname "$0")/../.."
. tests/support/coverage.sh

functions='LOS_MemIntegrityCheck LOS_MemNodeSizeCheck LOS_MemCheckLevelSet LOS_MemCheckLevelGet LOS_MemMalloc
LOS_MemMallocAlign LOS_MemMfree LOS_MemMrealloc LOS_MemMusedGet LOS_MemTaskIdGet LOS_MemPoolList LOS_MemDeInit
LOS_MemFreeNodeShow LOS_MemBadNodeShow LOS_SlabSizeCfg LOS_MemUsedNodeShow LOS_MemFreeByTaskID OsMemTaskUsage
OsMemTaskClear OsMemSystemInit OsMemExcInteractionInit OsMemIntegrityMultiCheck OsMemInfoPrint OsMemResetEndNode
OsMemUsedNodeShow OsMemSysNodeCheck tarn_liteos_memset tarn_liteos_memcpy LOS_LmsCheckPoolAdd LOS_LmsCheckPoolDel
LOS_LmsAddrProtect LOS_LmsAddrDisableProtect KasanMemcpy KasanMemmove KasanStrcat KasanStrcpy'
commands='memcheck memused free readreg memshowenable memshowdisable'
# Those of reference menus that have an effect here; the others are in the list of docs/configuration.md.
idle=$(sed -n 's/^Without effect in this version[^:]*: //p' docs/configuration.md | tr -d '`,.')
switches=$(sed -n 's/^\(menu\)*config \(LOSCFG_[A-Z_]*\)$/\2/p' Kconfig | while read -r symbol; do
    case " $idle " in *" $symbol "*) ;; *) echo "$symbol" ;; esac
done)

coverage_collect liteos
{
    coverage_table 'function' $functions
    coverage_table 'shell command' $commands
    coverage_table 'switch' $switches
} >"$work/tables"
coverage_end "$@"
