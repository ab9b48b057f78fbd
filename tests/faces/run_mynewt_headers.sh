#!/bin/sh
# SPDX-License-Identifier: MIT
# Each header of the Mynewt face alone; the headers of the LiteOS, Phytium and Mynewt faces in one translation unit in
# all six orders, 64-bit and 32-bit, as programs that use pools of all three; <sys/queue.h> before and after; a
# program's own syscfg.h. Under every language version and switch that a program may have, and pedantic.
#   run_mynewt_headers.sh BUILD
#
# Covers: os/os_mempool.h os/os.h os/mynewt.h os/os_error.h os/queue.h os/os_arch.h syscfg/syscfg.h OS_ERROR L44
# Covers: SLIST_HEAD SLIST_ENTRY SLIST_FIRST SLIST_NEXT SLIST_FOREACH STAILQ_HEAD STAILQ_ENTRY STAILQ_INIT
# Covers: STAILQ_INSERT_TAIL STAILQ_REMOVE_HEAD STAILQ_FIRST STAILQ_NEXT STAILQ_FOREACH
set -eu
build=$1
faces='-I faces/mynewt/include -I faces/phytium/include -I faces/liteos/include'
include="-I include -I $build/generated/include $faces"
strict='-Wall -Wextra -Wshadow -Wundef -pedantic-errors -Werror'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0 narrows=0 ran=0
command -v "${CXX:=g++}" >/dev/null || { echo "no C++ compiler"; exit 77; }
compilers="$CC $CXX"
for other in clang clang++; do
    command -v $other >/dev/null && compilers="$compilers $other"
done
own=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")

number=0
for header in $(cd faces/mynewt/include && find . -name '*.h' | sed 's|^./||' | sort); do
    number=$((number + 1))
    printf '#include "%s"\nint not_empty;\n' "$header" >"$work/alone$number.c"
done

# A program of the three faces; the includes come before it.
cat >"$work/three" <<'END_OF_PROGRAM'
static UINT64 liteos[128];
static u8 phytium[4000];
static os_membuf_t mynewt[OS_MEMPOOL_SIZE(10, 24)];
static FMemp memp;
static struct os_mempool pool;
static os_error_t keep(struct os_mempool_ext *ome, void *data, void *arg)
{
    return ome == NULL || data == arg ? MYNEWT_OS_ERROR : OS_OK;
}
int main(void)
{
    os_mempool_put_fn *callback = keep;
    UINT32 failures = LOS_MemInit(liteos, sizeof liteos) != LOS_OK;
    failures += FMempInit(&memp, phytium, phytium + sizeof phytium) != FMEMP_SUCCESS;
    failures += os_mempool_init(&pool, 10, 24, mynewt, "three") != OS_OK;
    void *a = LOS_MemAlloc(liteos, 24), *b = FMEMP_MALLOC(&memp, 24), *c = os_memblock_get(&pool);
    void *d = tlsf_malloc(memp.tlsf_ptr, 24);
    failures += a == NULL || b == NULL || c == NULL || d == NULL;
    failures += LOS_MemFree(liteos, a) != LOS_OK || os_memblock_put(&pool, c) != OS_OK;
    FMEMP_FREE(&memp, b);
    tlsf_free(memp.tlsf_ptr, d);
    failures += os_memblock_put(&pool, c) != OS_INVALID_PARM || callback(NULL, NULL, NULL) != MYNEWT_OS_ERROR;
    failures += MYNEWT_OS_ERROR != 12 || LOS_OS_ERROR != 0xFFFFFFFFu;
    failures += OS_ERROR_IS_MYNEWTS ? (UINT32)OS_ERROR != 12u : (UINT32)OS_ERROR != LOS_OS_ERROR;
    failures += TRUE - FALSE != 1 || OS_ALIGN(5, 4) != 8;
    return failures != 0;
}
END_OF_PROGRAM
l='#include "los_memory.h"' p='#include "fmempory_pool.h"' m='#include "os/os_mempool.h"' t='#include "tlsf.h"'
order() {
    file=$work/order_$1.c mynewts=$2
    shift 2
    { printf '%s\n' "$@" "#define OS_ERROR_IS_MYNEWTS $mynewts"; cat "$work/three"; } >"$file"
}
order lpm 0 "$l" "$p" "$m"
order lmp 0 "$l" "$m" "$p"
order plm 0 "$p" "$l" "$m"
order pml 1 "$t" "$p" "$m" "$l"
order mlp 1 "$m" "$l" "$p"
order mpl 1 "$m" "$t" "$p" "$l"

# Lists and queues, as code around pools uses them, whoever defines the macros.
cat >"$work/lists" <<'END_OF_PROGRAM'
#include <assert.h>
struct item { int value; SLIST_ENTRY(item) next; STAILQ_ENTRY(item) queue; };
SLIST_HEAD(items, item);
STAILQ_HEAD(queue, item);
int main(void)
{
    struct items list = SLIST_HEAD_INITIALIZER(list);
    struct queue queue = STAILQ_HEAD_INITIALIZER(queue);
    struct item item[3], *at;
    int sum = 0;
    SLIST_INIT(&list);
    STAILQ_INIT(&queue);
    for (int i = 0; i < 3; i++) {
        item[i].value = i + 1;
        SLIST_INSERT_HEAD(&list, &item[i], next);
        STAILQ_INSERT_TAIL(&queue, &item[i], queue);
    }
    SLIST_FOREACH(at, &list, next) { sum = sum * 10 + at->value; }
    STAILQ_FOREACH(at, &queue, queue) { sum = sum * 10 + at->value; }
    assert(sum == 321123);
    assert(SLIST_NEXT(SLIST_FIRST(&list), next) == &item[1] && STAILQ_NEXT(&item[0], queue) == &item[1]);
    SLIST_REMOVE_HEAD(&list, next);
    SLIST_INSERT_AFTER(&item[0], &item[2], next);
    assert(SLIST_FIRST(&list) == &item[1] && SLIST_NEXT(&item[0], next) == &item[2]);
    while (!STAILQ_EMPTY(&queue)) {
        STAILQ_REMOVE_HEAD(&queue, queue);
    }
    STAILQ_INSERT_TAIL(&queue, &item[2], queue);
    assert(STAILQ_FIRST(&queue) == &item[2] && queue.stqh_last == &item[2].queue.stqe_next);
    while (!SLIST_EMPTY(&list)) {
        SLIST_REMOVE_HEAD(&list, next);
    }
    return 0;
}
END_OF_PROGRAM
{ echo '#include "os/queue.h"'; cat "$work/lists"; } >"$work/queue_ours.c"
{ printf '#define TARN_OWN_QUEUE\n#include "os/queue.h"\n'; cat "$work/lists"; } >"$work/queue_own.c"
{ printf '#include <sys/queue.h>\n#include "os/os_mempool.h"\n'; cat "$work/lists"; } >"$work/queue_before.c"
{ printf '#include "os/os_mempool.h"\n#include <sys/queue.h>\n'; cat "$work/lists"; } >"$work/queue_after.c"

# A program's own syscfg.h, in front of ours, with Mynewt's parentheses, that knows nothing of the map.
mkdir -p "$work/own/syscfg"
cat >"$work/own/syscfg/syscfg.h" <<'END_OF_HEADER'
#ifndef H_MYNEWT_SYSCFG_
#define H_MYNEWT_SYSCFG_
#define MYNEWT_VAL(_name) MYNEWT_VAL_##_name
#define MYNEWT_VAL_OS_MEMPOOL_CHECK (1)
#define MYNEWT_VAL_OS_MEMPOOL_GUARD (1)
#endif
END_OF_HEADER
cat >"$work/settings.c" <<'END_OF_PROGRAM'
#include "os/mynewt.h"
typedef char as_said[TARN_MYNEWT_OPTIONS == (TARN_MYNEWT_INTERFACE | 0x500u | OS_ALIGNMENT) ? 1 : -1];
int not_empty = sizeof(as_said);
END_OF_PROGRAM
echo '#define OS_ALIGNMENT 12
#include "os/os_arch.h"' >"$work/refused"

# compile COMPILER LANGUAGE STANDARD FILE FLAGS...
compile() {
    compiler=$1 language=$2 standard=$3 file=$4
    shift 4
    $compiler -x $language -std=$standard $strict "$@" $include -fsyntax-only "$file"
    count=$((count + 1))
}

# run COMPILER LANGUAGE STANDARD FILE: the build's own word size.
run() {
    $1 -x $2 -std=$3 $own $strict $include "$4" -x none -L"$build/lib" -ltarn-liteos -ltarn-phytium -ltarn-mynewt \
        -ltarn-posix -ltarn -pthread -o "$work/program"
    "$work/program" >"$work/output" || { cat "$work/output"; echo "$1 -std=$3: $(head -n 4 "$4") fails"; exit 1; }
    ran=$((ran + 1))
}

narrow='-m32 -idirafter /usr/include/x86_64-linux-gnu'
gcc $narrow -fsyntax-only -x c "$work/queue_before.c" $include 2>/dev/null || narrow=
for compiler in $compilers; do
    case $compiler in
    *++) language=c++ standards='c++11 c++14 c++17 c++20' switches='-DOS_ALIGNMENT=8 -DOS_ALIGNMENT=16 -fshort-enums' ;;
    *) language=c standards='c11 c17 c2x' switches='-DOS_ALIGNMENT=8 -DOS_ALIGNMENT=16 -fshort-enums -funsigned-char' ;;
    esac
    for standard in $standards; do
        for file in "$work"/alone*.c "$work"/order_*.c "$work"/queue_*.c; do
            compile $compiler $language $standard "$file"
            # What the word size changes it changes under every standard.
            [ -z "$narrow" ] || [ $standard != ${standards%% *} ] ||
                { compile $compiler $language $standard "$file" $narrow; narrows=$((narrows + 1)); }
        done
        for switch in $switches; do
            compile $compiler $language $standard "$work/order_mpl.c" $switch
        done
        compile $compiler $language $standard "$work/settings.c" -I "$work/own"
    done
    for order in before after; do
        $compiler -x $language -std=${standards%% *} -Wall -Wsystem-headers -Werror $include -fsyntax-only \
            "$work/queue_$order.c"
        count=$((count + 1))
    done
    for file in "$work"/order_*.c "$work"/queue_*.c; do
        run $compiler $language ${standards%% *} "$file"
    done
    ! $compiler -x $language -fsyntax-only $include "$work/refused" 2>/dev/null ||
        { echo "OS_ALIGNMENT 12 compiles"; exit 1; }
done
echo "mynewt headers: $count compilations without a warning, $narrows of them 32-bit; $ran programs ran"
