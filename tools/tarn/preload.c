/* SPDX-License-Identifier: MIT */
/*
 * The library to preload, and the programs that it cannot be preloaded into. The run-time linker ignores a preload that
 * it cannot use, or never runs at all; asked beforehand, the answer is one clear line.
 */
#define _GNU_SOURCE /* realpath, S_ISUID, asprintf */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tarn.h"

/* The folder of what is preloaded, as seen from the command's: the build says it where it is another one than lib/. */
#ifndef TARN_LIBRARY_PLACE
#define TARN_LIBRARY_PLACE "../lib/"
#endif

enum { BESIDE_MAX = 128, OBJECTION_MAX = 160 };

const preloaded preload_malloc = {"libtarn-malloc.so", "TARN_MALLOC_SO"};
const preloaded preload_record = {"libtarn-record.so", "TARN_RECORD_SO"};

/* ---- finding the library ---- */

/* The path as the run-time linker shall see it from any folder. LD_PRELOAD has no way to quote its separators. */
static int settle_library(const char *candidate, char *path, size_t size)
{
    char *absolute = realpath(candidate, NULL);
    int needed = absolute != NULL ? snprintf(path, size, "%s", absolute) : -1;
    free(absolute);
    if (needed < 0 || (size_t)needed >= size || access(path, R_OK) != 0) {
        return TARN_EXIT_FAILED;
    }
    return 0;
}

static int settle_beside(const char *command, const char *relative, char *path, size_t size)
{
    char candidate[PATH_MAX];
    const char *slash = strrchr(command, '/');
    int folder = slash != NULL ? (int)(slash - command) : 0;
    int needed = snprintf(candidate, sizeof candidate, "%.*s/%s", folder, command, relative);
    if (needed < 0 || (size_t)needed >= sizeof candidate) {
        return TARN_EXIT_FAILED;
    }
    return settle_library(candidate, path, size);
}

static int locate(const preloaded *library, char *path, size_t size)
{
    static const char *const places[] = {TARN_LIBRARY_PLACE, "../lib/", ""};
    char command[PATH_MAX], beside[BESIDE_MAX];
    ssize_t length = readlink("/proc/self/exe", command, sizeof command - 1);
    command[length > 0 ? length : 0] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        (void)snprintf(beside, sizeof beside, "%s%s", places[i], library->name);
        if (settle_beside(command, beside, path, size) == 0) {
            return 0;
        }
    }
    tarn_message("cannot find %s in ../lib of or beside %s; set %s to its path", library->name, command,
                 library->variable);
    return TARN_EXIT_FAILED;
}

int preload_find(const preloaded *library, char *path, size_t size)
{
    const char *given = getenv(library->variable);
    if (given == NULL || given[0] == '\0') {
        if (locate(library, path, size) != 0) {
            return TARN_EXIT_FAILED;
        }
    } else if (settle_library(given, path, size) != 0) {
        tarn_message("%s: cannot read '%s'", library->variable, given);
        return TARN_EXIT_FAILED;
    }
    if (strpbrk(path, ": ") != NULL) {
        tarn_message("'%s' cannot be preloaded: LD_PRELOAD takes no path with a blank or a colon", path);
        return TARN_EXIT_FAILED;
    }
    return 0;
}

/* ---- what kind of program a file is ---- */

typedef struct binary {
    bool is_elf;
    unsigned char class; /* ELFCLASS32 or ELFCLASS64 */
    unsigned char order; /* ELFDATA2LSB or ELFDATA2MSB */
    uint16_t machine;
    bool dynamic;               /* asks for a run-time linker */
    char interpreter[PATH_MAX]; /* that linker, or what the first line of a script names */
} binary;

static bool read_at(int file, void *bytes, size_t size, uint64_t place)
{
    return pread(file, bytes, size, (off_t)place) == (ssize_t)size;
}

static void read_interpreter(int file, uint64_t place, uint64_t size, binary *about)
{
    about->dynamic = true;
    if (size < sizeof about->interpreter && read_at(file, about->interpreter, (size_t)size, place)) {
        about->interpreter[size] = '\0';
    }
}

static void read_segments_64(int file, binary *about)
{
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    if (!read_at(file, &header, sizeof header, 0)) {
        return;
    }
    about->machine = header.e_machine;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        if (read_at(file, &segment, sizeof segment, header.e_phoff + (uint64_t)i * header.e_phentsize) &&
            segment.p_type == PT_INTERP) {
            read_interpreter(file, segment.p_offset, segment.p_filesz, about);
        }
    }
}

static void read_segments_32(int file, binary *about)
{
    Elf32_Ehdr header;
    Elf32_Phdr segment;
    if (!read_at(file, &header, sizeof header, 0)) {
        return;
    }
    about->machine = header.e_machine;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        if (read_at(file, &segment, sizeof segment, header.e_phoff + (uint64_t)i * header.e_phentsize) &&
            segment.p_type == PT_INTERP) {
            read_interpreter(file, segment.p_offset, segment.p_filesz, about);
        }
    }
}

static void read_script(int file, binary *about)
{
    char line[PATH_MAX];
    ssize_t length = pread(file, line, sizeof line - 1, 2);
    line[length > 0 ? length : 0] = '\0';
    const char *start = line + strspn(line, " \t");
    (void)snprintf(about->interpreter, sizeof about->interpreter, "%.*s", (int)strcspn(start, " \t\r\n"), start);
}

static void binary_read(const char *path, binary *about)
{
    unsigned char start[EI_NIDENT] = {0};
    memset(about, 0, sizeof *about);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return; /* may be executable and not readable: nothing to object to */
    }
    (void)pread(file, start, sizeof start, 0);
    about->is_elf = memcmp(start, ELFMAG, SELFMAG) == 0;
    about->class = start[EI_CLASS];
    about->order = start[EI_DATA];
    if (about->is_elf && about->class == ELFCLASS64) {
        read_segments_64(file, about);
    } else if (about->is_elf) {
        read_segments_32(file, about);
    } else if (start[0] == '#' && start[1] == '!') {
        read_script(file, about);
    }
    (void)close(file);
}

/* ---- objections ---- */

/* The system drops LD_PRELOAD where executing the file would change whose rights the process has. */
static bool changes_rights(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return false;
    }
    bool user = (about.st_mode & S_ISUID) != 0 && about.st_uid != getuid();
    bool group = (about.st_mode & S_ISGID) != 0 && (about.st_mode & S_IXGRP) != 0 && about.st_gid != getgid();
    bool capabilities = geteuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0;
    return user || group || capabilities;
}

/* Why the library cannot be preloaded into this binary; empty if it can. */
static void object(const binary *program, const binary *wanted, const preloaded *library, char text[OBJECTION_MAX])
{
    text[0] = '\0';
    if (program->class != wanted->class) {
        bool narrow = program->class == ELFCLASS32 && wanted->class == ELFCLASS64;
        (void)snprintf(text, OBJECTION_MAX, "a %s-bit program, and %s is %s-bit; set %s to a %s-bit build of it",
                       narrow ? "32" : "64", library->name, narrow ? "64" : "32", library->variable,
                       narrow ? "32" : "64");
    } else if (program->order != wanted->order || program->machine != wanted->machine) {
        (void)snprintf(text, OBJECTION_MAX, "a program for another processor than %s was built for", library->name);
    } else if (!program->dynamic) {
        (void)snprintf(text, OBJECTION_MAX, "statically linked: nothing can be preloaded");
    } else if (strstr(program->interpreter, "/ld-musl") != NULL) {
        (void)snprintf(text, OBJECTION_MAX, "linked with musl, and %s needs glibc", library->name);
    }
}

int preload_check(const preloaded *library, const char *path, const char *library_path)
{
    binary wanted, about;
    char file[PATH_MAX], problem[OBJECTION_MAX] = "";
    binary_read(library_path, &wanted);
    if (!wanted.is_elf) {
        tarn_message("'%s' is no shared library", library_path);
        return TARN_EXIT_FAILED;
    }
    (void)snprintf(file, sizeof file, "%s", path);
    for (int scripts = 0; scripts < 5; scripts++) { /* as deep as the system follows scripts run by scripts */
        if (changes_rights(file)) {
            tarn_message("'%s' runs with the rights of another user: the system lets nobody preload into it", file);
            return TARN_EXIT_FAILED;
        }
        binary_read(file, &about);
        if (about.is_elf) {
            object(&about, &wanted, library, problem);
        }
        if (problem[0] != '\0') {
            tarn_message("'%s' is %s", file, problem);
            return TARN_EXIT_FAILED;
        }
        if (about.is_elf || about.interpreter[0] == '\0') {
            break;
        }
        memcpy(file, about.interpreter, sizeof file);
    }
    return 0;
}

/* ---- the environment of the program ---- */

int environment_set(const char *name, const char *value)
{
    if (setenv(name, value, 1) != 0) {
        tarn_message("cannot set %s: %s", name, strerror(errno));
        return TARN_EXIT_FAILED;
    }
    return 0;
}

/* True if the list, separated by blanks or colons, has the path. */
static bool lists(const char *list, const char *path)
{
    size_t length = strlen(path);
    for (const char *at = list; *at != '\0';) {
        size_t word = strcspn(at, ": ");
        if (word == length && strncmp(at, path, length) == 0) {
            return true;
        }
        at += word + (at[word] != '\0');
    }
    return false;
}

int preload_set(const char *library, bool first)
{
    const char *before = getenv("LD_PRELOAD");
    if (before == NULL || before[0] == '\0') {
        return environment_set("LD_PRELOAD", library);
    }
    if (lists(before, library)) {
        return 0;
    }
    char *both;
    if (asprintf(&both, "%s:%s", first ? library : before, first ? before : library) < 0) {
        tarn_message("cannot set LD_PRELOAD: %s", strerror(errno));
        return TARN_EXIT_FAILED;
    }
    int failed = environment_set("LD_PRELOAD", both);
    free(both);
    return failed;
}
