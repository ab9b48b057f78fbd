/* SPDX-License-Identifier: MIT */
/*
 * Functions whose instructions are known, in assembly. An allocator that only returns; with KNOWN a number, take() has
 * that many instructions, one that answers an address, and its return, resize() one more in front, give() its return.
 * BENCH_CORE: functions that only return, under tarn's names, for tarn's adapter to call.
 */
#include "../traces/allocator.h"

#if defined(__arm__)
__asm__(".syntax unified\n.thumb\n");
#define RETURN "bx lr\n"
#define ANSWER "mov r0, sp\n"
#define FUNCTION(name) ".globl " name "\n.thumb_func\n.type " name ", %function\n" name ":\n"
#else
#define RETURN "ret\n"
#define ANSWER "mov %rsp, %rax\n"
#define FUNCTION(name) ".globl " name "\n.type " name ", %function\n" name ":\n"
#endif

#ifdef BENCH_CORE
__asm__(".text\n" FUNCTION("tarn_init_interface") FUNCTION("tarn_alloc") FUNCTION("tarn_alloc_aligned")
            FUNCTION("tarn_realloc") FUNCTION("tarn_free") RETURN);
#else

#ifdef KNOWN
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define NOPS ".rept " TEXT(KNOWN) "\nnop\n.endr\n"
__asm__(".text\n" FUNCTION("known_resize") "nop\n" FUNCTION("known_take_aligned") FUNCTION("known_take")
            NOPS ANSWER RETURN FUNCTION("known_give") RETURN);
#else
__asm__(".text\n" FUNCTION("known_resize") FUNCTION("known_take_aligned") FUNCTION("known_take") FUNCTION("known_give")
            RETURN);
#endif

void *known_take(size_t size);
void *known_take_aligned(size_t alignment, size_t size);
void *known_resize(void *block, size_t size);
void known_give(void *block);

static bool open_nothing(void *memory, size_t bytes)
{
    (void)memory;
    (void)bytes;
    return true;
}

const bench_allocator bench_this = {BENCH_ALLOCATOR_VERSION, "known",      open_nothing, known_take,
                                    known_take_aligned,      known_resize, known_give};
#endif
