#!/bin/sh
# SPDX-License-Identifier: MIT
# The C++ headers: standard containers on pools and heaps with g++ and clang++, as C++11, 17 and 20, under Address- and
# UndefinedBehaviorSanitizer where they link; without RTTI; without exceptions, where the refused request aborts; with
# the tarn.h of two files in place of the headers.
#   run_cxx.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wundef -Werror"
headers="-Ifaces/cxx/include -isystem include"
libraries="-L$build/lib -ltarn -ltarn-nolock -ltarn"
sanitizers="-g -fsanitize=address,undefined -fno-sanitize-recover=all"
compilers=
printf '#include <vector>\nint main() { return std::vector<int>(3).empty(); }\n' >"$work/links.cpp"
for compiler in g++ clang++; do
    ! $compiler $flags "$work/links.cpp" -o "$work/links" 2>/dev/null || compilers="$compilers $compiler"
done
[ -n "$compilers" ] || { echo "no C++ compiler (g++ or clang++) that links a program${flags:+ with $flags}"; exit 77; }

fail() {
    echo "cxx: $*" >&2
    exit 1
}

# checked COMPILER: the sanitizers, if a program of this compiler with them links and runs.
checked() {
    echo 'int main() { return 0; }' >"$work/empty.cpp"
    if $1 $flags $sanitizers "$work/empty.cpp" -o "$work/empty" 2>/dev/null && "$work/empty" 2>/dev/null; then
        echo "$sanitizers"
    fi
}

# run PROGRAM COMPILER FLAGS...: builds it and runs it.
run() {
    program=$1
    shift
    "$@" $flags $warnings $headers tests/faces/cxx/$program.cpp $libraries -o "$work/$program" ||
        fail "$* refuses $program.cpp"
    "$work/$program" >"$work/said" || fail "$*: $program fails"
    ran=$((ran + 1))
}

# compile COMPILER STANDARD PROGRAM...
compile() {
    compiler=$1 standard=$2
    shift 2
    for program in "$@"; do
        $compiler -std=$standard $flags $warnings $headers -fsyntax-only tests/faces/cxx/$program.cpp ||
            fail "$compiler -std=$standard refuses $program.cpp"
        compiled=$((compiled + 1))
    done
}

# aborts COMPILER FLAGS...: without exceptions the request that the pool refuses ends the program.
aborts() {
    "$@" $flags $warnings $headers -fno-exceptions tests/faces/cxx/aborts.cpp $libraries -o "$work/aborts" ||
        fail "$* -fno-exceptions refuses aborts.cpp"
    status=0
    sh -c 'ulimit -c 0; "$0"; exit $?' "$work/aborts" >"$work/out" 2>/dev/null || status=$?
    [ $status = 134 ] && grep -qx refusing "$work/out" || fail "$* -fno-exceptions: a refusal ends with status $status"
    ran=$((ran + 1))
}

ran=0 compiled=0 with=
for compiler in $compilers; do
    checks=$(checked $compiler)
    [ -z "$checks" ] || with="$with $compiler"
    case $compiler in
    g++) run allocator g++ -std=c++11 -O1 $checks && run resource g++ -std=c++17 -fno-rtti ;;
    *) run resource clang++ -std=c++17 -O1 $checks && run allocator clang++ -std=c++20 ;;
    esac
    compile $compiler c++14 allocator
    compile $compiler c++20 resource
    aborts $compiler -std=c++11
    aborts $compiler -std=c++17 -fno-rtti
done
! $compiler -std=c++11 $headers -fsyntax-only -x c++ faces/cxx/include/tarn/memory_resource.hpp 2>"$work/why" ||
    fail "memory_resource.hpp compiles as C++11"
grep -q 'needs C++17' "$work/why" || fail "memory_resource.hpp does not say that it needs C++17"

# With tarn.h there is no folder of headers: these two are all.
if [ -x /usr/bin/python3 ]; then
    scripts/amalgamate "$work/two" >/dev/null
    printf '#include "tarn.h"\n#include "tarn/memory_resource.hpp"\n' >"$work/two.cpp"
    $compiler -std=c++17 $warnings -Ifaces/cxx/include -isystem "$work/two" -fsyntax-only "$work/two.cpp" ||
        fail "they do not compile behind tarn.h"
    compiled=$((compiled + 1))
fi
echo "cxx:$compilers; sanitizers with:${with:- none}; $ran programs ran, $compiled only compiled; the last said:\
 $(cat "$work/said")"
