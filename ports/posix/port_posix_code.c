/* SPDX-License-Identifier: MIT */
/*
 * Where code lies that is known by its low 32 bits. A program and its libraries are often more than 2^32 bytes apart:
 * which of the addresses with these bits is meant, the process's own map says.
 *
 * Bound: bytes of /proc/self/maps.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* O_CLOEXEC */
#endif

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "tarn/port.h"

/* A line of the map, as far as it was read: "start-end rwxp ...". */
typedef struct mapping {
    uint64_t bounds[2];
    uint32_t field; /* 0 start, 1 end, 2 what may be done with it, 3 the rest */
    bool executable;
} mapping;

/* 16 and more of what is none. */
static unsigned digit_of(char letter)
{
    return letter >= '0' && letter <= '9' ? (unsigned)(letter - '0') : (unsigned)(letter - 'a') + 10u;
}

static void read_letter(mapping *m, char letter)
{
    unsigned digit = digit_of(letter);
    if (m->field < 2 && digit < 16u) {
        m->bounds[m->field] = m->bounds[m->field] << 4 | digit;
    } else if (m->field < 3 && (letter == '-' || letter == ' ') && !(m->field == 2 && letter == '-')) {
        m->field++;
    } else if (m->field == 2 && letter == 'x') {
        m->executable = true;
    }
}

/* The address in it with the low bits of the guess, 0 if there is none. A return address may be just past the last
 * call. */
static uint64_t address_in(const mapping *m, uint64_t guess)
{
    uint64_t address = (m->bounds[0] & ~(uint64_t)UINT32_MAX) | (uint32_t)guess;
    address += address < m->bounds[0] ? UINT64_C(1) << 32 : 0;
    bool there = m->executable && guess >= m->bounds[0] && guess <= m->bounds[1];
    return there ? guess : m->executable && address <= m->bounds[1] ? address : 0;
}

/* The guess if it is code, else the first that is. */
static uint64_t read_map(int file, uint64_t guess)
{
    mapping m = {{0, 0}, 0, false};
    uint64_t found = 0;
    char chunk[512];
    ssize_t got;
    while (found != guess && (got = read(file, chunk, sizeof chunk)) > 0) {
        for (ssize_t i = 0; i < got && found != guess; i++) {
            read_letter(&m, chunk[i]);
            if (chunk[i] == '\n') {
                uint64_t address = address_in(&m, guess);
                found = found == 0 || address == guess ? address : found;
                m = (mapping){{0, 0}, 0, false};
            }
        }
    }
    return found;
}

const void *tarn_port_code(const void *guess)
{
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return NULL;
    }
    uint64_t found = read_map(file, (uintptr_t)guess);
    (void)close(file);
    return (const void *)(uintptr_t)found; /* NOLINT(performance-no-int-to-ptr): it is one */
}
