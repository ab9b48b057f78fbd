/* SPDX-License-Identifier: MIT */
/* Threads on boards that have none: the test that wants one is skipped, the others of its program run. */
#ifndef TARN_TESTS_TARGET_PTHREAD_H
#define TARN_TESTS_TARGET_PTHREAD_H

typedef int pthread_t;

int pthread_create(pthread_t *thread, const void *attributes, void *(*run)(void *), void *argument);
int pthread_join(pthread_t thread, void **result);

#endif
