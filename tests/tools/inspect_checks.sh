# SPDX-License-Identifier: MIT
# What the script tests of `tarn inspect` and of the GDB script share; sourced with the build folder as $1.
. "$(dirname "$0")/../faces/tarn_checks.sh"

for symbol in TARN_WITH_TLSF TARN_WITH_BESTFIT TARN_WITH_LINEAR; do
    grep -q "define $symbol 1" "$build/generated/include/tarn/config.h" ||
        { echo "this configuration has not all engines ($symbol)"; exit 77; }
done
python=/usr/bin/python3
[ -x "$python" ] || { echo "python3 is missing"; exit 77; }

# pools OUTPUT COMPILER FLAGS...: tests/tools/pools.c and the library's sources; fails quietly.
pools() {
    output=$1
    shift
    "$@" -std=gnu11 -g -Iinclude -I"$build/generated/include" tests/tools/pools.c src/*.c ports/nolock/*.c \
        -o "$work/$output" 2>"$work/$output.log"
}

# native OUTPUT FLAGS...: tests/tools/pools.c with the libraries of the build; with their sources if these do not fit.
native() {
    output=$1
    shift
    "${CC:-cc}" -std=gnu11 -g -O1 "$@" -Iinclude -I"$build/generated/include" tests/tools/pools.c -L"$build/lib" \
        -ltarn -ltarn-nolock -ltarn -o "$work/$output" 2>/dev/null || pools "$output" "${CC:-cc}" "$@" ||
        fail "cannot build pools.c: $(cat "$work/$output.log")"
}

# has_elf: this build reads ELF files.
has_elf() {
    "$tarn" inspect "$tarn" >"$work/probe" 2>&1 || true
    ! grep -q 'built without elfutils' "$work/probe"
}

# json ARGUMENTS...: as the last command's output, checked against what docs/inspect.md promises.
json() {
    status "$tarn" inspect --json "$@"
    "$python" tests/tools/check_inspect.py "$work/out" >"$work/summary" || fail "inspect --json $*: not as documented"
    pass
}

# shows PATTERN: the last command wrote a line that matches to stdout.
shows() {
    grep -qE -- "$1" "$work/out" || fail "no line of the output matches '$1': $(cat "$work/out")"
    pass
}
