/* SPDX-License-Identifier: MIT */
/*
 * Reading a trace file byte by byte. What comes out of it is never trusted: every read says whether it could.
 *
 * Bound: constant memory.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream.h"

static const unsigned char zstd_magic[4] = {0x28, 0xB5, 0x2F, 0xFD};

bool stream_fail(stream *s, const char *format, ...)
{
    if (s->why[0] == '\0') {
        va_list values;
        va_start(values, format);
        (void)vsnprintf(s->why, sizeof s->why, format, values);
        va_end(values);
    }
    return false;
}

bool stream_open(stream *s, const char *path)
{
    struct stat about;
    unsigned char magic[sizeof zstd_magic] = {0};
    memset(s, 0, sizeof *s);
    /* A FIFO would keep whoever opens it waiting. */
    s->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (s->file < 0 || fstat(s->file, &about) != 0) {
        return stream_fail(s, "%s", strerror(errno));
    }
    if (!S_ISREG(about.st_mode)) {
        return stream_fail(s, "not a file of bytes");
    }
    if (about.st_size == 0) {
        return stream_fail(s, "the file is empty");
    }
    if (pread(s->file, magic, sizeof magic, 0) < 0) {
        return stream_fail(s, "%s", strerror(errno));
    }
    if (memcmp(magic, zstd_magic, sizeof magic) == 0) {
        s->packed = unpacker_open(s);
        return s->packed != NULL;
    }
    return true;
}

void stream_close(stream *s)
{
    unpacker_close(s->packed);
    s->packed = NULL;
    if (s->file >= 0) {
        (void)close(s->file);
        s->file = -1;
    }
}

bool stream_restart(stream *s)
{
    s->at = s->end = 0;
    s->passed = 0;
    s->why[0] = '\0';
    if (lseek(s->file, 0, SEEK_SET) != 0) {
        return stream_fail(s, "%s", strerror(errno));
    }
    if (s->packed != NULL) {
        unpacker_restart(s->packed);
    }
    return true;
}

static size_t read_plain(stream *s)
{
    ssize_t got;
    do {
        got = read(s->file, s->buffer, sizeof s->buffer);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        (void)stream_fail(s, "%s", strerror(errno));
    }
    return got > 0 ? (size_t)got : 0;
}

static bool refill(stream *s)
{
    if (s->why[0] != '\0') {
        return false;
    }
    s->passed += s->end;
    s->at = 0;
    s->end = s->packed != NULL ? unpacker_read(s, s->buffer, sizeof s->buffer) : read_plain(s);
    return s->end != 0;
}

bool stream_ended(stream *s)
{
    return s->at == s->end && !refill(s);
}

bool stream_byte(stream *s, unsigned char *byte)
{
    if (s->at == s->end && !refill(s)) {
        return stream_fail(s, "the file ends too early, after %llu bytes", (unsigned long long)stream_place(s));
    }
    *byte = s->buffer[s->at++];
    return true;
}

bool stream_bytes(stream *s, void *bytes, size_t count)
{
    unsigned char *to = bytes;
    for (size_t i = 0; i < count; i++) {
        if (!stream_byte(s, &to[i])) {
            return false;
        }
    }
    return true;
}

bool stream_number(stream *s, uint64_t *number)
{
    unsigned char byte = 0x80;
    *number = 0;
    for (unsigned shift = 0; (byte & 0x80) != 0; shift += 7) {
        if (!stream_byte(s, &byte)) {
            return false;
        }
        if (shift > 63 || (shift == 63 && byte > 1)) {
            return stream_fail(s, "a number beyond 64 bits before byte %llu", (unsigned long long)stream_place(s));
        }
        *number |= (uint64_t)(byte & 0x7F) << shift;
    }
    return true;
}

uint64_t stream_place(const stream *s)
{
    return s->passed + s->at;
}
