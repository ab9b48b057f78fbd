/* SPDX-License-Identifier: MIT */
/*
 * The lock-free core under every schedule: three workers make CALLS_n calls each, get or put as they like, on a pool of
 * three blocks, from every filling of the list. The calls are the core's own, one atomic access at a time
 * (blocks_steps.h); what must hold is tested after each. An owner writes into its block as it likes. Accesses happen in
 * one order for all: what a machine with weaker order adds is not modelled.
 */
c_decl { \#include "blocks_steps.h" }
c_track "&steps" "sizeof(steps)" "Matched"

byte left[3];
byte fault;

#define GO_ON(w) \
    d_step { c_expr { (steps_busy(w)) } -> c_code { now.fault = (unsigned char)steps_on(w); }; assert(fault == 0) }

#define GET(w) \
    d_step { left[w] > 0 && c_expr { (steps_may_get(w)) } -> left[w]--; c_code { steps_begin(w, STEPS_GET, 0); } }

#define PUT(w, b) \
    d_step { \
        left[w] > 0 && c_expr { (steps_may_put(w, b)) } -> left[w]--; \
        c_code { steps_begin(w, STEPS_PUT, b); } \
    }

/* c_expr wants the parentheses: spin takes a call without them for a side effect. Written once, not for ever. */
#define SCRIBBLE(w, b, how) \
    d_step { c_expr { (steps_may_scribble(w, b, how)) } -> c_code { steps_scribble(b, how); } }

#define BLOCK(w, b) \
    :: PUT(w, b) \
    :: SCRIBBLE(w, b, 0) \
    :: SCRIBBLE(w, b, 1)

#define WORKER(w) \
    :: GO_ON(w) \
    :: GET(w) \
    BLOCK(w, 0) \
    BLOCK(w, 1) \
    BLOCK(w, 2)

active proctype schedule()
{
    left[0] = CALLS_0;
    left[1] = CALLS_1;
    left[2] = CALLS_2;
    if
    :: c_code { steps_start(0); }
    :: c_code { steps_start(1); }
    :: c_code { steps_start(2); }
    :: c_code { steps_start(3); }
    fi;
end:
    do
    WORKER(0)
    WORKER(1)
    WORKER(2)
    od
}
