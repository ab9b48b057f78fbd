# SPDX-License-Identifier: MIT
# Sourced by scripts that build for other cores and run what they built on QEMU: one row per core, most with picolibc
# and semihosting, so that a program's main() returns the exit status of QEMU and printf() reaches the terminal.
#   cores                  prints the names of all rows
#   abis                   prints the names of rows that are Linux programs of other byte orders, word sizes and
#                          alignments: big-endian each, m68k aligns nothing to more than 2. They run on QEMU's
#                          user emulation with glibc, linked statically, and have threads and files
#   core_use NAME          sets for a row
#                            $core_host      bare, or hosted for those of abis
#                            $core_cpu       the header of ports/bare with the core's mask; nothing where hosted
#                            $core_cc        compiler with the flags that choose the core; no optimisation
#                            $core_link      what a link adds: start-up code, linker script, where flash and RAM lie
#                            $core_tools     prefix of the other tools (nm, size, objdump)
#                            $core_run       the command that runs a program, its file to be appended
#                            $core_count     what $core_run adds so that time passes by instructions alone
#                            $core_package   the Debian packages that a row needs beside QEMU
#                          false for a name that is none
#   core_large             changes the row chosen to a board with 16 MiB of RAM, or 96; cortex-m0 to one with another
#                          core, that runs its code
#   core_missing           prints the first command or file that the row chosen lacks; nothing if all are there
# QEMU models no pipeline, cache or wait state: what is counted there are instructions.

cores() {
    echo cortex-m0 cortex-m3 cortex-m4 cortex-m7 cortex-m33 rv32 rv64 aarch64
}

abis() {
    echo ppc s390x mips m68k sparc64
}

semihosting='-nographic -monitor none -serial none -semihosting-config enable=on,target=native'

# m_core CPU MACHINE FLASH FLASH_SIZE RAM RAM_SIZE
m_core() {
    core_cc="arm-none-eabi-gcc --specs=picolibc.specs -mcpu=$1 -mthumb"
    core_link="--crt0=semihost --oslib=semihost -Tpicolibc.ld -Wl,--defsym=__flash=$3 -Wl,--defsym=__flash_size=$4
        -Wl,--defsym=__ram=$5 -Wl,--defsym=__ram_size=$6"
    core_tools=arm-none-eabi-
    core_run="qemu-system-arm -M $2 $semihosting -kernel"
    core_count='-icount shift=6'
    core_cpu=cpu_cortex_m.h
    core_package='gcc-arm-none-eabi picolibc-arm-none-eabi qemu-system-arm'
}

# The extension for control registers has no name of its own in the libraries' builds, hence -misa-spec=2.2.
rv_core() {
    core_cc="riscv64-unknown-elf-gcc --specs=picolibc.specs -march=$2 -mabi=$3 -misa-spec=2.2 -mcmodel=medany"
    core_link="--crt0=semihost --oslib=semihost -Tpicolibc.ld -Wl,--defsym=__flash=0x80000000
        -Wl,--defsym=__flash_size=0x200000 -Wl,--defsym=__ram=0x80200000 -Wl,--defsym=__ram_size=0x400000"
    core_tools=riscv64-unknown-elf-
    core_run="qemu-system-$1 -M virt -bios none $semihosting -kernel"
    core_count='-icount shift=0'
    core_cpu=cpu_riscv.h
    core_package='gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc'
}

# abi TRIPLET EMULATOR PACKAGE
abi() {
    core_host=hosted core_cpu=
    core_cc=$1-gcc
    core_link='-static -pthread -latomic'
    core_tools=$1-
    core_run=qemu-$2
    core_count=
    core_package="gcc-$3 libc6-dev-$4-cross qemu-user"
}

# What a compiler for Linux says of the system, unsaid: the board has none.
no_system='-U__linux__ -U__linux -Ulinux -U__gnu_linux__ -U__unix__ -U__unix -Uunix'

core_use() {
    core_name=$1 core_host=bare
    case $1 in
    cortex-m0) m_core cortex-m0 microbit 0 0x40000 0x20000000 0x4000 ;;
    cortex-m3) m_core cortex-m3 mps2-an385 0 0x400000 0x20000000 0x400000 ;;
    cortex-m4) m_core cortex-m4 mps2-an386 0 0x400000 0x20000000 0x400000 ;;
    cortex-m7) m_core cortex-m7 mps2-an500 0 0x400000 0x20000000 0x400000 ;;
    cortex-m33) m_core cortex-m33 mps2-an505 0x10000000 0x400000 0x38000000 0x400000 ;;
    rv32) rv_core riscv32 rv32imac ilp32 ;;
    rv64) rv_core riscv64 rv64imac lp64 ;;
    aarch64)
        core_cc="aarch64-linux-gnu-gcc --specs=picolibc.specs -ffreestanding -no-pie -static $no_system"
        core_link='--crt0=semihost --oslib=semihost -Tpicolibc.ld -Wl,--defsym=__flash=0x40000000
            -Wl,--defsym=__flash_size=0x200000 -Wl,--defsym=__ram=0x40200000 -Wl,--defsym=__ram_size=0x400000'
        core_tools=aarch64-linux-gnu-
        core_run="qemu-system-aarch64 -M virt -cpu cortex-a57 -nic none $semihosting -kernel"
        core_count='-icount shift=0'
        core_cpu=cpu_aarch64.h
        core_package='gcc-aarch64-linux-gnu picolibc-aarch64-linux-gnu qemu-system-arm' ;;
    ppc) abi powerpc-linux-gnu ppc powerpc-linux-gnu powerpc ;;
    s390x) abi s390x-linux-gnu s390x s390x-linux-gnu s390x ;;
    mips) abi mips-linux-gnu mips mips-linux-gnu mips ;;
    m68k) abi m68k-linux-gnu m68k m68k-linux-gnu m68k ;;
    sparc64) abi sparc64-linux-gnu sparc64 sparc64-linux-gnu sparc64 ;;
    *) return 1 ;;
    esac
    core_link=$(echo $core_link)
}

# The boards of Cortex-M have 16 MiB of slower memory beside the RAM of 4; the others have 128 MiB.
core_large() {
    [ $core_host = bare ] || return 0
    large_size=0x1000000
    case $core_name in
    cortex-m0) core_run=$(echo "$core_run" | sed 's/-M microbit/-M mps2-an385/') large=0x21000000 ;;
    cortex-m7) large=0x60000000 ;;
    cortex-m33) large=0x80000000 ;;
    cortex-*) large=0x21000000 ;;
    aarch64) large=0x40200000 large_size=0x6000000 ;;
    *) large=0x80200000 large_size=0x6000000 ;;
    esac
    core_link=$(echo "$core_link" | sed "s/__flash_size=[0-9a-fx]*/__flash_size=0x200000/
        s/__ram=[0-9a-fx]*/__ram=$large/; s/__ram_size=[0-9a-fx]*/__ram_size=$large_size/")
}

core_missing() {
    for tool in "${core_cc%% *}" "${core_run%% *}"; do
        command -v "$tool" >/dev/null || { echo "$tool"; return; }
    done
    [ $core_host = bare ] || return 0
    case $($core_cc -print-file-name=picolibc.specs) in /*) ;; *) echo "picolibc for ${core_cc%% *}" ;; esac
}
