# SPDX-License-Identifier: MIT
# Sourced by scripts that run 32-bit programs for x86: some kernels start none.
#   narrow_runs COMPILER...  links an empty program with -m32 and runs it. Sets $narrow, what the command of such a program
#                            begins with: nothing, or qemu-i386 where the kernel starts none. False, with the reason in
#                            $narrow_why, if there is no way.
#   narrow_of FLAGS          prints $narrow if -m32 is among the flags
# $work is a folder of the caller's.
narrow=

narrow_runs() {
    echo 'int main(void) { return 0; }' >"$work/empty.c"
    if ! "$@" -m32 -o "$work/empty" "$work/empty.c" 2>"$work/why"; then
        narrow_why="$1 -m32 cannot link a program: $(head -n 1 "$work/why")"
        return 1
    fi
    for narrow in '' qemu-i386; do
        ! $narrow "$work/empty" >/dev/null 2>&1 || return 0
    done
    narrow_why="this kernel starts no 32-bit programs, and qemu-i386 is missing"
    return 1
}

narrow_of() {
    case " $1 " in *" -m32 "*) echo "$narrow" ;; esac
}
