/* SPDX-License-Identifier: MIT */
/* Semaphores of tests that pthread_create() skips: they are made, and never waited for. */
#ifndef TARN_TESTS_TARGET_SEMAPHORE_H
#define TARN_TESTS_TARGET_SEMAPHORE_H

typedef int sem_t;

int sem_init(sem_t *semaphore, int shared, unsigned value);
int sem_post(sem_t *semaphore);
int sem_wait(sem_t *semaphore);

#endif
