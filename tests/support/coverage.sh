# SPDX-License-Identifier: MIT
# Sourced by scripts that hold the tests of a face against the entries of its interface. Makes $work, a folder that is
# removed at the end.
#   coverage_collect FACE        reads the lines `Covers:` of tests/faces/test_FACE_*.c and run_FACE_*.sh; each test that
#                                one belongs to is run by its program
#   coverage_table TITLE ENTRY...   prints a table of the entries with the tests that cover each; fails if none does
#   coverage_end [--table]       prints the tables that were written to $work/tables, or how many entries they have
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "ENTRY PROGRAM TEST" for each word of each Covers line; in a program the line belongs to the next function.
coverage_collect() {
    for file in tests/faces/test_"$1"_*.c; do
        awk -v program="$(basename "$file" .c | sed 's/^test_//')" '
            /Covers: / { line = $0; sub(/.*Covers: /, "", line); sub(/ *\*\/$/, "", line); n += split(line, w, " ")
                         for (i in w) pending = pending " " w[i]; delete w }
            /^static void [*a-z0-9_A-Z]*\(void \*/ {
                name = $3; sub(/\(.*/, "", name); sub(/^\*/, "", name); count = split(pending, w, " ")
                for (i = 1; i <= count; i++) print w[i], program, name
                pending = ""; delete w }
            END { if (pending != "") { print FILENAME ": entries without a test:" pending >"/dev/stderr"; exit 1 } }
            ' "$file"
    done >"$work/covers"
    for file in tests/faces/run_"$1"_*.sh; do
        [ "${file##*/}" != "run_$1_coverage.sh" ] || continue
        sed -n 's/^# Covers: //p' "$file" | tr ' ' '\n' | sed "s|\$| $(basename "$file" .sh | sed 's/^run_//') (script)|"
    done >>"$work/covers"
    while read -r entry program name; do
        case $name in '(script)') continue ;; esac
        grep -qE "(TEST|cmocka_unit_test|pthread_create.*|\? )\(?.*\b$name\b" "tests/faces/test_$program.c" ||
            { echo "$program does not run $name"; exit 1; }
    done <"$work/covers"
}

coverage_table() {
    echo "| $1 | tests |"
    echo '|---|---|'
    shift
    for entry in "$@"; do
        tests=$(awk -v entry="$entry" '$1 == entry { printf "%s%s: `%s`", sep, $2, $3; sep = ", " }' "$work/covers")
        [ -n "$tests" ] || { echo "$entry: no test covers it" >&2; return 1; }
        echo "| \`$entry\` | $tests |" | sed 's/ `(script)`/ script/g; s/:  *script/ (script)/g'
    done
    echo
}

coverage_end() {
    if [ "${1-}" = --table ]; then
        sed '$d' "$work/tables"
    else
        echo "$(grep -c '^| `' "$work/tables") entries, each with its test"
    fi
}
