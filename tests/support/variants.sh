# SPDX-License-Identifier: MIT
# Sourced by scripts that need the libraries of this tree built another way than the build folder they are given. Each
# way is built once, in BUILD/variants, and kept up to date like any build: scripts that want the same share it.
#   variant BUILD NAME FLAGS...        builds the libraries but malloc's, or of them those in $variant_targets, with gcc
#                                      and FLAGS; sets $variant, their folder
#   variant_installed BUILD NAME FLAGS...  installs them too; pkg-config finds these and nothing else
#   m32                                flags for 32-bit programs
# Both exit 1 with the end of the build's output where it does not build. $work is a folder of the caller's.
m32='-m32 -idirafter /usr/include/x86_64-linux-gnu'

variant() {
    variant=$1/variants/$2
    variant_of=$1
    shift 2
    mkdir -p "$variant"
    (
        flock 9
        [ ! -e "$variant_of/.config" ] || cp -p "$variant_of/.config" "$variant/.config"
        cmake -S . -B "$variant" -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=None "-DCMAKE_C_FLAGS=$*" -DTARN_TESTS=OFF \
            -DTARN_MALLOC=OFF -DTARN_COMMAND=OFF && cmake --build "$variant" --parallel 2 \
            ${variant_targets:+--target $variant_targets}
    ) 9>"$variant/lock" >"$work/variant.log" 2>&1 || { tail -n 30 "$work/variant.log"; exit 1; }
}

variant_installed() {
    variant "$@"
    cmake --install "$variant" --prefix "$work/installed$2" >/dev/null
    export PKG_CONFIG_PATH="$work/installed$2/lib/pkgconfig" PKG_CONFIG_LIBDIR=/nonexistent
}
