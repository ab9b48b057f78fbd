/* SPDX-License-Identifier: MIT */
/*
 * The shell commands about memory, for a shell that calls them with the words behind the command's name.
 * Bound: what each calls.
 */
#include "face.h"
#include "los_memrecord_pri.h"
#include "text.h"

enum { UNITS_K = 10, UNITS_M = 20 };

static VOID say(const CHAR *line)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, line);
    tarn_liteos_put_end(&text);
}

static UINT32 refuse(const CHAR *usage)
{
    say(usage);
    return LOS_OS_ERROR;
}

static bool equal(const CHAR *a, const CHAR *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool has_exc_pool(VOID)
{
    return m_aucSysMem0 != tarn_liteos_system();
}

UINT32 OsShellCmdMemCheck(INT32 argc, const CHAR *argv[])
{
    (void)argv;
    if (argc > 0) {
        return refuse("\nUsage: memcheck\n");
    }
    OsMemIntegrityMultiCheck();
    return LOS_OK;
}

UINT32 OsShellCmdMemUsed(INT32 argc, const CHAR *argv[])
{
    (void)argv;
    if (argc > 0) {
        return refuse("\nUsage: memused\n");
    }
    OsMemUsedNodeShow(tarn_liteos_system());
    if (has_exc_pool()) {
        say("\n exc interaction memory\n");
        OsMemUsedNodeShow(m_aucSysMem0);
    }
    return LOS_OK;
}

UINT32 OsShellCmdMemRecordEnable(INT32 argc, const CHAR *argv[])
{
    (void)argc;
    (void)argv;
    OsMemRecordShowSet(1);
    return LOS_OK;
}

UINT32 OsShellCmdMemRecordDisable(INT32 argc, const CHAR *argv[])
{
    (void)argc;
    (void)argv;
    OsMemRecordShowSet(0);
    return LOS_OK;
}

/* ---- free ---- */

/* The columns are 9 and 10 wide, each followed by 4 blanks but the last. */
static VOID put_row(const CHAR *name, const UINTPTR *values, UINT32 count, UINT32 units)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, name);
    for (UINT32 i = 0; i < count; i++) {
        tarn_liteos_put_number(&text, (UINT32)(values[i] >> units), i == 0 ? 9 : 10);
        tarn_liteos_put(&text, i + 1u < count ? "    " : "\n");
    }
    tarn_liteos_put_end(&text);
}

static VOID put_pool(const CHAR *name, VOID *pool, UINT32 units)
{
    UINT32 total = LOS_MemPoolSizeGet(pool);
    UINT32 used = LOS_MemTotalUsedGet(pool);
    const UINTPTR values[] = {total, used, total - used};
    put_row(name, values, 3, units);
}

static VOID put_sections(UINT32 units)
{
    UINTPTR sizes[4];
    if (tarn_liteos_sections(sizes)) {
        say("\r\n        text         data          rodata        bss\n");
        put_row("Mem:    ", sizes, 4, units);
    }
}

UINT32 OsShellCmdFree(INT32 argc, const CHAR *argv[])
{
    static const CHAR usage[] = "\nUsage: free or free [-k/-m]\n";
    UINT32 units = 0;
    if (argc > 1) {
        return refuse(usage);
    }
    if (argc == 1) {
        units = equal(argv[0], "-k") ? UNITS_K : equal(argv[0], "-m") ? UNITS_M : 0;
        if (units == 0) {
            return refuse(usage);
        }
    }
    if (has_exc_pool()) {
        say("\r\n***** Mem:system mem      Mem1:exception interaction mem *****\n");
    }
    say("\r\n        total        used          free\n");
    put_pool("Mem:    ", tarn_liteos_system(), units);
    if (has_exc_pool()) {
        put_pool("Mem1:   ", m_aucSysMem0, units);
    }
    put_sections(units);
    return LOS_OK;
}

/* ---- readreg ---- */

static UINT32 digit_of(CHAR c)
{
    if (c >= '0' && c <= '9') {
        return (UINT32)(c - '0');
    }
    CHAR lower = (CHAR)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? (UINT32)(lower - 'a') + 10u : 16u;
}

/* A number as strtoul() reads it with base 0, whole and in range. */
static bool read_number(const CHAR *word, UINTPTR *number)
{
    UINT32 base = word[0] != '0' ? 10u : (word[1] | 0x20) == 'x' ? 16u : 8u;
    word += base == 16u ? 2 : 0;
    *number = 0;
    if (*word == '\0') {
        return false;
    }
    for (; *word != '\0'; word++) {
        UINT32 digit = digit_of(*word);
        if (digit >= base || *number > (UINTPTR_MAX - digit) / base) {
            return false;
        }
        *number = *number * base + digit;
    }
    return true;
}

static bool in_a_pool(UINTPTR address, UINTPTR length)
{
    tarn_registration entry;
    for (UINT32 i = 0; tarn_registered(TARN_FACE_LITEOS, i, &entry); i++) {
        UINTPTR at = address - (UINTPTR)entry.pool;
        if (at < entry.bytes && length <= entry.bytes - at) {
            return true;
        }
    }
    return false;
}

static VOID dump(const UINT8 *from, UINTPTR length)
{
    for (UINTPTR at = 0; at < length; at += 16u) {
        tarn_liteos_text text;
        text_begin(&text);
        tarn_liteos_put_digits(&text, (UINTPTR)from + at, 2u * (UINT32)sizeof(VOID *));
        tarn_liteos_put(&text, " :");
        for (UINTPTR i = at; i < at + 16u && i < length; i++) {
            static const CHAR hex[] = "0123456789abcdef";
            const CHAR byte[] = {' ', hex[from[i] >> 4], hex[from[i] & 15u], '\0'};
            tarn_liteos_put(&text, byte);
        }
        tarn_liteos_put(&text, "\n");
        tarn_liteos_put_end(&text);
    }
}

static UINT32 refuse_word(const CHAR *what, const CHAR *word)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "readreg invalid ");
    tarn_liteos_put(&text, what);
    tarn_liteos_put(&text, " ");
    tarn_liteos_put(&text, word);
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
    return LOS_OS_ERROR;
}

UINT32 OsShellCmdMemRead(INT32 argc, const CHAR *argv[])
{
    UINTPTR address;
    UINTPTR length = 16;
    if (argc < 1 || argc > 2) {
        return refuse("\nUsage: readreg [ADDRESS] [LENGTH]\n");
    }
    if (argc == 2 && !read_number(argv[1], &length)) {
        return refuse_word("length", argv[1]);
    }
    if (!read_number(argv[0], &address) || address == 0 || !in_a_pool(address, length)) {
        return refuse_word("address", argv[0]);
    }
    dump((const UINT8 *)address, length);
    return LOS_OK;
}
