/* SPDX-License-Identifier: MIT */
/**
 * @file setting_text.h
 * @brief What TARN_ENGINE, TARN_POOL, TARN_WORDS, TARN_GUARD and TARN_POLICY may say, for the library that reads them
 * and for `tarn run`, which sets them.
 */
#ifndef TARN_FACES_MALLOC_SETTING_TEXT_H
#define TARN_FACES_MALLOC_SETTING_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../size_text.h"
#include "tarn/pool.h"

/** The largest pool of the malloc face: 2^29 granules of 16 bytes. */
#define TARN_MALLOC_LARGEST_POOL (UINT64_C(1) << 33)

/** All engines' names, for messages. */
#define TARN_ENGINE_NAMES "tlsf, bestfit, linear"

/** Returns the name of TARN_ENGINE_* @p engine, NULL for any other number. */
static inline const char *tarn_engine_name(uint64_t engine)
{
    static const char *const names[] = {
        [TARN_ENGINE_TLSF] = "tlsf", [TARN_ENGINE_BESTFIT] = "bestfit", [TARN_ENGINE_LINEAR] = "linear"};
    return engine < sizeof names / sizeof names[0] ? names[engine] : NULL;
}

/** Returns the TARN_ENGINE_* of this name, TARN_ENGINE_DEFAULT if there is none. */
static inline uint32_t tarn_engine_read(const char *name)
{
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        if (strcmp(name, tarn_engine_name(engine)) == 0) {
            return engine;
        }
    }
    return TARN_ENGINE_DEFAULT;
}

/** The policies that a process's only heap can have, for messages: where it would close, stopping ends the process. */
#define TARN_MALLOC_POLICY_NAMES "stop, continue, isolate, repair"

/** Returns the name of TARN_POLICY_* @p policy, NULL for any other number. */
static inline const char *tarn_policy_name(uint64_t policy)
{
    static const char *const names[] = {[TARN_POLICY_STOP] = "stop",
                                        [TARN_POLICY_CONTINUE] = "continue",
                                        [TARN_POLICY_ISOLATE] = "isolate",
                                        [TARN_POLICY_CLOSE] = "close",
                                        [TARN_POLICY_REPAIR] = "repair"};
    return policy < sizeof names / sizeof names[0] ? names[policy] : NULL;
}

/** Reads one of #TARN_MALLOC_POLICY_NAMES. Returns false, and leaves @p policy, for anything else. */
static inline bool tarn_malloc_policy_read(const char *name, uint32_t *policy)
{
    for (uint32_t known = TARN_POLICY_STOP; known <= TARN_POLICY_REPAIR; known++) {
        if (known != TARN_POLICY_CLOSE && strcmp(name, tarn_policy_name(known)) == 0) {
            *policy = known;
            return true;
        }
    }
    return false;
}

/** Reads 0 or 1. Returns false, and leaves @p on, for anything else. */
static inline bool tarn_switch_read(const char *text, bool *on)
{
    bool known = (text[0] == '0' || text[0] == '1') && text[1] == '\0';
    if (known) {
        *on = text[0] == '1';
    }
    return known;
}

/** Reads how many extension words a block of the heap has, 0 to #TARN_WORDS_TAG: callers further out are not noted, a
 *  walk up the stack may allocate. Returns false, and leaves @p words, for anything else. */
static inline bool tarn_words_read(const char *text, uint32_t *words)
{
    bool known = text[0] >= '0' && text[0] <= '0' + (char)TARN_WORDS_TAG && text[1] == '\0';
    if (known) {
        *words = (uint32_t)(text[0] - '0');
    }
    return known;
}

#endif
