/* SPDX-License-Identifier: MIT */
/*
 * Stands in for tools/trace/zstd in builds without libzstd: unpacked traces can be read, and none can be written.
 */
#include <errno.h>
#include <stddef.h>

#include "../stream.h"

unpacker *unpacker_open(stream *s)
{
    (void)stream_fail(s, "compressed, and this tarn was built without libzstd (Debian: libzstd-dev)");
    return NULL;
}

void unpacker_close(unpacker *u)
{
    (void)u;
}

void unpacker_restart(unpacker *u)
{
    (void)u;
}

size_t unpacker_read(stream *s, unsigned char *bytes, size_t size)
{
    (void)s;
    (void)bytes;
    (void)size;
    return 0;
}

bool sink_available(void)
{
    return false;
}

sink *sink_open(const char *path)
{
    (void)path;
    errno = ENOTSUP;
    return NULL;
}

void sink_byte(sink *s, unsigned char byte)
{
    (void)s;
    (void)byte;
}

void sink_bytes(sink *s, const void *bytes, size_t count)
{
    (void)s;
    (void)bytes;
    (void)count;
}

void sink_number(sink *s, uint64_t number)
{
    (void)s;
    (void)number;
}

int sink_failed(const sink *s)
{
    (void)s;
    return 0;
}

int sink_close(sink *s)
{
    (void)s;
    return 0;
}
