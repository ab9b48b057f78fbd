/* SPDX-License-Identifier: MIT */
/*
 * The only way to metadata: 32-bit and 16-bit words that may alias anything the user stored in the same bytes.
 *
 * A block's memory belongs now to the user, now to tarn; without these types a compiler that sees both (LTO, one
 * translation unit) may reorder a link over a user's last store of another type.
 */
#ifndef TARN_SRC_WORD_H
#define TARN_SRC_WORD_H

#include <stddef.h>
#include <stdint.h>

/* All that the core asks of a C library; a compiler for a machine without one brings or wants them too. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *at, int byte, size_t size);

#if defined(__GNUC__)

typedef uint32_t __attribute__((may_alias)) aliasing_word;
typedef uint16_t __attribute__((may_alias)) aliasing_half;

/* A build that checks every access must not check these: whoever follows the events may have told it that nobody
 * touches what lies between blocks. TARN_CHECK_WORDS brings the checks back, for tests of tarn itself. */
#if defined(TARN_CHECK_WORDS)
#define WORD_ACCESS
#else
#define WORD_ACCESS __attribute__((no_sanitize("address")))
#endif

WORD_ACCESS static inline uint32_t word_load(const void *at)
{
    return *(const aliasing_word *)at;
}

WORD_ACCESS static inline void word_store(void *at, uint32_t value)
{
    *(aliasing_word *)at = value;
}

WORD_ACCESS static inline uint32_t half_load(const void *at)
{
    return *(const aliasing_half *)at;
}

WORD_ACCESS static inline void half_store(void *at, uint32_t value)
{
    *(aliasing_half *)at = (uint16_t)value;
}

/* A character may alias anything. */
WORD_ACCESS static inline uint32_t byte_load(const void *at)
{
    return *(const unsigned char *)at;
}

WORD_ACCESS static inline void byte_store(void *at, uint32_t value)
{
    *(unsigned char *)at = (unsigned char)value;
}

static inline aliasing_word *word_at(const void *at)
{
    return (aliasing_word *)(uintptr_t)at;
}

/* At any address, in any bytes. */
typedef struct __attribute__((packed, may_alias)) loose_word {
    uint32_t value;
} loose_word;
typedef struct __attribute__((packed, may_alias)) loose_half {
    uint16_t value;
} loose_half;

WORD_ACCESS static inline uint32_t word_load_loose(const void *at)
{
    return ((const loose_word *)at)->value;
}

WORD_ACCESS static inline uint32_t half_load_loose(const void *at)
{
    return ((const loose_half *)at)->value;
}

/* Words that one thread may read while another writes them. */
WORD_ACCESS static inline uint32_t word_load_shared(const void *at)
{
    return __atomic_load_n((const aliasing_word *)at, __ATOMIC_RELAXED);
}

WORD_ACCESS static inline void word_store_shared(void *at, uint32_t value)
{
    __atomic_store_n((aliasing_word *)at, value, __ATOMIC_RELAXED);
}

/* A word that its owner may be writing this very moment: what is read must be proved by something else. The thread
 * sanitizer is told to look away. */
WORD_ACCESS __attribute__((no_sanitize("thread"))) static inline uint32_t word_load_racing(const void *at)
{
    return *(const volatile aliasing_word *)at;
}

/* Words read before are read again where they are wanted again: for who has fewer registers than words to keep. */
static inline void word_forget(void)
{
    __asm__ volatile("" ::: "memory");
}

/* Nothing moves across, on any core. */
static inline void memory_barrier(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Both are undefined for 0. */
static inline uint32_t lowest_bit(uint32_t bits)
{
    return (uint32_t)__builtin_ctz(bits);
}

static inline uint32_t highest_bit(uint32_t bits)
{
    return 31u - (uint32_t)__builtin_clz(bits);
}

#else

static inline uint32_t word_load(const void *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline void word_store(void *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

static inline uint32_t half_load(const void *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline void half_store(void *at, uint32_t value)
{
    uint16_t half = (uint16_t)value;
    memcpy(at, &half, sizeof half);
}

static inline uint32_t byte_load(const void *at)
{
    return *(const unsigned char *)at;
}

static inline void byte_store(void *at, uint32_t value)
{
    *(unsigned char *)at = (unsigned char)value;
}

static inline uint32_t word_load_loose(const void *at)
{
    return word_load(at);
}

static inline uint32_t half_load_loose(const void *at)
{
    return half_load(at);
}

static inline uint32_t word_load_shared(const volatile void *at)
{
    return *(const volatile uint32_t *)at;
}

static inline void word_store_shared(volatile void *at, uint32_t value)
{
    *(volatile uint32_t *)at = value;
}

static inline uint32_t word_load_racing(const void *at)
{
    return word_load(at);
}

static inline void word_forget(void)
{
}

/* Such a compiler builds for one core (src/blocks_atomic.h asks for another). */
static inline void memory_barrier(void)
{
}

static inline uint32_t highest_bit(uint32_t bits)
{
    uint32_t index = 0;
    for (uint32_t step = 16; step != 0; step >>= 1) {
        if (bits >> (index + step) != 0) {
            index += step;
        }
    }
    return index;
}

static inline uint32_t lowest_bit(uint32_t bits)
{
    return highest_bit(bits & (0u - bits));
}

#endif

static inline uint32_t word_field(uint32_t word, uint32_t low, uint32_t width)
{
    return (word >> low) & ((UINT32_C(1) << width) - 1u);
}

static inline uint32_t word_with_field(uint32_t word, uint32_t low, uint32_t width, uint32_t value)
{
    return (word & ~(((UINT32_C(1) << width) - 1u) << low)) | value << low;
}

#endif
