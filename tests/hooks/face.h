/* SPDX-License-Identifier: MIT */
/* What the faces' programs share: the hook that is there, and the end. */
#ifndef TARN_TESTS_HOOKS_FACE_H
#define TARN_TESTS_HOOKS_FACE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tarn/hooks.h"

static inline void must(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "face: %s\n", what);
        exit(1);
    }
}

static inline void begin(void)
{
    must(tarn_valgrind_install() == TARN_OK || tarn_asan_install() == TARN_OK, "no tool");
}

#endif
