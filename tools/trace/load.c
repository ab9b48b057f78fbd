/* SPDX-License-Identifier: MIT */
/*
 * Opening a trace, whichever format it has.
 */
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "rows.h"

static bool read_any(stream *s, trace *t, uint32_t process)
{
    char magic[8];
    if (!stream_bytes(s, magic, sizeof magic)) {
        return false;
    }
    if (memcmp(magic, "ATRACE1\n", sizeof magic) == 0) {
        t->format = "ATRACE1";
        return process <= 1 ? atrace_read(s, t) : build_fail(t, "has one process, and no process %u", process);
    }
    if (memcmp(magic, RECORDING_MAGIC, sizeof magic) == 0) {
        t->format = "tarn";
        return recording_read(s, t, process);
    }
    return build_fail(t, "no trace: it begins with neither ATRACE1 nor " RECORDING_NAME);
}

bool trace_load(trace *t, const char *path, uint32_t process)
{
    memset(t, 0, sizeof *t);
    stream *s = malloc(sizeof *s);
    if (s == NULL) {
        return build_fail(t, "no memory to read it");
    }
    bool ok = stream_open(s, path) && read_any(s, t, process) && s->why[0] == '\0';
    if (!ok) {
        (void)build_fail(t, "%s", s->why);
    }
    stream_close(s);
    free(s);
    return ok;
}

void trace_free(trace *t)
{
    free(t->ops);
    free(t->notes);
    free(t->processes);
    t->ops = NULL;
    t->notes = NULL;
    t->processes = NULL;
}
