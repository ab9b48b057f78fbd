/* SPDX-License-Identifier: MIT */
/*
 * A progress bar on the standard error. Nothing is shown unless that is a terminal and the work takes its time, and
 * nothing is left on the screen.
 */
#define _POSIX_C_SOURCE 200809L
#include <time.h>
#include <unistd.h>

#include "replay.h"

enum { WIDTH = 40, PATIENCE = 1000, INTERVAL = 100 };

static struct {
    const char *what;
    uint64_t done, all;
    uint64_t began, shown; /* milliseconds; shown is 0 while nothing is on the screen */
} bar;

static uint64_t milliseconds(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000u + (uint64_t)time.tv_nsec / 1000000u;
}

void progress_begin(const char *what, uint64_t steps)
{
    bar.what = what;
    bar.done = 0;
    bar.all = steps;
    if (bar.began == 0) {
        bar.began = milliseconds();
    }
}

static void show(void)
{
    uint64_t share = bar.all != 0 && bar.done < bar.all ? bar.done * 100 / bar.all : 100;
    (void)fprintf(stderr, "\r%-10s [", bar.what);
    for (unsigned i = 0; i < WIDTH; i++) {
        (void)fputc(i * 100 < share * WIDTH ? '#' : ' ', stderr);
    }
    (void)fprintf(stderr, "] %3u %%", (unsigned)share);
    (void)fflush(stderr);
}

void progress_step(uint64_t steps)
{
    uint64_t now = milliseconds();
    bar.done += steps;
    if (now - bar.began >= PATIENCE && now - bar.shown >= INTERVAL && isatty(STDERR_FILENO) == 1) {
        bar.shown = now;
        show();
    }
}

void progress_end(void)
{
    if (bar.shown != 0) {
        (void)fprintf(stderr, "\r%*s\r", WIDTH + 20, "");
        (void)fflush(stderr);
    }
    bar.began = bar.shown = 0;
}
