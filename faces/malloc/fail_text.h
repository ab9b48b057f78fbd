/* SPDX-License-Identifier: MIT */
/**
 * @file fail_text.h
 * @brief What TARN_FAIL may say: a rule of failure injection as words between commas.
 */
#ifndef TARN_FACES_MALLOC_FAIL_TEXT_H
#define TARN_FACES_MALLOC_FAIL_TEXT_H

#include <string.h>

#include "../size_text.h"
#include "tarn/inject.h"

/** The words, for messages. */
#define TARN_FAIL_WORDS "nth=N, every=N, chance=N (of 65536), seed=N, from=SIZE, to=SIZE, once, persistent"

/* One word; false if it is none. Sizes fit where a size_t does. */
static inline bool tarn_fail_word(const char *word, tarn_injection *rule)
{
    static const char *const names[] = {"nth=", "every=", "chance=", "seed=", "from=", "to="};
    uint32_t *const numbers[] = {&rule->nth, &rule->every, &rule->probability, &rule->seed};
    size_t *const sizes[] = {&rule->smallest, &rule->largest};
    if (strcmp(word, "once") == 0 || strcmp(word, "persistent") == 0) {
        rule->flags |= word[0] == 'o' ? TARN_INJECT_ONCE : TARN_INJECT_PERSISTENT;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint64_t number;
        size_t length = strlen(names[i]);
        if (strncmp(word, names[i], length) != 0) {
            continue;
        }
        if (!tarn_size_read(word + length, &number) || number > (i < 4 ? UINT32_MAX : SIZE_MAX)) {
            return false;
        }
        if (i < 4) {
            *numbers[i] = (uint32_t)number;
        } else {
            *sizes[i - 4] = (size_t)number;
        }
        return true;
    }
    return false;
}

/**
 * Reads a rule, such as "every=7,from=64".
 *
 * Returns: true and the rule in @p *rule. Fails: false for an unknown word, a number out of range, and a rule that
 * tarn_injection_on() would refuse.
 * Bound: length of the text. Interrupts: yes. Lock: none. Source: tarn.
 */
static inline bool tarn_fail_read(const char *text, tarn_injection *rule)
{
    memset(rule, 0, sizeof *rule);
    while (text[0] != '\0') {
        char word[40];
        size_t length = strcspn(text, ",");
        if (length >= sizeof word) {
            return false;
        }
        memcpy(word, text, length);
        word[length] = '\0';
        if (!tarn_fail_word(word, rule)) {
            return false;
        }
        text += length + (text[length] == ',' ? 1u : 0u);
    }
    uint32_t both = TARN_INJECT_ONCE | TARN_INJECT_PERSISTENT;
    return (rule->flags & both) != both && rule->probability <= 65536u &&
           (rule->nth != 0 || rule->every != 0 || rule->probability != 0);
}

#endif
