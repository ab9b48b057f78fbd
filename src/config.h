/* SPDX-License-Identifier: MIT */
/**
 * @file config.h
 * @brief The options this library was built with, usable as constants in ordinary `if`s.
 *
 * "tarn/config.h" is generated from Kconfig, or written by hand after configs/config.h.example. A bool that is off is
 * not defined there, never defined to 0.
 */
#ifndef TARN_SRC_CONFIG_H
#define TARN_SRC_CONFIG_H

#include "tarn/config.h"

/* TARN_ON(X) is 1 if X is a macro defined to 1 and 0 if X is not defined; usable in `if`, in #if and as an operand.
 * Pasting X's value gives TARN_ON_ARGUMENT_1, which expands to a comma and so moves the 1 into second place; any other
 * paste stays one junk token and the 0 is second. */
#define TARN_ON(symbol) TARN_ON_PASTE(symbol)
#define TARN_ON_PASTE(value) TARN_ON_SECOND(TARN_ON_ARGUMENT_##value 1, 0, 0)
#define TARN_ON_SECOND(...) TARN_ON_TAKE_SECOND(__VA_ARGS__)
#define TARN_ON_TAKE_SECOND(first, second, ...) second
#define TARN_ON_ARGUMENT_1 0,

#if (defined(TARN_WITH_TLSF) && !TARN_ON(TARN_WITH_TLSF)) ||       \
    (defined(TARN_WITH_BESTFIT) && !TARN_ON(TARN_WITH_BESTFIT)) || \
    (defined(TARN_WITH_LINEAR) && !TARN_ON(TARN_WITH_LINEAR))
#error "tarn/config.h: leave an engine's symbol undefined to switch the engine off"
#endif

#if !TARN_ON(TARN_WITH_TLSF) && !TARN_ON(TARN_WITH_BESTFIT) && !TARN_ON(TARN_WITH_LINEAR)
#error "tarn/config.h: define at least one of TARN_WITH_TLSF, TARN_WITH_BESTFIT, TARN_WITH_LINEAR to 1"
#endif

#define TARN_ENGINES_IN (TARN_ON(TARN_WITH_TLSF) + TARN_ON(TARN_WITH_BESTFIT) + TARN_ON(TARN_WITH_LINEAR))

#if TARN_ON(TARN_ONLY_PLAIN) &&                                                                                 \
    (TARN_ENGINES_IN != 1 || TARN_ON(TARN_WITH_PLAIN) || TARN_ON(TARN_WITH_SLAB) || TARN_ON(TARN_WITH_WORDS) || \
     TARN_ON(TARN_WITH_ENDS) || TARN_ON(TARN_WITH_EXACT) || TARN_ON(TARN_WITH_EVENTS) || TARN_ON(TARN_WITH_REGISTRY))
#error "tarn/config.h: TARN_ONLY_PLAIN goes with one engine and, of the other TARN_WITH_*, TARN_WITH_PARKED alone"
#endif

/* In a build where code is what counts: a function of which there is one copy, and one that is part of its callers
 * because a call is longer (with SMALL_INLINE where it is not inline anyhow). Elsewhere the compiler decides. */
#if TARN_ON(TARN_ONLY_PLAIN) && defined(__GNUC__)
#define SMALL_ONE_COPY __attribute__((noinline, unused)) static
#define SMALL_IN_CALLERS __attribute__((always_inline))
#define SMALL_INLINE inline
#else
#define SMALL_ONE_COPY static inline
#define SMALL_IN_CALLERS
#define SMALL_INLINE
#endif

/* C asks for a declaration in every file; of one that a build leaves out this is all. */
struct tarn_left_out;

#ifndef TARN_REGISTRY_CAPACITY
#error "tarn/config.h: TARN_REGISTRY_CAPACITY is missing; configs/config.h.example has every option"
#endif

#endif
