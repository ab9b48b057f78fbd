#!/bin/sh
# SPDX-License-Identifier: MIT
# mynewt_peer.c, which uses every item of the interface, compiled for each alignment and combination of settings with
# nothing but pkg-config tarn-mynewt, all linked with one installed library into one program, 64-bit and 32-bit in C,
# 64-bit in C++, clean under address and undefined sanitizers.
#   run_mynewt_options.sh BUILD
#
# Covers: OS_ALIGNMENT OS_MEMPOOL_CHECK OS_MEMPOOL_POISON OS_MEMPOOL_GUARD OS_DEBUG_MODE os_membuf_t peer_test M2
set -eu
. tests/support/variants.sh
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v "${CXX:=g++}" >/dev/null || { echo "no C++ compiler"; exit 77; }
command -v pkg-config >/dev/null || { echo "no pkg-config"; exit 77; }
sanitize='-O0 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all'
programs=0

# "NAME FLAGS" for each combination; the map is a kind of check.
combinations() {
    for alignment in 4 8 16; do
        for check in 0 1 map; do
            for poison in 0 1; do
                for guard in 0 1; do
                    case $check in
                    map) checks='-DMYNEWT_VAL_OS_MEMPOOL_CHECK=1 -DMYNEWT_VAL_OS_MEMPOOL_CHECK_MAP=1' ;;
                    *) checks=-DMYNEWT_VAL_OS_MEMPOOL_CHECK=$check ;;
                    esac
                    echo "peer_${alignment}_${check}_${poison}_$guard -DOS_ALIGNMENT=$alignment $checks" \
                        "-DMYNEWT_VAL_OS_MEMPOOL_POISON=$poison -DMYNEWT_VAL_OS_MEMPOOL_GUARD=(${guard})"
                done
            done
        done
    done
    echo "peer_nothing"
    echo "peer_debug -DMYNEWT_VAL_OS_DEBUG_MODE=1"
    echo "peer_map_alone -DMYNEWT_VAL_OS_MEMPOOL_CHECK_MAP=1"
    echo "peer_own_queue -DTARN_OWN_QUEUE"
}

# One word each for xargs: compiler and flags are the same for all.
cat >"$work/compile" <<'END_OF_SCRIPT'
set -eu
name=$1
shift
$COMPILER -Wall -Wextra -Werror $FLAGS "-DPEER_NAME=$name" "$@" -c tests/faces/mynewt_peer.c -o "$OBJECTS/$name.o"
END_OF_SCRIPT

# build_program BITS FLAGS LANGUAGE COMPILER
build_program() {
    export COMPILER="$4" FLAGS="$2 $sanitize $(pkg-config --cflags tarn-mynewt)" OBJECTS=$work/objects$1$3
    mkdir "$OBJECTS"
    combinations | xargs -P 2 -L 1 sh "$work/compile"
    combinations | { while read -r name flags; do echo "int $name(void);"; calls="${calls-} | $name()"; done
        echo "#include <stdio.h>"
        echo "int main(void) { int failed = 0$calls; puts(failed ? \"failed\" : \"every\"); return failed; }"
    } >"$work/main.c"
    gcc $2 $sanitize "$work/main.c" "$OBJECTS"/*.o $(pkg-config --libs tarn-mynewt) -o "$work/program"
    "$work/program" >"$work/output" 2>&1 || { tail -n 30 "$work/output"; return 1; }
    [ "$(cat "$work/output")" = every ] || { cat "$work/output"; return 1; }
    programs=$((programs + 1))
}

for bits in 64 32; do
    flags=
    [ $bits = 64 ] || flags=$m32
    echo 'int main(void) { return 0; }' >"$work/empty.c"
    if ! gcc $flags $sanitize "$work/empty.c" -o "$work/empty" 2>"$work/log" || ! "$work/empty" 2>"$work/log"; then
        echo "no $bits-bit programs with sanitizers here: $(tail -n 1 "$work/log")"
        continue
    fi
    variant_installed "$build" sanitized$bits $flags $sanitize
    build_program $bits "$flags" c "gcc -std=c11"
    [ $bits = 32 ] || build_program $bits "$flags" cxx "$CXX -x c++ -std=c++11"
done
[ $programs -gt 0 ] || exit 77
echo "$programs programs of $(combinations | wc -l) files with settings of their own, each with one library: clean"
