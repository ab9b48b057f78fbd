/* SPDX-License-Identifier: MIT */
/*
 * The rules of an image, numbered and worded as in docs/design.md and docs/blocks.md.
 */
#include "reader.h"

typedef struct rule {
    uint32_t number;
    const char *name;
    const char *text;
} rule;

static const rule rules[] = {
    {TARN_RULE_HEADER, "I1", "the pool's header is legal"},
    {TARN_RULE_TILING, "I2", "blocks follow each other without a gap"},
    {TARN_RULE_CHECK, "I3", "a header's check bits match its offset, size and state"},
    {TARN_RULE_MERGED, "I4", "no two free blocks are neighbours"},
    {TARN_RULE_LEFT, "I5", "the left-free flag says whether the left neighbour is free"},
    {TARN_RULE_TAG, "I6", "a free block's last word is its size"},
    {TARN_RULE_LISTED, "I7", "every free block is in the list or tree of its size, once"},
    {TARN_RULE_LINKS, "I8", "the word that a link names points back"},
    {TARN_RULE_BITMAP, "I9", "a list's bit is set if and only if the list is not empty"},
    {TARN_RULE_COUNTS, "I10", "the statistics equal what a walk counts"},
    {TARN_RULE_MAP, "I11", "the exact map marks the starts of used blocks and nothing else"},
    {TARN_RULE_BLOCKS_HEADER, "B1", "the pool's header is legal"},
    {TARN_RULE_BLOCKS_LINK, "B2", "a free block's link is 0 or names a block that was handed out once"},
    {TARN_RULE_BLOCKS_LISTED, "B3", "no block is listed twice"},
    {TARN_RULE_BLOCKS_COUNTS, "B4", "the counts equal what following the lists counts"},
    {TARN_RULE_BLOCKS_MAP, "B5", "the map marks exactly the blocks that are out"},
    {TARN_RULE_BLOCKS_GUARD, "B6", "the guard behind every block holds its word"},
    {TARN_RULE_BLOCKS_POISON, "B7", "every listed block holds the fill"},
};

static const rule *find(uint32_t number)
{
    static const rule unknown = {0, "?", "a rule of a newer version"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].number == number) {
            return &rules[i];
        }
    }
    return &unknown;
}

const char *rule_name(uint32_t number)
{
    return find(number)->name;
}

const char *rule_text(uint32_t number)
{
    return find(number)->text;
}
