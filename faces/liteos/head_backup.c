/* SPDX-License-Identifier: MIT */
/*
 * Head backup: the list of nodes with their copies, and what is said of damage and of wild pointers.
 *
 * The original keeps a node's copy in the node before; tarn keeps it at the end of the node itself (src/backup.h).
 * What is printed as checksum is that copy, and in brackets what it would be of the header that is there.
 *
 * Bound: nodes, for each 4 that are printed; granules for each head that is found by its copy.
 */
#include "backup.h"
#include "face.h"
#include "text.h"

enum { NODES_AT_ONCE = 4 };

#define SIZE_USED 0x80000000u /* LiteOS's flag in a node's size */

/* A node as it was at one moment; offsets are of payloads, 0: none. */
typedef struct node {
    block_ref block;
    UINT32 before; /* its left neighbour */
    UINT32 before_owner;
    UINT32 before_header;
    UINT32 stored;
    UINT32 computed;
    UINT32 next; /* of its list */
    UINT32 where;
} node;

typedef struct node_list {
    UINT32 cursor; /* nodes in front of it have been printed */
    node nodes[NODES_AT_ONCE];
    UINT32 count;
    bool last;
    bool lost;   /* the walk ends at a node that neither header nor copy tells of */
    bool copies; /* the pool has any */
    UINTPTR base;
    UINT32 shift;
    UINT32 lead;
    UINT32 end;
    UINT32 head;
} node_list;

static UINT32 owner_of(const tarn_view *view, const block_ref *b)
{
    bool told = block_used(b->header) && layout_extension(view->layout) != 0;
    return told ? view_word(view, view_payload(view, b->offset) - 4u * layout_extension(view->layout) - 4u) : 0;
}

/* The list's links, as far as the engine keeps any. */
static VOID copy_links(const tarn_view *view, node *n)
{
    uint64_t payload = view_payload(view, n->block.offset);
    bool linked = !block_used(n->block.header) && layout_engine(view->layout) != TARN_ENGINE_LINEAR;
    if (linked) {
        UINT32 where = view_word(view, layout_extension(view->layout) == 0 ? payload + 4u : payload - 8u);
        n->next = view_word(view, payload);
        n->where = (where & 1u) != 0 ? 0 : where >> 1;
    }
}

static VOID copy_node(const tarn_view *view, const block_ref *b, const block_ref *before, node *n)
{
    image im = view_geometry(view);
    (VOID) memset(n, 0, sizeof *n);
    n->block = *b;
    n->before = before->offset;
    n->before_header = before->header;
    n->before_owner = owner_of(view, before);
    n->stored = view_word(view, view_backup(view, b));
    n->computed = backup_of(&im, b->offset, view_header(view, b->offset));
    copy_links(view, n);
}

/* The wilderness is the last free node; its header follows from where it lies and has no copy. */
static VOID copy_wilderness(const tarn_view *view, const block_ref *before, node *n)
{
    image im = view_geometry(view);
    const block_ref top = {view->top, view->end - view->top, 0};
    copy_node(view, &top, before, n);
    n->next = n->where = 0;
    n->stored = block_seal(&im, top.offset, top.size << BLOCK_SIZE_SHIFT);
    n->computed = view_header(view, top.offset);
}

/* The next few nodes from the cursor on, of a pool whose lock is held. */
static VOID copy_nodes(const tarn_view *view, VOID *context)
{
    node_list *list = context;
    block_ref b = {0, 0, 0};
    block_ref before = {0, 0, 0};
    list->copies = layout_has_backup(view->layout);
    list->base = (UINTPTR)view->base;
    list->shift = layout_shift(view->layout);
    list->lead = 4u * layout_extension(view->layout) + 4u;
    list->end = view->end;
    list->head = list->lead + layout_tail_bytes(view->layout);
    list->count = 0;
    for (UINT32 offset = view->first; offset != view->top && list->count < NODES_AT_ONCE; offset += b.size) {
        if (!tarn_view_block(view, offset, &b) && !(list->copies && tarn_view_backup_find(view, offset, &b))) {
            list->lost = true;
            list->cursor = offset;
            return;
        }
        if (offset >= list->cursor) {
            copy_node(view, &b, &before, &list->nodes[list->count++]);
            list->cursor = offset + b.size;
        }
        before = b;
    }
    if (list->count < NODES_AT_ONCE && view->top != view->end && list->cursor <= view->top) {
        copy_wilderness(view, &before, &list->nodes[list->count++]);
        list->cursor = view->end;
    }
    list->last = list->count < NODES_AT_ONCE;
}

static UINTPTR node_address(const node_list *list, UINT32 offset)
{
    return offset == 0 ? 0 : list->base + ((UINTPTR)offset << list->shift) - list->lead;
}

static VOID put_field(tarn_liteos_text *text, const CHAR *name, UINTPTR value)
{
    tarn_liteos_put(text, name);
    tarn_liteos_put_hex(text, value, 0);
}

static VOID put_before(tarn_liteos_text *text, const node_list *list, const node *n)
{
    put_field(text, "[ERR] pre node:", node_address(list, n->before));
    if (n->before == 0) {
        tarn_liteos_put(text, " none");
    } else if (!block_used(n->before_header)) {
        tarn_liteos_put(text, " FREE");
    } else {
        put_field(text, " allocated by task ", owner_task(n->before_owner));
        put_field(text, " in module ", owner_module(n->before_owner));
    }
    tarn_liteos_put(text, "\n");
}

static VOID say_node(const node_list *list, const node *n)
{
    UINT32 used = block_used(n->block.header) ? SIZE_USED : 0;
    tarn_liteos_text text;
    text_begin(&text);
    put_field(&text, "node:", node_address(list, n->block.offset));
    put_field(&text, " checksum=", n->stored);
    put_field(&text, "[", n->computed);
    put_field(&text, "] freeNodeInfo.pstPrev=", node_address(list, n->where));
    put_field(&text, " freeNodeInfo.pstNext=", node_address(list, n->next));
    put_field(&text, " preNode=", node_address(list, n->before));
    put_field(&text, " gapSize=", 0);
    put_field(&text, " sizeAndFlag=", (n->block.size << list->shift) | used);
    tarn_liteos_put(&text, "\n");
    if (n->stored != n->computed) {
        put_before(&text, list, n);
    }
    tarn_liteos_put_end(&text);
}

/* The end node has no bytes of its own. */
static VOID say_end(const node_list *list, UINT32 before)
{
    const node end = {.block = {list->end, list->head >> list->shift, 1u}, .before = before};
    say_node(list, &end);
}

static VOID say_lost(const node_list *list)
{
    tarn_liteos_text text;
    text_begin(&text);
    put_field(&text, "[ERR] node:", node_address(list, list->cursor));
    tarn_liteos_put(&text, " and its copy are overwritten, nodes behind it cannot be reached\n");
    tarn_liteos_put_end(&text);
}

static VOID show_nodes(const VOID *pool)
{
    node_list list;
    UINT32 before = 0;
    (VOID) memset(&list, 0, sizeof list);
    do {
        if (tarn_look(const_pool_of(pool), copy_nodes, &list) != TARN_OK || !list.copies) {
            return;
        }
        for (UINT32 i = 0; i < list.count; i++) {
            say_node(&list, &list.nodes[i]);
            before = list.nodes[i].block.offset;
        }
    } while (!list.last && !list.lost);
    if (list.lost) {
        say_lost(&list);
    } else {
        say_end(&list, before);
    }
}

VOID LOS_MemBadNodeShow(VOID *pool)
{
    tarn_liteos_text text;
    if (pool == NULL) {
        return;
    }
    show_nodes(pool);
    (void)tarn_liteos_check_failed(pool, "LOS_MemBadNodeShow", __LINE__);
    text_begin(&text);
    tarn_liteos_put(&text, "check finish\n");
    tarn_liteos_put_end(&text);
}

/* ---- damage and wild pointers ---- */

static bool is_liteos_pool(const tarn_pool *pool)
{
    tarn_registration entry;
    UINT32 i = 0;
    while (tarn_registered(TARN_FACE_LITEOS, i, &entry) && entry.pool != pool) {
        i++;
    }
    return tarn_registered(TARN_FACE_LITEOS, i, &entry);
}

static VOID on_damage(const tarn_event *event, VOID *context)
{
    tarn_stats stats;
    (VOID) context;
    if (is_liteos_pool(event->pool) && counts_of(event->pool, &stats) && stats.policy == TARN_POLICY_REPAIR) {
        (void)tarn_liteos_check_failed(event->pool, event->size != 0 ? "LOS_MemAlloc" : "LOS_MemFree", __LINE__);
    }
}

static VOID begin(VOID)
{
    (void)tarn_repairs_on();
    (void)tarn_events_remove(on_damage, NULL);
    if (tarn_events_add_kinds(on_damage, NULL, TARN_EVENTS_OF(TARN_EVENT_CORRUPT)) != TARN_OK) {
        tarn_liteos_text text;
        text_begin(&text);
        tarn_liteos_put(&text, "[ERR] no room for the head backup's listener: repairs will not be told\n");
        tarn_liteos_put_end(&text);
    }
}

static VOID say_wild(const VOID *pool, const VOID *ptr)
{
    tarn_block block;
    tarn_stats stats;
    tarn_liteos_text text;
    if (!counts_of(pool, &stats) || stats.policy != TARN_POLICY_REPAIR ||
        tarn_block_at(const_pool_of(pool), ptr, &block) != TARN_OK || block.state == TARN_BLOCK_FREE) {
        return;
    }
    UINTPTR real = image_address(pool) + (UINTPTR)block.offset;
    text_begin(&text);
    put_field(&text, "[ERR] LOS_MemFree: find a control block at ", real - stats.overhead);
    put_field(&text, ", its pointer is ", real);
    put_field(&text, " and not ", (UINTPTR)ptr);
    tarn_liteos_put(&text, ": PROBABLY A WILD POINTER\n");
    tarn_liteos_put_end(&text);
}

const struct tarn_liteos_backup tarn_liteos_head_backup = {begin, tarn_repair, say_wild};
