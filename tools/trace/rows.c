/* SPDX-License-Identifier: MIT */
/*
 * The rows of tarn's trace format.
 *
 *   magic    8 bytes
 *   version  number
 *   head     text: a line "row NAME COLUMN..." for each kind of row, numbered from 0 in that order; other lines are for
 *            people. A column's name ends in ~ if it is the difference (zigzag) to the last value that any row had in a
 *            column of this name, and in " if it is text.
 *   rows     each its number, then a number or a text for each of its columns
 *
 * A text is the number of its bytes, and the bytes. Whoever reads knows from the head how long every row is, and passes
 * over rows and columns that it has no use for.
 *
 * Bound: constant per row.
 */
#include <stdlib.h>
#include <string.h>

#include "rows.h"

enum { HEAD_MAX = 1 << 14, NUMBER = 0, DIFFERENCE = '~', TEXT = '"' };

static const struct {
    const char *name;
    unsigned char encoding; /* when writing; a file may have another */
} columns[COLUMN_KINDS] = {{"process", NUMBER},     {"thread", NUMBER}, {"time", DIFFERENCE},  {"site", NUMBER},
                           {"owner", NUMBER},       {"size", NUMBER},   {"alignment", NUMBER}, {"block", DIFFERENCE},
                           {"usable", NUMBER},      {"number", NUMBER}, {"parent", NUMBER},    {"place", NUMBER},
                           {"address", DIFFERENCE}, {"lost", NUMBER},   {"program", TEXT}};

typedef struct row_layout {
    const char *name;
    unsigned char columns[ROW_COLUMNS_MAX];
    unsigned count;
} row_layout;

#define CALL COLUMN_PROCESS, COLUMN_THREAD, COLUMN_TIME, COLUMN_SITE
#define GIVEN COLUMN_OWNER, COLUMN_SIZE, COLUMN_BLOCK, COLUMN_USABLE

static const row_layout layouts[ROW_KINDS] = {
    [ROW_PROCESS] = {"process", {COLUMN_NUMBER, COLUMN_PARENT, COLUMN_PLACE, COLUMN_PROGRAM}, 4},
    [ROW_SITE] = {"site", {COLUMN_PROCESS, COLUMN_ADDRESS}, 2},
    [ROW_MALLOC] = {"malloc", {CALL, GIVEN}, 8},
    [ROW_CALLOC] = {"calloc", {CALL, GIVEN}, 8},
    [ROW_ALIGNED] = {"aligned", {CALL, GIVEN, COLUMN_ALIGNMENT}, 9},
    [ROW_REALLOC] = {"realloc", {CALL, COLUMN_SIZE, COLUMN_BLOCK}, 6},
    [ROW_RESIZED] = {"resized", {CALL, GIVEN}, 8},
    [ROW_FREE] = {"free", {CALL, COLUMN_BLOCK}, 5},
    [ROW_GAP] = {"gap", {COLUMN_PROCESS}, 1},
    [ROW_END] = {"end", {COLUMN_NUMBER, COLUMN_LOST}, 2},
};

/* ---- the head ---- */

/* A row needs those of its columns without which it means nothing. */
static bool needs(unsigned kind, unsigned column)
{
    switch (column) {
    case COLUMN_PROCESS:
    case COLUMN_BLOCK:
    case COLUMN_SIZE:
    case COLUMN_ADDRESS:
        return true;
    case COLUMN_THREAD:
        return kind == ROW_REALLOC || kind == ROW_RESIZED;
    case COLUMN_NUMBER:
        return kind == ROW_END;
    default:
        return false;
    }
}

static bool complete(stream *s, const row_format *f, unsigned at)
{
    if (f->kind[at] == ROW_KINDS) {
        return true;
    }
    const row_layout *l = &layouts[f->kind[at]];
    for (unsigned i = 0; i < l->count; i++) {
        bool there = memchr(f->column[at], l->columns[i], f->columns[at]) != NULL;
        if (!there && needs(f->kind[at], l->columns[i])) {
            return stream_fail(s, "its head gives rows '%s' no column '%s'", l->name, columns[l->columns[i]].name);
        }
    }
    return true;
}

static bool add_column(stream *s, row_format *f, unsigned at, const char *word)
{
    size_t length = strlen(word);
    unsigned char last = (unsigned char)word[length - 1];
    unsigned char encoding = last == DIFFERENCE || last == TEXT ? last : NUMBER;
    unsigned column = 0;
    length -= encoding != NUMBER;
    while (column < COLUMN_KINDS &&
           (strlen(columns[column].name) != length || strncmp(columns[column].name, word, length) != 0)) {
        column++;
    }
    bool fits = column == COLUMN_KINDS || (column == COLUMN_PROGRAM) == (encoding == TEXT);
    if (f->columns[at] == ROW_COLUMNS_MAX || !fits) {
        return stream_fail(s, "its head has a column '%.32s' that cannot be", word);
    }
    f->column[at][f->columns[at]] = (unsigned char)column;
    f->encoding[at][f->columns[at]] = encoding;
    f->columns[at]++;
    return true;
}

static bool add_row(stream *s, row_format *f, char *words)
{
    char *rest;
    char *name = strtok_r(words, " ", &rest);
    if (name == NULL || f->kinds == ROW_KINDS_MAX) {
        return stream_fail(s, "its head names no row, or more than %d", ROW_KINDS_MAX);
    }
    unsigned at = f->kinds++;
    unsigned kind = 0;
    while (kind < ROW_KINDS && strcmp(layouts[kind].name, name) != 0) {
        kind++;
    }
    f->kind[at] = (unsigned char)kind;
    for (char *word = strtok_r(NULL, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (!add_column(s, f, at, word)) {
            return false;
        }
    }
    return complete(s, f, at);
}

static bool read_lines(stream *s, row_format *f, char *head)
{
    char *rest;
    for (char *line = strtok_r(head, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "row ", 4) == 0 && !add_row(s, f, line + 4)) {
            return false;
        }
    }
    return memchr(f->kind, ROW_END, f->kinds) != NULL || stream_fail(s, "its head names no row 'end'");
}

bool rows_read_head(stream *s, row_format *f)
{
    uint64_t version, length;
    memset(f, 0, sizeof *f);
    if (!stream_number(s, &version) || !stream_number(s, &length)) {
        return false;
    }
    if (version != RECORDING_VERSION) {
        return stream_fail(s, "version %llu of the format; this tarn reads %u", (unsigned long long)version,
                           RECORDING_VERSION);
    }
    if (length > HEAD_MAX) {
        return stream_fail(s, "a head of %llu bytes", (unsigned long long)length);
    }
    char *head = calloc(1, (size_t)length + 1);
    bool ok = head != NULL ? stream_bytes(s, head, (size_t)length) : stream_fail(s, "no memory to read it");
    ok = ok && read_lines(s, f, head);
    free(head);
    return ok;
}

/* ---- a row ---- */

static bool read_text(stream *s, char text[ROW_TEXT])
{
    uint64_t length;
    if (!stream_number(s, &length)) {
        return false;
    }
    for (uint64_t i = 0; i < length; i++) {
        unsigned char byte;
        if (!stream_byte(s, &byte)) {
            return false;
        }
        if (text != NULL && i < ROW_TEXT - 1) {
            text[i] = (char)byte;
            text[i + 1] = '\0';
        }
    }
    return true;
}

static bool read_column(stream *s, row_format *f, row *r, unsigned column, unsigned encoding)
{
    uint64_t number;
    bool known = column < COLUMN_KINDS;
    if (encoding == TEXT) {
        return read_text(s, known ? r->text : NULL);
    }
    if (!stream_number(s, &number)) {
        return false;
    }
    if (known && encoding == DIFFERENCE) {
        number = f->last[column] + ((number >> 1) ^ (0 - (number & 1)));
        f->last[column] = number;
    }
    if (known) {
        r->value[column] = number;
    }
    return true;
}

bool rows_read(stream *s, row_format *f, row *r)
{
    uint64_t number;
    memset(r, 0, sizeof *r);
    if (!stream_number(s, &number)) {
        return false;
    }
    if (number >= f->kinds) {
        return stream_fail(s, "a row of unknown kind %llu before byte %llu", (unsigned long long)number,
                           (unsigned long long)stream_place(s));
    }
    r->kind = f->kind[number];
    for (unsigned i = 0; i < f->columns[number]; i++) {
        if (!read_column(s, f, r, f->column[number][i], f->encoding[number][i])) {
            return false;
        }
    }
    return true;
}

/* ---- writing ---- */

static void write_text(sink *s, const char *text, size_t length)
{
    sink_number(s, length);
    sink_bytes(s, text, length);
}

/* What does not fit is left out. */
static size_t add_text(char *head, size_t at, const char *text)
{
    for (; *text != '\0' && at < HEAD_MAX; text++) {
        head[at++] = *text;
    }
    return at;
}

void rows_write_head(sink *s, row_format *f, const char *about)
{
    char head[HEAD_MAX];
    size_t length = 0;
    memset(f, 0, sizeof *f);
    for (unsigned kind = 0; kind < ROW_KINDS; kind++) {
        length = add_text(head, add_text(head, length, "row "), layouts[kind].name);
        for (unsigned i = 0; i < layouts[kind].count; i++) {
            unsigned column = layouts[kind].columns[i];
            const char mark[] = {(char)columns[column].encoding, '\0'};
            length = add_text(head, add_text(head, add_text(head, length, " "), columns[column].name), mark);
        }
        length = add_text(head, length, "\n");
    }
    length = add_text(head, length, about);
    sink_bytes(s, RECORDING_MAGIC, sizeof RECORDING_MAGIC - 1);
    sink_number(s, RECORDING_VERSION);
    write_text(s, head, length);
}

static void write_column(sink *s, row_format *f, const row *r, unsigned column)
{
    uint64_t number = r->value[column];
    switch (columns[column].encoding) {
    case TEXT:
        write_text(s, r->text, strnlen(r->text, ROW_TEXT));
        break;
    case DIFFERENCE: {
        uint64_t difference = number - f->last[column];
        f->last[column] = number;
        sink_number(s, (difference << 1) ^ (0 - (difference >> 63)));
        break;
    }
    default:
        sink_number(s, number);
    }
}

void rows_write(sink *s, row_format *f, const row *r)
{
    sink_number(s, r->kind);
    for (unsigned i = 0; i < layouts[r->kind].count; i++) {
        write_column(s, f, r, layouts[r->kind].columns[i]);
    }
}
