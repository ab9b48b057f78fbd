/* SPDX-License-Identifier: MIT */
/*
 * The end of a program that misused its heap: a report on stderr, then abort(), as glibc does. Written with nothing but
 * write(), from a stack buffer.
 *
 * Bound: as tarn_report_about().
 */
#include <stdlib.h>
#include <unistd.h>

#include "face.h"
#include "setting_text.h"
#include "tarn/report.h"

static void add_head(tarn_malloc_text *text, const char *function)
{
    tarn_malloc_text_add(text, "tarn: ");
    tarn_malloc_text_add(text, function);
    tarn_malloc_text_add(text, "(): ");
}

static void add_program(tarn_malloc_text *text)
{
    tarn_malloc_text_add(text, " [");
    tarn_malloc_text_add(text, tarn_malloc_program());
    tarn_malloc_text_add(text, ", pid ");
    tarn_malloc_text_add_number(text, (uint64_t)getpid());
    tarn_malloc_text_add(text, "]\n");
}

static void add_line(const char *line, size_t length, void *context)
{
    tarn_malloc_text_add_some((tarn_malloc_text *)context, line, length);
}

/* The text is complete but for the report; takes and gives back the lock. */
static _Noreturn void end_with_report(tarn_malloc_text *text, const void *block, tarn_status status)
{
    tarn_report report;
    tarn_status made = tarn_report_about(tarn_malloc_enter()->pool, block, status, &report);
    tarn_malloc_leave();
    if (made == TARN_OK) {
        tarn_report_text_resolved(&report, add_line, text, tarn_malloc_site_address);
    }
    tarn_malloc_text_write(text, STDERR_FILENO);
    abort();
}

void tarn_malloc_write_damage(const tarn_report *report, uint32_t policy)
{
    tarn_malloc_text text = {.length = 0};
    tarn_malloc_text_add(&text, "tarn: the heap is damaged, policy ");
    tarn_malloc_text_add(&text, tarn_policy_name(policy));
    add_program(&text);
    tarn_report_text_resolved(report, add_line, &text, tarn_malloc_site_address);
    tarn_malloc_text_write(&text, STDERR_FILENO);
}

void tarn_malloc_tell_damage(const tarn_report *report, uint32_t policy)
{
    tarn_malloc_write_damage(report, policy);
    if (policy == TARN_POLICY_STOP) {
        abort();
    }
}

void tarn_malloc_damaged_pool(const char *function)
{
    tarn_malloc_text text = {.length = 0};
    add_head(&text, function);
    tarn_malloc_text_add(&text, "the heap is damaged");
    add_program(&text);
    end_with_report(&text, NULL, TARN_E_DAMAGED);
}

void tarn_malloc_bad_pointer(const char *function, const void *block, tarn_status status)
{
    tarn_malloc_text text = {.length = 0};
    if (status == TARN_E_DAMAGED) {
        tarn_malloc_damaged_pool(function);
    }
    add_head(&text, function);
    tarn_malloc_text_add(&text, "bad pointer ");
    tarn_malloc_text_add_address(&text, (uintptr_t)block);
    tarn_malloc_text_add(&text, ": ");
    tarn_malloc_text_add(&text, tarn_status_text(status));
    add_program(&text);
    end_with_report(&text, block, status);
}
