/* SPDX-License-Identifier: MIT */
/* Engine `tlsf`: the operations of pool_ops.h over the index of index_tlsf.h. */
#include "config.h"

#ifdef TARN_WITH_TLSF

#include "engine.h"
#include "index_tlsf.h"

#define ENGINE(name) tlsf_##name
#define ENGINE_NUMBER TARN_ENGINE_TLSF
#define ENGINE_FITS_BEST 0

#include "pool_ops.h"

#if TARN_ENGINES_IN == 1
#include "engine_only.h"
#else
const tarn_engine tarn_engine_tlsf = ENGINE_OPERATIONS;
#endif

#endif
