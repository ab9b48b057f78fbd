/* SPDX-License-Identifier: MIT */
/*
 * Places in the program from the 32 bits that pools keep of them. They count from tarn_alloc(), which in a whole program
 * is in a library, often more than 2^32 bytes from the code that called: which of the addresses with these low bits is
 * meant, the process's own map says.
 *
 * Bound: bytes of /proc/self/maps.
 */
#define _POSIX_C_SOURCE 200809L /* O_CLOEXEC */
#include <fcntl.h>
#include <unistd.h>

#include "../size_text.h"
#include "face.h"

/* A line of the map, as far as it was read: "start-end rwxp ...". */
typedef struct mapping {
    uint64_t bounds[2];
    uint32_t field; /* 0 start, 1 end, 2 what may be done with it, 3 the rest */
    bool executable;
} mapping;

static void read_letter(mapping *m, char letter)
{
    unsigned digit = tarn_size_digit(letter);
    if (m->field < 2 && digit < 16u) {
        m->bounds[m->field] = m->bounds[m->field] << 4 | digit;
    } else if (m->field < 3 && (letter == '-' || letter == ' ') && !(m->field == 2 && letter == '-')) {
        m->field++;
    } else if (m->field == 2 && letter == 'x') {
        m->executable = true;
    }
}

/* The address in it with these low bits, 0 if there is none. A return address may be just past the last call. */
static uint64_t address_in(const mapping *m, uint32_t low)
{
    uint64_t address = (m->bounds[0] & ~(uint64_t)UINT32_MAX) | low;
    address += address < m->bounds[0] ? UINT64_C(1) << 32 : 0;
    return m->executable && address <= m->bounds[1] ? address : 0;
}

uint64_t tarn_malloc_site_address(uint32_t site)
{
    uint32_t low = (uint32_t)(uintptr_t)&tarn_alloc + site;
    mapping m = {{0, 0}, 0, false};
    uint64_t address = 0;
    char chunk[512];
    ssize_t got;
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    while (file >= 0 && address == 0 && (got = read(file, chunk, sizeof chunk)) > 0) {
        for (ssize_t i = 0; i < got && address == 0; i++) {
            read_letter(&m, chunk[i]);
            if (chunk[i] == '\n') {
                address = address_in(&m, low);
                m = (mapping){{0, 0}, 0, false};
            }
        }
    }
    if (file >= 0) {
        (void)close(file);
    }
    return address;
}
