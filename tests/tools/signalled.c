/* SPDX-License-Identifier: MIT */
/*
 * A process that counts the signals it gets, and its parent, which sends them: prints the child's number at once, and in
 * the end how many of so many arrived. Signals of this kind queue, so that none is lost but by who looks on.
 *   signalled COUNT
 */
#define _GNU_SOURCE /* sigqueue */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t arrived;
static volatile sig_atomic_t over;

static void count(int number)
{
    (void)number;
    arrived++;
}

static void end(int number)
{
    (void)number;
    over = 1;
}

/* The end waits until the last of the others has been handled: the lower number is delivered first, and while it is
 * handled the other is blocked. */
static int be_counting(int ready)
{
    sigset_t none;
    sigemptyset(&none);
    while (write(ready, "r", 1) != 1) {
    }
    while (!over) {
        (void)sigsuspend(&none);
    }
    printf("%d arrived\n", (int)arrived);
    return 0;
}

int main(int argc, char **argv)
{
    int wanted = argc > 1 ? atoi(argv[1]) : 1;
    int ready[2];
    char byte;
    struct sigaction counting = {.sa_handler = count};
    struct sigaction ending = {.sa_handler = end};
    sigset_t both;
    sigemptyset(&counting.sa_mask);
    sigaddset(&counting.sa_mask, SIGRTMIN + 1);
    sigemptyset(&both);
    sigaddset(&both, SIGRTMIN);
    sigaddset(&both, SIGRTMIN + 1);
    if (pipe(ready) != 0 || sigprocmask(SIG_BLOCK, &both, NULL) != 0 || sigaction(SIGRTMIN, &counting, NULL) != 0 ||
        sigaction(SIGRTMIN + 1, &ending, NULL) != 0) {
        return 1;
    }
    pid_t child = fork();
    if (child == 0) {
        return be_counting(ready[1]);
    }
    printf("child %d\n", (int)child);
    (void)fflush(stdout);
    const struct timespec pause = {0, 300000};
    if (child < 0 || read(ready[0], &byte, 1) != 1) {
        return 1;
    }
    for (int i = 0; i < wanted; i++) {
        while (sigqueue(child, SIGRTMIN, (union sigval){0}) != 0) {
            (void)nanosleep(&pause, NULL);
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)sigqueue(child, SIGRTMIN + 1, (union sigval){0});
    return waitpid(child, NULL, 0) == child ? 0 : 1;
}
