/* SPDX-License-Identifier: MIT */
/* Engine `bestfit`: the operations of pool_ops.h over the index of index_bestfit.h. */
#include "config.h"

#ifdef TARN_WITH_BESTFIT

#include "engine.h"
#include "index_bestfit.h"

#define ENGINE(name) bestfit_##name
#define ENGINE_NUMBER TARN_ENGINE_BESTFIT
#define ENGINE_FITS_BEST 1

#include "pool_ops.h"

#if TARN_ENGINES_IN == 1
#include "engine_only.h"
#else
const tarn_engine tarn_engine_bestfit = ENGINE_OPERATIONS;
#endif

#endif
