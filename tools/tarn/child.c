/* SPDX-License-Identifier: MIT */
/*
 * Running the program: it keeps this process's files, terminal, signal mask and dispositions, and this process does
 * nothing but wait. A signal sent to this process is passed on; one that the terminal sends reaches both by itself.
 */
#define _XOPEN_SOURCE 700 /* waitid */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tarn.h"

static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

static volatile sig_atomic_t child; /* 0 where there is none; pids fit, they are below 2^22 */

/* The kernel's own signals have a positive code; those of kill() and its kin have none. */
static void pass_on(int number, siginfo_t *about, void *context)
{
    (void)context;
    int before = errno;
    if (child != 0 && about->si_code <= 0) {
        (void)kill((pid_t)child, number);
    }
    errno = before;
}

/* Signals that this process was started to ignore stay ignored, here and in the program. */
static void install_handlers(void)
{
    struct sigaction passing = {.sa_flags = SA_SIGINFO | SA_RESTART};
    passing.sa_sigaction = pass_on;
    (void)sigemptyset(&passing.sa_mask);
    for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++) {
        struct sigaction before;
        if (sigaction(passed_on[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            (void)sigaction(passed_on[i], &passing, NULL);
        }
    }
}

static void block_signals(sigset_t *before)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++) {
        (void)sigaddset(&set, passed_on[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &set, before);
}

static _Noreturn void become(const char *path, char **arguments, const sigset_t *mask, int errors)
{
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
    (void)execvp(path, arguments); /* for a file without a format, execvp() runs the shell */
    int error = errno;
    ssize_t written = write(errors, &error, sizeof error);
    _exit(written == (ssize_t)sizeof error ? TARN_EXIT_NOT_RUN : TARN_EXIT_FAILED);
}

/* What the child could not do, 0 if it became the program: then the pipe was closed by execution. */
static int exec_error(int errors)
{
    int error = 0;
    ssize_t got;
    do {
        got = read(errors, &error, sizeof error);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof error ? error : 0;
}

/* Looks before it reaps, so that no signal is ever passed to a process that took over the number. */
static int wait_for(run_outcome *outcome)
{
    siginfo_t about;
    while (waitid(P_PID, (id_t)outcome->pid, &about, WEXITED | WNOWAIT) != 0) {
        if (errno != EINTR) {
            break;
        }
    }
    child = 0;
    return waitpid(outcome->pid, &outcome->status, 0) == outcome->pid ? 0 : -1;
}

static int start(const char *path, char **arguments, run_outcome *outcome, int *error)
{
    int errors[2];
    sigset_t mask;
    if (pipe(errors) != 0) {
        return -1;
    }
    (void)fcntl(errors[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(errors[1], F_SETFD, FD_CLOEXEC);
    install_handlers();
    block_signals(&mask);
    outcome->pid = fork();
    if (outcome->pid == 0) {
        become(path, arguments, &mask, errors[1]);
    }
    child = outcome->pid > 0 ? (sig_atomic_t)outcome->pid : 0;
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    (void)close(errors[1]);
    *error = outcome->pid > 0 ? exec_error(errors[0]) : 0;
    (void)close(errors[0]);
    return outcome->pid > 0 ? 0 : -1;
}

int program_run(const char *path, char **arguments, run_outcome *outcome)
{
    int error = 0;
    /* A parent that ignores its children's ends would have the system reap ours before it can be waited for. */
    struct sigaction waiting = {.sa_handler = SIG_DFL};
    (void)sigemptyset(&waiting.sa_mask);
    (void)sigaction(SIGCHLD, &waiting, NULL);
    (void)fflush(NULL);
    if (start(path, arguments, outcome, &error) != 0 || wait_for(outcome) != 0) {
        tarn_message("cannot start '%s': %s", path, strerror(errno));
        return TARN_EXIT_FAILED;
    }
    if (error != 0) {
        tarn_message("cannot run '%s': %s", path, strerror(error));
        return error == ENOENT ? TARN_EXIT_NOT_FOUND : TARN_EXIT_NOT_RUN;
    }
    return 0;
}

void end_like(int status)
{
    if (WIFEXITED(status)) {
        exit(WEXITSTATUS(status));
    }
    int number = WTERMSIG(status);
    const struct rlimit no_core = {0, 0}; /* the program's own is the one of interest */
    sigset_t set;
    (void)fflush(NULL);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)signal(number, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, number);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(number);
    exit(128 + number);
}
