#!/bin/sh
# SPDX-License-Identifier: MIT
# The configurations core-tlsf, core-parked and core-linear, which make plain pools and no others: they answer and leave
# the same bytes as the build that was configured, with block pools under the port's lock as they have them; option
# after option that they have not is refused by name, and so is the image of another build.
#   run_core.sh BUILD      (a build folder, for its generated configuration)
set -eu
cd "$(dirname "$0")/../.."
generated=$1/generated/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 -c 'import kconfiglib' 2>/dev/null || { echo "python3-kconfiglib is not installed"; exit 77; }
for symbol in TARN_WITH_TLSF TARN_WITH_LINEAR TARN_WITH_PARKED TARN_WITH_WORDS; do
    grep -q "define $symbol 1" "$generated/tarn/config.h" || { echo "this configuration has no $symbol"; exit 77; }
done
cc="${CC:-cc} -std=gnu11 -Wall -Wextra -Wshadow -Werror -Iinclude -Isrc -Itests/support"
seed=${TARN_TEST_SEED:-$(date +%s)}
operations=$((10 * ${TARN_TEST_SCALE:-100}))

# library NAME HEADERS: the core and a port, as $work/NAME.a.
library() {
    mkdir "$work/$1.objects"
    (here=$PWD && cd "$work/$1.objects" && ${CC:-cc} -std=gnu11 -Wall -Wextra -Wshadow -Werror -I"$here/include" \
        -I"$here/src" -I"$2" -c "$here"/src/*.c "$here"/ports/nolock/*.c)
    ar rc "$work/$1.a" "$work/$1.objects"/*.o
}

# program SOURCE NAME HEADERS LIBRARIES...
program() {
    made=$2.$1 source=tests/build/$1.c headers=$3
    shift 3
    $cc -I"$headers" "$source" "$@" -o "$work/$made"
}

. tests/support/blocks_configs.sh
blocks_config port "$1" "$work/port"
library port "$work/port"
program core_blocks port "$work/port" "$work/port.a"
"$work/port.core_blocks" "$seed" $((operations / 2)) >"$work/port.said"

set -- "$1/lib/libtarn.a" "$1/lib/libtarn-nolock.a"
program core_same whole "$generated" "$@"
program core_refused whole "$generated" "$@"
"$work/whole.core_refused" "$work/image" write

compared=0
for name in core-tlsf core-parked core-linear; do
    mkdir -p "$work/$name/tarn"
    scripts/kconfig defconfig "configs/$name.defconfig" "$work/$name/config"
    scripts/kconfig header "$work/$name/config" "$work/$name/tarn/config.h"
    library "$name" "$work/$name"
    program core_same "$name" "$work/$name" "$work/$name.a"
    program core_refused "$name" "$work/$name" "$work/$name.a"
    "$work/$name.core_refused" "$work/image"
    program core_blocks "$name" "$work/$name" "$work/$name.a"
    "$work/$name.core_blocks" "$seed" $((operations / 2)) >"$work/$name.blocks"
    cmp "$work/port.said" "$work/$name.blocks" || { echo "core: $name: other block pools; seed $seed" >&2; exit 1; }
    case $name in
    core-tlsf) choices='1:0' ;;
    core-parked) choices='1:0 1:1 1:600' ;;
    core-linear) choices='3:0' ;;
    esac
    for choice in $choices; do
        for build in whole "$name"; do
            "$work/$build.core_same" "$seed" "$operations" "${choice%:*}" "${choice#*:}" >"$work/$build.said"
        done
        cmp "$work/whole.said" "$work/$name.said" || {
            echo "core: $name does something else; seed $seed, engine ${choice%:*}, park ${choice#*:}" >&2
            exit 1
        }
        compared=$((compared + $(wc -l <"$work/whole.said")))
    done
done
echo "core: $compared pools of $operations operations each alike, seed $seed; what is left out is refused by name;" \
    "block pools: $(tail -n 1 "$work/port.said")"
