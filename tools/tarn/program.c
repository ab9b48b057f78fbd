/* SPDX-License-Identifier: MIT */
/*
 * Finding a program's file as execvp() does, so that it can be looked at before it runs.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tarn.h"

/* 0, or the errno that executing the file would give. */
static int executable(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return errno;
    }
    if (S_ISDIR(about.st_mode)) {
        return EISDIR;
    }
    return access(path, X_OK) == 0 ? 0 : errno;
}

static int refuse(const char *name, int error)
{
    bool missing = error == ENOENT || error == ENOTDIR;
    tarn_message("cannot run '%s': %s", name, strerror(error));
    return missing ? TARN_EXIT_NOT_FOUND : TARN_EXIT_NOT_RUN;
}

/* One folder of PATH; an empty one is the current folder. */
static int try_folder(const char *folder, size_t length, const char *name, char *path, size_t size)
{
    const char *format = length == 0 ? "./%.*s%s" : "%.*s/%s";
    int needed = snprintf(path, size, format, (int)length, folder, name);
    return needed < 0 || (size_t)needed >= size ? ENAMETOOLONG : executable(path);
}

int program_find(const char *name, char *path, size_t size)
{
    if (strchr(name, '/') != NULL) {
        int needed = snprintf(path, size, "%s", name);
        int error = needed < 0 || (size_t)needed >= size ? ENAMETOOLONG : executable(path);
        return error == 0 ? 0 : refuse(name, error);
    }
    const char *folders = getenv("PATH");
    const char *folder = folders != NULL ? folders : "/bin:/usr/bin";
    int error = ENOENT;
    while (name[0] != '\0') {
        size_t length = strcspn(folder, ":");
        int found = try_folder(folder, length, name, path, size);
        if (found == 0) {
            return 0;
        }
        /* A file that may not be executed is better news than none at all, but a later folder may have one that may. */
        error = found == EACCES ? EACCES : error;
        if (folder[length] == '\0') {
            break;
        }
        folder += length + 1;
    }
    return refuse(name, error);
}
