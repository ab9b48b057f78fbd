#!/bin/sh
# SPDX-License-Identifier: MIT
# What libtarn-phytium.a defines is the face's own, FMemp needs no tlsf_ function, and a program with a tlsf.c of its own
# keeps it.
#   run_phytium_link.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archive=$build/lib/libtarn-phytium.a
flags="$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt") -Wall -Wextra -Werror -I faces/phytium/include"

strays=$(nm -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' | grep -vE '^(FMem|tlsf_|tarn_phytium_|__x86[.])' || true)
[ -z "$strays" ] || { echo "other symbols: $strays"; exit 1; }

# Every function that the headers declare is there.
declared=$(cat faces/phytium/include/*.h | sed -n 's/^[A-Za-z].*[ *]\(\(FMem\|tlsf_\)[A-Za-z_]*\)(.*/\1/p' | sort -u)
nm -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort >"$work/symbols"
for name in $declared; do
    grep -qx "$name" "$work/symbols" || { echo "$name is declared and not defined"; exit 1; }
done

# Members with FMemp functions refer to no tlsf_ function.
mkdir "$work/members"
(cd "$work/members" && ar x "$archive")
for member in "$work"/members/fmemp*.o; do
    ! nm -u "$member" | grep tlsf_ || { echo "${member##*/} calls these"; exit 1; }
done

cat >"$work/own_tlsf.c" <<'END'
/* A program's own tlsf.c: all names, none of the behaviour. */
#include "tlsf.h"
int own_calls;
tlsf_t tlsf_create(void *mem) { own_calls++; return mem; }
tlsf_t tlsf_create_with_pool(void *mem, size_t bytes) { own_calls++; return bytes ? mem : NULL; }
void tlsf_destroy(tlsf_t tlsf) { (void)tlsf; }
pool_t tlsf_get_pool(tlsf_t tlsf) { return tlsf; }
pool_t tlsf_add_pool(tlsf_t tlsf, void *mem, size_t bytes) { (void)tlsf; return bytes ? mem : NULL; }
void tlsf_remove_pool(tlsf_t tlsf, pool_t pool) { (void)tlsf; (void)pool; }
void *tlsf_malloc(tlsf_t tlsf, size_t bytes) { (void)bytes; own_calls++; return tlsf; }
void *tlsf_memalign(tlsf_t tlsf, size_t align, size_t bytes) { (void)align; (void)bytes; return tlsf; }
void *tlsf_realloc(tlsf_t tlsf, void *ptr, size_t size) { (void)tlsf; (void)size; return ptr; }
void tlsf_free(tlsf_t tlsf, void *ptr) { (void)tlsf; (void)ptr; }
size_t tlsf_block_size(void *ptr) { return ptr != NULL; }
size_t tlsf_size(void) { return 1; }
size_t tlsf_align_size(void) { return 1; }
size_t tlsf_block_size_min(void) { return 1; }
size_t tlsf_block_size_max(void) { return 1; }
size_t tlsf_pool_overhead(void) { return 1; }
size_t tlsf_alloc_overhead(void) { return 1; }
void tlsf_walk_pool(pool_t pool, tlsf_walker walker, void *user) { (void)pool; (void)walker; (void)user; }
int tlsf_check(tlsf_t tlsf) { return tlsf == NULL; }
int tlsf_check_pool(pool_t pool) { return pool == NULL; }
END
cat >"$work/program.c" <<'END'
#define FMEMP_TAG_DEBUG
#include "fmempory_pool.h"
#include <stdio.h>
extern int own_calls;
static u64 memory[1200], other[4];
int main(void)
{
    static FMemp memp;
    if (FMempInit(&memp, memory, memory + 1200) != FMEMP_SUCCESS)
        return 1;
    void *block = FMEMP_MALLOC(&memp, 100);
    block = FMEMP_REALLOC(&memp, block, 200);
    FMemListAll(&memp);
    FMEMP_FREE(&memp, block);
    FMempRemove(&memp);
    int before = own_calls;
    tlsf_t own = tlsf_create_with_pool(other, sizeof other);
    return block == NULL || before != 0 || tlsf_malloc(own, 8) != (void *)other || own_calls != 2;
}
END
$CC -std=c11 $flags "$work/program.c" "$work/own_tlsf.c" -L"$build/lib" -ltarn-phytium -ltarn-posix -ltarn -pthread \
    -o "$work/program"
"$work/program" >/dev/null || { echo "a program with its own tlsf.c does not run"; exit 1; }

# A program without tags has no table of them.
sed 's/#define FMEMP_TAG_DEBUG//' "$work/program.c" >"$work/untagged.c"
$CC -std=c11 $flags "$work/untagged.c" "$work/own_tlsf.c" -L"$build/lib" -ltarn-phytium -ltarn-posix -ltarn -pthread \
    -o "$work/untagged"
! nm "$work/untagged" | grep -E 'FMemp.*Tag' || { echo "an untagged program links these"; exit 1; }
echo "$(echo "$declared" | wc -l) functions declared and defined; a program's own tlsf.c stays its own"
