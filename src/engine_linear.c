/* SPDX-License-Identifier: MIT */
/* Engine `linear`: the operations of pool_ops.h over the index of index_linear.h. */
#include "config.h"

#ifdef TARN_WITH_LINEAR

#include "engine.h"
#include "index_linear.h"

#define ENGINE(name) linear_##name
#define ENGINE_NUMBER TARN_ENGINE_LINEAR
#define ENGINE_FITS_BEST 1

#include "pool_ops.h"

#if TARN_ENGINES_IN == 1
#include "engine_only.h"
#else
const tarn_engine tarn_engine_linear = ENGINE_OPERATIONS;
#endif

#endif
