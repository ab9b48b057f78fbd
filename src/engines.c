/* SPDX-License-Identifier: MIT */
/* The engines compiled in, by number, where there are several. */
#include "config.h"
#include "engine.h"

#if TARN_ENGINES_IN != 1

const tarn_engine *const tarn_engines[4] = {
#ifdef TARN_WITH_TLSF
    &tarn_engine_tlsf,
#else
    NULL,
#endif
#ifdef TARN_WITH_BESTFIT
    &tarn_engine_bestfit,
#else
    NULL,
#endif
#ifdef TARN_WITH_LINEAR
    &tarn_engine_linear,
#else
    NULL,
#endif
};

#endif
