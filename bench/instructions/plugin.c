/* SPDX-License-Identifier: MIT */
/*
 * A plugin for QEMU's user mode: counts the instructions between the marks that main.c passes, exactly, and writes for
 * each kind of operation how many there were, the mean, the quantiles, and the most with the operation that took it.
 *
 *   qemu-ARCH -plugin plugin.so,out=FILE,NAME=ADDRESS... count ...      NAME: every mark of marks below
 *
 * Between two marks lies the call's own overhead. Base operations, on functions that do nothing but return, tell it:
 * what is written counts a function's first instruction to its return, both included, and not the call.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "qemu_plugin.h"

enum { BUCKETS = 1 << 16 };

/* Of one kind of operation; refused requests are kinds of their own. */
typedef struct kind {
    uint64_t count, sum, most, where;
    uint32_t buckets[BUCKETS]; /* the last has everything above, too */
} kind;

static const char *const names[MARK_KINDS] = MARK_NAMES;
static uint64_t addresses[MARKS];
static kind kinds[2 * MARK_KINDS];
static uint64_t base[MARK_KINDS];
static uint64_t counter, begun, taken, operation;
static unsigned current;
static int measuring;
static const char *out_path;

static void note(kind *k, uint64_t value)
{
    k->count++;
    k->sum += value;
    k->buckets[value < BUCKETS ? value : BUCKETS - 1]++;
    if (value > k->most) {
        k->most = value;
        k->where = operation;
    }
}

static void end_operation(void)
{
    taken = counter - begun;
    if (!measuring) {
        base[current] = taken - 1; /* a return is an instruction, too */
    }
}

static void on_mark(unsigned cpu, void *data)
{
    (void)cpu;
    unsigned mark = (unsigned)(uintptr_t)data;
    switch (mark) {
    case MARK_END:
        end_operation();
        break;
    case MARK_SERVED:
    case MARK_REFUSED:
        note(&kinds[mark == MARK_REFUSED ? MARK_KINDS + current : current], taken - base[current]);
        operation++;
        break;
    case MARK_SKIP:
        operation++;
        break;
    case MARK_MEASURE:
        measuring = 1;
        break;
    default:
        current = mark;
        begun = counter;
    }
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &counter, 1);
        for (unsigned mark = 0; mark < MARKS; mark++) {
            if (qemu_plugin_insn_vaddr(insn) == addresses[mark]) {
                qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)mark);
            }
        }
    }
}

/* The smallest value that so many thousandths do not exceed. */
static uint64_t quantile(const kind *k, uint64_t thousandths)
{
    uint64_t seen = 0;
    for (uint64_t value = 0; value < BUCKETS - 1; value++) {
        seen += k->buckets[value];
        if (seen * 1000 >= k->count * thousandths) {
            return value;
        }
    }
    return k->most;
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    FILE *out = fopen(out_path, "w");
    if (out == NULL) {
        perror(out_path);
        return;
    }
    for (unsigned i = 0; i < 2 * MARK_KINDS; i++) {
        const kind *k = &kinds[i];
        if (k->count != 0) {
            (void)fprintf(out, "%s%s %" PRIu64 " %.3f %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                          i < MARK_KINDS ? "" : "refused-", names[i % MARK_KINDS], k->count,
                          (double)k->sum / (double)k->count, quantile(k, 500), quantile(k, 999), k->most, k->where);
        }
    }
    (void)fclose(out);
}

__attribute__((visibility("default"))) extern int qemu_plugin_version;
int qemu_plugin_version = 1;

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int count,
                                                               char **arguments)
{
    (void)info;
    static const char *const marks[MARKS] = MARK_SYMBOLS;
    for (int i = 0; i < count; i++) {
        const char *value = strchr(arguments[i], '=');
        for (unsigned mark = 0; value != NULL && mark < MARKS; mark++) {
            if (strncmp(arguments[i], marks[mark], strlen(marks[mark])) == 0 &&
                strlen(marks[mark]) == (size_t)(value - arguments[i])) {
                addresses[mark] = strtoull(value + 1, NULL, 16);
            }
        }
        if (strncmp(arguments[i], "out=", 4) == 0) {
            out_path = strdup(arguments[i] + 4);
        }
    }
    if (out_path == NULL || addresses[MARK_END] == 0) {
        (void)fprintf(stderr, "plugin: no out=FILE, or no marks\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
