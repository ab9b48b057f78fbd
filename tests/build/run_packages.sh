#!/bin/sh
# SPDX-License-Identifier: MIT
# What other build systems and package managers are given. The tools themselves are not here: manifests are read and held
# against what their documentation asks for, the folders are compiled as their manifests say, boards against headers that
# stand in for those of FreeRTOS and Zephyr, and the module of Zephyr through functions that stand in for its build.
# CMake is here: tarn as a folder of another project, and tarn for a core without an operating system, built and
# installed.
#   run_packages.sh BUILD
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CC:-cc}
[ -x /usr/bin/python3 ] || { echo "no /usr/bin/python3"; exit 77; }
version=$(sed -n 's/^#define TARN_VERSION_STRING "\(.*\)"$/\1/p' include/tarn/version.h)
warnings="-Wall -Wextra -Wconversion -Wmissing-prototypes -Werror"
folder=tests/build/packages

fail() {
    echo "packages: $*" >&2
    exit 1
}

for kind in esp-idf platformio cmsis-pack; do
    scripts/package $kind "$work/$kind" >/dev/null || fail "$kind is not put together"
done
read=$(/usr/bin/python3 -B $folder/manifests.py "$version" "$work/esp-idf" "$work/platformio" "$work/cmsis-pack") ||
    fail "a manifest is wrong"
if command -v xmllint >/dev/null; then
    xmllint --noout "$work/cmsis-pack/tarn.tarn.pdsc" || fail "the pdsc is no XML"
fi

# Each folder holds what its manifest compiles.
"$cc" -std=gnu11 -fsyntax-only -DTARN_PORT_BARE -I"$work/platformio/include" "$work/platformio/src/tarn.c"
"$cc" -std=gnu11 -fsyntax-only -DTARN_PORT_OWN -I"$work/cmsis-pack/include" "$work/cmsis-pack/source/tarn.c"
"$cc" -std=gnu11 -DTARN_PORT_BARE -I"$work/esp-idf/include" -c "$work/esp-idf/tarn.c" -o "$work/tarn.o"
"$cc" -std=gnu11 $warnings -I"$work/esp-idf/include" -I$folder/esp -c "$work/esp-idf/board_esp.c" -o "$work/board.o"
"$cc" -std=gnu11 -I"$work/esp-idf/include" tests/build/amalgamation/program.c "$work/tarn.o" "$work/board.o" -o "$work/esp"
"$work/esp" >"$work/expected" || fail "the program fails with the component of ESP-IDF"

# The module of Zephyr: its files are what scripts/zephyr says, its options parse, each port builds or is left out.
for part in kconfig:zephyr/Kconfig header:zephyr/include/tarn/config.h; do
    scripts/zephyr ${part%%:*} | cmp - ${part#*:} || fail "${part#*:} is not what scripts/zephyr ${part%%:*} prints"
done
for line in 'name: tarn' '  cmake: zephyr' '  kconfig: zephyr/Kconfig'; do
    grep -qx "$line" zephyr/module.yml || fail "zephyr/module.yml lacks: $line"
done
zephyr="Zephyr's module not built: python3-kconfiglib or cmake is missing"
if /usr/bin/python3 -c 'import kconfiglib' 2>/dev/null && command -v cmake >/dev/null; then
    # configure NAME LINE...: what these lines in prj.conf make of the options.
    configure() {
        name=$1
        shift
        mkdir -p "$work/$name"
        printf '%s\n' "$@" >"$work/$name/prj.conf"
        TARN=$PWD /usr/bin/python3 -B - "$folder/zephyr/Kconfig" "$work/$name" <<'END' || fail "the Kconfig of Zephyr's module"
import sys
import kconfiglib
kconf = kconfiglib.Kconfig(sys.argv[1], warn_to_stderr=False)
kconf.load_config(sys.argv[2] + "/prj.conf")
kconf.write_config(sys.argv[2] + "/dotconfig")
kconf.write_autoconf(sys.argv[2] + "/autoconf.h")
bad = [warning for warning in kconf.warnings if "TARN" in warning]
sys.exit("\n".join(bad) if bad else 0)
END
    }
    # application NAME LINE...: the module's build with them.
    application() {
        configure "$@"
        shift
        cmake -S $folder/zephyr -B "$work/$name/build" -DTARN="$PWD" -DDOTCONFIG="$work/$name/dotconfig" \
            -DAUTOCONF="$work/$name/autoconf.h" -DSOURCE="$work/main.c" "-DCMAKE_C_COMPILER=$cc" >"$work/log" 2>&1 &&
            cmake --build "$work/$name/build" >>"$work/log" 2>&1 || { cat "$work/log" >&2; fail "Zephyr's module with: $*"; }
        "$work/$name/build/application" >/dev/null || fail "Zephyr's module does not run with: $*"
    }
    cat >"$work/main.c" <<'END'
#include <tarn/pool.h>
#include <tarn/blocks.h>
static TARN_STORAGE(memory, 4096);
int main(void)
{
    tarn_pool *pool;
    if (tarn_init(&pool, memory, sizeof memory, 0) != TARN_OK) {
        return 1;
    }
    void *block = tarn_alloc(pool, 100);
    return block == 0 || tarn_free(pool, block) != TARN_OK || tarn_free(pool, block) != TARN_E_DOUBLE_FREE;
}
END
    application irq CONFIG_TARN=y
    application nolock CONFIG_TARN=y CONFIG_TARN_PORT_NOLOCK=y CONFIG_TARN_WITH_TLSF=n CONFIG_TARN_WITH_LINEAR=n \
        CONFIG_TARN_BLOCKS_SYNC_PORT=y CONFIG_TARN_WITH_SLAB=n
    grep -q '^# CONFIG_TARN_WITH_TLSF is not set' "$work/nolock/dotconfig" || fail "an option of prj.conf has no effect"
    configure smp CONFIG_SMP=y CONFIG_TARN=y
    grep -qx CONFIG_TARN_PORT_OWN=y "$work/smp/dotconfig" || fail "on several cores a port is chosen that is for one"
    zephyr="Zephyr's module built twice"
fi

# A board, in a project that has tarn as a folder: its headers are found under both of their names.
mkdir "$work/parent"
cat >"$work/parent/board.c" <<'END'
#include <stdio.h>
#include HEADER
uintptr_t tarn_board_mask(void) { return 0; }
void tarn_board_unmask(uintptr_t state) { (void)state; }
uint32_t tarn_board_task(void) { return 0; }
void tarn_board_write(const char *text, size_t length) { fwrite(text, 1, length, stdout); }
END
cat >"$work/parent/main.c" <<'END'
#include <tarn/pool.h>
static TARN_STORAGE(memory, 1024);
int main(void)
{
    tarn_pool *pool;
    return tarn_init(&pool, memory, sizeof memory, NULL) != TARN_OK ||
           tarn_free(pool, tarn_alloc(pool, 100)) != TARN_OK;
}
END
cat >"$work/parent/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.18)
project(parent C)
add_subdirectory(${TARN} tarn EXCLUDE_FROM_ALL)
foreach(header board tarn/board)
    string(REPLACE / - name ${header})
    add_executable(with-${name} main.c board.c)
    target_compile_definitions(with-${name} PRIVATE HEADER="${header}.h")
    target_link_libraries(with-${name} tarn::tarn tarn::bare)
endforeach()
foreach(target tarn-command tests programs example-blocks)
    if(TARGET ${target})
        message(FATAL_ERROR "another project gets ${target} with tarn")
    endif()
endforeach()
if(TARN_WERROR OR CMAKE_BUILD_TYPE)
    message(FATAL_ERROR "tarn decides on another project's warnings or kind of build")
endif()
END
cmake_says() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }
}
ways="no cmake"
if command -v cmake >/dev/null; then
    cmake_says cmake -S "$work/parent" -B "$work/parent/build" -DTARN="$PWD" "-DCMAKE_C_COMPILER=$cc"
    cmake_says cmake --build "$work/parent/build"
    for name in board tarn-board; do
        "$work/parent/build/with-$name" || fail "a program with tarn as a folder does not run"
    done
    ways="a folder of another project"
    . tests/target/cores.sh
    core_use cortex-m4
    case $(core_missing) in
    arm-none-eabi-gcc | picolibc*) ways="$ways; none for another core, no $core_package" ;;
    *)
        cat >"$work/arm.cmake" <<END
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER ${core_cc%% *})
set(CMAKE_C_FLAGS_INIT "${core_cc#* }")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
END
        cmake_says cmake -S . -B "$work/arm" -DCMAKE_TOOLCHAIN_FILE="$work/arm.cmake" -DCMAKE_BUILD_TYPE=None \
            -DCMAKE_INSTALL_PREFIX="$work/installed"
        cmake_says cmake --build "$work/arm"
        cmake_says cmake --install "$work/arm"
        cmake_says $core_cc -I"$work/installed/include" -DHEADER='<tarn/board.h>' "$work/parent/main.c" \
            "$work/parent/board.c" -L"$work/installed/lib" -ltarn -ltarn-bare -ltarn $core_link -o "$work/arm.elf"
        ! command -v qemu-system-arm >/dev/null || cmake_says $core_run "$work/arm.elf"
        ways="$ways, a toolchain without an operating system" ;;
    esac
fi
echo "packages: $read of version $version; folders compiled, a program on the component of ESP-IDF; $zephyr;" \
    "CMake: $ways"
