#!/bin/sh
# SPDX-License-Identifier: MIT
# Every entry of the Phytium memory pool's and tlsf.h's interfaces, and every case in which the originals misbehave, is
# covered by a test that says so in a line `Covers:`. That a test named there can fail is not seen from here.
#   run_phytium_coverage.sh BUILD         checks
#   run_phytium_coverage.sh --table       prints the table of entries with the tests that cover each
set -eu
cd "$(dirname "$0")/../.."
. tests/support/coverage.sh

headers='fmempory_pool.h fmemory_pool.h common/fmempory_pool.h common/fmemory_pool.h fslink_list.h ferror_code.h ftypes.h tlsf.h'
types='u8 s8 u16 s16 u32 s32 u64 s64 boolean fsize_t uintptr intptr TRUE FALSE FT_COMPONENT_IS_READY
FT_COMPONENT_IS_STARTED FError FT_SUCCESS FT_MAKE_ERRCODE ErrorModGeneral ErrCommMemp FMempPoolList FMemp FSListNode
FMempTag FMempTagStatus FMEMP_TAG_ALLOCATED FMEMP_TAG_FREEED FMEMP_TAG_MSG_LEN FMEMP_SUCCESS FMEMP_ERR_INVALID_BUF
FMEMP_ERR_INIT_TLFS FMEMP_ERR_INIT_TLSF FMEMP_ERR_BAD_MALLOC FMEMP_ERR_ALREADY_INIT USE_TLSF'
functions='FMempInit FMempDeinit FMempRemove FMempMalloc FMempCalloc FMempMallocAlign FMempRealloc FMempFree FMemProbe
FMemListAll FMEMP_MALLOC FMEMP_MALLOC_ALIGN FMEMP_CALLOC FMEMP_REALLOC FMEMP_FREE FMEMP_TAG_DEBUG FMempMallocTag
FMempMallocAlignTag FMempCallocTag FMempReallocTag FMempFreeTag'
tlsf='tlsf_t pool_t tlsf_create tlsf_create_with_pool tlsf_destroy tlsf_get_pool tlsf_add_pool tlsf_remove_pool
tlsf_malloc tlsf_memalign tlsf_realloc tlsf_free tlsf_block_size tlsf_size tlsf_align_size tlsf_block_size_min
tlsf_block_size_max tlsf_pool_overhead tlsf_alloc_overhead tlsf_walker tlsf_walk_pool tlsf_check tlsf_check_pool'
# Cases of the originals: P Phytium's, T tlsf's. P19, P20 and P23 are about text and an assertion that is not here.
cases='P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12 P13 P14 P15 P16 P17 P18 P21 P22
T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11'

coverage_collect phytium
{
    coverage_table 'header' $headers
    coverage_table 'type or constant' $types
    coverage_table 'FMemp' $functions
    coverage_table 'tlsf.h' $tlsf
    coverage_table 'case of the originals' $cases
} >"$work/tables"
coverage_end "${1-}"
