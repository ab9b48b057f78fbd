#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that nothing can be preloaded into are refused before they run, with the reason in one line and status 125.
. "$(dirname "$0")/tarn_checks.sh"

printf '#include <stdio.h>\nint main(void) { puts("ran"); return 0; }\n' >"$work/program.c"

# refuse PATTERN PROGRAM
refuse() {
    expect 125 "$tarn" run "$2"
    said "$1"
    [ ! -s "$work/out" ] || fail "$2 ran all the same"
    [ "$(wc -l <"$work/err")" = 1 ] || fail "more than one line: $(cat "$work/err")"
}

if "${CC:-cc}" -static -o "$work/static" "$work/program.c" 2>/dev/null; then
    refuse "^tarn: '.*/static' is statically linked: nothing can be preloaded\$" "$work/static"
    printf '#!%s\n' "$work/static" >"$work/script"
    chmod +x "$work/script"
    refuse "^tarn: '.*/static' is statically linked" "$work/script"
else
    echo "no static C library: static programs not tried"
fi

# The other word size: by a compiler that has it, or by changing one byte of a header.
compile program.c dynamic
expect 0 "$tarn" run --report /dev/null "$work/dynamic"
cp "$work/dynamic" "$work/other"
class=$(od -An -tu1 -j4 -N1 "$work/dynamic" | tr -d ' ')
printf "\\$(printf %03o $((3 - class)))" | dd of="$work/other" bs=1 seek=4 conv=notrunc 2>/dev/null
refuse "^tarn: '.*/other' is a (32|64)-bit program, and libtarn-malloc.so is (64|32)-bit" "$work/other"

# Another processor: e_machine is at byte 18.
cp "$work/dynamic" "$work/foreign"
printf '\377\376' | dd of="$work/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null
refuse "^tarn: '.*/foreign' is a program for another processor" "$work/foreign"

# Another C library: only its run-time linker's name is looked at.
compile program.c musl -Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1
refuse "^tarn: '.*/musl' is linked with musl, and libtarn-malloc.so needs glibc\$" "$work/musl"

# Rights of another user: whoever runs this test, one of the two is another.
if [ "$(id -u)" = 0 ]; then
    cp "$work/dynamic" "$work/setuid"
    chown 1 "$work/setuid" && chmod 4755 "$work/setuid"
    refuse "^tarn: '.*/setuid' runs with the rights of another user" "$work/setuid"
    cp "$work/dynamic" "$work/setgid"
    chgrp 1 "$work/setgid" && chmod 2755 "$work/setgid"
    refuse "^tarn: '.*/setgid' runs with the rights of another user" "$work/setgid"
elif [ -u /usr/bin/passwd ]; then
    refuse "^tarn: '/usr/bin/passwd' runs with the rights of another user" /usr/bin/passwd
fi

# Files that end in the middle of their headers are the system's to refuse.
for bytes in 4 17 40 70; do
    head -c $bytes "$work/dynamic" >"$work/short"
    chmod +x "$work/short"
    status "$tarn" run "$work/short"
    [ "$status" -ge 125 ] || fail "$bytes bytes of a program gave status $status"
    pass
done

# The library itself.
expect 125 env TARN_MALLOC_SO=/no/such/file "$tarn" run true
said "^tarn: TARN_MALLOC_SO: cannot read '/no/such/file'\$"
expect 125 env TARN_MALLOC_SO="$work/program.c" "$tarn" run true
said "is no shared library"
mkdir "$work/two words"
cp "$library" "$work/two words/"
expect 125 env TARN_MALLOC_SO="$work/two words/libtarn-malloc.so" "$tarn" run true
said 'LD_PRELOAD takes no path with a blank or a colon'
mkdir -p "$work/moved/bin" "$work/alone"
cp "$tarn" "$work/alone/"
expect 125 "$work/alone/tarn" run true
said 'cannot find libtarn-malloc.so .*; set TARN_MALLOC_SO to its path'
cp "$library" "$work/alone/"
expect 0 "$work/alone/tarn" run --report /dev/null true
cp "$tarn" "$work/moved/bin/"
mkdir "$work/moved/lib"
cp "$library" "$work/moved/lib/"
expect 0 "$work/moved/bin/tarn" run --report /dev/null true

# A library in which there is room neither for a listener nor for a gate says what will not happen.
cp -r src "$work/full"
sed -i 's/bool room = .*;/bool room = false;/' "$work/full/events.c" "$work/full/gate.c"
"${CC:-cc}" -O1 -I "$build/generated/include" -I include -I "$work/full" "$work/full"/*.c ports/posix/*.c -shared -fPIC \
    -fno-builtin faces/malloc/*.c -pthread -o "$work/full.so" || fail "cannot build a library without room"
expect 0 env TARN_MALLOC_SO="$work/full.so" "$tarn" run --policy continue --fail nth=1 --report /dev/null true
said '^tarn: TARN_POLICY: no listener: registry is full; damage will not be told$'
said '^tarn: TARN_FAIL: registry is full; nothing will be refused$'
done_with "programs and libraries that do not fit are refused before anything runs"
