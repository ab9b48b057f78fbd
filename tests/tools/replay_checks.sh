# SPDX-License-Identifier: MIT
# What the script tests of `tarn record` and `tarn replay` share; sourced with the build folder as $1.
. "$(dirname "$0")/../faces/tarn_checks.sh"
unset TARN_RECORD TARN_RECORD_SO
seed=${TARN_TEST_SEED:-20261128}
python=/usr/bin/python3
[ -x "$python" ] || { echo "python3 is missing"; exit 77; }

# has_zstd: this build compresses traces.
has_zstd() {
    grep -q '^TARN_HAVE_ZSTD[^=]*=1$' "$build/CMakeCache.txt" && ! grep -q '^TARN_ZSTD[^=]*=OFF$' "$build/CMakeCache.txt"
}

# build_traces FLAGS...: tests/tools/traces.c; fails quietly.
build_traces() {
    backend=plain libraries=
    ! has_zstd || { backend=zstd; libraries=-lzstd; }
    "${CC:-cc}" -std=gnu11 -g -O1 "$@" tests/tools/traces.c tools/trace/*.c tools/trace/$backend/*.c $libraries \
        -o "$work/traces" 2>"$work/traces.log"
}

# value EXPRESSION: of the last command's JSON, as Python sees it in d.
value() {
    "$python" -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$work/out" "$1"
}

# is EXPRESSION WANTED
is() {
    found=$(value "$1") || fail "no $1 in the JSON: $(head -c 400 "$work/out")"
    [ "$found" = "$2" ] || fail "$1 is $found, not $2"
    pass
}

# shows PATTERN: the last command wrote a line that matches to stdout.
shows() {
    grep -qE -- "$1" "$work/out" || fail "no line of the output matches '$1': $(cat "$work/out")"
    pass
}
