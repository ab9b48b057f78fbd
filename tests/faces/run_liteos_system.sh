#!/bin/sh
# SPDX-License-Identifier: MIT
# The system pool as programs meet it: there before any constructor, sized by Kconfig, the program or the environment,
# on a core without mapped memory made by OsMemSystemInit(); and the two functions that a program may replace.
#   run_liteos_system.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v "${CXX:=g++}" >/dev/null || { echo "no C++ compiler"; exit 77; }
compile_flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
flags="-Wall -Wextra -Werror -Wno-prio-ctor-dtor $compile_flags -I include -I $build/generated/include -I faces/liteos/include"
libraries="-L$build/lib -ltarn-liteos -ltarn-posix -ltarn -pthread"
configured=$(($(sed -n 's/^#define TARN_LITEOS_SYSTEM_POOL_BYTES //p' "$build/generated/include/tarn/config.h")))
count=0

# expect PROGRAM TEXT: the program prints exactly this.
expect() {
    printed=$("$work/$1")
    [ "$printed" = "$2" ] || { echo "$1 printed: $printed"; echo "expected:  $2"; exit 1; }
    count=$((count + 1))
}

cat >"$work/size.c" <<'END'
#include "los_memory.h"
int main(void)
{
    LOS_MEM_POOL_STATUS status;
    VOID *block = LOS_MemAlloc(OS_SYS_MEM_ADDR, OS_SYS_MEM_SIZE / 2);
    UINT32 informed = LOS_MemInfoGet(OS_SYS_MEM_ADDR, &status);
    PRINTK("%u %u %u %u\n", OS_SYS_MEM_SIZE, LOS_MemPoolSizeGet(OS_SYS_MEM_ADDR), block != NULL, informed);
    return 0;
}
END
$CC -std=c11 $flags "$work/size.c" $libraries -o "$work/size"
expect size "$configured $configured 1 0"
TARN_LITEOS_SYS_MEM=3M expect size "3145728 3145728 1 0"
TARN_LITEOS_SYS_MEM=0x10000 expect size "65536 65536 1 0"
TARN_LITEOS_SYS_MEM=256k expect size "262144 262144 1 0"
TARN_LITEOS_SYS_MEM=0X40K expect size "65536 65536 1 0"
for wrong in 0 5G -1 12Q lots 0x 0x100000000; do
    TARN_LITEOS_SYS_MEM=$wrong expect size "[ERR] TARN_LITEOS_SYS_MEM=$wrong is not a size; write 65536, 0x10000, 64k, 3M or 1G, below 4 GiB; using the default
$configured $configured 1 0"
done
for small in 1 7 1023; do
    TARN_LITEOS_SYS_MEM=$small expect size "[ERR] TARN_LITEOS_SYS_MEM=$small is too small; the least is 1024; using the default
$configured $configured 1 0"
done
TARN_LITEOS_SYS_MEM=1024 expect size "1024 1024 1 0"
cp "$work/size.c" "$work/small.c"
echo 'const tarn_liteos_settings tarn_liteos_config = {.system_bytes = 16};' >>"$work/small.c"
$CC -std=c11 $flags -Wno-missing-field-initializers "$work/small.c" $libraries -o "$work/small_pool"
"$work/small_pool" >"$work/small" 2>&1 || true
grep -q '^\[ERR\] no system pool of 0x10 bytes can be made$' "$work/small"
grep -q '^0 1 0 1$' "$work/small"
count=$((count + 1))

# A pool in static memory, of the program's size, with the engine of its choice.
cat >"$work/object.c" <<'END'
#include "los_memory.h"
#include "tarn/inspect.h"
static UINT64 memory[1024];
const tarn_liteos_settings tarn_liteos_config = {memory, sizeof memory, 3, 0, TARN_LITEOS_ON, 0, 0, 0, 0, 0, 0, 0, NULL, 0};
int main(void)
{
    tarn_stats stats;
    tarn_status status = tarn_stats_get((const tarn_pool *)memory, &stats);
    PRINTK("%u %u %d %u %u\n", OS_SYS_MEM_SIZE, OS_SYS_MEM_ADDR == (UINT8 *)memory, status, stats.engine, stats.overhead);
    return 0;
}
END
if grep -q '^#define TARN_WITH_LINEAR' "$build/generated/include/tarn/config.h"; then
    $CC -std=c11 $flags "$work/object.c" $libraries -o "$work/object"
    expect object "8192 1 0 3 8"
    TARN_LITEOS_SYS_MEM=4096 expect object "4096 1 0 3 8"
    TARN_LITEOS_SYS_MEM=1M expect object "8192 1 0 3 8" # the memory ends where the program says
    sed 's/"los_memory.h"/<cstddef>\n#include "los_memory.h"/' "$work/object.c" >"$work/object.cc"
    $CXX -std=c++11 $flags "$work/object.cc" $libraries -o "$work/object_cxx"
    expect object_cxx "8192 1 0 3 8"
fi

# The sources as objects in one folder, none of them in an archive: what the program defines still replaces the
# library's, and no two files have one name.
mkdir "$work/flat"
cat >"$work/flat_main.c" <<'END'
#include "los_memory.h"
#include "tarn/port.h"
const tarn_liteos_settings tarn_liteos_config = {.system_bytes = 0x10000, .waterline_column = 1};
VOID tarn_liteos_vprint(const CHAR *format, va_list arguments)
{
    (VOID)arguments;
    tarn_port_print(format, 4);
}
int main(void)
{
    PRINTK("mine%u", 1u);
    return OS_SYS_MEM_SIZE == 0x10000 && LOS_MemPoolList() == 1 ? 0 : 1;
}
END
top=$PWD
absolute="-I $top/include -I $top/src -I $top/faces/liteos/include -I $(cd "$build" && pwd)/generated/include"
(cd "$work/flat" && $CC -std=c11 $compile_flags $absolute -c "$top"/src/*.c "$top"/faces/liteos/*.c "$top"/ports/posix/*.c)
set -- src/*.c faces/liteos/*.c ports/posix/*.c
sources=$#
set -- "$work"/flat/*.o
[ $# = $sources ]
$CC -std=c11 $flags "$work/flat_main.c" "$work"/flat/*.o -pthread -o "$work/flat_main"
"$work/flat_main" >"$work/flat_said"
head -c 4 "$work/flat_said" | grep -q '^mine$'
grep -q UsageWaterLine "$work/flat_said"
count=$((count + 1))

# Constructors of the program, before and after those of the face, and at the same priority.
cat >"$work/early.c" <<'END'
#include "los_memory.h"
static VOID *blocks[4];
__attribute__((constructor(90))) static void earliest(void) { blocks[0] = LOS_MemAlloc(OS_SYS_MEM_ADDR, 8); }
__attribute__((constructor(101))) static void same(void) { blocks[1] = LOS_MemAlloc(OS_SYS_MEM_ADDR, 8); }
__attribute__((constructor(102))) static void next(void) { blocks[2] = LOS_MemAlloc(m_aucSysMem1, 8); }
__attribute__((constructor)) static void late(void) { blocks[3] = LOS_MemAlloc(m_aucSysMem1, 8); }
int main(void)
{
    PRINTK("%d %d %d %d %u\n", blocks[0] != NULL, blocks[1] != NULL, blocks[2] != NULL, blocks[3] != NULL,
           LOS_MemUsedBlksGet(OS_SYS_MEM_ADDR));
    return 0;
}
END
$CC -std=c11 $flags "$work/early.c" $libraries -o "$work/early"
expect early "1 1 1 1 5"
cat >"$work/global.cc" <<'END'
#include "los_memory.h"
struct holder {
    VOID *block;
    holder() : block(LOS_MemAlloc(OS_SYS_MEM_ADDR, 100)) {}
    ~holder() { PRINTK("freed %u\n", LOS_MemFree(OS_SYS_MEM_ADDR, block)); }
};
static holder one;
int main()
{
    PRINTK("made %d\n", one.block != NULL);
}
END
$CXX -std=c++11 $flags "$work/global.cc" $libraries -o "$work/global"
expect global "made 1
freed 0"

# A target where nobody maps memory, played by a host.c that maps none.
cat >"$work/bare.c" <<'END'
#include "los_memory.h"
#include "los_memory_pri.h"
VOID *tarn_liteos_map(UINTPTR bytes);
UINTPTR tarn_liteos_environment_bytes(VOID);
VOID *tarn_liteos_map(UINTPTR bytes) { (VOID)bytes; return NULL; }
UINTPTR tarn_liteos_environment_bytes(VOID) { return 0; }
const tarn_liteos_settings tarn_liteos_config = {NULL, 0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0};
static UINT64 memory[0x1000];
int main(void)
{
    PRINTK("%d %u ", OS_SYS_MEM_ADDR == NULL, OS_SYS_MEM_SIZE);
    PRINTK("%u %u ", OsMemSystemInit(0), OsMemSystemInit((UINTPTR)memory + 1));
    PRINTK("%d %u %u ", (UINTPTR)OS_SYS_MEM_ADDR % 64 == 0, OS_SYS_MEM_SIZE, OsMemSystemInit((UINTPTR)memory));
    PRINTK("%d\n", LOS_MemAlloc(OS_SYS_MEM_ADDR, 100) != NULL);
    return 0;
}
END
$CC -std=c11 $flags "$work/bare.c" $libraries -o "$work/bare"
expect bare "1 0 1 0 1 16384 1 1"

# The program's own formatter behind PRINTK; the library's, and vsnprintf(), are then not linked.
cat >"$work/vprint.c" <<'END'
#include "los_memory.h"
#include "tarn/port.h"
VOID tarn_liteos_vprint(const CHAR *format, va_list arguments)
{
    (VOID)arguments;
    tarn_port_print("<", 1);
    tarn_port_print(format, 2);
    tarn_port_print(">", 1);
}
int main(void)
{
    PRINTK("ab%u", 1u);
    return LOS_MemPoolList() == 1 ? 0 : 1;
}
END
$CC -std=c11 $flags "$work/vprint.c" $libraries -o "$work/vprint"
"$work/vprint" | head -c 4 | grep -q '^<ab>$'
! nm "$work/vprint" | grep -q vsnprintf
count=$((count + 1))

echo "system pool: $count programs and sizes as expected, configured size $configured bytes"
