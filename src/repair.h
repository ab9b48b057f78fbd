/* SPDX-License-Identifier: MIT */
/* Repairing, and opening again, an image whose lock is held. */
#ifndef TARN_SRC_REPAIR_H
#define TARN_SRC_REPAIR_H

#include "image.h"

/* tarn_repair() of an image that was entered. */
tarn_status tarn_repair_image(const image *im, tarn_finding *finding);

/* tarn_reopen() of an image that was entered. */
tarn_status tarn_reopen_image(const image *im, tarn_finding *finding);

#endif
