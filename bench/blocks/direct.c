/* SPDX-License-Identifier: MIT */
/* The patterns with calls by name, as a program makes them; for each peer with its DIRECT_GET and DIRECT_PUT. */
#include <stddef.h>

void *DIRECT_GET(void *pool);
void DIRECT_PUT(void *pool, void *block);

#define PEER_GET(p) DIRECT_GET((p)->pool)
#define PEER_PUT(p, block) DIRECT_PUT((p)->pool, block)

#include "patterns.h"

pattern *const *direct_patterns(void);

pattern *const *direct_patterns(void)
{
    return all_patterns;
}
