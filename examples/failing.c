/* SPDX-License-Identifier: MIT */
/*
 * A program with two faults, for docs/debugging.md: a frame is written past its end, into the log line behind it, and
 * the screen never gives back its glyphs. It ends by abort() when the screen finds no memory.
 *
 *   cc -g failing.c $(pkg-config --cflags --libs tarn) && ./a.out
 */
#include <tarn/account.h>
#include <tarn/pool.h>
#include <tarn/report.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RADIO = 1, LOG = 2, SCREEN = 3 };
enum { BYTES = 4096 };

static TARN_STORAGE(memory, 2 * BYTES); /* one pool behind the other */
static tarn_pool *messages;
static tarn_pool *screen;

/* Not inlined, so that the names of the functions that took a block are those written here. */
#define SEPARATE __attribute__((noinline))

SEPARATE static char *frame_take(void)
{
    char *frame = tarn_alloc_for(messages, 24, &(tarn_purpose){.module = RADIO});
    return frame == NULL ? NULL : memset(frame, 0, 24);
}

SEPARATE static void frame_receive(char *frame)
{
    static const char received[] = "temperature=21.5;humidity=40;pressure=1013"; /* 43 bytes */
    for (size_t i = 0; i < sizeof received; i++) {
        frame[i] = received[i];
    }
}

SEPARATE static char *log_line(const char *text)
{
    char *line = tarn_alloc_for(messages, 40, &(tarn_purpose){.module = LOG});
    return line == NULL ? NULL : strcpy(line, text);
}

SEPARATE static void *glyph_draw(void)
{
    void *glyph = tarn_alloc_for(screen, 48, &(tarn_purpose){.module = SCREEN});
    return glyph == NULL ? NULL : memset(glyph, '#', 48);
}

SEPARATE static void *window_open(size_t bytes)
{
    void *window = tarn_alloc_for(screen, bytes, &(tarn_purpose){.module = SCREEN});
    return window == NULL ? NULL : memset(window, ' ', bytes);
}

static void make(tarn_pool **pool, void *start)
{
    tarn_options options = {.extension_words = TARN_WORDS_SEQUENCE};
    if (tarn_init(pool, start, BYTES, &options) != TARN_OK) {
        abort();
    }
}

int main(void)
{
    make(&messages, memory);
    make(&screen, memory + BYTES);
    (void)tarn_reports_on();

    char *frame = frame_take();
    char *line = log_line("started");
    if (frame == NULL || line == NULL) {
        return 1;
    }
    frame_receive(frame);
    if (tarn_free(messages, line) != TARN_OK) {
        printf("the log line cannot be freed\n");
    }

    for (int second = 0; second < 60; second++) {
        for (int i = 0; i < 3; i++) {
            (void)glyph_draw();
        }
        void *window = window_open(600);
        if (window == NULL) {
            printf("second %d: no memory for a window\n", second);
            (void)fflush(stdout);
            abort();
        }
        (void)tarn_free(screen, window);
    }
    return 0;
}
