/* SPDX-License-Identifier: MIT */
/*
 * The reaction to faults of a program that has none of its own: a line. Alone in its file, and weak. Bound: the text.
 */
#include "face.h"
#include "text.h"
#include "weak.h"

TARN_MYNEWT_WEAK void tarn_mynewt_fault(const struct os_mempool *mp, const void *block, const char *what)
{
    text t = {0, {0}};
    tarn_mynewt_put(&t, "os_mempool", 0);
    if (mp != NULL) {
        bool named = face_is_pool(mp) && mp->name != NULL;
        tarn_mynewt_put(&t, named ? " " : "", 0);
        tarn_mynewt_put(&t, named ? mp->name : "", 0);
        tarn_mynewt_put(&t, " at ", 0);
        tarn_mynewt_put_address(&t, mp);
    }
    tarn_mynewt_put(&t, ": ", 0);
    if (block != NULL) {
        tarn_mynewt_put(&t, "block ", 0);
        tarn_mynewt_put_address(&t, block);
        tarn_mynewt_put(&t, ": ", 0);
    }
    tarn_mynewt_put(&t, what, 0);
    tarn_mynewt_put_end(&t);
}
