/* SPDX-License-Identifier: MIT */
/*
 * Memboxes in the registry, which list nothing for long: nobody says when one ends, and many lie in a function's own
 * array. So an entry gives way to whatever is made over it, and the oldest to whatever finds the registry full; the
 * membox itself is not touched (X3). And what is said of memboxes.
 * Bound: registered memboxes, each a look at the registry.
 */
#include "membox.h"

#include "text.h"

static bool gives_way(const tarn_registration *entry)
{
    bool left = tarn_registry_leave_buffer(TARN_FACE_MEMBOX, entry->pool);
    if (left) {
        event_raise(TARN_EVENT_UNLIST, TARN_OK, entry->pool, NULL, entry->bytes, 0);
    }
    return left;
}

/* What is made inside a membox, in one of its boxes for one, leaves it listed. */
static bool is_overrun(const tarn_registration *entry, UINTPTR start, UINTPTR bytes)
{
    UINTPTR at = (UINTPTR)entry->pool;
    bool apart = start - at >= entry->bytes && at - start >= bytes;
    bool inside = start > at && start - at < entry->bytes && bytes <= entry->bytes - (start - at);
    return !apart && !inside;
}

bool tarn_liteos_box_gives_way(const VOID *start, UINTPTR bytes)
{
    tarn_registration entry;
    for (UINT32 i = 0; tarn_registered(TARN_FACE_MEMBOX, i, &entry); i++) {
        if (is_overrun(&entry, (UINTPTR)start, bytes)) {
            return gives_way(&entry);
        }
    }
    return false;
}

bool tarn_liteos_oldest_box_gives_way(VOID)
{
    tarn_registration entry;
    return tarn_registered(TARN_FACE_MEMBOX, 0, &entry) && gives_way(&entry);
}

static UINT32 kind_of(tarn_status status)
{
    switch (status) {
    case TARN_E_DAMAGED:
        return TARN_EVENT_CORRUPT;
    case TARN_E_EXHAUSTED:
        return TARN_EVENT_FAIL;
    default:
        return TARN_EVENT_REFUSE;
    }
}

VOID tarn_liteos_box_refused(const CHAR *function, const VOID *pool, const VOID *box, tarn_status status)
{
    event_raise(kind_of(status), status, const_pool_of(pool), box, 0, 0);
    if (status != TARN_E_EXHAUSTED && tarn_liteos_reports_refusals()) {
        tarn_liteos_say_refused(function, pool, box, status);
    }
}

VOID tarn_liteos_box_title(const CHAR *prefix, const VOID *pool, UINT32 size, UINT32 boxes)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, prefix);
    tarn_liteos_put(&text, "membox(");
    put_address(&text, pool);
    tarn_liteos_put(&text, ",");
    tarn_liteos_put_hex(&text, size, 0);
    tarn_liteos_put(&text, ",");
    tarn_liteos_put_hex(&text, boxes, 0);
    tarn_liteos_put(&text, "):\r\n");
    tarn_liteos_put_end(&text);
}
