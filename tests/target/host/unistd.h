/* SPDX-License-Identifier: MIT */
/* What test programs use of the system's header of this name, on boards that have none of it. */
#ifndef TARN_TESTS_TARGET_UNISTD_H
#define TARN_TESTS_TARGET_UNISTD_H

#include <stddef.h>
#include <sys/types.h>

enum { _SC_PAGESIZE = 1 };

/* The size of what mprotect() closes. */
long sysconf(int name);

/* The runner's own time limit stands in for it. */
unsigned alarm(unsigned seconds);

int write(int file, const void *bytes, size_t length);

#endif
