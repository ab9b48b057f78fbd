#!/bin/sh
# SPDX-License-Identifier: MIT
# The commands of docs/debugging.md print what the page says: addresses, and what depends on the machine, aside.
#   run_debugging.sh BUILD              compares
#   run_debugging.sh --write BUILD      writes their output into the page
write=no
[ "${1-}" != --write ] || { write=yes; shift; }
. "$(dirname "$0")/inspect_checks.sh"

has_elf || { echo "this tarn was built without elfutils"; exit 77; }
command -v gdb >/dev/null || { echo "gdb is missing"; exit 77; }
page=$PWD/docs/debugging.md
mkdir "$work/demo"
cp examples/failing.c "$work/demo/"
line=$(grep '^cc .* -o failing$' "$page") || fail "the page does not say how the example is built"
here="-I$PWD/include -I$build/generated/include -L$build/lib -ltarn -ltarn-posix -pthread"
# demo FLAGS...: the example, by the page's line, linked with this build.
demo() {
    (cd "$work/demo" && eval "$(printf '%s' "$line" |
        sed "s|^cc|'${CC:-cc}' $*|; s|\\\$(pkg-config --cflags --libs tarn)|$here|")") 2>"$work/log"
}
flags=$(sed -n 's/^CMAKE_C_FLAGS:[^=]*=//p' "$build/CMakeCache.txt")
demo || { [ -n "$flags" ] && demo $flags && echo "this build wants flags that the page does not give: $flags" && exit 77; } ||
    fail "the example cannot be linked with this build: $(cat "$work/log")"

"$python" - "$page" "$work/demo" "$(dirname "$tarn")" $write <<'PY'
import os
import re
import subprocess
import sys

page, folder, tools, write = sys.argv[1:]
text = open(page, encoding="utf-8").read()
environment = dict(os.environ, PATH=tools + ":" + os.environ["PATH"], LC_ALL="C")


def run(command):
    return subprocess.run(["sh", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False).stdout.decode().replace(folder + "/", "")


def alike(output):
    """Without what differs from machine to machine."""
    output = re.sub(r"^(\d+ places look like pools|Aborted).*\n", "", output, flags=re.M)
    output = re.sub(r"elf, \d+ bytes of memory", "elf, N bytes of memory", output)
    output = re.sub(r"^  metadata at .*|metadata at .*", "metadata", output, flags=re.M)
    return re.sub(r"0x[0-9a-f]+ *", "ADDRESS ", output)


commands = 0
for block in re.findall(r"```console\n\$ (.*)\n((?:.*\n)*?)```\n", text):
    command, wanted = block
    got = run(command)
    commands += 1
    if "generate-core-file" in command and not os.path.exists(os.path.join(folder, "core")):
        print("gdb makes no core file here")
        sys.exit(77)
    if write == "yes":
        text = text.replace("$ " + command + "\n" + wanted, "$ " + command + "\n" + got, 1)
    elif alike(got) != alike(wanted):
        sys.exit("'%s' prints\n%s\ninstead of\n%s" % (command, got, wanted))
if write == "yes":
    open(page, "w", encoding="utf-8").write(text)
if commands != 5:
    sys.exit("%d commands instead of five" % commands)
print("%d commands of docs/debugging.md print what it says" % commands)
PY
