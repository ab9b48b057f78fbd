/* SPDX-License-Identifier: MIT */
/*
 * Compressed traces, with libzstd. What is written carries zstd's checksum; what is read is verified against it where
 * it has one.
 *
 * Bound: zstd's window, at most 128 MiB when reading.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "../stream.h"

enum { CHUNK = 1 << 16, LEVEL = 1, NUMBER_MAX = 10 /* bytes */ };

struct unpacker {
    ZSTD_DStream *zstd;
    ZSTD_inBuffer in;
    size_t hint; /* of zstd: 0 where a frame is complete */
    unsigned char chunk[CHUNK];
};

unpacker *unpacker_open(stream *s)
{
    unpacker *u = calloc(1, sizeof *u);
    if (u != NULL && (u->zstd = ZSTD_createDStream()) == NULL) {
        free(u);
        u = NULL;
    }
    if (u == NULL) {
        (void)stream_fail(s, "no memory to unpack it");
    }
    return u;
}

void unpacker_close(unpacker *u)
{
    if (u != NULL) {
        (void)ZSTD_freeDStream(u->zstd);
        free(u);
    }
}

void unpacker_restart(unpacker *u)
{
    (void)ZSTD_DCtx_reset(u->zstd, ZSTD_reset_session_only);
    u->in = (ZSTD_inBuffer){NULL, 0, 0};
    u->hint = 0;
}

/* False at the end of the file. */
static bool more(stream *s, unpacker *u)
{
    ssize_t got;
    do {
        got = read(s->file, u->chunk, sizeof u->chunk);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        (void)stream_fail(s, "cannot be read to its end");
    }
    u->in = (ZSTD_inBuffer){u->chunk, got > 0 ? (size_t)got : 0, 0};
    return got > 0;
}

size_t unpacker_read(stream *s, unsigned char *bytes, size_t size)
{
    unpacker *u = s->packed;
    ZSTD_outBuffer out = {bytes, size, 0};
    while (out.pos == 0) {
        bool last = u->in.pos == u->in.size && !more(s, u);
        if (last && (u->hint == 0 || s->why[0] != '\0')) {
            return 0;
        }
        u->hint = ZSTD_decompressStream(u->zstd, &out, &u->in);
        if (ZSTD_isError(u->hint)) {
            (void)stream_fail(s, "damaged: zstd says: %s", ZSTD_getErrorName(u->hint));
            return 0;
        }
        if (last && out.pos == 0) {
            (void)stream_fail(s, "the file ends too early: its last part is missing");
            return 0;
        }
    }
    return out.pos;
}

struct sink {
    ZSTD_CStream *zstd;
    int file, error;
    size_t used;
    unsigned char buffer[CHUNK];
    unsigned char packed[CHUNK];
};

bool sink_available(void)
{
    return true;
}

sink *sink_open(const char *path)
{
    sink *s = calloc(1, sizeof *s);
    if (s == NULL || (s->zstd = ZSTD_createCStream()) == NULL) {
        free(s);
        errno = ENOMEM;
        return NULL;
    }
    s->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (s->file < 0) {
        int error = errno;
        (void)ZSTD_freeCStream(s->zstd);
        free(s);
        errno = error;
        return NULL;
    }
    (void)ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_compressionLevel, LEVEL);
    (void)ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_checksumFlag, 1);
    return s;
}

static void write_out(sink *s, const unsigned char *bytes, size_t count)
{
    while (count != 0 && s->error == 0) {
        ssize_t written = write(s->file, bytes, count);
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (errno != EINTR) {
            s->error = errno;
        }
    }
}

/* Until zstd has taken all that is in the buffer and, at the end, has given all that it holds. */
static void pack(sink *s, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {s->buffer, s->used, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {s->packed, sizeof s->packed, 0};
        left = ZSTD_compressStream2(s->zstd, &out, &in, how);
        if (ZSTD_isError(left)) {
            s->error = s->error != 0 ? s->error : EIO;
            break;
        }
        write_out(s, s->packed, out.pos);
    } while (in.pos < in.size || (how == ZSTD_e_end && left != 0));
    s->used = 0;
}

void sink_byte(sink *s, unsigned char byte)
{
    if (s->used == sizeof s->buffer) {
        pack(s, ZSTD_e_continue);
    }
    s->buffer[s->used++] = byte;
}

void sink_bytes(sink *s, const void *bytes, size_t count)
{
    const unsigned char *from = bytes;
    for (size_t i = 0; i < count; i++) {
        sink_byte(s, from[i]);
    }
}

void sink_number(sink *s, uint64_t number)
{
    if (sizeof s->buffer - s->used < NUMBER_MAX) {
        pack(s, ZSTD_e_continue);
    }
    unsigned char *to = s->buffer + s->used;
    for (; number > 0x7F; number >>= 7) {
        *to++ = (unsigned char)(number | 0x80);
    }
    *to++ = (unsigned char)number;
    s->used = (size_t)(to - s->buffer);
}

int sink_failed(const sink *s)
{
    return s->error;
}

int sink_close(sink *s)
{
    pack(s, ZSTD_e_end);
    if (close(s->file) != 0 && s->error == 0) {
        s->error = errno;
    }
    int error = s->error;
    (void)ZSTD_freeCStream(s->zstd);
    free(s);
    return error;
}
