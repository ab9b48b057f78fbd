#!/bin/sh
# SPDX-License-Identifier: MIT
# The recipe for a target in docs/porting-phytium.md and docs/porting-tlsf.md, as it stands there: compiled by this machine's
# compiler, linked with a board of four functions and run; and, where there is the page's own compiler, as it is.
#   run_phytium_target.sh BUILD
#
# Covers: ftypes.h fmempory_pool.h tlsf.h
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for folder in include src faces ports; do ln -s "$PWD/$folder" "$work/$folder"; done
mkdir -p "$work/my/tarn"
cp configs/config.h.example "$work/my/tarn/config.h"

# The page's command, which is the indented block that begins so, in one line.
recipe() {
    sed -n '/^    arm-none-eabi-gcc /,/[^\\]$/p' "$1" | sed 's/\\$//' | tr -d '\n'
}

cat >"$work/program.c" <<'END'
#include "fmempory_pool.h"
#include "tarn/port.h"
static u64 memory[1125];
int main(void)
{
    FMemp memp = {0};
    if (FMempInit(&memp, memory, memory + 1125) != FMEMP_SUCCESS)
        return 1;
    void *block = FMempMalloc(&memp, 100);
    tlsf_t tlsf = memp.tlsf_ptr;
    int bad = block == NULL || tlsf_block_size(block) < 100 || tlsf_check(tlsf) != 0;
    FMempFree(&memp, block);
    FMempDeinit(&memp);
    return bad;
}
END
cat >"$work/board.c" <<'END'
#include "ports/bare/board.h"
uintptr_t tarn_board_mask(void) { return 0; }
void tarn_board_unmask(uintptr_t state) { (void)state; }
uint32_t tarn_board_task(void) { return 0xFFFFFu; }
void tarn_board_write(const char *text, size_t length) { (void)text, (void)length; }
END
# text_of COMMAND: bytes of code that the program links of what the page's command compiles.
text_of() {
    rm -f ./*.o
    eval "$1"
    arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -Os -ffreestanding -ffunction-sections -Iinclude -Ifaces/phytium/include -I. \
        -c program.c board.c
    arm-none-eabi-ld -r --gc-sections -e main -u main ./*.o -o whole
    arm-none-eabi-size whole | awk 'NR == 2 { print $1 }'
}

cd "$work"
tried=
for page in porting-phytium porting-tlsf; do
    command=$(recipe "$OLDPWD/docs/$page.md")
    [ -n "$command" ] || { echo "$page.md has no recipe"; exit 1; }
    [ "$command" != "$tried" ] || { echo "$page.md: the same recipe"; continue; }
    tried=$command
    here=$(echo "$command" | sed "s/arm-none-eabi-gcc -mcpu=[a-z0-9-]* -mthumb/gcc -Wall -Wextra -Werror/")
    rm -f ./*.o
    eval "$here"
    gcc -Iinclude -Ifaces/phytium/include -I. program.c board.c ./*.o -Wl,--gc-sections -o program
    ./program
    echo "$page.md: $(ls ./*.o | wc -l) files compile, and a program runs on them"
    command -v arm-none-eabi-gcc >/dev/null || { echo "no arm-none-eabi-gcc here"; continue; }
    echo "  and as it stands; text of the program, linked: $(text_of "$command") bytes"
    sed -i '/TARN_WITH_BESTFIT/d; /TARN_WITH_LINEAR/d' my/tarn/config.h
    echo "  without bestfit and linear: $(text_of "$command") bytes"
    cp "$OLDPWD/configs/config.h.example" my/tarn/config.h
done
