/* SPDX-License-Identifier: MIT */
/*
 * A last look at the heap when a process ends by exit() or by returning from main(), where its blocks have guards or
 * wait in a quarantine: what was written past the end of a block that is never given back, or to one that waits to the
 * end, no call would meet.
 *
 * Bound: as tarn_check().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "face.h"
#include "tarn/inspect.h"

static bool looked_at; /* at exit */

void tarn_malloc_check_at_exit(bool check)
{
    looked_at = check;
}

/* Behind the lists of what is left, which are destructors without a priority: a program that ends here has them. */
__attribute__((destructor(1000))) static void look(void)
{
    int before = errno;
    tarn_malloc_heap *heap = looked_at ? tarn_malloc_enter() : NULL;
    if (heap == NULL) {
        return;
    }
    tarn_report report;
    uint32_t policy = heap->policy;
    bool damaged = tarn_check(heap->pool, NULL) == TARN_E_DAMAGED &&
                   tarn_report_about(heap->pool, NULL, TARN_E_DAMAGED, &report) == TARN_OK;
    tarn_malloc_leave();
    if (damaged) {
        tarn_malloc_write_damage(&report, policy);
        (void)fflush(NULL); /* libc flushes behind all destructors; told first, since this may wait for a reader */
    }
    if (damaged && policy == TARN_POLICY_STOP) {
        abort();
    }
    errno = before;
}
