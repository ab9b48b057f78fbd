#!/bin/sh
# SPDX-License-Identifier: MIT
# What docs/porting.md shows: its files and commands as they stand there, on the first program of README.md, and with
# its board what docs/porting-liteos.md shows for a target; the board file for each core, with malloc of
# ports/bare_malloc on the system pool between picolibc's symbols, run on QEMU; the same for newlib, linked; the ports
# for FreeRTOS and Zephyr, compiled against stubs.
#   run_ports.sh BUILD
# CORES: rows of tests/target/cores.sh without an operating system, default cortex-m0.
set -eu
cd "$(dirname "$0")/../.."
. tests/target/cores.sh
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
warnings='-std=gnu11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes'

for system in freertos zephyr; do
    $cc $warnings -O2 -Iinclude -Itests/target/stubs/$system -c examples/ports/port_$system.c -o "$work/$system.o" 2>"$work/why" ||
        { cat "$work/why"; echo "ports: port_$system.c does not compile"; exit 1; }
done
echo "ports: FreeRTOS and Zephyr compiled against stubs"

# block LANGUAGE PAGE: the first block of the page in the language
block() {
    awk -v fence="\`\`\`$1" '$0 == fence && !done { on = 1; next } /^```/ { if (on) done = 1; on = 0 } on' "$2"
}

block c docs/porting.md >"$work/cortex.c"
[ -s "$work/cortex.c" ] || { echo "ports: docs/porting.md shows no board file"; exit 1; }
# The other cores cannot tell a handler by a register.
sed 's/tarn_cpu_in_handler() ? 0xFFFFFu : 0/0/' "$work/cortex.c" >"$work/other.c"
mkdir -p "$work/my/tarn"
sed 's/TARN_BLOCKS_SYNC_ATOMIC/TARN_BLOCKS_SYNC_PORT/' configs/config.h.example >"$work/my/tarn/config.h"
malloc_files='ports/bare_malloc/system_pool.c ports/bare_malloc/malloc_bare.c ports/bare_malloc/malloc_refused.c'

core_use cortex-m4
missing=$(core_missing)
if [ -z "$missing" ]; then
    mkdir "$work/page"
    for folder in include src ports configs; do ln -s "$PWD/$folder" "$work/page/$folder"; done
    cp "$work/cortex.c" "$work/page/board.c"
    block ld docs/porting.md >"$work/page/board.ld"
    block sh docs/porting.md >"$work/page/commands"
    block c README.md >"$work/page/program.c"
    [ -s "$work/page/board.ld" ] && [ -s "$work/page/commands" ] ||
        { echo "ports: docs/porting.md shows no link"; exit 1; }
    (cd "$work/page" && sh -eu commands) </dev/null >"$work/said" 2>&1 &&
        grep -q '^no block of this pool begins there; 1 block' "$work/said" ||
        { cat "$work/said"; echo "ports: the commands of docs/porting.md fail"; exit 1; }
    # On the same board, the program and the indented command of docs/porting-liteos.md.
    ln -s "$PWD/faces" "$work/page/faces"
    block c docs/porting-liteos.md >"$work/page/program.c"
    sed -n '/^    arm-none-eabi-gcc /,/[^\\]$/p' docs/porting-liteos.md >"$work/page/commands"
    (cd "$work/page" && rm program.elf && sh -eu commands && $core_run program.elf) </dev/null >"$work/said" 2>&1 &&
        grep -q '^refused, [0-9]* bytes used' "$work/said" ||
        { cat "$work/said"; echo "ports: the command and program of docs/porting-liteos.md fail"; exit 1; }
    echo "ports: the commands of docs/porting.md and porting-liteos.md built and ran the programs of README.md and" \
        "porting-liteos.md"
else
    echo "  the page's commands not run: $missing is missing (Debian: $core_package)"
fi

# malloc_program BOARD_FILE FLAGS...: the program of tests/target/malloc.c, as docs/porting.md compiles one
malloc_program() {
    board=$1
    shift
    $core_cc $warnings -Os -ffunction-sections -fdata-sections -fno-builtin-malloc -Iinclude -Isrc -Iports/bare \
        -Iports/bare_malloc -I"$work/my" -o "$work/program.elf" tests/target/malloc.c "$board" $malloc_files \
        src/*.c ports/bare/*.c -Wl,--gc-sections "$@" 2>"$work/why" ||
        { cat "$work/why"; echo "ports: malloc does not build for $core_name"; exit 1; }
}

ran=
for core in ${CORES:-cortex-m0}; do
    core_use $core
    missing=$(core_missing)
    [ -z "$missing" ] || { echo "  $core: $missing is missing (Debian: $core_package)"; continue; }
    case $core in cortex-*) board=$work/cortex.c ;; *) board=$work/other.c ;; esac
    sed "s/cpu_cortex_m\.h/$core_cpu/" "$board" >"$work/board.c"
    malloc_program "$work/board.c" $core_link
    $core_run "$work/program.elf" </dev/null >"$work/said" 2>&1 || { cat "$work/said"; echo "ports: malloc fails on $core"; exit 1; }
    grep -q '^malloc: 0x[0-9a-f]*: no block of this pool begins there$' "$work/said" ||
        { cat "$work/said"; echo "ports: a bad free was not told on $core"; exit 1; }
    ran="$ran $core ($(sed -n 's/^malloc: \([0-9]* calls.*\)/\1/p' "$work/said"))"
done
[ -n "$ran" ] || { echo "ports: no core's tools are here"; exit 77; }
echo "ports: malloc on the board file of docs/porting.md ran on$ran"

core_use cortex-m4
specs=$(arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -print-file-name=nosys.specs 2>/dev/null || echo)
case $specs in
/*)
    core_cc='arm-none-eabi-gcc --specs=nosys.specs -mcpu=cortex-m4 -mthumb -DTARN_SYSTEM_POOL_START=end
        -DTARN_SYSTEM_POOL_END=__HeapLimit'
    malloc_files="$malloc_files ports/bare_malloc/malloc_newlib.c"
    {
        echo 'void sys_semihost_putc(char letter, void *file);'
        sed '/#include <semihost.h>/d' "$work/cortex.c"
        echo 'void sys_semihost_putc(char letter, void *file) { (void)letter, (void)file; }'
    } >"$work/board.c"
    malloc_program "$work/board.c" -Wl,--defsym=__HeapLimit=0x20010000 -Wl,-Map="$work/map"
    ! grep -q 'lib_a-n*a*n*o*-*mallocr.o\|lib_a-malloc.o' "$work/map" || { echo "ports: newlib's own malloc is linked too"; exit 1; }
    echo "ports: with newlib no malloc but tarn's is linked" ;;
*) echo "  newlib is not here (Debian: libnewlib-arm-none-eabi)" ;;
esac
