/* SPDX-License-Identifier: MIT */
/**
 * @file fslink_list.h
 * @brief The single list node of the Phytium SDK, as far as FMempPoolList has one. The guard is the SDK's own.
 */
#ifndef FSLINK_LIST_H
#define FSLINK_LIST_H

#include "ftypes.h"

struct FSListNode_ {
    struct FSListNode_ *next; /**< NULL at the end */
};
typedef struct FSListNode_ FSListNode;

#endif
