/* SPDX-License-Identifier: MIT */
/*
 * The peers. General allocators are asked for blocks of the pool's size; who takes no pool as its first argument is
 * called through a jump. Libraries are opened apart, so that none takes the place of the program's malloc.
 */
#include "peers.h"

#include <dlfcn.h>
#include <glob.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tarn/blocks.h"

typedef void any_function(void);

static any_function *find(void *library, const char *name)
{
    any_function *found;
    void *symbol = dlsym(library, name);
    memcpy(&found, &symbol, sizeof found);
    return found;
}

/* ---- the harness, and bare lists ---- */

typedef struct list {
    pthread_mutex_t mutex;
    void *first;
} list;

static void *null_get(void *pool)
{
    return pool;
}

static void null_put(void *pool, void *block)
{
    (void)pool;
    (void)block;
}

void *list_get(void *pool);
void list_put(void *pool, void *block);
pattern *const *direct_patterns(void); /* direct.c, for the list */

void *list_get(void *pool)
{
    list *l = pool;
    void *block = l->first;
    if (block != NULL) {
        memcpy(&l->first, block, sizeof l->first);
    }
    return block;
}

void list_put(void *pool, void *block)
{
    list *l = pool;
    memcpy(block, &l->first, sizeof l->first);
    l->first = block;
}

static void *mutex_get(void *pool)
{
    list *l = pool;
    (void)pthread_mutex_lock(&l->mutex);
    void *block = list_get(l);
    (void)pthread_mutex_unlock(&l->mutex);
    return block;
}

static void mutex_put(void *pool, void *block)
{
    list *l = pool;
    (void)pthread_mutex_lock(&l->mutex);
    list_put(l, block);
    (void)pthread_mutex_unlock(&l->mutex);
}

static void *memory_for(size_t bytes)
{
    void *memory = aligned_alloc(4096, (bytes + 4095u) & ~(size_t)4095u);
    if (memory == NULL) {
        abort();
    }
    memset(memory, 0, bytes);
    return memory;
}

static list *make_list(void)
{
    list *l = memory_for(sizeof *l);
    unsigned char *blocks = memory_for((size_t)PEER_BLOCKS * PEER_BYTES);
    (void)pthread_mutex_init(&l->mutex, NULL);
    for (size_t i = PEER_BLOCKS; i-- > 0;) {
        list_put(l, blocks + i * PEER_BYTES);
    }
    return l;
}

/* ---- general allocators ---- */

static void *glibc_get(void *pool)
{
    (void)pool;
    return malloc(PEER_BYTES);
}

static void glibc_put(void *pool, void *block)
{
    (void)pool;
    free(block);
}

static void *(*mimalloc_malloc)(size_t size);
static void (*mimalloc_free)(void *block);
static void *(*jemalloc_malloc)(size_t size);
static void (*jemalloc_free)(void *block);

static void *mimalloc_get(void *pool)
{
    (void)pool;
    return mimalloc_malloc(PEER_BYTES);
}

static void mimalloc_put(void *pool, void *block)
{
    (void)pool;
    mimalloc_free(block);
}

static void *jemalloc_get(void *pool)
{
    (void)pool;
    return jemalloc_malloc(PEER_BYTES);
}

static void jemalloc_put(void *pool, void *block)
{
    (void)pool;
    jemalloc_free(block);
}

/* Any address stands for the pool of who has none. */
static int open_mimalloc(peer *p)
{
    void *library = dlopen("libmimalloc.so.2.0", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "bench: no mimalloc: %s\n", dlerror());
        return 0;
    }
    mimalloc_malloc = (void *(*)(size_t))find(library, "mi_malloc");
    mimalloc_free = (void (*)(void *))find(library, "mi_free");
    *p = (peer){"mimalloc", true, p, mimalloc_get, mimalloc_put, NULL, NULL, NULL};
    return 1;
}

static int open_jemalloc(peer *p)
{
    void *library = dlopen("libjemalloc.so.2", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "bench: no jemalloc: %s\n", dlerror());
        return 0;
    }
    jemalloc_malloc = (void *(*)(size_t))find(library, "malloc");
    jemalloc_free = (void (*)(void *))find(library, "free");
    *p = (peer){"jemalloc", true, p, jemalloc_get, jemalloc_put, NULL, NULL, NULL};
    return 1;
}

/* ---- peers in shared objects of their own: peer_NAME.so has peer_fill() ---- */

static int open_others(peer *peers, const char *folder)
{
    char path[4096];
    glob_t found;
    int count = 0;
    (void)snprintf(path, sizeof path, "%s/peer_*.so", folder);
    if (glob(path, 0, NULL, &found) != 0) {
        return 0;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        void *library = dlopen(found.gl_pathv[i], RTLD_NOW | RTLD_LOCAL);
        peer_filler *fill = library == NULL ? NULL : (peer_filler *)find(library, "peer_fill");
        int more = fill == NULL ? 0 : fill(&peers[count]);
        if (more == 0) {
            fprintf(stderr, "bench: %s: %s\n", found.gl_pathv[i], library == NULL ? dlerror() : "made no pool");
        }
        count += more;
    }
    globfree(&found);
    return count;
}

/* ---- builds of tarn ---- */

typedef tarn_status init_function(tarn_blocks **pool, void *memory, size_t bytes, size_t size,
                                  const tarn_blocks_options *options, uint32_t interface_word);

/* A build is named after its discipline; one with caches gets slots. */
static void open_tarn(peer *p, void *library, const char *name, uint32_t flags)
{
    tarn_blocks_options options = {.count = PEER_BLOCKS, .alignment = 64, .flags = flags | TARN_BLOCKS_UNREGISTERED};
    options.slots = strstr(name, "cache") != NULL ? 8 : 0;
    size_t bytes = TARN_BLOCKS_BYTES_WITH(PEER_BLOCKS, PEER_BYTES, 64, flags, options.slots);
    tarn_blocks *pool;
    init_function *init = (init_function *)find(library, "tarn_blocks_init_interface");
    if (init(&pool, memory_for(bytes), bytes, PEER_BYTES, &options, TARN_BLOCKS_INTERFACE) != TARN_OK) {
        abort();
    }
    *p = (peer){name,
                strstr(name, "NONE") == NULL,
                pool,
                (peer_get *)find(library, "tarn_blocks_get"),
                (peer_put *)find(library, "tarn_blocks_put"),
                NULL,
                NULL,
                NULL};
}

/* The same pool, called by name from inside the shared object. */
static void open_by_name(peer *p, void *library, const peer *same)
{
    pattern *const *(*direct)(void) = (pattern *const *(*)(void))find(library, "direct_patterns");
    char *name = NULL;
    if (asprintf(&name, "%s, by name", same->name) < 0) {
        abort();
    }
    *p = *same;
    p->name = name;
    p->direct = direct();
}

static int open_builds(peer *peers, const char *folder)
{
    char path[4096];
    glob_t found;
    int count = 0;
    (void)snprintf(path, sizeof path, "%s/tarn *.so", folder);
    if (glob(path, 0, NULL, &found) != 0) {
        return 0;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        void *library = dlopen(found.gl_pathv[i], RTLD_NOW | RTLD_LOCAL);
        char *name = strdup(strrchr(found.gl_pathv[i], '/') + 1);
        if (library == NULL || name == NULL) {
            abort();
        }
        *strrchr(name, '.') = '\0';
        open_tarn(&peers[count], library, name, 0);
        open_by_name(&peers[count + 1], library, &peers[count]);
        count += 2;
        if (strcmp(name, "tarn NONE") == 0) {
            open_tarn(&peers[count++], library, "tarn NONE, with the map", TARN_BLOCKS_MAP);
        }
    }
    globfree(&found);
    return count;
}

int peers_open(peer *peers, const char *folder)
{
    int count = 0;
    peers[count++] = (peer){"the harness alone", false, peers, null_get, null_put, NULL, NULL, NULL};
    peers[count++] = (peer){"list, out of line", false, make_list(), list_get, list_put, NULL, NULL, NULL};
    peers[count] = peers[count - 1];
    peers[count].name = "list, out of line, by name";
    peers[count++].direct = direct_patterns();
    count += open_builds(&peers[count], folder);
    peers[count++] = (peer){"list under a mutex", true, make_list(), mutex_get, mutex_put, NULL, NULL, NULL};
    peers[count++] = (peer){"glibc malloc", true, peers, glibc_get, glibc_put, NULL, NULL, NULL};
    count += open_mimalloc(&peers[count]);
    count += open_jemalloc(&peers[count]);
    count += open_others(&peers[count], folder);
    return count;
}
