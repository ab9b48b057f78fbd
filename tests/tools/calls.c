/* SPDX-License-Identifier: MIT */
/*
 * A program whose calls of malloc and its family are known, for run_record.sh; each word on its command line is done in
 * order. It prints nothing, so that its own calls are nearly all there are: sizes from 100000 on are of no other.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BASE = 100000, THREADS = 4, PAIRS = 2000, HANDED = 64 };

static void check(int ok)
{
    if (!ok) {
        _exit(9);
    }
}

/* One of each kind, in an order that a reader must find again. */
static void plain(void)
{
    char *volatile blocks[8];
    void *aligned = NULL;
    blocks[0] = malloc(BASE + 1);
    blocks[1] = calloc(2, (BASE + 2) / 2);
    blocks[2] = realloc(NULL, BASE + 3);
    blocks[3] = aligned_alloc(64, BASE + 4);
    check(posix_memalign(&aligned, 4096, BASE + 5) == 0);
    blocks[5] = memalign(32, BASE + 6);
    blocks[6] = valloc(BASE + 7);
    blocks[0] = realloc(blocks[0], 2 * BASE);
    blocks[1] = reallocarray(blocks[1], 3, BASE);
    check(malloc(SIZE_MAX / 2 - (size_t)getppid()) == NULL);
    check(realloc(blocks[0], SIZE_MAX / 2 - (size_t)getppid()) == NULL);
    check(malloc_usable_size(blocks[0]) >= 2 * BASE);
    free(blocks[2]);
    free(blocks[3]);
    free(aligned);
    free(blocks[5]);
    free(blocks[6]);
    free(NULL);
    blocks[0] = realloc(blocks[0], 0);
    check(blocks[0] == NULL);
    free(blocks[1]);
}

/* Blocks that one thread takes and another gives back or resizes, in constant motion. */
static void *_Atomic handed[HANDED];

static void *work(void *context)
{
    uint32_t random = (uint32_t)(uintptr_t)context * 77777u + 1;
    for (int i = 0; i < PAIRS; i++) {
        random = random * 1664525u + 1013904223u;
        void *mine = malloc(16 + (random >> 24));
        void *volatile theirs = __atomic_exchange_n((void **)&handed[(random >> 8) % HANDED], mine, __ATOMIC_ACQ_REL);
        if (random % 3 == 0) {
            theirs = realloc(theirs, 16 + (random >> 20) % 1000);
        }
        free(theirs);
    }
    return NULL;
}

static void threads(void)
{
    pthread_t ids[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) {
        check(pthread_create(&ids[i], NULL, work, (void *)i) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        check(pthread_join(ids[i], NULL) == 0);
    }
    for (int i = 0; i < HANDED; i++) {
        free(handed[i]);
        handed[i] = NULL;
    }
}

/* The child gives back what its parent took, and so does the parent. */
static void forks(void)
{
    int status;
    void *volatile first = malloc(BASE + 11);
    void *volatile second = malloc(BASE + 12);
    pid_t child = fork();
    if (child == 0) {
        free(first);
        void *volatile own = malloc(BASE + 13);
        free(own);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            free(second);
            void *volatile last = malloc(BASE + 14);
            free(last);
            _exit(0);
        }
        check(grandchild > 0 && waitpid(grandchild, &status, 0) == grandchild && status == 0);
        _exit(0);
    }
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    free(first);
    free(second);
}

/* A child that goes on when its parent, which waits for its first calls, ends. */
static void linger(void)
{
    int pipes[2];
    char byte = 0;
    check(pipe(pipes) == 0);
    if (fork() == 0) {
        for (unsigned rounds = 0;; rounds++) {
            void *volatile block = malloc(10);
            free(block);
            check(rounds != 2 || write(pipes[1], &byte, 1) == 1);
            (void)usleep(1000);
        }
    }
    check(read(pipes[0], &byte, 1) == 1);
}

int main(int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        const char *word = arguments[i];
        if (strcmp(word, "plain") == 0) {
            plain();
        } else if (strcmp(word, "threads") == 0) {
            threads();
        } else if (strcmp(word, "fork") == 0) {
            forks();
        } else if (strcmp(word, "exec") == 0) {
            void *volatile lost = malloc(BASE + 21);
            (void)lost;
            arguments[i] = arguments[0];
            execv(arguments[0], arguments + i);
            return 9;
        } else if (strcmp(word, "abort") == 0) {
            abort();
        } else if (strcmp(word, "kill") == 0) {
            (void)raise(SIGKILL);
        } else if (strcmp(word, "_exit") == 0) {
            _exit(7);
        } else if (strcmp(word, "linger") == 0) {
            linger();
        }
    }
    return 3;
}
