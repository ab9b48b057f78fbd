#!/bin/sh
# SPDX-License-Identifier: MIT
# The table of refusals in docs/porting-liteos.md is the one that the tests state, line by line, and each test that the
# page names is run by its program.
#   run_liteos_refusals.sh BUILD         compares
#   run_liteos_refusals.sh --write       writes the table
set -eu
page=docs/porting-liteos.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A `Refuses:` line belongs to the next function defined after it.
{
    echo '| function | case | answer | test |'
    echo '|---|---|---|---|'
    for file in tests/faces/test_liteos_*.c; do
        awk -v program="$(basename "$file" .c | sed 's/^test_//')" '
            /Refuses: / { sub(/.*Refuses: /, ""); sub(/ *\*\/$/, ""); rows[++n] = $0 }
            /^static void [a-z0-9_A-Z]*\(void \*\*state\)$/ {
                name = $3; sub(/\(.*/, "", name)
                for (i = 1; i <= n; i++) { print "| " rows[i] " | " program ": `" name "` |" }
                n = 0
            }
            END { if (n != 0) { print "a refusal without a test in " FILENAME >"/dev/stderr"; exit 1 } }' "$file"
    done
} >"$work/table"

# Every test that the page names is one that a main() lists.
cat "$work/table" "$page" | grep -o 'liteos_[a-z]*: `[A-Za-z0-9_]*`' | sort -u | tr -d ':`' | while read -r program name; do
    grep -q "TEST($name)," "tests/faces/test_$program.c" || { echo "$program does not run $name"; exit 1; }
done

# Every function of the guides refuses something, or is named here as one that cannot fail.
for function in $(cat faces/liteos/include/*.h | sed -n 's/^[A-Za-z].*[ *]\(LOS_[A-Za-z]*\)(.*);$/\1/p' | sort -u); do
    case $function in LOS_MemCheckLevelGet | LOS_LmsCheckPoolDel | LOS_LmsAddr*) continue ;; esac
    grep -q "^| $function |" "$work/table" || { echo "$function: no refusal is tested"; exit 1; }
done

awk -v table="$work/table" '
    /^<!-- refusals: begin -->$/ { print; while ((getline line <table) > 0) print line; skip = 1; next }
    /^<!-- refusals: end -->$/ { skip = 0 }
    !skip { print }' "$page" >"$work/page"
if [ "${1-}" = --write ]; then
    cp "$work/page" "$page"
else
    diff -u "$page" "$work/page" || { echo "run tests/faces/run_liteos_refusals.sh --write"; exit 1; }
fi
echo "$(($(wc -l <"$work/table") - 2)) refusals, each with its test"
