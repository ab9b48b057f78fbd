/* SPDX-License-Identifier: MIT */
/**
 * @file queue.h
 * @brief Singly linked lists and tail queues in the style of BSD's sys/queue.h, as far as Mynewt code around memory
 * pools uses them.
 *
 * Where the C library has a <sys/queue.h>, that one is taken, so that a program may include either first;
 * TARN_OWN_QUEUE says not to. Names that are defined already, whoever did so, are left alone.
 */
#ifndef TARN_MYNEWT_QUEUE_H
#define TARN_MYNEWT_QUEUE_H

#include <stddef.h>

#if defined(__has_include) && !defined(TARN_OWN_QUEUE)
#if __has_include(<sys/queue.h>)
#include <sys/queue.h>
#endif
#endif

/* ---- list: a head that points at the first element, elements that point at the next ---- */

#ifndef SLIST_HEAD
#define SLIST_HEAD(name, type)  \
    struct name {               \
        struct type *slh_first; \
    }
#endif
#ifndef SLIST_HEAD_INITIALIZER
#define SLIST_HEAD_INITIALIZER(head) \
    {                                \
        NULL                         \
    }
#endif
#ifndef SLIST_ENTRY
#define SLIST_ENTRY(type)      \
    struct {                   \
        struct type *sle_next; \
    }
#endif
#ifndef SLIST_FIRST
#define SLIST_FIRST(head) ((head)->slh_first)
#endif
#ifndef SLIST_NEXT
#define SLIST_NEXT(elm, field) ((elm)->field.sle_next)
#endif
#ifndef SLIST_EMPTY
#define SLIST_EMPTY(head) (SLIST_FIRST(head) == NULL)
#endif
#ifndef SLIST_FOREACH
#define SLIST_FOREACH(var, head, field) for ((var) = SLIST_FIRST(head); (var) != NULL; (var) = SLIST_NEXT(var, field))
#endif
#ifndef SLIST_INIT
#define SLIST_INIT(head) ((void)(SLIST_FIRST(head) = NULL))
#endif
#ifndef SLIST_INSERT_HEAD
#define SLIST_INSERT_HEAD(head, elm, field) \
    ((void)(SLIST_NEXT(elm, field) = SLIST_FIRST(head), SLIST_FIRST(head) = (elm)))
#endif
#ifndef SLIST_INSERT_AFTER
#define SLIST_INSERT_AFTER(slistelm, elm, field) \
    ((void)(SLIST_NEXT(elm, field) = SLIST_NEXT(slistelm, field), SLIST_NEXT(slistelm, field) = (elm)))
#endif
#ifndef SLIST_REMOVE_HEAD
#define SLIST_REMOVE_HEAD(head, field) ((void)(SLIST_FIRST(head) = SLIST_NEXT(SLIST_FIRST(head), field)))
#endif

/* ---- tail queue: the head also points at the last element's link ---- */

#ifndef STAILQ_HEAD
#define STAILQ_HEAD(name, type)  \
    struct name {                \
        struct type *stqh_first; \
        struct type **stqh_last; \
    }
#endif
#ifndef STAILQ_HEAD_INITIALIZER
#define STAILQ_HEAD_INITIALIZER(head) \
    {                                 \
        NULL, &(head).stqh_first      \
    }
#endif
#ifndef STAILQ_ENTRY
#define STAILQ_ENTRY(type)      \
    struct {                    \
        struct type *stqe_next; \
    }
#endif
#ifndef STAILQ_FIRST
#define STAILQ_FIRST(head) ((head)->stqh_first)
#endif
#ifndef STAILQ_NEXT
#define STAILQ_NEXT(elm, field) ((elm)->field.stqe_next)
#endif
#ifndef STAILQ_EMPTY
#define STAILQ_EMPTY(head) (STAILQ_FIRST(head) == NULL)
#endif
#ifndef STAILQ_FOREACH
#define STAILQ_FOREACH(var, head, field) \
    for ((var) = STAILQ_FIRST(head); (var) != NULL; (var) = STAILQ_NEXT(var, field))
#endif
#ifndef STAILQ_INIT
#define STAILQ_INIT(head) ((void)(STAILQ_FIRST(head) = NULL, (head)->stqh_last = &STAILQ_FIRST(head)))
#endif
#ifndef STAILQ_INSERT_TAIL
#define STAILQ_INSERT_TAIL(head, elm, field) \
    ((void)(STAILQ_NEXT(elm, field) = NULL, *(head)->stqh_last = (elm), (head)->stqh_last = &STAILQ_NEXT(elm, field)))
#endif
#ifndef STAILQ_REMOVE_HEAD
#define STAILQ_REMOVE_HEAD(head, field)                                           \
    ((void)((STAILQ_FIRST(head) = STAILQ_NEXT(STAILQ_FIRST(head), field)) == NULL \
                ? (head)->stqh_last = &STAILQ_FIRST(head)                         \
                : NULL))
#endif

#endif
