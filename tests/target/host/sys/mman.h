/* SPDX-License-Identifier: MIT */
/*
 * Memory mappings for test programs on boards that have none, in place of the system's header (host.c): blocks of the
 * heap at multiples of 4096, zeroed. A mapping that the board has no memory for skips the running test.
 *
 * What mprotect() closes cannot fault here. Memory without access is filled with a pattern, memory without write access
 * left as it is, and either is compared when it is opened again or unmapped: a write there fails the running test.
 */
#ifndef TARN_TESTS_TARGET_MMAN_H
#define TARN_TESTS_TARGET_MMAN_H

#include <stddef.h>
#include <sys/types.h>

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 4, MAP_NORESERVE = 8 };
#define MAP_FAILED ((void *)-1)

void *mmap(void *hint, size_t length, int protection, int flags, int file, off_t offset);
int munmap(void *address, size_t length);
int mprotect(void *address, size_t length, int protection);

#endif
