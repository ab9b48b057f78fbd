#!/bin/sh
# SPDX-License-Identifier: MIT
# The commands of examples/firmware/README.md, as they stand there, and what they must say: on the board's console the
# report of the overrun, and on the host, from the RAM that the firmware left, the same culprit with its line.
#   run_firmware.sh BUILD
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
. tests/target/cores.sh
core_use cortex-m4
missing=$(core_missing)
[ -z "$missing" ] || { echo "firmware: $missing is missing (Debian: $core_package)"; exit 77; }
[ -x "$build/bin/tarn" ] || { echo "firmware: this build has no command"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for folder in include src faces ports examples configs; do ln -s "$PWD/$folder" "$work/$folder"; done
cd "$work"

sed -n '/^```sh$/,/^```$/p' examples/firmware/README.md | sed '/^```/d' >commands
grep -v '^tarn inspect' commands >target
grep '^tarn inspect' commands >host
[ -s target ] && [ -s host ] || { echo "firmware: the README has no commands"; exit 1; }

# says FILE TEXT: the file has the text, which may have * for what changes with the compiler
says() {
    case $(cat "$1") in *$2*) return ;; esac
    cat "$1"
    echo "firmware: $1 does not say: $2"
    exit 1
}

sh -eu target >console 2>&1 || { cat console; echo "firmware: the commands for the target fail"; exit 1; }
says console 'free of state: refused'
says console 'tarn: overrun of the left neighbour by at least 32 bytes in pool 0x2000*'
says console 'left neighbour 0x2000*, 24 bytes, used, module 0, task 0, from 0x*, allocation 0'

status=0
PATH=$build/bin:$PATH sh -eu host >report 2>&1 || status=$?
! grep -q 'built without elfutils' report || { echo "firmware: this tarn was built without elfutils"; exit 77; }
[ $status = 1 ] || { cat report; echo "firmware: tarn inspect ends with $status, not 1"; exit 1; }
says report 'ram.bin: raw, *bytes of memory, 2 pools'
says report 'tlsf     little*sound'
says report 'overrun of the left neighbour by at least 32 bytes'
line=$(sed -n '/message = LOS_MemAlloc/=' examples/firmware/main.c)
case $(cat report) in
*"called in take_message (examples/firmware/main.c:$line)"*) ;;
*) cat report; echo "firmware: the report does not name line $line"; exit 1 ;;
esac
echo "firmware: $(arm-none-eabi-size firmware.elf | awk 'NR == 2 { print $1 " bytes of code, " $2 + $3 " of data" }');" \
    "the overrun is told on the board and from $(wc -c <ram.bin) bytes of its RAM, with take_message() in line $line"
