#!/bin/sh
# SPDX-License-Identifier: MIT
# Every entry of Mynewt's memory pool interface, and every case in which the original misbehaves, is covered by a test
# that
# says so in a line `Covers:`.
#   run_mynewt_coverage.sh BUILD         checks
#   run_mynewt_coverage.sh --table       prints the table of entries with the tests that cover each
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

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

# "ENTRY PROGRAM TEST" for each word of each Covers line; in a program the line belongs to the next function.
for file in tests/faces/test_mynewt_*.c; do
    awk -v program="$(basename "$file" .c | sed 's/^test_//')" '
        /Covers: / { line = $0; sub(/.*Covers: /, "", line); sub(/ *\*\/$/, "", line); n += split(line, w, " ")
                     for (i in w) pending = pending " " w[i]; delete w }
        /^static void [*a-z0-9_A-Z]*\(void \*/ {
            name = $3; sub(/\(.*/, "", name); sub(/^\*/, "", name); count = split(pending, w, " ")
            for (i = 1; i <= count; i++) print w[i], program, name
            pending = ""; delete w }
        END { if (pending != "") { print FILENAME ": entries without a test:" pending >"/dev/stderr"; exit 1 } }
        ' "$file"
done >"$work/covers"
for file in tests/faces/run_mynewt_*.sh; do
    [ "${file##*/}" != run_mynewt_coverage.sh ] || continue
    sed -n 's/^# Covers: //p' "$file" | tr ' ' '\n' | sed "s|\$| $(basename "$file" .sh | sed 's/^run_//') (script)|"
done >>"$work/covers"

# Each test that a line belongs to is run by its program.
while read -r entry program name; do
    case $name in '(script)') continue ;; esac
    grep -qE "(TEST|cmocka_unit_test|pthread_create.*|\? )\(?.*\b$name\b" "tests/faces/test_$program.c" ||
        { echo "$program does not run $name"; exit 1; }
done <"$work/covers"

table() {
    echo "| $1 | tests |"
    echo '|---|---|'
    shift
    for entry in "$@"; do
        tests=$(awk -v entry="$entry" '$1 == entry { printf "%s%s: `%s`", sep, $2, $3; sep = ", " }' "$work/covers")
        [ -n "$tests" ] || { echo "$entry: no test covers it" >&2; return 1; }
        echo "| \`$entry\` | $tests |" | sed 's/ `(script)`/ script/g; s/:  *script/ (script)/g'
    done
    echo
}

{
    table 'header' $headers
    table 'error number' $errors
    table 'macro' $macros
    table 'structure or member' $structures
    table 'list' $lists
    table 'function' $functions
    table 'setting' $settings
    table 'critical section' $sections
    table 'use' $uses
    table 'case of the original' $cases
} >"$work/tables"
if [ "${1-}" = --table ]; then
    sed '$d' "$work/tables"
else
    echo "$(grep -c '^| `' "$work/tables") entries, each with its test"
fi
