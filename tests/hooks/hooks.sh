# SPDX-License-Identifier: MIT
# Shared by the scripts beside it: programs built with the compiler, the flags and the archives of a build folder.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
found=0
faces=

fail() {
    tail -n 40 "$work/log"
    echo "hooks: $*" >&2
    exit 1
}

# hooks_flags BUILD: the flags that the build folder was made with.
hooks_flags() {
    sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$1/CMakeCache.txt"
}

# hooks_build BUILD FOLDER [FLAGS]: faults, valid, and a program for each face, in FOLDER.
hooks_build() {
    hooks_link "$1" "$2" faults "${3-}" tests/hooks/faults.c
    hooks_link "$1" "$2" valid "${3-}" tests/hooks/valid.c
    for face in liteos phytium mynewt; do
        [ -e "$1/lib/libtarn-$face.a" ] || continue
        hooks_link "$1" "$2" $face "${3-} -Ifaces/$face/include" tests/hooks/face_$face.c "$1/lib/libtarn-$face.a"
        faces="$faces $face"
    done
}

# hooks_link BUILD FOLDER NAME FLAGS SOURCE [ARCHIVE]: one program.
hooks_link() {
    ${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -g -O1 -fno-omit-frame-pointer $(hooks_flags "$1") $4 -Iinclude \
        -I"$1/generated/include" -Itests/support "$5" ${6-} -Wl,--undefined=tarn_port_lock "$1/lib/libtarn-hooks.a" \
        "$1/lib/libtarn.a" "$1/lib/libtarn-posix.a" "$1/lib/libtarn.a" "$1/lib/libtarn-posix.a" -pthread -o "$2/$3"
}
