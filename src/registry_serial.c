/* SPDX-License-Identifier: MIT */
/*
 * What of the registry is there in a build without one (TARN_WITH_REGISTRY): keys of pools, and the answer that no pool
 * is listed.
 *
 * Bound: constant.
 */
#include "registry.h"
#include "tarn/port.h"

/* Pools that were given a key of their own. */
static uint32_t serial;

uint32_t tarn_registry_serial(void)
{
    uintptr_t state = tarn_port_lock(&serial);
    uint32_t number = ++serial;
    tarn_port_unlock(&serial, state);
    return number;
}

#ifndef TARN_WITH_REGISTRY

bool tarn_registered(uint32_t face, uint32_t index, tarn_registration *entry)
{
    (void)face, (void)index, (void)entry;
    return false;
}

#endif
