#!/bin/sh
# SPDX-License-Identifier: MIT
# Every entry of Mynewt's memory pool interface, and every case in which the original misbehaves, is covered by a test
# that says so in a line `Covers:`.
#   run_mynewt_coverage.sh BUILD         checks
#   run_mynewt_coverage.sh --table       prints the table of entries with the tests that cover each
set -eu
cd "$(dirname "$0")/../.."
. tests/support/coverage.sh

headers='os/os_mempool.h os/os.h os/mynewt.h os/os_error.h os/queue.h os/os_arch.h syscfg/syscfg.h'
errors='os_error os_error_t OS_OK OS_ENOMEM OS_EINVAL OS_INVALID_PARM OS_MEM_NOT_ALIGNED OS_BAD_MUTEX OS_TIMEOUT
OS_ERR_IN_ISR OS_ERR_PRIV OS_NOT_STARTED OS_ENOENT OS_EBUSY OS_ERROR os_error_to_sys'
macros='OS_ALIGNMENT os_membuf_t OS_ALIGN OS_CFG_ALIGNMENT OS_CFG_ALIGN_4 OS_CFG_ALIGN_8 OS_MEMPOOL_BLOCK_SZ
OS_MEMPOOL_SIZE OS_MEMPOOL_BYTES OS_MEMPOOL_F_EXT OS_MEMPOOL_INFO_NAME_LEN'
structures='struct_os_memblock mb_next struct_os_mempool mp_block_size mp_num_blocks mp_num_free mp_min_free mp_flags
mp_membuf_addr mp_list name os_mempool_put_fn struct_os_mempool_ext mpe_put_cb mpe_put_arg struct_os_mempool_info
omi_block_size omi_num_blocks omi_num_free omi_min_free omi_name g_os_mempool_list'
lists='SLIST_HEAD SLIST_ENTRY SLIST_FIRST SLIST_NEXT SLIST_FOREACH STAILQ_HEAD STAILQ_ENTRY STAILQ_FIRST STAILQ_NEXT
STAILQ_FOREACH STAILQ_INIT STAILQ_INSERT_TAIL STAILQ_REMOVE_HEAD'
functions='os_mempool_init os_mempool_ext_init os_mempool_unregister os_mempool_clear os_mempool_is_sane
os_memblock_from os_memblock_get os_memblock_put os_memblock_put_from_cb os_mempool_info_get_next os_mempool_get os_mempool_module_init'
settings='MYNEWT_VAL OS_MEMPOOL_CHECK OS_MEMPOOL_POISON OS_MEMPOOL_GUARD OS_DEBUG_MODE OS_SYSVIEW_TRACE_MEMPOOL'
sections='OS_ENTER_CRITICAL OS_EXIT_CRITICAL OS_ASSERT_CRITICAL os_sr_t os_arch_save_sr os_arch_restore_sr
os_arch_in_critical'
uses='nested_callbacks peer_test interrupts mpool mpstat'
# Cases of the original. M13, M14 and M16 are about texts and a type inside it; L44 is about the other faces' names.
cases='M1 M2 M3 M4 M5 M6 M7 M8 M9 M10 M11 M12 M15 M17 M18 M19 L44'

coverage_collect mynewt
{
    coverage_table 'header' $headers
    coverage_table 'error number' $errors
    coverage_table 'macro' $macros
    coverage_table 'structure or member' $structures
    coverage_table 'list' $lists
    coverage_table 'function' $functions
    coverage_table 'setting' $settings
    coverage_table 'critical section' $sections
    coverage_table 'use' $uses
    coverage_table 'case of the original' $cases
} >"$work/tables"
coverage_end "${1-}"
