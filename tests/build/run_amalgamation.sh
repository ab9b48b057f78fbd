#!/bin/sh
# SPDX-License-Identifier: MIT
# tarn.c and tarn.h, as scripts/amalgamate writes them: the same bytes each time, one command compiles them with each
# port and compiler here, no port or two ports are refused in one line, nothing but the port and three functions of
# string.h is asked for, and a program prints the same, images included, as with the archives; in C and in C++.
#   run_amalgamation.sh BUILD
set -eu
build=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
warnings="-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wcast-align -Wundef -Wvla -pedantic -Werror"

fail() {
    echo "amalgamation: $*" >&2
    exit 1
}

[ -x /usr/bin/python3 ] || { echo "no /usr/bin/python3"; exit 77; }
config=$build/generated/include/tarn/config.h
scripts/amalgamate "$work" --config "$config" >"$work/said"
scripts/amalgamate "$work/again" --config "$config" >/dev/null
cmp "$work/tarn.c" "$work/again/tarn.c" && cmp "$work/tarn.h" "$work/again/tarn.h" || fail "two runs differ"
! grep -n "$PWD" "$work/tarn.c" "$work/tarn.h" || fail "it names the folder it was made in"

# The default configuration, and a named one, which needs kconfiglib.
scripts/amalgamate "$work/again" >/dev/null
grep -q '#define TARN_WITH_BESTFIT 1' "$work/again/tarn.c" || fail "without --config it is not the default configuration"
configurations=2
if /usr/bin/python3 -c 'import kconfiglib' 2>/dev/null; then
    scripts/amalgamate "$work/again" --config configs/smallest.defconfig >/dev/null
    ! grep -q '#define TARN_WITH_BESTFIT 1' "$work/again/tarn.c" || fail "--config of a .defconfig has no effect"
    $cc -std=c11 $warnings -DTARN_PORT_BARE -fsyntax-only "$work/again/tarn.c" || fail "the smallest one does not compile"
    scripts/amalgamate "$work/named" --config smallest >/dev/null && cmp "$work/named/tarn.c" "$work/again/tarn.c" ||
        fail "--config smallest is not that of configs/smallest.defconfig"
    configurations=3
fi

# told FILE: what is no configuration is told in one line.
told() {
    ! scripts/amalgamate "$work/none" --config "$1" >"$work/why" 2>&1 || fail "$1 is taken for a configuration"
    [ "$(wc -l <"$work/why")" = 1 ] && grep -q '^amalgamate: ' "$work/why" || fail "of $1 it is told: $(tail -n 1 "$work/why")"
}
told "$work/nothing.h"
[ $configurations = 2 ] || told configs/core-tlsf.defconfig
told README.md
told nothing
mkdir "$work/folder.h" && told "$work/folder.h"
printf '\377\376' >"$work/bytes.h" && told "$work/bytes.h"

# refused FLAGS: the compiler stops at the line that says what to do.
refused() {
    ! $cc "$@" -fsyntax-only "$work/tarn.c" 2>"$work/why" || fail "tarn.c compiles with: $*"
    grep -q 'choose one port: -DTARN_PORT_NOLOCK' "$work/why" || fail "without a port it does not say what to do"
}
refused -std=c11
refused -std=c11 -DTARN_PORT_NOLOCK -DTARN_PORT_POSIX

compiled=0
for compiler in "$cc -std=c11" "$cc -std=gnu17" "gcc -std=gnu11" "clang -std=c11" \
    "arm-none-eabi-gcc --specs=picolibc.specs -mcpu=cortex-m0 -mthumb -std=c11"; do
    command -v "${compiler%% *}" >/dev/null || continue
    for port in NOLOCK POSIX BARE OWN; do
        case $compiler:$port in arm*:POSIX) continue ;; esac
        $compiler $warnings -DTARN_PORT_$port -fsyntax-only "$work/tarn.c" || fail "$compiler refuses it with $port"
        compiled=$((compiled + 1))
    done
done

own=$($cc -print-file-name=include)
$cc -std=c11 -ffreestanding -nostdinc -isystem "$own" -O1 -DTARN_PORT_OWN -c "$work/tarn.c" -o "$work/own.o"
foreign=$(nm -u "$work/own.o" | awk '$2 !~ /^tarn_port_|^_GLOBAL_OFFSET_TABLE_$/ { print $2 }' | tr '\n' ' ')
[ "$foreign" = "memcpy memmove memset " ] || fail "it asks for: $foreign"
strays=$(nm -g --defined-only "$work/own.o" | awk 'NF == 3 && $3 !~ /^tarn_|^__x86[.]get_pc_thunk/ { print $3 }')
[ -z "$strays" ] || fail "it defines names that are not its own: $strays"

# One command, with the build's own flags for the word size, and the program with it and with the archives.
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
(cd "$work" && $cc $flags -c tarn.c -DTARN_PORT_NOLOCK) || fail "cc -c tarn.c does not compile"
program=tests/build/amalgamation/program.c
$cc $flags -std=c11 $warnings -I"$work" $program "$work/tarn.o" -o "$work/amalgamated"
$cc $flags -std=c11 -I"$work" $program -L"$build/lib" -ltarn -ltarn-nolock -ltarn -o "$work/archived"
"$work/archived" >"$work/expected" || fail "the program fails with the archives"
"$work/amalgamated" >"$work/printed" || fail "the program fails with tarn.c"
cmp "$work/expected" "$work/printed" || fail "the program prints something else with tarn.c"
languages=C
echo 'int main() { return 0; }' >"$work/links.cpp"
if g++ $flags "$work/links.cpp" -o "$work/links" 2>/dev/null; then
    g++ $flags -x c++ -std=c++11 -Wall -Wextra -Wshadow -Werror -I"$work" $program -x none "$work/tarn.o" -o "$work/plus"
    "$work/plus" | cmp "$work/expected" - || fail "the program prints something else in C++"
    languages="C and C++"
fi
echo "$(cat "$work/said"); $configurations configurations, $compiled compilations; asked of others: $foreign; a program in\
 $languages prints the same $(wc -l <"$work/printed") lines as with the archives"
