/* SPDX-License-Identifier: MIT */
/*
 * Which choice is in force: the one made at run time, else the one in tarn_liteos_config, else the configured one.
 * A field that is zero makes no choice. Bound: constant.
 */
#include "face.h"

#ifndef TARN_LITEOS_SYSTEM_POOL_BYTES
#error "tarn/config.h: TARN_LITEOS_SYSTEM_POOL_BYTES is missing; configs/config.h.example has every option"
#endif
#ifndef TARN_LITEOS_ALGORITHM
#error "tarn/config.h: TARN_LITEOS_ALGORITHM is missing; configs/config.h.example has every option"
#endif

static tarn_liteos_settings chosen;

VOID tarn_liteos_options(const tarn_liteos_settings *settings)
{
    static const tarn_liteos_settings none = {0};
    chosen = settings == NULL ? none : *settings;
}

static UINT32 first_choice(UINT32 at_run_time, UINT32 at_link_time, UINT32 configured)
{
    if (at_run_time != 0) {
        return at_run_time;
    }
    return at_link_time != 0 ? at_link_time : configured;
}

static bool switched(UINT32 at_run_time, UINT32 at_link_time, bool configured)
{
    return first_choice(at_run_time, at_link_time, configured ? TARN_LITEOS_ON : TARN_LITEOS_OFF) == TARN_LITEOS_ON;
}

const struct tarn_liteos_backup tarn_liteos_no_backup = {NULL, NULL, NULL};

/* What a program without the option does not link is named only where that is on. */
static const struct tarn_liteos_backup *configured_backup(VOID)
{
    if (TARN_ON(LOSCFG_MEM_HEAD_BACKUP)) {
        return &tarn_liteos_head_backup;
    }
    return NULL;
}

const struct tarn_liteos_backup *tarn_liteos_backup(VOID)
{
    const struct tarn_liteos_backup *choice = chosen.head_backup;
    choice = choice != NULL ? choice : tarn_liteos_config.head_backup;
    choice = choice != NULL ? choice : configured_backup();
    return choice != &tarn_liteos_no_backup ? choice : NULL;
}

/* An odd number, or with the copy of a node's head an even one, or none: else what a node has beside its payload would
 * be no multiple of 8 bytes. */
UINT32 tarn_liteos_words(VOID)
{
    bool backup = tarn_liteos_backup() != NULL;
    if (switched(chosen.callers, tarn_liteos_config.callers, TARN_ON(LOSCFG_MEM_LEAKCHECK))) {
        return TARN_WORDS_TAG + TARN_WORDS_CALLERS_MAX - (backup ? 1u : 0);
    }
    bool owner = switched(chosen.owner, tarn_liteos_config.owner, TARN_ON(TARN_LITEOS_OWNER));
    if (!owner) {
        return 0;
    }
    return backup ? TARN_WORDS_SITE : TARN_WORDS_OWNER;
}

bool tarn_liteos_has_waterline_column(VOID)
{
    return switched(chosen.waterline_column, tarn_liteos_config.waterline_column,
                    TARN_ON(TARN_LITEOS_WATERLINE_COLUMN));
}

bool tarn_liteos_reports_exhaustion(VOID)
{
    return switched(chosen.exhaustion_report, tarn_liteos_config.exhaustion_report, TARN_ON(LOSCFG_MEM_DEBUG));
}

bool tarn_liteos_reports_refusals(VOID)
{
    return switched(chosen.refusal_report, tarn_liteos_config.refusal_report, TARN_ON(LOSCFG_MEM_DEBUG));
}

bool tarn_liteos_checks_each_alloc(VOID)
{
    return switched(chosen.check_each_alloc, tarn_liteos_config.check_each_alloc,
                    TARN_ON(LOSCFG_BASE_MEM_NODE_INTEGRITY_CHECK));
}

UINT32 tarn_liteos_engine(VOID)
{
    return first_choice(chosen.engine, tarn_liteos_config.engine, TARN_LITEOS_ALGORITHM);
}

UINT32 tarn_liteos_recognition(VOID)
{
    return first_choice(chosen.recognition, tarn_liteos_config.recognition,
                        TARN_ON(LOSCFG_MEM_DEBUG) ? TARN_RECOGNISE_EXACT : TARN_RECOGNISE_AUTO);
}

/* How the slab is configured, a value of tarn_liteos_settings.slab. */
static UINT32 configured_slab(VOID)
{
    if (!TARN_ON(LOSCFG_KERNEL_MEM_SLAB_EXTENTION)) {
        return TARN_LITEOS_OFF;
    }
    return TARN_ON(LOSCFG_KERNEL_MEM_SLAB_AUTO_EXPANSION_MODE) ? TARN_LITEOS_SLAB_AUTO : TARN_LITEOS_ON;
}

UINT32 tarn_liteos_slab(VOID)
{
    bool backup = tarn_liteos_backup() != NULL;
    return backup ? TARN_LITEOS_OFF : first_choice(chosen.slab, tarn_liteos_config.slab, configured_slab());
}

UINT32 tarn_liteos_query_failure(VOID)
{
    return first_choice(chosen.query_failure, tarn_liteos_config.query_failure, LOS_NOK);
}

UINT32 tarn_liteos_task_limit(VOID)
{
    return first_choice(chosen.task_limit, tarn_liteos_config.task_limit, 64);
}

UINTPTR tarn_liteos_system_bytes(VOID)
{
    if (chosen.system_bytes != 0) {
        return chosen.system_bytes;
    }
    return tarn_liteos_config.system_bytes != 0 ? tarn_liteos_config.system_bytes : TARN_LITEOS_SYSTEM_POOL_BYTES;
}

VOID *tarn_liteos_system_memory(VOID)
{
    return chosen.system_memory != NULL ? chosen.system_memory : tarn_liteos_config.system_memory;
}
