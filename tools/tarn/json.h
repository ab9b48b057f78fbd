/* SPDX-License-Identifier: MIT */
/**
 * @file json.h
 * @brief Writing JSON: commas, quotes and escapes where they belong.
 */
#ifndef TARN_TOOLS_JSON_H
#define TARN_TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct json {
    FILE *out;
    bool follows; /**< something stands in front, in the same brackets */
} json;

/** @p key is NULL in arrays and for the outermost value. */
void json_begin(json *j, const char *key, char bracket);
void json_end(json *j, char bracket);
void json_text(json *j, const char *key, const char *text);   /**< NULL is null; bytes that are no UTF-8 are U+FFFD */
void json_number(json *j, const char *key, uint64_t number);  /**< exact in every reader below 2^53 */
void json_address(json *j, const char *key, uint64_t number); /**< as text, "0x..." */
void json_truth(json *j, const char *key, bool truth);
void json_null(json *j, const char *key);
void json_decimal(json *j, const char *key, double number);               /**< with three digits behind the point */
void json_share(json *j, const char *key, uint64_t part, uint64_t whole); /**< part / whole, 0 to 1 */

#endif
