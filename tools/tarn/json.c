/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON (RFC 8259).
 */
#include <inttypes.h>
#include <string.h>

#include "json.h"

/* Bytes of the UTF-8 sequence there, 0 if there is none: no overlong forms, no surrogates, nothing above U+10FFFF. */
static size_t sequence_at(const unsigned char *s)
{
    static const unsigned char leads[] = {0xC2, 0xE0, 0xF0, 0xF5};
    if (s[0] < 0x80) {
        return 1;
    }
    size_t length = s[0] < leads[0] ? 0 : s[0] < leads[1] ? 2 : s[0] < leads[2] ? 3 : s[0] < leads[3] ? 4 : 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool bad = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
               (s[0] == 0xF4 && s[1] > 0x8F);
    return bad ? 0 : length;
}

static void put_text(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    (void)fputc('"', out);
    while (*s != '\0') {
        size_t length = sequence_at(s);
        if (length == 0) {
            (void)fputs("\\ufffd", out);
            length = 1;
        } else if (*s < 0x20 || *s == 0x7F) {
            fprintf(out, "\\u%04x", *s);
        } else {
            fprintf(out, "%s%.*s", *s == '"' || *s == '\\' ? "\\" : "", (int)length, (const char *)s);
        }
        s += length;
    }
    (void)fputc('"', out);
}

static void put_key(json *j, const char *key)
{
    if (j->follows) {
        (void)fputs(", ", j->out);
    }
    j->follows = true;
    if (key != NULL) {
        put_text(j->out, key);
        (void)fputs(": ", j->out);
    }
}

void json_begin(json *j, const char *key, char bracket)
{
    put_key(j, key);
    (void)fputc(bracket, j->out);
    j->follows = false;
}

void json_end(json *j, char bracket)
{
    (void)fputc(bracket, j->out);
    j->follows = true;
}

void json_text(json *j, const char *key, const char *text)
{
    put_key(j, key);
    if (text == NULL) {
        (void)fputs("null", j->out);
    } else {
        put_text(j->out, text);
    }
}

void json_number(json *j, const char *key, uint64_t number)
{
    put_key(j, key);
    fprintf(j->out, "%" PRIu64, number);
}

void json_address(json *j, const char *key, uint64_t number)
{
    put_key(j, key);
    fprintf(j->out, "\"0x%" PRIx64 "\"", number);
}

void json_truth(json *j, const char *key, bool truth)
{
    put_key(j, key);
    (void)fputs(truth ? "true" : "false", j->out);
}

void json_null(json *j, const char *key)
{
    json_text(j, key, NULL);
}

void json_share(json *j, const char *key, uint64_t part, uint64_t whole)
{
    put_key(j, key);
    fprintf(j->out, "%.4f", whole == 0 ? 0.0 : (double)part / (double)whole);
}

void json_decimal(json *j, const char *key, double number)
{
    put_key(j, key);
    fprintf(j->out, "%.3f", number);
}
