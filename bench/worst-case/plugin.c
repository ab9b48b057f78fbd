/* SPDX-License-Identifier: MIT */
/*
 * A plugin for QEMU, system or user mode: counts the instructions of each call that the program makes between its marks
 * (marks.h), exactly, and writes a line for each operation:
 *
 *   INSTRUCTIONS COPYING FILLING LOCKED OUTCOME [settled]   the function's first instruction to its return, both
 *                                           included, less those of memcpy() and memmove(), the second number, and of
 *                                           memset(), the third; the longest stretch with interrupts masked; served,
 *                                           moved, refused or skipped
 *   end                                     a sequence is over
 *
 *   qemu-... -plugin plugin.so,out=FILE,SYMBOL=ADDRESS...,copies=FIRST-BEHIND...,fills=FIRST-BEHIND
 *                                           every symbol of MARK_SYMBOLS that the program has; where that code lies
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../instructions/qemu_plugin.h"
#include "marks.h"

/* Interrupts are masked in place, not by the board, whose labels are marks: the instruction itself tells. */
enum { MASKS_IN_PLACE = MARKS };

static const char *const symbols[MARKS] = MARK_SYMBOLS;
static uint64_t addresses[MARKS];
/* Code whose instructions are counted apart. */
typedef struct range {
    uint64_t first, behind;
} range;

enum { COPIES, COPIES_TOO, FILLS, RANGES };

static range ranges[RANGES];
static uint64_t counter, begun, taken, masked, longest;
static uint64_t copied, copied_before, filled, filled_before;
static int settled;
static FILE *out;

static void note(const char *outcome)
{
    (void)fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s%s\n", taken, copied - copied_before,
                  filled - filled_before, longest, outcome, settled ? " settled" : "");
}

/* All instructions, whatever they do. */
static uint64_t everything(void)
{
    return counter + copied + filled;
}

static void note_stretch(uint64_t stretch)
{
    longest = stretch > longest ? stretch : longest;
}

static void on_mark(unsigned cpu, void *data)
{
    (void)cpu;
    switch ((unsigned)(uintptr_t)data) {
    case MARK_CALL_BEGIN:
        begun = counter;
        copied_before = copied;
        filled_before = filled;
        longest = 0;
        settled = 0;
        break;
    case MARK_CALL_END:
        taken = counter - begun - 1; /* less the call */
        break;
    case MARK_MASKED:
        masked = everything();
        break;
    case MASKS_IN_PLACE:
        masked = everything() + 1;
        break;
    case MARK_UNMASKS:
        note_stretch(everything() - masked + 1);
        break;
    case MARK_SETTLES:
    case MARK_SETTLES_ALL:
        settled = 1;
        break;
    case MARK_SERVED:
        note("served");
        break;
    case MARK_MOVED:
        note("moved");
        break;
    case MARK_REFUSED:
        note("refused");
        break;
    case MARK_SKIPPED:
        (void)fputs("0 0 0 0 skipped\n", out);
        break;
    default:
        (void)fputs("end\n", out);
        (void)fflush(out);
    }
}

static bool in_range(const range *r, uint64_t address)
{
    return address >= r->first && address < r->behind;
}

static uint64_t *counter_of(uint64_t address)
{
    if (in_range(&ranges[FILLS], address)) {
        return &filled;
    }
    return in_range(&ranges[COPIES], address) || in_range(&ranges[COPIES_TOO], address) ? &copied : &counter;
}

static range parse_range(const char *text)
{
    char *behind;
    range r = {strtoull(text, &behind, 16), 0};
    r.behind = *behind == '-' ? strtoull(behind + 1, NULL, 16) : 0;
    return r;
}

/* Of Cortex-M: cpsid i; msr primask, any. Of RISC-V: csrrci any, mstatus, 8; csrrs zero, mstatus, any. */
static unsigned mark_in_place(const struct qemu_plugin_insn *insn)
{
    uint32_t word = 0;
    size_t size = qemu_plugin_insn_size(insn);
    memcpy(&word, qemu_plugin_insn_data(insn), size < sizeof word ? size : sizeof word);
    if ((size == 2 && word == 0xB672) || (size == 4 && (word & 0xFFFFF07F) == 0x30047073)) {
        return MASKS_IN_PLACE;
    }
    bool unmasks = size == 4 && ((word & 0xFFFFFFF0) == 0x8810F380 || (word & 0xFFF07FFF) == 0x30002073);
    return unmasks ? MARK_UNMASKS : MARK_FINISHED;
}

static void mark(struct qemu_plugin_insn *insn, unsigned what)
{
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)what);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t address = qemu_plugin_insn_vaddr(insn);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, counter_of(address), 1);
        unsigned in_place = mark_in_place(insn);
        for (unsigned what = 0; what < MARKS; what++) {
            if (address == addresses[what]) {
                mark(insn, what);
                in_place = what == MARK_UNMASKS ? MARK_FINISHED : in_place; /* not told twice */
            }
        }
        if (in_place != MARK_FINISHED) {
            mark(insn, in_place);
        }
    }
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    (void)fclose(out);
}

__attribute__((visibility("default"))) extern int qemu_plugin_version;
int qemu_plugin_version = 1;

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int count,
                                                               char **arguments)
{
    (void)info;
    memset(addresses, 0xFF, sizeof addresses);
    for (int i = 0; i < count; i++) {
        const char *value = strchr(arguments[i], '=');
        size_t length = value == NULL ? 0 : (size_t)(value - arguments[i]);
        for (unsigned mark = 0; mark < MARKS; mark++) {
            if (strlen(symbols[mark]) == length && strncmp(arguments[i], symbols[mark], length) == 0) {
                addresses[mark] = strtoull(value + 1, NULL, 16);
            }
        }
        if (strncmp(arguments[i], "out=", 4) == 0) {
            out = fopen(arguments[i] + 4, "w");
        } else if (strncmp(arguments[i], "copies=", 7) == 0) {
            ranges[ranges[COPIES].behind == 0 ? COPIES : COPIES_TOO] = parse_range(arguments[i] + 7);
        } else if (strncmp(arguments[i], "fills=", 6) == 0) {
            ranges[FILLS] = parse_range(arguments[i] + 6);
        }
    }
    if (out == NULL || addresses[MARK_CALL_BEGIN] == UINT64_MAX) {
        (void)fprintf(stderr, "plugin: no out=FILE, or no marks\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
