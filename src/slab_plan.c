/* SPDX-License-Identifier: MIT */
/*
 * A plan (slab_plan.h) as the table of a pool that is made.
 *
 * Bound: classes, and for a native class the objects that its words and those of the page take the place of.
 */
#include "slab_page.h"

slab_class tarn_slab_planned(const slab_plan *plan, uint32_t layout, uint32_t index)
{
    if (plan->bytes != NULL) {
        return slab_class_shape(layout, plan->unit_shift, plan->bytes[index], plan->objects[index]);
    }
    uint32_t bytes = (index + 1u) << layout_shift(layout);
    uint32_t objects = (UINT32_C(1) << plan->unit_shift) / bytes;
    slab_class c = slab_class_shape(layout, plan->unit_shift, bytes, objects);
    while (objects > 1u && c.size << layout_shift(layout) > UINT32_C(1) << plan->unit_shift) {
        objects--;
        c = slab_class_shape(layout, plan->unit_shift, bytes, objects);
    }
    return c;
}

uint64_t tarn_slab_words(const slab_plan *plan, uint32_t layout, uint64_t end)
{
    uint32_t cover = plan->cover >> layout_shift(layout);
    end = cover != 0 && cover < end ? cover : end;
    uint64_t units = (end >> (plan->unit_shift - layout_shift(layout))) + 1u;
    return slab_row(plan->classes, 0) - 1u + (units + 31u) / 32u;
}

static void sum_set(const image *im)
{
    uint32_t shape = table_get(im, SLAB_SHAPE);
    uint32_t sum = slab_sum_begin(shape, table_get(im, SLAB_LIMIT));
    for (uint32_t i = 0; i < slab_classes(shape); i++) {
        sum = slab_sum_mix(sum, class_get(im, i, SLAB_BYTES), class_get(im, i, SLAB_OBJECTS));
    }
    table_set(im, SLAB_SUM, sum);
}

void tarn_slab_format(const image *im, const slab_plan *plan)
{
    uint32_t reach = 1;
    table_set(im, SLAB_LIMIT, plan->limit);
    for (uint32_t i = 0; i < plan->classes; i++) {
        slab_class c = tarn_slab_planned(plan, im->layout, i);
        uint32_t units = c.size >> (plan->unit_shift - image_shift(im));
        class_set(im, i, SLAB_BYTES, c.bytes);
        class_set(im, i, SLAB_OBJECTS, c.objects);
        reach = units > reach ? units : reach;
    }
    table_set(im, SLAB_SHAPE,
              plan->unit_shift << SLAB_UNIT_SHIFT | plan->classes << SLAB_CLASSES |
                  (plan->keeps ? 1u : 0u) << SLAB_KEEPS | (plan->grows ? 1u : 0u) << SLAB_GROWS | reach << SLAB_REACH);
    sum_set(im);
}
