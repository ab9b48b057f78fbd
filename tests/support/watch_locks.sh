# SPDX-License-Identifier: MIT
# Sourced by scripts that run test programs on the port of watching/port_watching.c. Makes $work, a folder that is
# removed at the end; exits 77 where there is no cmocka.
#   watch_build BUILD FOLDER...   makes an archive of each folder's sources, which may use those after it
#   watch_run TAG SOURCE NAME     compiles the test and runs it with this task tag; a skipped test is none that failed
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h | gcc -fsyntax-only -x c - 2>/dev/null ||
    { echo "no cmocka"; exit 77; }

# A member each, so that a test's own tarn_mynewt_fault() is found first; two faces have a text.c.
watch_build() {
    watch_flags="-std=gnu11 -O1 -I $(cd "$1" && pwd)/generated/include -I $PWD/include -I $PWD/tests/support"
    watch_archives=
    shift
    for folder in "$@"; do
        watch_flags="$watch_flags -I $PWD/$folder -I $PWD/$folder/include"
    done
    for folder in "$@"; do
        mkdir -p "$work/$folder"
        (sources=$(ls "$PWD/$folder"/*.c) && cd "$work/$folder" && gcc $watch_flags -c $sources && ar rc lib.a ./*.o)
        watch_archives="$watch_archives $work/$folder/lib.a"
    done
}

watch_run() {
    gcc $watch_flags -I tests/faces -I tests/unit -w "-DTAG=$1" "$2" tests/support/watching/port_watching.c \
        $watch_archives -lcmocka -pthread -lm -o "$work/test"
    status=0
    TARN_TEST_SCALE=5 "$work/test" >"$work/output" 2>&1 || status=$?
    [ $status = 0 ] || [ $status = 77 ] || { tail -n 20 "$work/output"; echo "$3 failed with tag $1"; exit 1; }
    echo "$3, tag $1: $(grep 'locks taken' "$work/output")"
}
