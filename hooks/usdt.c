/* SPDX-License-Identifier: MIT */
/*
 * Static probes of provider `tarn`: one per kind of event, a no-operation until a tracer turns it into a breakpoint.
 * Bound: constant.
 */
#include "tarn/hooks.h"

#if defined(__has_include)
#if __has_include(<sys/sdt.h>)
#define WITH_USDT 1
#endif
#endif

#if !defined(WITH_USDT)

tarn_status tarn_usdt_install(void)
{
    return TARN_E_UNAVAILABLE;
}

tarn_status tarn_usdt_remove(void)
{
    return TARN_E_UNAVAILABLE;
}

#else

#include <sys/sdt.h>

static void probe_pool(const tarn_event *e)
{
    switch (e->kind) {
    case TARN_EVENT_INIT:
        DTRACE_PROBE2(tarn, init, e->pool, e->size);
        break;
    case TARN_EVENT_DEINIT:
        DTRACE_PROBE2(tarn, deinit, e->pool, e->size);
        break;
    case TARN_EVENT_RESET:
        DTRACE_PROBE2(tarn, reset, e->pool, e->size);
        break;
    case TARN_EVENT_GROW:
        DTRACE_PROBE2(tarn, grow, e->pool, e->size);
        break;
    case TARN_EVENT_UNLIST:
        DTRACE_PROBE2(tarn, unlist, e->pool, e->size);
        break;
    default:
        break;
    }
}

static void probe_block(const tarn_event *e)
{
    switch (e->kind) {
    case TARN_EVENT_ALLOC:
        DTRACE_PROBE5(tarn, alloc, e->pool, e->block, e->size, e->alignment, e->caller);
        break;
    case TARN_EVENT_FREE:
        DTRACE_PROBE3(tarn, free, e->pool, e->block, e->caller);
        break;
    case TARN_EVENT_RESIZE:
        DTRACE_PROBE4(tarn, resize, e->pool, e->block, e->size, e->caller);
        break;
    case TARN_EVENT_UNDO:
        DTRACE_PROBE3(tarn, undo, e->pool, e->block, e->status);
        break;
    default:
        break;
    }
}

static void probe_refusal(const tarn_event *e)
{
    switch (e->kind) {
    case TARN_EVENT_FAIL:
        DTRACE_PROBE5(tarn, fail, e->pool, e->size, e->alignment, e->status, e->caller);
        break;
    case TARN_EVENT_REFUSE:
        DTRACE_PROBE4(tarn, refuse, e->pool, e->block, e->status, e->caller);
        break;
    case TARN_EVENT_CORRUPT:
        DTRACE_PROBE4(tarn, corrupt, e->pool, e->block, e->status, e->caller);
        break;
    default:
        break;
    }
}

static void probe(const tarn_event *event, void *context)
{
    (void)context;
    probe_pool(event);
    probe_block(event);
    probe_refusal(event);
}

tarn_status tarn_usdt_install(void)
{
    return tarn_events_add(probe, NULL);
}

tarn_status tarn_usdt_remove(void)
{
    return tarn_events_remove(probe, NULL);
}

#endif
