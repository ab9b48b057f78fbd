# SPDX-License-Identifier: MIT
# Sourced by scripts that build the block pools in every discipline, not only the configured one.
#   blocks_disciplines              the names that every test program of block pools is for; beside them are plain and
#                                   small, builds for plain pools alone, with and without events and registry
#   blocks_config NAME BUILD DIR    writes DIR/tarn/config.h: the configuration of BUILD with this discipline
blocks_disciplines='none port mask atomic atomic32 cache unchecked'

blocks_config() {
    case $1 in
    none | unchecked) set -- "$@" '#define TARN_BLOCKS_SYNC_NONE 1' ;;
    mask) set -- "$@" '#define TARN_BLOCKS_SYNC_MASK 1' ;;
    plain | small) set -- "$@" '#define TARN_BLOCKS_SYNC_PORT 1' '#define TARN_BLOCKS_ONLY_PLAIN 1' ;;
    port) set -- "$@" '#define TARN_BLOCKS_SYNC_PORT 1' ;;
    atomic) set -- "$@" '#define TARN_BLOCKS_SYNC_ATOMIC 1' ;;
    atomic32) set -- "$@" '#define TARN_BLOCKS_SYNC_ATOMIC 1' '#define TARN_BLOCKS_ATOMIC_32 1' ;;
    cache) set -- "$@" '#define TARN_BLOCKS_SYNC_PORT 1' '#define TARN_BLOCKS_CACHE 1' ;;
    *) echo "blocks_config: no such discipline: $1" >&2; return 2 ;;
    esac
    blocks_name=$1 blocks_build=$2 blocks_folder=$3
    shift 3
    case $blocks_name in
    small) blocks_without='TARN_BLOCKS_ONLY_PLAIN\|TARN_WITH_EVENTS\|TARN_WITH_REGISTRY' ;;
    *) blocks_without='TARN_BLOCKS_ONLY_PLAIN' ;;
    esac
    mkdir -p "$blocks_folder/tarn"
    {
        sed -e '/TARN_BLOCKS_SYNC_\|TARN_BLOCKS_ATOMIC_32\|TARN_BLOCKS_CACHE\|TARN_BLOCKS_CHECKS/d' \
            -e "/$blocks_without/d" -e '$d' "$blocks_build/generated/include/tarn/config.h"
        [ "$blocks_name" = unchecked ] || echo '#define TARN_BLOCKS_CHECKS 1'
        printf '%s\n' "$@" '#endif'
    } >"$blocks_folder/tarn/config.h"
}
