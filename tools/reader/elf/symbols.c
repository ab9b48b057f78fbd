/* SPDX-License-Identifier: MIT */
/*
 * Names of call sites, from the program's ELF file.
 *
 * A site is a return address less that of tarn_alloc(), modulo 2^32, so a file that defines tarn_alloc names the sites
 * in itself wherever it was loaded. Where a core file or process tells what was loaded where, sites in other files are
 * found too: of the addresses that agree modulo 2^32, the one in a mapped file.
 * Bound: symbols of the files to open; files, or a file's compilation units, to name a site.
 */
#define _GNU_SOURCE /* O_CLOEXEC, basename */
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../reader.h"

enum { WARNING = 256 };

/* A file that was reported to libdwfl. */
typedef struct loaded {
    Dwfl_Module *module;
    uint64_t start, end;
    uint64_t alloc; /* address of its tarn_alloc(), 0 if it has none */
} loaded;

struct symbols {
    Dwfl *dwfl;
    loaded *files;
    size_t count;
    bool narrow;             /* 32-bit addresses */
    uint64_t asked, outside; /* call sites, and those that are in no file's code */
    char warning[WARNING];
};

/* ---- files ---- */

static int open_regular(const char *path)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0 || (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode))) {
        return descriptor;
    }
    (void)close(descriptor);
    errno = EINVAL;
    return -1;
}

/* What is added to the file's addresses if its byte at `offset` was mapped at `start`. */
static bool bias_of(int descriptor, uint64_t start, uint64_t offset, uint64_t *bias)
{
    size_t count = 0;
    GElf_Phdr segment;
    Elf *elf = elf_begin(descriptor, ELF_C_READ, NULL);
    bool found = false;
    if (elf != NULL && elf_kind(elf) == ELF_K_ELF && elf_getphdrnum(elf, &count) == 0) {
        for (size_t i = 0; !found && i < count && gelf_getphdr(elf, (int)i, &segment) != NULL; i++) {
            uint64_t first = segment.p_align > 1 ? segment.p_offset & ~(segment.p_align - 1u) : segment.p_offset;
            found = segment.p_type == PT_LOAD && first <= offset && offset < segment.p_offset + segment.p_filesz;
            *bias = start - (segment.p_vaddr - segment.p_offset + offset);
        }
    }
    (void)elf_end(elf);
    return found;
}

static uint64_t find_alloc(Dwfl_Module *module)
{
    int count = dwfl_module_getsymtab(module);
    for (int i = 0; i < count; i++) {
        GElf_Sym symbol;
        GElf_Addr address;
        const char *name = dwfl_module_getsym_info(module, i, &symbol, &address, NULL, NULL, NULL);
        if (name != NULL && strcmp(name, "tarn_alloc") == 0 && symbol.st_shndx != SHN_UNDEF) {
            return address;
        }
    }
    return 0;
}

/* A file that is not the one the core came from names wrong lines. */
static void compare_build(symbols *s, const reader *r, Dwfl_Module *module, const char *path)
{
    const unsigned char *bits;
    GElf_Addr address = 0;
    uint64_t size;
    int length = dwfl_module_build_id(module, &bits, &address);
    const unsigned char *there = length > 0 && address != 0 ? reader_at(r, address, &size) : NULL;
    if (there != NULL && size >= (uint64_t)length && memcmp(there, bits, (size_t)length) != 0) {
        (void)snprintf(s->warning, sizeof s->warning, "'%s' is another build than the one that ran", path);
    }
}

static bool report(symbols *s, reader *r, const char *path, uint64_t bias)
{
    Dwarf_Addr start = 0, end = 0, loadbase;
    int descriptor = open_regular(path);
    if (descriptor < 0) {
        return reader_fail(r, "cannot read '%s': %s", path, strerror(errno));
    }
    Dwfl_Module *module = dwfl_report_elf(s->dwfl, path, path, descriptor, bias, true);
    if (module == NULL) {
        (void)close(descriptor);
        return reader_fail(r, "'%s' cannot be used: %s", path, dwfl_errmsg(-1));
    }
    Elf *elf = dwfl_module_getelf(module, &loadbase);
    loaded *files = realloc(s->files, (s->count + 1u) * sizeof *files);
    if (files == NULL || elf == NULL) {
        s->files = files != NULL ? files : s->files;
        return reader_fail(r, "'%s' cannot be used: %s", path, dwfl_errmsg(-1));
    }
    (void)dwfl_module_info(module, NULL, &start, &end, NULL, NULL, NULL, NULL);
    s->narrow = s->narrow || gelf_getclass(elf) == ELFCLASS32;
    s->files = files;
    files[s->count++] = (loaded){module, start, end, find_alloc(module)};
    if (r->kind != READER_RAW) {
        compare_build(s, r, module, path);
    }
    return true;
}

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Which mapping --elf stands for: the one of its name, else the first, which is the program's. */
static size_t mapping_of(const reader *r, const char *elf)
{
    for (size_t i = 0; i < r->mapping_count; i++) {
        if (strcmp(name_in(r->mappings[i].path), name_in(elf)) == 0) {
            return i;
        }
    }
    return 0;
}

static bool seen_before(const reader *r, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(r->mappings[i].path, r->mappings[index].path) == 0) {
            return true;
        }
    }
    return false;
}

static bool report_mapping(symbols *s, reader *r, const reader_mapping *m, const char *path)
{
    uint64_t bias;
    int descriptor = open_regular(path);
    if (descriptor < 0) {
        return reader_fail(r, "cannot read '%s': %s", path, strerror(errno));
    }
    bool placed = bias_of(descriptor, m->start, m->offset, &bias);
    (void)close(descriptor);
    return placed ? report(s, r, path, bias) : reader_fail(r, "'%s' is no ELF file that was mapped", path);
}

enum { FILES_MOST = 4096 };

/* Files that are gone or of no use name nothing; only what was asked for is worth a failure. */
static bool report_all(symbols *s, reader *r, const char *elf)
{
    size_t chosen = elf != NULL ? mapping_of(r, elf) : SIZE_MAX;
    if (r->mapping_count == 0) {
        return elf == NULL || report(s, r, elf, 0);
    }
    if (elf != NULL && !report_mapping(s, r, &r->mappings[chosen], elf)) {
        return false;
    }
    for (size_t i = 0; i < r->mapping_count && i < FILES_MOST; i++) {
        bool replaced = elf != NULL && strcmp(r->mappings[i].path, r->mappings[chosen].path) == 0;
        if (!replaced && !seen_before(r, i)) {
            (void)report_mapping(s, r, &r->mappings[i], r->mappings[i].path);
        }
    }
    return true;
}

static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
                                         .find_debuginfo = dwfl_standard_find_debuginfo,
                                         .section_address = dwfl_offline_section_address};

symbols *symbols_open(reader *r, const char *elf)
{
    symbols *s = calloc(1, sizeof *s);
    (void)elf_version(EV_CURRENT);
    if (s == NULL || (s->dwfl = dwfl_begin(&callbacks)) == NULL) {
        free(s);
        (void)reader_fail(r, "not enough memory");
        return NULL;
    }
    dwfl_report_begin(s->dwfl);
    bool reported = report_all(s, r, elf);
    (void)dwfl_report_end(s->dwfl, NULL, NULL);
    bool defined = false;
    for (size_t i = 0; i < s->count; i++) {
        defined = defined || s->files[i].alloc != 0;
    }
    if (elf != NULL && reported && !defined) {
        reported = reader_fail(r, "'%s' does not define tarn_alloc: it names no call sites", elf);
    }
    if (!reported || s->count == 0) {
        symbols_close(s);
        return NULL;
    }
    return s;
}

/* ---- sites ---- */

/* The address in [start, end) that agrees with it modulo 2^32; 0 if there is none. */
static uint64_t within(const loaded *file, uint64_t address)
{
    uint64_t found = file->start + (uint32_t)(address - file->start);
    return found > file->start && found <= file->end ? found : 0;
}

static const loaded *locate(const symbols *s, uint64_t address, const loaded *first, uint64_t *found)
{
    *found = within(first, address);
    for (size_t i = 0; *found == 0 && i < s->count; i++) {
        first = &s->files[i];
        *found = within(first, address);
    }
    return *found != 0 ? first : NULL;
}

/* Files of compilers that leave out the table of address ranges (clang): each compilation unit is asked. */
static void search_units(const loaded *file, uint64_t address, site_name *name)
{
    Dwarf_Addr bias;
    for (Dwarf_Die *unit = NULL; (unit = dwfl_module_nextcu(file->module, unit, &bias)) != NULL;) {
        Dwarf_Line *line = dwarf_haspc(unit, address - bias) > 0 ? dwarf_getsrc_die(unit, address - bias) : NULL;
        if (line != NULL && dwarf_lineno(line, &name->line) == 0) {
            name->file = dwarf_linesrc(line, NULL, NULL);
            return;
        }
    }
}

static bool name_at(const loaded *file, uint64_t address, site_name *name)
{
    /* One less: the call, not what follows it. */
    Dwfl_Line *line = dwfl_module_getsrc(file->module, address - 1u);
    name->address = address;
    name->function = dwfl_module_addrname(file->module, address - 1u);
    if (line != NULL) {
        name->file = dwfl_lineinfo(line, NULL, &name->line, NULL, NULL, NULL);
    } else {
        search_units(file, address - 1u, name);
    }
    return name->function != NULL || name->file != NULL;
}

static bool name_site(const symbols *s, uint32_t site, site_name *name)
{
    for (size_t i = 0; i < s->count; i++) {
        uint64_t address = s->files[i].alloc + site;
        uint64_t found;
        const loaded *file =
            s->files[i].alloc != 0 ? locate(s, s->narrow ? (uint32_t)address : address, &s->files[i], &found) : NULL;
        if (file != NULL && name_at(file, found, name)) {
            return true;
        }
    }
    return false;
}

bool symbols_name(symbols *s, uint32_t site, site_name *name)
{
    memset(name, 0, sizeof *name);
    if (s == NULL || site == 0) {
        return false;
    }
    bool known = name_site(s, site, name);
    s->asked++;
    s->outside += known ? 0 : 1u;
    return known;
}

const char *symbols_doubt(symbols *s)
{
    if (s == NULL || s->outside == 0) {
        return NULL;
    }
    (void)snprintf(s->warning, sizeof s->warning,
                   "%" PRIu64 " of %" PRIu64
                   " call sites asked for lie in no function of it: is that the program that ran?",
                   s->outside, s->asked);
    return s->warning;
}

const char *symbols_warning(const symbols *s)
{
    return s != NULL && s->warning[0] != '\0' ? s->warning : NULL;
}

void symbols_close(symbols *s)
{
    if (s != NULL) {
        dwfl_end(s->dwfl);
        free(s->files);
        free(s);
    }
}
