/* SPDX-License-Identifier: MIT */
/*
 * What the slab of a pool that is made is to be (slab.h): by tarn_options.slab, or as a face wants it.
 */
#ifndef TARN_SRC_SLAB_PLAN_H
#define TARN_SRC_SLAB_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define SLAB_PAGE_SHIFT 9u         /* of a native pool: units, and pages, of 512 bytes */
#define SLAB_LARGEST 128u          /* payload that native pages serve at most */
#define SLAB_DEFAULT_LARGEST 32u   /* TARN_SLAB_DEFAULT: so much, */
#define SLAB_DEFAULT_POOL 0x20000u /* in pools of this size and more */

typedef struct slab_plan {
    uint32_t unit_shift;     /* log2 of the bytes that pages are multiples of, and begin at multiples of: 6 to 9 */
    uint32_t classes;        /* 0: there is no slab */
    bool keeps;              /* each class takes a page at once, and its last one is not given back */
    bool grows;              /* classes take pages when they are full */
    uint32_t limit;          /* pages that there may be */
    uint32_t cover;          /* bytes from the image's first that they lie in; 0: anywhere */
    const uint32_t *bytes;   /* of an object of each class; NULL: each multiple of the granule, */
    const uint32_t *objects; /* and as many as a unit holds; 0: there is no such class */
} slab_plan;

#endif
