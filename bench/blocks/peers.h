/* SPDX-License-Identifier: MIT */
/* What is measured: block pools behind one table of functions. */
#ifndef BENCH_BLOCKS_PEERS_H
#define BENCH_BLOCKS_PEERS_H

#include <stdbool.h>
#include <stddef.h>

typedef void *peer_get(void *pool);
typedef void peer_put(void *pool, void *block); /* some return a status, which nobody looks at */

typedef struct peer peer;

/* Makes a slice of pairs and returns nanoseconds for one. */
typedef double pattern(const peer *p);

struct peer {
    const char *name;
    bool shared; /* threads may use a pool together */
    void *pool;  /* NULL: this peer is missing */
    peer_get *get;
    peer_put *put;
    void (*enter)(void); /* each thread calls it first, and leave() last; NULL: nothing to do */
    void (*leave)(void);
    pattern *const *direct; /* PATTERNS of them, which call this peer by its name; NULL: called through get and put */
};

enum { PEER_BYTES = 64, PEER_BLOCKS = 12000, PEER_LIMIT = 32, PATTERNS = 4 };

/* What a shared object with further peers has as peer_fill(): adds them and returns how many, 0 if it cannot. */
typedef int peer_filler(peer *peers);

/*
 * Fills peers with those that there are, and returns their number. The folder has shared objects: "tarn NAME.so" is a
 * build of tarn, peer_NAME.so has a peer_fill(). What is missing is told in one line each.
 */
int peers_open(peer *peers, const char *folder);

#endif
