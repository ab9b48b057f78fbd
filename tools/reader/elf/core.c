/* SPDX-License-Identifier: MIT */
/*
 * ELF core files: the segments are the memory, the NT_FILE note tells which files were mapped where.
 *
 * C1 A segment counts as far as the file has its bytes; what is missing is counted.
 * C2 Segments together have no more bytes than the file, so that one page named many times costs nothing.
 * Bound: program headers, and bytes of the notes.
 */
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "../reader.h"

enum { NOTES_MOST = 64, MAPPINGS_MOST = 1 << 16 };

/* Bytes of a note, in the byte order and word size of the core. */
typedef struct note {
    const unsigned char *bytes;
    size_t size;
    size_t word; /* 4 or 8 */
    bool big;
} note;

static bool note_word(const note *n, size_t index, uint64_t *value)
{
    if (index >= n->size / n->word) {
        return false;
    }
    const unsigned char *at = n->bytes + index * n->word;
    *value = 0;
    for (size_t i = 0; i < n->word; i++) {
        *value = *value << 8 | at[n->big ? i : n->word - 1u - i];
    }
    return true;
}

/* count, page size, then start, end and page of each mapping, then as many names. */
static bool read_mappings(reader *r, const note *n)
{
    uint64_t count, page, start, end, offset;
    if (!note_word(n, 0, &count) || !note_word(n, 1, &page) || count > n->size / (3u * n->word)) {
        return true; /* a note that is none is no reason to read nothing */
    }
    size_t name = (2u + 3u * (size_t)count) * n->word;
    for (size_t i = 0; i < count && r->mapping_count < MAPPINGS_MOST; i++) {
        const unsigned char *zero = name < n->size ? memchr(n->bytes + name, 0, n->size - name) : NULL;
        if (zero == NULL || !note_word(n, 2u + 3u * i, &start) || !note_word(n, 3u + 3u * i, &end) ||
            !note_word(n, 4u + 3u * i, &offset)) {
            break;
        }
        bool sane = start < end && (page == 0 || offset <= UINT64_MAX / page);
        if (sane && !reader_add_mapping(r, (const char *)n->bytes + name, start, end, offset * page)) {
            return false;
        }
        name = (size_t)(zero - n->bytes) + 1u;
    }
    return true;
}

static bool read_notes(reader *r, Elf *elf, const GElf_Phdr *segment)
{
    GElf_Nhdr header;
    size_t name, desc, at = 0, next;
    Elf_Type type = segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
    if (segment->p_offset >= r->file_bytes || segment->p_filesz > r->file_bytes - segment->p_offset) {
        return true; /* cut off */
    }
    Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)segment->p_offset, segment->p_filesz, type);
    while (data != NULL && (next = gelf_getnote(data, at, &header, &name, &desc)) > at) {
        const char *owner = (const char *)data->d_buf + name;
        note n = {(const unsigned char *)data->d_buf + desc, header.n_descsz,
                  gelf_getclass(elf) == ELFCLASS32 ? 4u : 8u, elf_getident(elf, NULL)[EI_DATA] == ELFDATA2MSB};
        if (header.n_type == NT_FILE && header.n_namesz == sizeof "CORE" && memcmp(owner, "CORE", sizeof "CORE") == 0 &&
            !read_mappings(r, &n)) {
            return false;
        }
        at = next;
    }
    return true;
}

/* C1, C2 */
static bool read_load(reader *r, const GElf_Phdr *segment, uint64_t *total)
{
    uint64_t size = segment->p_filesz;
    uint64_t there = segment->p_offset < r->file_bytes ? r->file_bytes - segment->p_offset : 0;
    if (size > there) {
        r->missing += size - there < UINT64_MAX - r->missing ? size - there : UINT64_MAX - r->missing;
        size = there;
    }
    if (size == 0) {
        return true;
    }
    if (segment->p_vaddr > UINT64_MAX - size) {
        return reader_fail(r, "a segment of the ELF file goes beyond 2^64");
    }
    *total += size;
    if (*total > r->file_bytes) {
        return reader_fail(r, "the segments of the ELF file overlap");
    }
    return reader_add_piece(r, segment->p_vaddr, size, r->file + segment->p_offset);
}

static bool read_segments(reader *r, Elf *elf)
{
    size_t count;
    uint64_t total = 0;
    uint32_t notes = 0;
    if (elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &count) != 0) {
        return reader_fail(r, "a damaged ELF file: %s", elf_errmsg(-1));
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(elf, (int)i, &segment) == NULL) {
            return reader_fail(r, "a damaged ELF file: %s", elf_errmsg(-1));
        }
        bool ok = segment.p_type == PT_LOAD                           ? read_load(r, &segment, &total)
                  : segment.p_type == PT_NOTE && notes++ < NOTES_MOST ? read_notes(r, elf, &segment)
                                                                      : true;
        if (!ok) {
            return false;
        }
    }
    return total != 0 || reader_fail(r, "the ELF file holds no memory (no PT_LOAD segment with bytes)");
}

bool reader_load_elf(reader *r)
{
    if (elf_version(EV_CURRENT) == EV_NONE) {
        return reader_fail(r, "libelf: %s", elf_errmsg(-1));
    }
    /* libelf declares the image writable and writes to none that it was given for reading. */
    Elf *elf = elf_memory((char *)(uintptr_t)r->file, (size_t)r->file_bytes);
    if (elf == NULL) {
        return reader_fail(r, "a damaged ELF file: %s", elf_errmsg(-1));
    }
    bool read = read_segments(r, elf);
    (void)elf_end(elf);
    return read;
}
