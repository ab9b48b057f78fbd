/* SPDX-License-Identifier: MIT */
/*
 * The rules of an image, numbered as in docs/design.md (I) and docs/blocks.md (B); tarn_rule_text() words them.
 */
#include <stdio.h>

#include "reader.h"

const char *rule_name(uint32_t rule, char name[RULE_NAME])
{
    bool of_blocks = rule >= TARN_RULE_BLOCKS_HEADER;
    (void)snprintf(name, RULE_NAME, "%c%u", of_blocks ? 'B' : 'I',
                   (unsigned)(of_blocks ? rule - TARN_RULE_BLOCKS_HEADER + 1u : rule));
    return name;
}
