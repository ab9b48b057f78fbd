#!/bin/sh
# SPDX-License-Identifier: MIT
# The two recipes of docs/porting-mynewt.md. For a target: the command as it stands there, by this machine's compiler with a
# board of four functions, and run; and, where there is the page's own compiler, as it is. In a NimBLE tree: tarn's
# os/os_mempool.h alone in front of an os/ folder that has its own os.h, alignment, error numbers and section.
#   run_mynewt_target.sh BUILD
#
# Covers: os/os_mempool.h
set -eu
build=$(cd "$1" && pwd)
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
page=$PWD/docs/porting-mynewt.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for folder in include src faces ports; do ln -s "$PWD/$folder" "$work/$folder"; done
mkdir -p "$work/my/tarn"
cp configs/config.h.example "$work/my/tarn/config.h"

cat >"$work/program.c" <<'END'
#include "os/os.h"
static os_membuf_t buffer[OS_MEMPOOL_SIZE(8, 36)];
static struct os_mempool_ext pool;
static os_error_t put(struct os_mempool_ext *ome, void *data, void *arg)
{
    ++*(int *)arg;
    return os_memblock_put_from_cb(&ome->mpe_mp, data);
}
int main(void)
{
    int calls = 0, pools = 0;
    struct os_mempool_info info;
    struct os_mempool *mp = NULL;
    if (OS_ALIGNMENT != 8 || os_mempool_ext_init(&pool, 8, 36, buffer, "target") != OS_OK)
        return 1;
    pool.mpe_put_cb = put;
    pool.mpe_put_arg = &calls;
    char *block = os_memblock_get(&pool.mpe_mp);
    if (os_memblock_put(&pool.mpe_mp, block + 8) != OS_INVALID_PARM || os_memblock_put(&pool.mpe_mp, block) != OS_OK)
        return 2;
    while ((mp = os_mempool_info_get_next(mp, &info)) != NULL)
        pools += info.omi_num_free == 8 && info.omi_min_free == 7;
    return calls == 1 && pools == 1 ? 0 : 3;
}
END
cat >"$work/board.c" <<'END'
#include "board.h"
uintptr_t tarn_board_mask(void) { return 0; }
void tarn_board_unmask(uintptr_t state) { (void)state; }
uint32_t tarn_board_task(void) { return 0xFFFFFu; }
void tarn_board_write(const char *text, size_t length) { (void)text, (void)length; }
END

cd "$work"
command=$(sed -n '/^    arm-none-eabi-gcc /,/[^\\]$/p' "$page" | sed 's/\\$//' | tr -d '\n')
[ -n "$command" ] || { echo "the page has no recipe for a target"; exit 1; }
here=$(echo "$command" | sed "s|arm-none-eabi-gcc -mcpu=[a-z0-9-]* -mthumb|${CC:-gcc} $flags -Wall -Wextra -Werror|
    s|--specs=[a-z.]*||")
eval "$here"
./program.elf || { echo "the program for a target does not run: $?"; exit 1; }
echo "for a target: the page's command compiles and the program runs"
if echo '#include <string.h>' | arm-none-eabi-gcc --specs=picolibc.specs -E - >/dev/null 2>&1; then
    eval "$command"
    echo "  and as it stands: $(arm-none-eabi-size program.elf | awk 'NR == 2 { print $1 }') bytes of text"
else
    echo "  no arm-none-eabi-gcc with picolibc here"
fi

# What NimBLE's headers are like, as far as it matters: everything comes from os/os.h.
mkdir -p tree/os tree/syscfg tree/npl front/os
cat >tree/os/os.h <<'END'
#ifndef TREE_OS_H
#define TREE_OS_H
#include "syscfg/syscfg.h"
#include "npl/npl.h"
#define OS_ALIGNMENT (NPL_ALIGNMENT)
#define OS_ALIGN(n, a) (((n) + ((a) - 1)) / (a) * (a))
typedef uint32_t os_sr_t;
#define OS_ENTER_CRITICAL(sr) (sr = npl_enter())
#define OS_EXIT_CRITICAL(sr) (npl_exit(sr))
#include "os/queue.h"
#include "os/os_error.h"
#include "os/os_mbuf.h"
#include "os/os_mempool.h"
#endif
END
cat >tree/npl/npl.h <<'END'
#include <stdint.h>
#define NPL_ALIGNMENT 8
static inline uint32_t npl_enter(void) { return 5; }
static inline void npl_exit(uint32_t sr) { (void)sr; }
END
cat >tree/os/os_mbuf.h <<'END'
#ifndef TREE_OS_MBUF_H
#define TREE_OS_MBUF_H
#include "os/queue.h"
#include "os/os_mempool.h"
struct os_mbuf_pool { struct os_mempool *omp_pool; STAILQ_ENTRY(os_mbuf_pool) omp_next; };
#endif
END
cat >tree/os/os_error.h <<'END'
#ifndef TREE_OS_ERROR_H
#define TREE_OS_ERROR_H
enum os_error { OS_OK = 0, OS_ENOMEM = 1, OS_EINVAL = 2, OS_INVALID_PARM = 3, OS_MEM_NOT_ALIGNED = 4 };
typedef enum os_error os_error_t;
#endif
END
echo '#include <sys/queue.h>' >tree/os/queue.h
cat >tree/syscfg/syscfg.h <<'END'
#define MYNEWT_VAL(name) MYNEWT_VAL_ ## name
#define MYNEWT_VAL_OS_MEMPOOL_CHECK (1)
#define MYNEWT_VAL_OS_MEMPOOL_POISON (1)
#define MYNEWT_VAL_OS_MEMPOOL_GUARD (1)
END
grep -q '^    ln -s PREFIX/include/tarn/mynewt/os/os_mempool.h front/os/$' "$page" || { echo "no recipe for NimBLE"; exit 1; }
ln -s "$work/faces/mynewt/include/os/os_mempool.h" front/os/
mkdir -p prefix/tarn
ln -s "$work"/include/tarn/*.h "$work"/faces/mynewt/include/tarn/*.h prefix/tarn/
cat >section.c <<'END'
#include "os/os.h"
#include "os/os_mbuf.h"
static struct os_mbuf_pool mbufs;
int section(struct os_mempool *mp);
int section(struct os_mempool *mp)
{
    os_sr_t sr;
    OS_ENTER_CRITICAL(sr);
    mbufs.omp_pool = mp;
    void *block = os_memblock_get(mbufs.omp_pool);
    OS_EXIT_CRITICAL(sr);
    return block != NULL && sr == 5;
}
END
${CC:-gcc} $flags -Wall -Wextra -Werror -Ifront -Itree -Iprefix program.c section.c -L"$build/lib" -ltarn-mynewt -ltarn \
    -ltarn-posix -pthread -o program
./program >output || { echo "the program in a NimBLE tree does not run: $?"; exit 1; }
grep -q 'not the start of a block$' output || { echo "its fault was not told"; exit 1; }
echo "in a NimBLE tree: two files compile with one header of tarn in front of the tree's, and run"
