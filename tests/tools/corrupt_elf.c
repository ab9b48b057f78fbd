/* SPDX-License-Identifier: MIT */
/*
 * Corrupts ELF files in some thousand ways and gives them to `tarn inspect`, which is linked in and run in a process of
 * its own each time.
 *
 *   corrupt_elf COUNT FOLDER core CORE            each corrupted file is the one to inspect
 *   corrupt_elf COUNT FOLDER elf PROGRAM IMAGE    each is what --elf names, for the saved image
 *
 * One file in eight is cut off, the others have one to eight places changed: bits, words of 1, 2, 4 and 8 bytes set to
 * extremes, pieces copied over others; in the ELF header, the tables, inside a section, or anywhere.
 *
 * CE1 the command ends with 0, 1, 3 or 125 within a minute, never by a signal or a sanitizer's exit code
 * CE2 with 125 it says why, on a line of stderr that begins with "tarn: "
 *
 * TARN_TEST_SEED seeds it. Ends with 0 if all of it held, else at the first that does not, which it leaves in FOLDER.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../tools/tarn/tarn.h"
#include "prng.h"

enum { PATH_MOST = 4096, SECONDS = 60 };

static struct {
    unsigned char *bytes;
    size_t size;
} original, trial;

static prng chance;
static char path[PATH_MOST];
static char said[PATH_MOST];

static uint32_t below(uint32_t bound)
{
    return prng_below(&chance, bound);
}

static void need(bool holds, const char *what)
{
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static void load(const char *name)
{
    FILE *file = fopen(name, "rb");
    need(file != NULL && fseek(file, 0, SEEK_END) == 0, name);
    original.size = (size_t)ftell(file);
    original.bytes = malloc(original.size);
    trial.bytes = malloc(original.size);
    rewind(file);
    need(original.bytes != NULL && trial.bytes != NULL && original.size > sizeof(Elf64_Ehdr), name);
    need(fread(original.bytes, 1, original.size, file) == original.size, name);
    (void)fclose(file);
}

/* ---- where ---- */

/* Bytes of the file. */
typedef struct range {
    uint64_t from, size;
} range;

static range clipped(uint64_t from, uint64_t size)
{
    range r = {from, size};
    r.from = from < original.size ? from : 0;
    r.size = size < original.size - r.from ? size : original.size - r.from;
    return r;
}

/* A section of a program, a segment of a core file. */
static range some_part(const Elf64_Ehdr *header)
{
    if (header->e_shnum > 1) {
        Elf64_Shdr section;
        memcpy(&section, original.bytes + header->e_shoff + below(header->e_shnum) * sizeof section, sizeof section);
        return clipped(section.sh_offset, section.sh_type == SHT_NOBITS ? 0 : section.sh_size);
    }
    Elf64_Phdr segment;
    memcpy(&segment, original.bytes + header->e_phoff + below(header->e_phnum) * sizeof segment, sizeof segment);
    return clipped(segment.p_offset, segment.p_filesz);
}

static range some_range(void)
{
    Elf64_Ehdr header;
    memcpy(&header, original.bytes, sizeof header);
    switch (below(8)) {
    case 0:
        return clipped(0, sizeof header);
    case 1:
        return clipped(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr));
    case 2:
        return clipped(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr));
    case 3:
        return clipped(0, original.size);
    default:
        return some_part(&header);
    }
}

static size_t some_place(void)
{
    range r = some_range();
    size_t at = (size_t)(r.size == 0 ? 0 : r.from + below(r.size < UINT32_MAX ? (uint32_t)r.size : UINT32_MAX));
    at &= ~(size_t)(below(2) != 0 ? 3u : 0);
    return at <= trial.size - 8u ? at : trial.size - 8u;
}

/* ---- what ---- */

static uint64_t extreme(void)
{
    static const uint64_t values[] = {0,          1,          2,          3,          8,         0x7F,
                                      0x80,       0xFF,       0x7FFF,     0xFFFF,     0x10000,   0x7FFFFFFF,
                                      0x80000000, 0xFFFFFFF8, 0xFFFFFFFF, 1ull << 32, INT64_MAX, 1ull << 63,
                                      UINT64_MAX, ~7ull,      1ull << 62, 0x100000,   4096,      64};
    uint64_t value = values[below(sizeof values / sizeof values[0])];
    return below(4) == 0 ? original.size + value : value;
}

static void change(void)
{
    size_t at = some_place();
    uint64_t value = extreme();
    switch (below(4)) {
    case 0:
        trial.bytes[at] ^= (unsigned char)(1u << below(8));
        break;
    case 1:
        trial.bytes[at] = (unsigned char)below(256);
        break;
    case 2:
        memcpy(trial.bytes + at, &value, (size_t)1 << below(4));
        break;
    default:
        memmove(trial.bytes + at, trial.bytes + some_place(), 8);
    }
}

static void corrupt(void)
{
    memcpy(trial.bytes, original.bytes, original.size);
    trial.size = original.size;
    if (below(8) == 0) {
        trial.size = below(4) == 0 ? below(512) : some_place();
        return;
    }
    for (uint32_t times = 1u << below(4); times != 0; times--) {
        change();
    }
}

static void store(void)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    need(file >= 0 && write(file, trial.bytes, trial.size) == (ssize_t)trial.size, path);
    (void)close(file);
}

/* ---- the command ---- */

static int open_again(const char *name, int as)
{
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    return file < 0 ? -1 : dup2(file, as);
}

static _Noreturn void inspect(const char *image)
{
    static char verb[] = "inspect", leaks[] = "--leaks", owners[] = "--owners", elf[] = "--elf";
    char *with_elf[] = {verb, leaks, owners, elf, path, (char *)(uintptr_t)image, NULL};
    char *alone[] = {verb, leaks, owners, path, NULL};
    need(open_again("/dev/null", STDOUT_FILENO) >= 0 && open_again(said, STDERR_FILENO) >= 0, said);
    (void)alarm(SECONDS);
    exit(tarn_inspect(image != NULL ? with_elf : alone));
}

static bool has_message(void)
{
    char start[6] = "";
    FILE *file = fopen(said, "rb");
    bool read = file != NULL && fread(start, 1, 6, file) == 6;
    if (file != NULL) {
        (void)fclose(file);
    }
    return read && memcmp(start, "tarn: ", 6) == 0;
}

/* The exit code, or -1 where CE1 or CE2 does not hold. */
static int run(const char *image)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        inspect(image);
    }
    need(child > 0 && waitpid(child, &status, 0) == child, "fork");
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    bool known = code == 0 || code == 1 || code == 3 || (code == 125 && has_message());
    if (!known) {
        fprintf(stderr, "ended with %s %d; see %s and %s\n", WIFSIGNALED(status) ? "signal" : "code",
                WIFSIGNALED(status) ? WTERMSIG(status) : code, path, said);
    }
    return known ? code : -1;
}

int main(int count, char **arguments)
{
    const char *seed = getenv("TARN_TEST_SEED");
    uint64_t value = seed != NULL ? strtoull(seed, NULL, 0) : UINT64_C(20261120);
    unsigned ends[126] = {0};
    if (count < 5) {
        return 2;
    }
    unsigned long trials = strtoul(arguments[1], NULL, 0);
    (void)snprintf(path, sizeof path, "%s/corrupted", arguments[2]);
    (void)snprintf(said, sizeof said, "%s/said", arguments[2]);
    chance = prng_make(value, 0);
    load(arguments[4]);
    for (unsigned long i = 0; i < trials; i++) {
        corrupt();
        store();
        int code = run(count > 5 ? arguments[5] : NULL);
        if (code < 0) {
            fprintf(stderr, "%s: seed %llu, trial %lu\n", arguments[3], (unsigned long long)value, i);
            return 1;
        }
        ends[code]++;
    }
    printf("%s: seed %llu, %lu corrupted files; %u ended with 0, %u with 1, %u with 3, %u with 125\n", arguments[3],
           (unsigned long long)value, trials, ends[0], ends[1], ends[3], ends[125]);
    return 0;
}
