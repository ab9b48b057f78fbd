#!/bin/sh
# SPDX-License-Identifier: MIT
# The malloc library where programs begin, load, fork and end: before the C library's own constructors, in constructors
# and destructors, in dlopen(), around fork(), linked instead of preloaded; and what it shows of itself.
. "$(dirname "$0")/tarn_checks.sh"

# ---- what the library shows ----
nm -D --defined-only "$library" | awk '{ print $3 }' | sort >"$work/shown"
printf '%s\n' aligned_alloc calloc free malloc malloc_trim malloc_usable_size memalign posix_memalign pvalloc realloc \
    reallocarray valloc >"$work/wanted"
cmp -s "$work/shown" "$work/wanted" || fail "exported: $(tr '\n' ' ' <"$work/shown")"
pass
# Nothing inside may call the allocator, not even by a compiler's idea.
if objdump -d "$library" | grep -E '(call|jmp).*<(malloc|calloc|realloc|free|memalign|aligned_alloc)(@plt)?>'; then
    fail "the library calls the allocator that it is"
fi
pass
# Thread-local data must not make the run-time linker allocate.
if readelf -rW "$library" | grep -E 'DTPMOD|TLSDESC'; then
    fail "thread-local data is not initial-exec"
fi
pass

# ---- before everything ----
cat >"$work/first.c" <<'SOURCE'
#include <stdlib.h>
static void *volatile kept;
__attribute__((constructor)) static void begin(void)
{
    kept = calloc(10, 10);
    kept = realloc(kept, 1000);
}
__attribute__((destructor)) static void end(void)
{
    free(kept);
    kept = malloc(10);
}
SOURCE
compile first.c first.so -shared -fPIC -Wl,-z,initfirst
compile first.c usual.so -shared -fPIC
cat >"$work/main.c" <<'SOURCE'
#include <stdio.h>
#include <stdlib.h>
static void late(void)
{
    free(malloc(100));
}
int main(void)
{
    atexit(late);
    puts("main ran");
    return 0;
}
SOURCE
compile main.c main
for early in first usual; do
    for order in "$work/$early.so:$library" "$library:$work/$early.so"; do
        : >"$work/lines"
        expect 0 env LD_PRELOAD="$order" TARN_REPORT="$work/lines" TARN_POOL=1m TARN_ENGINE=tlsf "$work/main"
        [ "$(cat "$work/out")" = "main ran" ] || fail "$early: $(cat "$work/out")"
        grep -q ' pool=1048576 ' "$work/lines" || fail "$early: settings were not seen: $(cat "$work/lines")"
        pass
    done
done
# With an empty environment, and in one of 1 MiB of which ours is the last variable.
expect 0 env -i LD_PRELOAD="$work/first.so:$library" "$work/main"
huge=$(head -c 100000 /dev/zero | tr '\0' x)
: >"$work/lines"
expect 0 env -i A1="$huge" A2="$huge" A3="$huge" A4="$huge" A5="$huge" A6="$huge" A7="$huge" A8="$huge" A9="$huge" \
    LD_PRELOAD="$work/first.so:$library" TARN_REPORT="$work/lines" TARN_POOL=1m "$work/main"
grep -q ' pool=1048576 ' "$work/lines" || fail "settings behind a large environment were not seen"

# ---- dlopen ----
cat >"$work/loaded.c" <<'SOURCE'
#include <stdlib.h>
#include <string.h>
_Thread_local char buffer[100000];
static char *volatile kept;
__attribute__((constructor)) static void begin(void)
{
    kept = malloc(12345);
    memset(kept, 7, 12345);
}
__attribute__((destructor)) static void end(void)
{
    free(kept);
}
int use(int value);
int use(int value)
{
    buffer[value % 100000]++;
    return buffer[value % 100000] + kept[12344];
}
SOURCE
compile loaded.c loaded.so -shared -fPIC
cat >"$work/loads.c" <<'SOURCE'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static const char *path;
static void *work(void *argument)
{
    for (int i = 0; i < 50; i++) {
        void *library = dlopen(path, RTLD_NOW);
        int (*use)(int) = library != NULL ? (int (*)(int))dlsym(library, "use") : NULL;
        if (use == NULL || use(i) != 8 || dlclose(library) != 0) {
            fprintf(stderr, "%s\n", dlerror());
            exit(1);
        }
        free(malloc((size_t)i * 100));
    }
    return argument;
}
int main(int count, char **arguments)
{
    pthread_t threads[4];
    path = arguments[count - 1];
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
SOURCE
compile loads.c loads -pthread -ldl
expect 0 "$tarn" run --report /dev/null "$work/loads" "$work/loaded.so"

# ---- fork handlers that were registered before ours run while we hold the lock ----
cat >"$work/handlers.c" <<'SOURCE'
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
static void allocate(void)
{
    void *volatile block = malloc(1000);
    if (block == NULL) {
        abort();
    }
    block = realloc(block, 100000);
    free(block);
}
__attribute__((constructor)) static void begin(void)
{
    pthread_atfork(allocate, allocate, allocate);
}
SOURCE
compile handlers.c handlers.so -shared -fPIC -Wl,-z,initfirst -pthread
cat >"$work/forker.c" <<'SOURCE'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void *volatile block;
int main(void)
{
    for (int i = 0; i < 20; i++) {
        int status;
        block = malloc(100);
        pid_t child = fork();
        if (child == 0) {
            free(block);
            block = malloc(50);
            exit(block != NULL ? 0 : 1);
        }
        if (waitpid(child, &status, 0) != child || status != 0) {
            return 1;
        }
    }
    return 0;
}
SOURCE
compile forker.c forker
expect 0 timeout 60 env LD_PRELOAD="$work/handlers.so:$library" "$work/forker"

# ---- more fork handlers than the C library keeps without allocating, all before the first use ----
sed 's/    pthread_atfork.*/    for (int i = 0; i < 200; i++) {\n        pthread_atfork(allocate, allocate, allocate);\n    }/' \
    "$work/handlers.c" >"$work/many.c"
compile many.c many.so -shared -fPIC -Wl,-z,initfirst -pthread
expect 0 timeout 60 env LD_PRELOAD="$work/many.so:$library" "$work/forker"

# ---- handlers that interrupt malloc: they may allocate, free, fork and exit, and never hang or do damage ----
cat >"$work/interrupted.c" <<'SOURCE'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile sig_atomic_t calls, refused, failed;
static unsigned char *volatile blocks[64];
static void fork_in_handler(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        free(malloc(10));
        _exit(0);
    }
    failed |= waitpid(child, &status, 0) != child || status != 0;
}
static void interrupt(int number)
{
    void *block = malloc(100 + (size_t)number);
    refused += block == NULL;
    free(block);
    if (++calls % 50 == 0) {
        fork_in_handler();
    }
}
static void turn(unsigned i)
{
    size_t size = i % 977 + 1;
    unsigned char **block = (unsigned char **)&blocks[i % 64];
    if (*block != NULL && ((*block)[0] != i % 64 || (*block)[(i - 64) % 977] != i % 64)) {
        failed = 1;
    }
    free(*block);
    *block = malloc(size);
    memset(*block, (int)(i % 64), size);
}
int main(int count, char **arguments)
{
    struct itimerval soon = {{0, 100}, {0, 100}};
    (void)arguments;
    signal(SIGALRM, count > 1 ? exit : interrupt);
    setitimer(ITIMER_REAL, &soon, NULL);
    for (unsigned i = 64; calls < 2000; i++) {
        turn(i);
    }
    fprintf(stderr, "%d of %d handlers interrupted malloc\n", (int)refused, (int)calls);
    return failed;
}
SOURCE
compile interrupted.c interrupted
: >"$work/lines"
expect 0 timeout 60 env LD_PRELOAD="$library" "$work/interrupted"
cat "$work/err"
for _ in 1 2 3 4 5 6 7 8; do
    expect 14 timeout 60 "$tarn" run --report /dev/null "$work/interrupted" exit
done

# ---- the archive, linked dynamically and statically ----
archives="$build/lib/libtarn-malloc.a $build/lib/libtarn.a $build/lib/libtarn-posix.a"
for linking in "" -static; do
    if "${CC:-cc}" $linking -o "$work/linked" "$work/forker.c" $archives -pthread 2>"$work/err"; then
        : >"$work/lines"
        expect 0 timeout 60 env TARN_REPORT="$work/lines" "$work/linked"
        [ "$(wc -l <"$work/lines")" = 21 ] || fail "$linking: records: $(cat "$work/lines")"
        pass
    else
        fail "cannot link ${linking:-dynamically} with the archive: $(cat "$work/err")"
    fi
done
done_with "start-up, constructors, dlopen, fork handlers, exit and the archive"
