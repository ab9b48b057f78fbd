/* SPDX-License-Identifier: MIT */
/*
 * The core's calls in steps, and what must hold between any two of them (blocks_steps.h). Compiled without STEPS_CORE:
 * its own looks at the image are no steps.
 *
 *   STEPS_UNTAGGED   heads are stored without their tag: the core as if it had none
 *   STEPS_MAP        the pool has TARN_BLOCKS_MAP, and anyone may put any block
 *   STEPS_TORN       clearing a map bit is two accesses, not one
 */
#include "blocks_steps.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "blocks_full.h"
#include "tarn/events.h"

#if defined(STEPS_UNTAGGED)
enum { KEEPS_TAG = 0 };
#else
enum { KEEPS_TAG = 1 };
#endif
#if defined(STEPS_MAP)
enum { HAS_MAP = 1 };
#else
enum { HAS_MAP = 0 };
#endif
#if defined(STEPS_TORN)
enum { TORN = 1 };
#else
enum { TORN = 0 };
#endif

static const char *const fault_names[] = {
    [STEPS_TWO_OWNERS] = "two owners",
    [STEPS_LISTED] = "a listed block has an owner",
    [STEPS_LOST] = "a block is lost",
    [STEPS_REFUSED] = "an owner's put was refused",
    [STEPS_PUT_TWICE] = "put twice",
    [STEPS_WRONG_DAMAGE] = "damage where there is none",
    [STEPS_WRONG_EMPTY] = "exhausted while a block was free",
};

steps_state steps;

/* Of the step that is being made. */
static steps_worker *running; /* NULL: no step, everything is done at once */
static unsigned position;     /* in the record */
static bool moved;            /* the step's access has been made */
static jmp_buf leave;
static size_t place[STEPS_RECORD]; /* what each access was to */
static int fault;
static tarn_status told; /* status of the last event */

static unsigned char *image(void)
{
    return (unsigned char *)steps.image;
}

static tarn_blocks *pool(void)
{
    return (tarn_blocks *)(void *)steps.image;
}

/* ---- single accesses ---- */

static size_t place_of(const void *at)
{
    size_t distance = (size_t)((const unsigned char *)at - image());
    return distance < STEPS_IMAGE ? distance : STEPS_IMAGE;
}

/* The words that calls change. Refusals are counted last in a call, and counted alone. */
static bool is_shared(size_t where)
{
    return where != STEPS_IMAGE &&
           (where >= BLOCKS_HEADER_BYTES || (where >= 4u * BLOCKS_HEAD && where < 4u * BLOCKS_FIRST));
}

static uint64_t get_word(const void *at, size_t size)
{
    uint64_t wide;
    uint32_t narrow;
    if (size == 8) {
        memcpy(&wide, at, 8);
        return wide;
    }
    memcpy(&narrow, at, 4);
    return narrow;
}

static uint64_t without_tag(uint64_t head, size_t size)
{
    return head & (size == 8 ? (UINT64_C(1) << (blocks_word(image(), BLOCKS_SHIFT) >> 8 & 31u) * 2u) - 1u : UINT16_MAX);
}

static void set_word(void *at, size_t size, uint64_t value)
{
    size_t where = place_of(at);
    if (where == 4u * BLOCKS_REFUSALS) {
        return;
    }
    if (!KEEPS_TAG && where == 4u * BLOCKS_HEAD) {
        value = without_tag(value, size);
    }
    uint32_t narrow = (uint32_t)value;
    memcpy(at, size == 8 ? (void *)&value : (void *)&narrow, size);
}

/* True if the access is to be made, now; else *value is what it read when it was. */
static bool begins(const void *at, uint64_t *value)
{
    size_t where = place_of(at);
    if (running == NULL || !is_shared(where)) {
        return true;
    }
    if (position < running->read) {
        place[position] = where;
        *value = running->record[position++];
        return false;
    }
    if (moved) {
        longjmp(leave, 1);
    }
    return true;
}

static void ends(const void *at, uint64_t value)
{
    size_t where = place_of(at);
    if (running == NULL || !is_shared(where)) {
        return;
    }
    if (position == STEPS_RECORD || value > UINT32_MAX) {
        __builtin_trap(); /* the model is too small for the run asked for */
    }
    moved = true;
    place[position] = where;
    running->record[position++] = (uint32_t)value;
    running->read = (uint8_t)position;
}

uint64_t steps_load(const void *at, size_t size)
{
    uint64_t value = 0;
    if (begins(at, &value)) {
        value = get_word(at, size);
        ends(at, value);
    }
    return value;
}

void steps_store(void *at, size_t size, uint64_t value)
{
    uint64_t ignored = 0;
    if (begins(at, &ignored)) {
        set_word(at, size, value);
        ends(at, 0);
    }
}

/*
 * A call whose swap failed goes on as if it had just loaded what is there (every loop of the core does), so its record
 * is cut back to that load: the number of attempts is no part of the state, and attempts without end are covered.
 */
static void forget_attempt(const void *at, uint64_t value)
{
    size_t where = place_of(at);
    unsigned last = position;
    while (last != 0 && place[last - 1u] != where) {
        last--;
    }
    if (running == NULL || last == 0) {
        return;
    }
    running->record[last - 1u] = (uint32_t)value;
    running->read = (uint8_t)last;
    longjmp(leave, 1);
}

bool steps_swap(void *at, size_t size, void *expected, uint64_t wanted)
{
    uint64_t before = 0;
    if (begins(at, &before)) {
        before = get_word(at, size);
        if (before != get_word(expected, size)) {
            forget_attempt(at, before);
        } else {
            set_word(at, size, wanted);
        }
        ends(at, before);
    }
    bool same = before == get_word(expected, size);
    uint32_t narrow = (uint32_t)before;
    memcpy(expected, size == 8 ? (void *)&before : (void *)&narrow, size);
    return same;
}

static uint32_t map_at(void)
{
    return HAS_MAP ? blocks_map_at() : STEPS_IMAGE;
}

/* With a map a block is someone's from the setting of its bit to the clearing. */
static void note_bits(const void *at, uint64_t before, uint64_t after)
{
    for (uint32_t i = 0; place_of(at) == map_at() && i < STEPS_BLOCKS; i++) {
        if ((~before & after) >> i & 1u) {
            fault = steps.owner[i] != 0 ? STEPS_TWO_OWNERS : fault;
            steps.owner[i] = 1;
        }
        if ((before & ~after) >> i & 1u) {
            fault = steps.owner[i] == 0 ? STEPS_PUT_TWICE : fault;
            steps.owner[i] = 0;
        }
    }
}

uint64_t steps_fetch(void *at, size_t size, char operation, uint64_t value)
{
    uint64_t before = TORN && operation == '&' ? steps_load(at, size) : 0;
    if (begins(at, &before)) {
        before = TORN && operation == '&' ? before : get_word(at, size);
        uint64_t after = operation == '+' ? before + value : operation == '|' ? before | value : before & value;
        set_word(at, size, after);
        note_bits(at, before, after);
        ends(at, before);
    }
    return before;
}

/* ---- what must hold ---- */

static int number_of(const void *block)
{
    return (int)blocks_number(image(), (uint32_t)((const unsigned char *)block - image()));
}

static uint32_t list_first(void)
{
    blocks_head head;
    memcpy(&head, image() + 4u * BLOCKS_HEAD, sizeof head);
    uint32_t first = blocks_head_first(image(), head);
    return first == 0 ? 0 : blocks_offset(image(), first - 1u);
}

/* Counts the listed blocks; -1 if the list is not one of free blocks. */
static int list_length(void)
{
    const unsigned char *b = image();
    int length = 0;
    for (uint32_t at = list_first(); at != 0; at = word_load(b + at)) {
        uint32_t number = blocks_number(b, at);
        if (++length > STEPS_BLOCKS || number >= blocks_word(b, BLOCKS_FRESH) || steps.owner[number] != 0) {
            return -1;
        }
    }
    return length;
}

static int owned(void)
{
    int count = 0;
    for (int i = 0; i < STEPS_BLOCKS; i++) {
        count += steps.owner[i] != 0;
    }
    return count;
}

static int look(void)
{
    int length = list_length();
    if (length < 0) {
        return STEPS_LISTED;
    }
    int free = length + STEPS_BLOCKS - (int)blocks_word(image(), BLOCKS_FRESH);
    bool quiet = true;
    for (int i = 0; i < STEPS_WORKERS; i++) {
        quiet = quiet && steps.worker[i].call == STEPS_IDLE;
        steps.worker[i].seen_none |= free == 0 && steps.worker[i].call == STEPS_GET;
    }
    return quiet && (free + owned() != STEPS_BLOCKS || (int)blocks_used(image()) != owned()) ? STEPS_LOST : STEPS_SOUND;
}

/* ---- calls ---- */

static int got(const steps_worker *w, int worker, const void *block)
{
    if (block == NULL) {
        return told != TARN_E_EXHAUSTED ? STEPS_WRONG_DAMAGE : w->seen_none ? STEPS_SOUND : STEPS_WRONG_EMPTY;
    }
    uint8_t *owner = &steps.owner[number_of(block)];
    if (HAS_MAP) {
        return STEPS_SOUND; /* told by its bit */
    }
    int result = *owner != 0 ? STEPS_TWO_OWNERS : STEPS_SOUND;
    *owner = (uint8_t)(worker + 1);
    return result;
}

static int finish(int worker)
{
    steps_worker *w = &steps.worker[worker];
    unsigned char *b = image();
    int result;
    if (w->call == STEPS_GET) {
        result = got(w, worker, tarn_blocks_get(pool()));
    } else {
        tarn_status status = tarn_blocks_put(pool(), b + blocks_offset(b, w->block));
        result = status == TARN_OK || HAS_MAP ? STEPS_SOUND : STEPS_REFUSED;
    }
    memset(w, 0, sizeof *w);
    return result;
}

int steps_on(int worker)
{
    running = &steps.worker[worker];
    position = 0;
    moved = false;
    fault = STEPS_SOUND;
    if (setjmp(leave) == 0) {
        int result = finish(worker);
        fault = fault != STEPS_SOUND ? fault : result;
    }
    running = NULL;
    fault = fault != STEPS_SOUND ? fault : look();
    if (fault != STEPS_SOUND) {
        printf("fault: %s\n", fault_names[fault]);
    }
    return fault;
}

void steps_begin(int worker, int call, int block)
{
    steps_worker *w = &steps.worker[worker];
    w->call = (uint8_t)call;
    if (call == STEPS_PUT) {
        w->block = (uint8_t)block;
        steps.owner[block] = HAS_MAP ? steps.owner[block] : 0;
    }
    (void)look();
}

bool steps_busy(int worker)
{
    return steps.worker[worker].call != STEPS_IDLE;
}

bool steps_may_get(int worker)
{
    return !steps_busy(worker);
}

bool steps_may_put(int worker, int block)
{
    return !steps_busy(worker) && (HAS_MAP || steps.owner[block] == worker + 1);
}

static uint32_t scribble_of(int block, int how)
{
    return how == 0 ? UINT32_MAX : blocks_offset(image(), (uint32_t)(block + 1) % STEPS_BLOCKS);
}

bool steps_may_scribble(int worker, int block, int how)
{
    const unsigned char *at = image() + blocks_offset(image(), (uint32_t)block);
    return !HAS_MAP && steps_may_put(worker, block) && word_load(at) != scribble_of(block, how);
}

void steps_scribble(int block, int how)
{
    word_store(image() + blocks_offset(image(), (uint32_t)block), scribble_of(block, how));
}

static void note_event(const tarn_event *event, void *context)
{
    (void)context;
    told = event->status;
}

static void must(bool condition)
{
    if (!condition) {
        __builtin_trap();
    }
}

void steps_start(int listed)
{
    void *blocks[STEPS_BLOCKS];
    tarn_blocks *made;
    tarn_blocks_options options = {.count = STEPS_BLOCKS, .flags = HAS_MAP ? TARN_BLOCKS_MAP : 0};
    (void)tarn_events_remove(note_event, NULL); /* a pool made with a sink would raise more than refusals */
    memset(&steps, 0, sizeof steps);
    must(tarn_blocks_init(&made, steps.image, sizeof steps.image, 4, &options) == TARN_OK);
    for (int i = 0; i < listed; i++) {
        blocks[i] = tarn_blocks_get(made);
        must(blocks[i] != NULL);
    }
    for (int i = listed; i-- > 0;) {
        must(tarn_blocks_put(made, blocks[i]) == TARN_OK);
    }
    memset(steps.owner, 0, sizeof steps.owner);
    must(tarn_events_add(note_event, NULL) == TARN_OK);
}
