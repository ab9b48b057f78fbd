#!/bin/sh
# SPDX-License-Identifier: MIT
# Which kind of membox a program gets: the one its files ask for, else the one that the library was configured with; in
# C and C++, both kinds in one program; and a program with static memboxes does not link the system pool.
# Covers: LOSCFG_KERNEL_MEMBOX LOSCFG_KERNEL_MEMBOX_STATIC LOSCFG_KERNEL_MEMBOX_DYNAMIC
#   run_liteos_boxkinds.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v "${CXX:=g++}" >/dev/null || { echo "no C++ compiler"; exit 77; }
compile_flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
headers="-I include -I faces/liteos/include"
flags="-Wall -Wextra -Werror $compile_flags $headers -I $build/generated/include"
libraries="-L$build/lib -ltarn-liteos -ltarn-posix -ltarn -pthread"
count=0

cat >"$work/kind.c" <<'END'
#include "los_membox.h"
static UINT64 memory[32];
int main(void)
{
    UINT32 boxes, out, size;
    UINT32 made = LOS_MemboxInit(memory, sizeof memory, 20);
    VOID *box = LOS_MemboxAlloc(memory);
    LOS_MemboxClr(memory, box);
    LOS_MemboxStatisticsGet(memory, &boxes, &out, &size);
    int inside = (UINTPTR)box - (UINTPTR)memory < sizeof memory;
    UINT32 freed = LOS_MemboxFree(memory, box);
    PRINTK("%s\n", made + freed + (out != 1) != 0  ? "broken"
                   : inside && size > 20           ? "static"
                   : !inside && size == 20         ? "dynamic"
                                                   : "neither");
    return 0;
}
END

# kind EXPECTED FLAGS...: what the program says that was compiled so, in C and C++.
kind() {
    expected=$1
    shift
    $CC -std=c11 $flags "$@" "$work/kind.c" $names $libraries -o "$work/kind_c"
    $CXX -x c++ -std=c++11 $flags "$@" "$work/kind.c" -x none $names $libraries -o "$work/kind_cxx"
    for program in kind_c kind_cxx; do
        said=$("$work/$program")
        [ "$said" = "$expected" ] || { echo "$program with $*: $said, not $expected"; exit 1; }
        count=$((count + 1))
    done
}

names=
grep -q '^#define LOSCFG_KERNEL_MEMBOX_DYNAMIC 1' "$build/generated/include/tarn/config.h" && configured=dynamic || configured=static
kind $configured
kind static -DLOSCFG_KERNEL_MEMBOX_STATIC
nm "$work/kind_c" >"$work/symbols"
grep -q ' tarn_liteos_box_alloc$' "$work/symbols"
! grep -E ' (LOS_Mem[A-Z]|tarn_liteos_system$)' "$work/symbols" || { echo "the system pool is linked"; exit 1; }
kind static -DLOSCFG_KERNEL_MEMBOX_STATIC= -DLOSCFG_KERNEL_MEMBOX_DYNAMIC=0
kind dynamic -DLOSCFG_KERNEL_MEMBOX_DYNAMIC
kind dynamic -DLOSCFG_KERNEL_MEMBOX_DYNAMIC= -DLOSCFG_KERNEL_MEMBOX_STATIC=0
kind $configured -DLOSCFG_KERNEL_MEMBOX_DYNAMIC=0 -DLOSCFG_KERNEL_MEMBOX_STATIC=0

# The other configuration: LiteOS's names are in one file, which stands in for that of the archive here.
for other in static dynamic; do
    mkdir -p "$work/$other/tarn"
    sed '/LOSCFG_KERNEL_MEMBOX_\(STATIC\|DYNAMIC\)$/,/#endif/d' "$build/generated/include/tarn/config.h" >"$work/$other/tarn/config.h"
done
echo '#define LOSCFG_KERNEL_MEMBOX_DYNAMIC 1' >>"$work/dynamic/tarn/config.h"
names=$work/names.o
for other in static dynamic; do
    $CC -std=c11 -Wall -Wextra -Werror $compile_flags $headers -I src -I "$work/$other" -c faces/liteos/membox_names.c -o "$names"
    kind $other
    kind static -DLOSCFG_KERNEL_MEMBOX_STATIC=1
    kind dynamic -DLOSCFG_KERNEL_MEMBOX_DYNAMIC=1
done
echo '#define LOSCFG_KERNEL_MEMBOX_STATIC 1' >>"$work/dynamic/tarn/config.h"
! $CC -std=c11 $headers -I src -I "$work/dynamic" -fsyntax-only faces/liteos/membox_names.c 2>"$work/said"
grep -q 'LOSCFG_KERNEL_MEMBOX_STATIC and LOSCFG_KERNEL_MEMBOX_DYNAMIC exclude each other' "$work/said"

# Where a project's own symbols reach the library's sources, they are all of the same mind.
for symbol in STATIC DYNAMIC; do
    for file in faces/liteos/*.c; do
        $CC -std=gnu11 -Wall -Wextra -Werror -Wmissing-prototypes $compile_flags $headers -I src -I "$work/static" \
            -DLOSCFG_KERNEL_MEMBOX_$symbol=1 -fsyntax-only "$file"
        count=$((count + 1))
    done
done

# Both kinds in one program.
sed 's/main(void)/static_kind(void)/; 1a int static_kind(void);' "$work/kind.c" >"$work/one.c"
sed 's/main(void)/dynamic_kind(void)/; 1a int dynamic_kind(void);' "$work/kind.c" >"$work/two.c"
printf 'int static_kind(void);\nint dynamic_kind(void);\nint main(void) { return static_kind() + dynamic_kind(); }\n' >"$work/both.c"
$CC -std=c11 $flags -DLOSCFG_KERNEL_MEMBOX_STATIC -c "$work/one.c" -o "$work/one.o"
$CC -std=c11 $flags -DLOSCFG_KERNEL_MEMBOX_DYNAMIC -c "$work/two.c" -o "$work/two.o"
$CC -std=c11 $flags "$work/both.c" "$work/one.o" "$work/two.o" $libraries -o "$work/both"
[ "$("$work/both" | tr '\n' ' ')" = "static dynamic " ]

echo "membox: $count programs and files of the kind they ask for, configured is $configured; a static one links no system pool"
