# SPDX-License-Identifier: MIT
# Sourced, with $build set, by scripts that run threads under the thread sanitizer. Makes $work, a folder that is removed
# at the end; exits 77 where there is no sanitizer or no cmocka.
#   tsan_passes COUNT SCALE ARGUMENTS...   compiles a test program from these arguments of gcc, links it with tarn built
#                                          for the sanitizer, and runs it with TARN_TEST_SCALE, which is SCALE unless
#                                          set: all COUNT tests pass, without a race
. tests/support/variants.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'int main(void) { return 0; }' >"$work/empty.c"
# Its shadow wants 64 bits; a kernel with more random mappings than it knows refuses it.
{ gcc -fsanitize=thread "$work/empty.c" -o "$work/empty" && "$work/empty"; } >"$work/log" 2>&1 ||
    { echo "no thread sanitizer here: $(tail -n 1 "$work/log")"; exit 77; }
printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h | gcc -fsyntax-only -x c - 2>/dev/null ||
    { echo "no cmocka"; exit 77; }

tsan_flags='-O1 -g -fsanitize=thread -Wno-tsan'
variant "$build" tsan $tsan_flags

tsan_passes() {
    tsan_count=$1 tsan_scale=${TARN_TEST_SCALE:-$2}
    shift 2
    gcc -std=gnu11 $tsan_flags "$@" -I include -I src -I tests/support -I "$variant/generated/include" -L "$variant/lib" \
        -ltarn-liteos -ltarn-phytium -ltarn-mynewt -ltarn-posix -ltarn -lcmocka -pthread -lm -o "$work/threads"
    tsan_status=0
    TARN_TEST_SCALE=$tsan_scale TSAN_OPTIONS=halt_on_error=1 "$work/threads" >"$work/output" 2>&1 || tsan_status=$?
    tail -n 40 "$work/output"
    [ $tsan_status = 0 ] && ! grep -q 'WARNING: ThreadSanitizer' "$work/output" &&
        grep -q "\[  PASSED  \] $tsan_count test" "$work/output"
}
