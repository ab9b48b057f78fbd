/* SPDX-License-Identifier: MIT */
/*
 * Messages between two threads from a block pool: the sender waits while all blocks are under way, the receiver puts
 * them back. Then what a refused call answers and a listener is told, what the check says of a block that was written
 * after it was put, and how the pool starts afresh.
 *
 *   cc blocks.c $(pkg-config --cflags --libs tarn) && ./a.out
 */
#include <tarn/blocks.h>
#include <tarn/config.h>
#include <tarn/events.h>

#include <pthread.h>
#include <stdio.h>

enum { BLOCKS = 4, MESSAGES = 10000 };

/* In a library built NONE calls do not exclude each other: the program would have to. */
#ifdef TARN_BLOCKS_SYNC_NONE
enum { THREADS = 0 };
#else
enum { THREADS = 1 };
#endif

struct message {
    struct message *next;
    int number;
};

/* The same flags size the storage and make the pool: each costs bytes. */
#define FLAGS (TARN_BLOCKS_MAP | TARN_BLOCKS_WAITABLE)
static TARN_BLOCKS_STORAGE_WITH(memory, BLOCKS, sizeof(struct message), 0, FLAGS, 0);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static struct message *first, **last = &first;

static void send_message(struct message *message)
{
    message->next = NULL;
    pthread_mutex_lock(&lock);
    *last = message;
    last = &message->next;
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&lock);
}

static struct message *receive_message(void)
{
    pthread_mutex_lock(&lock);
    while (first == NULL) {
        pthread_cond_wait(&arrived, &lock);
    }
    struct message *message = first;
    first = message->next;
    if (first == NULL) {
        last = &first;
    }
    pthread_mutex_unlock(&lock);
    return message;
}

/* Whoever knows the name finds the pool. */
static void *receiver(void *sum)
{
    tarn_blocks *pool = tarn_blocks_named("messages");
    for (int i = 0; i < MESSAGES; i++) {
        struct message *message = receive_message();
        *(long *)sum += message->number;
        if (tarn_blocks_put(pool, message) != TARN_OK) {
            return NULL;
        }
    }
    return sum;
}

static bool exchange(tarn_blocks *pool)
{
    long sum = 0;
    void *done = NULL;
    pthread_t thread;
    if (pthread_create(&thread, NULL, receiver, &sum) != 0) {
        return false;
    }
    for (int i = 0; i < MESSAGES; i++) {
        struct message *message = tarn_blocks_get_wait(pool, UINT32_MAX);
        message->number = i;
        send_message(message);
    }
    pthread_join(thread, &done);
    printf("%d messages through %d blocks, sum %ld\n", MESSAGES, BLOCKS, sum);
    return done != NULL && sum == (long)MESSAGES * (MESSAGES - 1) / 2;
}

/* Told of every refusal and of all damage, outside any lock, before the call returns. */
static void listener(const tarn_event *event, void *context)
{
    if (event->kind == TARN_EVENT_REFUSE || event->kind == TARN_EVENT_FAIL || event->kind == TARN_EVENT_CORRUPT) {
        printf("  event: %s\n", tarn_status_text(event->status));
        ++*(int *)context;
    }
}

static void show(const char *what, tarn_status status)
{
    printf("%s: %s\n", what, tarn_status_text(status));
}

static void show_refusals(tarn_blocks *pool)
{
    struct message *block = tarn_blocks_get(pool);
    show("put inside a block", tarn_blocks_put(pool, &block->number));
    show("put of other memory", tarn_blocks_put(pool, &first));
    show("put", tarn_blocks_put(pool, block));
    show("put again", tarn_blocks_put(pool, block));
}

/* The first word of a free block is its link; get looks at it before it hands the block out. */
static bool show_damage(tarn_blocks *pool)
{
    tarn_finding finding;
    struct message *block = tarn_blocks_get(pool);
    tarn_blocks_put(pool, block);
    *(uint32_t *)(void *)block = 0x12345;
    tarn_status found = tarn_blocks_check(pool, &finding);
    show("check", found);
    printf("  rule %s, offset %u, found 0x%x\n", finding.rule == TARN_RULE_BLOCKS_LINK ? "B2" : "other",
           (unsigned)finding.offset, (unsigned)finding.found);
    printf("get: %s\n", tarn_blocks_get(pool) == NULL ? "NULL" : "a block");
    show("clear", tarn_blocks_clear(pool));
    show("check", tarn_blocks_check(pool, NULL));
    return found == TARN_E_DAMAGED && tarn_blocks_get(pool) != NULL;
}

int main(void)
{
    const tarn_blocks_options options = {.count = BLOCKS, .flags = FLAGS, .name = "messages"};
    int events = 0;
    tarn_blocks *pool;
    tarn_status status = tarn_blocks_init(&pool, memory, sizeof memory, sizeof(struct message), &options);
    if (status != TARN_OK) {
        show("init", status);
        return 1;
    }
    bool exchanged = !THREADS || exchange(pool);
    tarn_events_add(listener, &events);
    show_refusals(pool);
    bool damaged = show_damage(pool);
    tarn_events_remove(listener, &events);
    tarn_blocks_deinit(pool);
    return exchanged && damaged && events == 4 ? 0 : 1;
}
