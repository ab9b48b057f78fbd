/* SPDX-License-Identifier: MIT */
/*
 * What calls on Mynewt pools leave to be done when the critical section is left for good: faults to tell, buffers to
 * list (M3). Apart from section.c, so that only who has something to settle pays the stack for it.
 * Bound: what was noted; listed pools times registry where that was more than there is room for.
 */
#include "face.h"

#include "events.h"
#include "registry.h"
#include "tarn/port.h"

enum { NOTES_MAX = 4 };

typedef enum note_kind { NOTE_FAULT, NOTE_ENTRY, NOTE_EXIT, NOTE_FORGET } note_kind;

typedef struct face_note {
    note_kind kind;
    tarn_status status;
    const struct os_mempool *mp; /* of a fault */
    const void *address;         /* the block of a fault, else the buffer */
    const void *buffer;          /* of the pool of a fault */
    size_t bytes;
    const char *text; /* what the fault is, or the name of the pool */
} face_note;

typedef struct notes {
    uint32_t count;
    bool untold;   /* a fault more than there is room for was dropped */
    bool unlisted; /* the same of what the registry is to be told */
    face_note note[NOTES_MAX];
} notes;

/* Belongs to whoever is in the section. */
static notes noted;

/* ---- what is done outside ---- */

static void end_pool(const tarn_registration *entry)
{
    tarn_mynewt_end(entry->pool);
}

static void tell(const face_note *note)
{
    uint32_t kind = note->status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_REFUSE;
    event_raise(kind, note->status, (const tarn_pool *)note->buffer, note->address, 0, 0);
    tarn_mynewt_fault(note->mp, note->address, note->text);
}

static void list(const face_note *note)
{
    static const registry_kind kind = {NULL, end_pool};
    tarn_registration entry = {(tarn_pool *)(uintptr_t)note->address, note->bytes, note->text, TARN_FACE_MYNEWT};
    if (tarn_registry_enter(&entry, &kind, NULL) == TARN_E_REGISTRY_FULL) {
        event_raise(TARN_EVENT_UNLISTED_INIT, TARN_E_REGISTRY_FULL, entry.pool, NULL, entry.bytes, 0);
    }
}

static void forget_all(void)
{
    tarn_registration entry;
    while (tarn_registered(TARN_FACE_MYNEWT, 0, &entry)) {
        (void)tarn_registry_leave_buffer(TARN_FACE_MYNEWT, entry.pool);
    }
}

static bool is_listed(const void *buffer)
{
    tarn_registration entry;
    uint32_t i = 0;
    while (tarn_mynewt_nth(i, &entry) && entry.pool != buffer) {
        i++;
    }
    return tarn_mynewt_nth(i, &entry);
}

/* The registry anew from the list, where notes were dropped. */
static void compare(void)
{
    tarn_registration entry;
    tarn_registration known;
    for (uint32_t i = 0; tarn_registered(TARN_FACE_MYNEWT, i, &entry);) {
        bool left = !is_listed(entry.pool) && tarn_registry_leave_buffer(TARN_FACE_MYNEWT, entry.pool);
        i += left ? 0u : 1u;
    }
    for (uint32_t i = 0; tarn_mynewt_nth(i, &entry); i++) {
        if (entry.bytes != 0 &&
            (!tarn_registry_find(TARN_FACE_MYNEWT, entry.pool, &known) || known.bytes != entry.bytes)) {
            list(&(face_note){.address = entry.pool, .bytes = entry.bytes, .text = entry.name});
        }
    }
}

static void settle(const notes *left)
{
    for (uint32_t i = 0; i < left->count; i++) {
        const face_note *note = &left->note[i];
        switch (note->kind) {
        case NOTE_FAULT:
            tell(note);
            break;
        case NOTE_ENTRY:
            list(note);
            break;
        case NOTE_EXIT:
            (void)tarn_registry_leave_buffer(TARN_FACE_MYNEWT, note->address);
            break;
        default:
            forget_all();
            break;
        }
    }
    if (left->unlisted) {
        compare();
    }
    if (left->untold) {
        tarn_mynewt_fault(NULL, NULL, "untold faults");
    }
}

bool tarn_mynewt_noted(void)
{
    return noted.count != 0;
}

void tarn_mynewt_settle(uintptr_t state)
{
    notes left = noted;
    noted.count = 0;
    noted.untold = false;
    noted.unlisted = false;
    tarn_port_unlock(&tarn_mynewt_section, state);
    settle(&left);
}

/* ---- what is noted inside ---- */

static face_note *next_note(note_kind kind)
{
    static face_note nowhere;
    notes *n = &noted;
    bool full = n->count == NOTES_MAX;
    n->untold = n->untold || (full && kind == NOTE_FAULT);
    n->unlisted = n->unlisted || (full && kind != NOTE_FAULT);
    face_note *note = full ? &nowhere : &n->note[n->count++];
    note->kind = kind;
    return note;
}

void tarn_mynewt_note_fault(const struct os_mempool *mp, const void *block, face_fault fault)
{
    face_note *note = next_note(NOTE_FAULT);
    note->status = fault.status;
    note->mp = mp;
    note->address = block;
    note->buffer = face_is_pool(mp) ? (const void *)mp->mp_membuf_addr : NULL;
    note->text = fault.what;
}

os_error_t tarn_mynewt_refuse(const struct os_mempool *mp, const void *block, face_fault fault)
{
    uintptr_t state = tarn_mynewt_enter();
    tarn_mynewt_note_fault(mp, block, fault);
    tarn_mynewt_leave(state);
    return OS_INVALID_PARM;
}

void tarn_mynewt_note_entry(const void *buffer, size_t bytes, const char *name)
{
    face_note *note = next_note(NOTE_ENTRY);
    note->address = buffer;
    note->bytes = bytes;
    note->text = name;
}

void tarn_mynewt_note_exit(const void *buffer)
{
    next_note(NOTE_EXIT)->address = buffer;
}

void tarn_mynewt_note_forget(void)
{
    (void)next_note(NOTE_FORGET);
}
