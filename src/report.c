/* SPDX-License-Identifier: MIT */
/*
 * Reports about live pools: made under the pool's lock, delivered without it.
 *
 * A report is made after the refusal that it is about; what other threads did in between is part of what it sees.
 * Bound: each contract in report.h.
 */
#include "report.h"

#include "access.h"
#include "fill.h"
#include "heap.h"
#include "tarn/events.h"

/* ---- where it lies ---- */

static void set_place(tarn_report *report, const void *pool, const void *base, const void *address)
{
    report->pool = (uintptr_t)pool;
    report->image = (uintptr_t)base;
    report->anchor = (uintptr_t)tarn_alloc;
    report->address = (uintptr_t)address;
    report->task = tarn_port_task();
}

/* The place of an address in an image; what lies in front of it is as far away as can be. */
static uint64_t place_of(const void *base, const void *address)
{
    uintptr_t from = (uintptr_t)base;
    return (uintptr_t)address >= from ? (uintptr_t)address - from : TARN_NOWHERE / 2u;
}

/* The smallest registered pool around the address. */
static void find_other(tarn_report *report)
{
    tarn_registration entry;
    size_t smallest = SIZE_MAX;
    for (uint32_t face = TARN_FACE_NATIVE; face <= TARN_FACE_BLOCKS; face++) {
        for (uint32_t i = 0; tarn_registered(face, i, &entry); i++) {
            bool around = report->address - (uintptr_t)entry.pool < entry.bytes;
            if (around && (uintptr_t)entry.pool != report->pool && entry.bytes < smallest) {
                report_guess(report, TARN_GUESS_OTHER_POOL, 0);
                report->other = (uintptr_t)entry.pool;
                smallest = entry.bytes;
            }
        }
    }
}

static void finish(tarn_report *report)
{
    if (report->guess == TARN_GUESS_FOREIGN && report->address != 0) {
        find_other(report);
    }
}

/* A header that no view can be opened on. */
static void set_header_damage(tarn_report *report, uint32_t rule)
{
    report->rule = rule;
    report->offset = 0;
    report->first_bad = 0;
    report_guess(report, TARN_GUESS_WILD_WRITE, 0);
}

/* ---- pools ---- */

/* What is asked, on its way through the lock. */
typedef struct asking {
    const void *pool;
    const void *address;
    tarn_status status;
    tarn_report *report;
} asking;

static void report_on_view(const tarn_view *view, void *context)
{
    const asking *a = (const asking *)context;
    report_begin(a->report, TARN_REPORT_POOL, a->status);
    set_place(a->report, a->pool, view->base, a->address);
    tarn_report_view(view, place_of(view->base, a->address), a->status, a->report);
}

tarn_status tarn_report_about(const tarn_pool *pool, const void *address, tarn_status status, tarn_report *report)
{
    asking a = {pool, address, status, report};
    if (report == NULL) {
        return TARN_E_NULL;
    }
    memset(report, 0, sizeof *report);
    tarn_status seen = tarn_look(pool, report_on_view, &a);
    if (seen == TARN_E_DAMAGED) {
        report_begin(report, TARN_REPORT_POOL, status);
        set_place(report, pool, image_base(pool), address);
        set_header_damage(report, TARN_RULE_HEADER);
        return TARN_OK;
    }
    finish(report);
    return seen;
}

/* ---- block pools ---- */

static void report_on_blocks(const tarn_blocks_view *view, void *context)
{
    const asking *a = (const asking *)context;
    report_begin(a->report, TARN_REPORT_BLOCKS, a->status);
    set_place(a->report, a->pool, view->base, a->address);
    tarn_report_blocks_view(view, place_of(view->base, a->address), a->status, a->report);
}

tarn_status tarn_blocks_report(const tarn_blocks *pool, const void *address, tarn_status status, tarn_report *report)
{
    asking a = {pool, address, status, report};
    if (report == NULL) {
        return TARN_E_NULL;
    }
    memset(report, 0, sizeof *report);
    tarn_status seen = tarn_blocks_look(pool, report_on_blocks, &a);
    if (seen == TARN_E_DAMAGED) {
        report_begin(report, TARN_REPORT_BLOCKS, status);
        set_place(report, pool, pool, address);
        set_header_damage(report, TARN_RULE_BLOCKS_HEADER);
        return TARN_OK;
    }
    finish(report);
    return seen;
}

/* ---- heaps of regions ---- */

/* Under the heap's lock. */
static bool report_on_region(const heap_region *region, const asking *a, bool sound)
{
    image im;
    tarn_view view;
    tarn_finding finding = {0, 0, 0, 0, 0};
    bool opened = region_open_any(region, &im) && image_view(&im, &view) == TARN_OK;
    bool inside = (uintptr_t)a->address - region->start.value < region->bytes.value;
    bool damaged = !opened || (a->status == TARN_E_DAMAGED && tarn_view_check(&view, &finding) != TARN_OK);
    if (!damaged && !(inside && (sound || a->status != TARN_E_DAMAGED))) {
        return false;
    }
    report_begin(a->report, TARN_REPORT_HEAP, a->status);
    set_place(a->report, a->pool, opened ? (const void *)view.base : (const void *)region->start.value, a->address);
    if (opened) {
        tarn_report_view(&view, place_of(view.base, a->address), a->status, a->report);
    } else {
        set_header_damage(a->report, TARN_RULE_HEADER);
    }
    return true;
}

static void report_on_heap(const tarn_heap *heap, const asking *a)
{
    for (uint32_t i = 0; i < 2u * heap->count; i++) {
        bool sound = i >= heap->count; /* all are: then a block that was set aside is meant */
        if (report_on_region(&heap->regions[i % heap->count], a, sound)) {
            return;
        }
    }
    report_begin(a->report, TARN_REPORT_HEAP, a->status);
    set_place(a->report, a->pool, NULL, a->address);
    report_guess(a->report, a->status == TARN_E_FOREIGN ? TARN_GUESS_FOREIGN : TARN_GUESS_NONE, 0);
}

tarn_status tarn_heap_report(tarn_heap *heap, const void *address, tarn_status status, tarn_report *report)
{
    uintptr_t state;
    asking a = {heap, address, status, report};
    if (report == NULL) {
        return TARN_E_NULL;
    }
    memset(report, 0, sizeof *report);
    tarn_status seen = heap_begin(heap, &state);
    if (seen == TARN_OK) {
        report_on_heap(heap, &a);
        heap_end(heap, state);
        finish(report);
    } else if (seen == TARN_E_DAMAGED) {
        report_begin(report, TARN_REPORT_HEAP, status);
        set_place(report, heap, heap, address);
        set_header_damage(report, TARN_RULE_REGIONS);
        seen = TARN_OK;
    }
    return seen;
}

/* ---- findings ---- */

/* What is told, on its way through the lock. */
typedef struct telling {
    const void *pool;
    const tarn_finding *finding;
    tarn_report *report;
} telling;

static void tell_finding(const tarn_view *view, void *context)
{
    const telling *t = (const telling *)context;
    report_begin(t->report, TARN_REPORT_POOL, TARN_E_DAMAGED);
    set_place(t->report, t->pool, view->base, NULL);
    tarn_report_view_finding(view, t->finding, t->report);
}

static void tell_blocks_finding(const tarn_blocks_view *view, void *context)
{
    const telling *t = (const telling *)context;
    report_begin(t->report, TARN_REPORT_BLOCKS, TARN_E_DAMAGED);
    set_place(t->report, t->pool, view->base, NULL);
    tarn_report_blocks_view_finding(view, t->finding, t->report);
}

/* Whether there is something to tell; the report is all zero. */
static tarn_status finding_status(const tarn_finding *finding, tarn_report *report)
{
    if (report == NULL) {
        return TARN_E_NULL;
    }
    memset(report, 0, sizeof *report);
    if (finding == NULL) {
        return TARN_E_NULL;
    }
    return finding->rule == 0 ? TARN_E_ARGUMENT : TARN_OK;
}

/* Of a pool whose header is broken there is nothing else to look at. */
static tarn_status finding_told(const telling *t, tarn_status seen, uint32_t kind, const void *base, uint32_t rule)
{
    if (seen == TARN_E_DAMAGED) {
        report_begin(t->report, kind, seen);
        set_place(t->report, t->pool, base, NULL);
        set_header_damage(t->report, rule);
        return TARN_OK;
    }
    return seen;
}

tarn_status tarn_report_of_finding(const tarn_pool *pool, const tarn_finding *finding, tarn_report *report)
{
    telling t = {pool, finding, report};
    tarn_status status = finding_status(finding, report);
    return status != TARN_OK ? status
                             : finding_told(&t, tarn_look(pool, tell_finding, &t), TARN_REPORT_POOL, image_base(pool),
                                            TARN_RULE_HEADER);
}

tarn_status tarn_blocks_report_of_finding(const tarn_blocks *pool, const tarn_finding *finding, tarn_report *report)
{
    telling t = {pool, finding, report};
    tarn_status status = finding_status(finding, report);
    return status != TARN_OK ? status
                             : finding_told(&t, tarn_blocks_look(pool, tell_blocks_finding, &t), TARN_REPORT_BLOCKS,
                                            pool, TARN_RULE_BLOCKS_HEADER);
}

/* Under the heap's lock. */
static tarn_status tell_region_finding(const tarn_heap *heap, const tarn_heap_finding *found, tarn_report *report)
{
    image im;
    tarn_view view;
    telling t = {heap, &found->finding, report};
    const heap_region *region = heap_find(heap, found->memory);
    if (found->memory == NULL || found->finding.rule == TARN_RULE_REGIONS) {
        report_begin(report, TARN_REPORT_HEAP, TARN_E_DAMAGED);
        set_place(report, heap, heap, NULL);
        report_finding(report, &found->finding);
        report_guess(report, TARN_GUESS_WILD_WRITE, 0);
        return TARN_OK;
    }
    if (region == NULL) {
        return TARN_E_FOREIGN;
    }
    if (!region_open_any(region, &im) || image_view(&im, &view) != TARN_OK) {
        return finding_told(&t, TARN_E_DAMAGED, TARN_REPORT_HEAP, found->memory, TARN_RULE_HEADER);
    }
    tell_finding(&view, &t);
    report->kind = TARN_REPORT_HEAP;
    return TARN_OK;
}

tarn_status tarn_heap_report_of_finding(tarn_heap *heap, const tarn_heap_finding *finding, tarn_report *report)
{
    uintptr_t state;
    tarn_status status = finding_status(finding != NULL ? &finding->finding : NULL, report);
    if (status != TARN_OK) {
        return status;
    }
    status = heap_begin(heap, &state);
    if (status == TARN_OK) {
        status = tell_region_finding(heap, finding, report);
        heap_end(heap, state);
    } else if (status == TARN_E_DAMAGED) {
        telling t = {heap, &finding->finding, report};
        status = finding_told(&t, status, TARN_REPORT_HEAP, heap, TARN_RULE_REGIONS);
    }
    return status;
}

/* ---- each refusal ---- */

/* Events name pools, heaps and block pools alike; the magic tells which, and a handle that is none has no report. */
static tarn_status report_event(const tarn_event *event, tarn_report *report)
{
    const tarn_blocks *blocks = (const tarn_blocks *)(const void *)event->pool;
    tarn_heap *heap = (tarn_heap *)(void *)event->pool;
    tarn_status status = event->broken != NULL ? TARN_OK : event->status; /* it is about that block */
    if (event->pool == NULL) {
        return TARN_E_NULL;
    }
    if (access_admits(image_base(event->pool), true)) {
        return tarn_report_about(event->pool, event->block, status, report);
    }
    if (((uintptr_t)blocks & 7u) == 0 && blocks_alive(blocks_image(blocks))) {
        return tarn_blocks_report(blocks, event->block, status, report);
    }
    return heap_is(heap) ? tarn_heap_report(heap, event->block, status, report) : TARN_E_NOT_A_POOL;
}

/* What lies there no more, but for bytes in front of it that still do. */
static void add_broken(const tarn_event *event, tarn_report *report)
{
    uint64_t place = (uint64_t)((uintptr_t)event->broken - (uintptr_t)report->image);
    if (event->broken == NULL || report->image == 0 || (report->rule == TARN_RULE_FILL && report->first_bad <= place)) {
        return;
    }
    uint32_t layout = word_load((const unsigned char *)(uintptr_t)report->image + 4u * IMAGE_LAYOUT);
    tarn_finding finding = {TARN_RULE_FILL, fill_byte(layout), report->block.offset, event->found, 0};
    report_finding(report, &finding);
    report->first_bad = place;
    report_guess(report, TARN_GUESS_USE_AFTER_FREE, 0);
}

void (*const tarn_report_needs_text)(const tarn_report *, tarn_report_writer *, void *) = tarn_report_text;

static void on_event(const tarn_event *event, void *context)
{
    (void)context;
    tarn_report report;
    bool refused = event->kind == TARN_EVENT_REFUSE && event->status != TARN_E_NULL &&
                   event->status != TARN_E_CLOSED; /* what closed it was told */
    if ((refused || event->kind == TARN_EVENT_CORRUPT) && report_event(event, &report) == TARN_OK) {
        report.status = event->status;
        add_broken(event, &report);
        tarn_port_report(&report);
    }
}

tarn_status tarn_reports_on(void)
{
    (void)tarn_events_remove(on_event, NULL);
    return tarn_events_add(on_event, NULL);
}

tarn_status tarn_reports_off(void)
{
    return tarn_events_remove(on_event, NULL);
}
