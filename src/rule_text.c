/* SPDX-License-Identifier: MIT */
/* The words for each rule, once for reports, faces and tools; apart from reports, so that who needs words links no
 * more. */
#include "tarn/report.h"

#include "tarn/blocks.h"

static const char *block_rule_text(uint32_t rule)
{
    static const char *const texts[] = {
        "pool header", "link of a free block", "free block in one list", "counts", "map of used blocks", "guard",
        "fill",
    };
    uint32_t index = rule - TARN_RULE_BLOCKS_HEADER;
    return index < sizeof texts / sizeof texts[0] ? texts[index] : "unknown rule";
}

const char *tarn_rule_text(uint32_t rule)
{
    static const char *const texts[] = {
        [0] = "unknown rule",
        [TARN_RULE_HEADER] = "pool header",
        [TARN_RULE_TILING] = "blocks without gap",
        [TARN_RULE_CHECK] = "block header",
        [TARN_RULE_MERGED] = "no two free neighbours",
        [TARN_RULE_LEFT] = "left neighbour's flag",
        [TARN_RULE_TAG] = "free block's size tag",
        [TARN_RULE_LISTED] = "free block listed",
        [TARN_RULE_LINKS] = "free block's links",
        [TARN_RULE_BITMAP] = "free list bitmap",
        [TARN_RULE_COUNTS] = "statistics",
        [TARN_RULE_MAP] = "map of used blocks",
        [TARN_RULE_MODULES] = "table of modules",
        [TARN_RULE_SEQUENCE] = "sequence numbers",
        [TARN_RULE_TAIL] = "used block's tail",
        [TARN_RULE_GUARD] = "bytes past the size asked for",
        [TARN_RULE_FILL] = "free memory's fill",
        [TARN_RULE_BACKUP] = "copy of a header",
        [TARN_RULE_QUARANTINE] = "list of waiting blocks",
        [TARN_RULE_CURSOR] = "place of the check in steps",
        [TARN_RULE_PARKED] = "lists of parked blocks",
        [TARN_RULE_SLAB] = "pages of the slab",
    };
    if (rule == TARN_RULE_REGIONS) {
        return "table of regions";
    }
    return rule < sizeof texts / sizeof texts[0] && texts[rule] != NULL ? texts[rule] : block_rule_text(rule);
}
