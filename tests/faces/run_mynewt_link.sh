#!/bin/sh
# SPDX-License-Identifier: MIT
# What libtarn-mynewt.a defines is the face's own, every function of the headers is there, and a program that has a
# reaction to faults, or Mynewt's own critical section and error numbers, keeps them.
#   run_mynewt_link.sh BUILD
#
# Covers: M15
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archive=$build/lib/libtarn-mynewt.a
flags="$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt") -Wall -Wextra -Werror"
flags="$flags -I include -I faces/mynewt/include"
libraries="-L$build/lib -ltarn-mynewt -ltarn-posix -ltarn -pthread"

nm -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort >"$work/symbols"
own='^(os_mem|os_arch_|os_error_to_sys$|g_os_mempool_list$|tarn_mynewt_|__x86[.])'
strays=$(grep -vE "$own" "$work/symbols" || true)
[ -z "$strays" ] || { echo "other symbols: $strays"; exit 1; }

declared=$(cat faces/mynewt/include/*/*.h |
    sed -n '/^typedef/d; s/^[A-Za-z].*[ *]\(\(os\|tarn\)_[a-z_]*\)(.*/\1/p' | sort -u)
for name in $declared; do
    grep -qx "$name" "$work/symbols" || { echo "$name is declared and not defined"; exit 1; }
done

cat >"$work/program.c" <<'END_OF_PROGRAM'
#include "os/mynewt.h"
#include <stdio.h>
#include <string.h>
static os_membuf_t buffer[OS_MEMPOOL_SIZE(4, 24)];
static struct os_mempool pool;
static int own_faults, own_sections;
#ifdef OWN
void tarn_mynewt_fault(const struct os_mempool *mp, const void *block, const char *what)
{
    own_faults += mp == &pool && block == buffer && strcmp(what, "already free") == 0;
}
os_sr_t os_arch_save_sr(void) { own_sections++; return 7; }
void os_arch_restore_sr(os_sr_t sr) { own_sections += sr == 7; }
int os_arch_in_critical(void) { return own_sections; }
int os_error_to_sys(os_error_t error) { return (int)error + 100; }
enum { FAULTS = 1, SECTIONS = 2, ERROR = 100 };
#else
enum { FAULTS = 0, SECTIONS = 0, ERROR = 0 };
#endif
int main(void)
{
    os_sr_t sr;
    if (os_mempool_init(&pool, 4, 24, buffer, "link") != OS_OK)
        return 1;
    OS_ENTER_CRITICAL(sr);
    OS_EXIT_CRITICAL(sr);
    if (os_memblock_put(&pool, buffer) != OS_INVALID_PARM)
        return 2;
    tarn_mynewt_list("link");
    return own_faults != FAULTS || own_sections != SECTIONS || os_error_to_sys(OS_OK) != ERROR;
}
END_OF_PROGRAM
for own in '' -DOWN; do
    $CC -std=c11 $flags $own "$work/program.c" $libraries -o "$work/program"
    "$work/program" >"$work/output" || { cat "$work/output"; echo "the program $own fails"; exit 1; }
    told=$(grep -c ': already free$' "$work/output" || true)
    [ "$told" = "$([ -n "$own" ] && echo 0 || echo 1)" ] || { cat "$work/output"; echo "faults of $own"; exit 1; }
    # The same where the face's sources are linked as objects: the library's reaction gives way because it is weak.
    [ -z "$own" ] || $CC -std=c11 $flags -I src -I "$build/generated/include" $own "$work/program.c" \
        $(ls faces/mynewt/*.c | grep -vE 'arch|error') -L"$build/lib" -ltarn-posix -ltarn -pthread -o "$work/program"
    "$work/program" >"$work/output" || { cat "$work/output"; echo "the program of objects fails"; exit 1; }
done

# A file that sees another structure than the library is refused and nothing is written.
cat >"$work/packed.c" <<'END_OF_PROGRAM'
#include "os/os_mempool.h"
static os_membuf_t buffer[OS_MEMPOOL_SIZE(4, 24)];
static struct os_mempool pool;
int main(void)
{
    int refused = os_mempool_init(&pool, 4, 24, buffer, "packed") == OS_INVALID_PARM;
    return !refused || pool.mp_num_blocks != 0 || buffer[0] != 0;
}
END_OF_PROGRAM
$CC -std=c11 $flags -fpack-struct "$work/packed.c" $libraries -o "$work/packed"
"$work/packed" | grep -q 'option word refused' || { echo "a packed structure is taken"; exit 1; }

# A program that has none of it links no more than it uses.
printf '#include "os/os_mempool.h"\nint main(void) { return os_memblock_get(NULL) != NULL; }\n' >"$work/small.c"
$CC -std=c11 $flags "$work/small.c" $libraries -o "$work/small"
! nm "$work/small" | grep -E 'tarn_mynewt_list|os_arch_save_sr|os_mempool_get' || { echo "get links these"; exit 1; }
echo "$(echo "$declared" | wc -l) functions declared and defined; what a program has of its own stays"
