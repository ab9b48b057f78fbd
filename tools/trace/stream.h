/* SPDX-License-Identifier: MIT */
/**
 * @file stream.h
 * @brief Bytes and numbers out of a trace file, and into one; compressed with zstd where it says so.
 *
 * A number is LEB128: 7 bits per byte, low ones first, the top bit says that another follows.
 */
#ifndef TARN_TOOLS_TRACE_STREAM_H
#define TARN_TOOLS_TRACE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { STREAM_BUFFER = 1 << 16, STREAM_WHY = 160 };

/** What unpacks a compressed file; private to the backend. */
typedef struct unpacker unpacker;

/** A file being read. */
typedef struct stream {
    unsigned char buffer[STREAM_BUFFER]; /**< unpacked bytes */
    size_t at, end;                      /**< those not yet read */
    uint64_t passed;                     /**< unpacked bytes before the buffer */
    int file;
    unpacker *packed;     /**< NULL for a file that is not compressed */
    char why[STREAM_WHY]; /**< what went wrong first; empty: nothing */
} stream;

/** Opens the file at @p path. False, with the reason in stream.why: close it all the same. */
bool stream_open(stream *s, const char *path);
void stream_close(stream *s);

/** Begins again with the first byte. */
bool stream_restart(stream *s);

/** Notes what went wrong, unless something did before. Returns false. */
bool stream_fail(stream *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** True if there is no byte left; an unreadable rest counts as none, and is in stream.why. */
bool stream_ended(stream *s);

/** These fail, with the reason in stream.why, where the file ends too early. */
/**@{*/
bool stream_byte(stream *s, unsigned char *byte);
bool stream_bytes(stream *s, void *bytes, size_t count);
bool stream_number(stream *s, uint64_t *number);
/**@}*/

/** Bytes read so far, for messages. */
uint64_t stream_place(const stream *s);

/** @name The backend: tools/trace/zstd, or tools/trace/plain without libzstd. */
/**@{*/
/** Starts to unpack stream.file; NULL, with the reason in stream.why, if it cannot. */
unpacker *unpacker_open(stream *s);
void unpacker_close(unpacker *u);
/** Begins with the first byte of the file again. */
void unpacker_restart(unpacker *u);
/** Fills @p bytes; returns how many came, 0 at the end or, with stream.why set, where the file is damaged. */
size_t unpacker_read(stream *s, unsigned char *bytes, size_t size);
/**@}*/

/** A file being written, compressed. */
typedef struct sink sink;

/** Whether this build can write files at all: with libzstd. */
bool sink_available(void);
/** Makes or empties the file. NULL, with errno set, if it cannot. */
sink *sink_open(const char *path);
void sink_byte(sink *s, unsigned char byte);
void sink_bytes(sink *s, const void *bytes, size_t count);
void sink_number(sink *s, uint64_t number);
/** Ends and closes the file. Returns 0, or the errno of the first write that failed. */
int sink_close(sink *s);
/** The errno of the first write that failed, 0 if none did. */
int sink_failed(const sink *s);

#endif
