#!/bin/sh
# SPDX-License-Identifier: MIT
# Code, constants and RAM on small targets are those that scripts/size-baseline.txt says, on two cores and in two
# configurations each, and that docs/size.md and README.md say; and a size that is another is told.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
scripts/size cortex-m4/core-tlsf cortex-m4/smallest cortex-m0/core-linear rv32/core-parked >"$work/said" || status=$?
if [ $status != 0 ]; then
    grep -E 'was|left out|of other sizes' "$work/said" || true
    tail -n 1 "$work/said"
    exit $status
fi
compared=$(grep -c '^[cr].* [0-9]*$' "$work/said")
sed 's/^\(cortex-m4.core-linear | core3 | \)/\11/' scripts/size-baseline.txt >"$work/other"
SIZE_BASELINE="$work/other" scripts/size cortex-m4/core-linear >"$work/said" && status=$? || status=$?
[ $status = 1 ] && [ "$(grep -c ' was ' "$work/said")" = 1 ] || { echo "size: another size was not told" >&2; exit 1; }
for pair in cortex-m4 nothing/core-tlsf cortex-m4/nothing; do
    ! scripts/size "$pair" >"$work/said" 2>&1 && [ "$(wc -l <"$work/said")" = 1 ] && grep -q "^size: $pair is no" "$work/said" ||
        { echo "size: what is told of $pair: $(tail -n 1 "$work/said")" >&2; exit 1; }
done
# What docs/size.md says was found.
for found in core-tlsf/core3 core-tlsf/core5 core-tlsf/blocks3 core-parked/core3 core-parked/core5 core-linear/core3; do
    code=$(sed -n "s/^cortex-m4.${found%/*} | ${found#*/} | \([0-9]*\)\([0-9][0-9][0-9]\) .*/\1,\2/p" \
        scripts/size-baseline.txt | sed 's/^,//')
    grep -q "^| .* | $code | " docs/size.md || { echo "size: docs/size.md does not say $code of $found" >&2; exit 1; }
done
# What README.md says: code and constants.
for configuration in liteos-default smallest core-tlsf; do
    flash=$(awk -F ' [|] ' -v at="cortex-m4/$configuration" '$1 == at && $2 == "core3" { print $3 + $4 }' \
        scripts/size-baseline.txt | sed 's/...$/,&/')
    grep -q "[ ]$flash " README.md || { echo "size: README.md does not say $flash of $configuration" >&2; exit 1; }
done
echo "size: $compared programs as scripts/size-baseline.txt says; another size is told"
