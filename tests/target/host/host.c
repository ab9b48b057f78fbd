/* SPDX-License-Identifier: MIT */
/*
 * What test programs need of a host and a board has not: a console whose output can be caught, mappings, and the names
 * of what is only skipped. Linked with picolibc and semihosting; the headers of this folder say what each does.
 *
 * Bound: mprotect and munmap: bytes. Not for use in handlers.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <semihost.h>

#include "output.h"
#include "pthread.h"
#include "semaphore.h"
#include "sys/mman.h"
#include "unistd.h"

enum { PAGE = 4096, LINE = 256, WORDS = 1024, FENCES = 64, FENCE_BYTE = 0xFE };

/* ---- console ---- */

char printed[PRINTED_MAX];
static char *catching; /* into printed, which a program that catches nothing does not link */
static size_t caught_length;
static char line[LINE + 1];
static size_t line_length;

static int console_flush(FILE *file)
{
    (void)file;
    line[line_length] = '\0';
    sys_semihost_write0(line);
    line_length = 0;
    return 0;
}

static int console_put(char letter, FILE *file)
{
    if (catching != NULL) {
        catching[caught_length] = letter;
        caught_length += caught_length < PRINTED_MAX - 1u;
        return 0;
    }
    line[line_length++] = letter;
    return letter == '\n' || line_length == LINE ? console_flush(file) : 0;
}

static FILE console = FDEV_SETUP_STREAM(console_put, NULL, console_flush, _FDEV_SETUP_WRITE);
FILE *const stdout = &console;
FILE *const stderr = &console;
FILE *const stdin = &console;

void catch_output(void)
{
    catching = printed;
    caught_length = 0;
}

const char *caught_output(void)
{
    catching = NULL;
    printed[caught_length] = '\0';
    return printed;
}

const char *expected(const char *format, ...)
{
    static char text[PRINTED_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

/* ---- environment ---- */

/* The words NAME=VALUE of the command line that QEMU was given for the program. */
char *getenv(const char *name)
{
    static char words[WORDS];
    size_t length = strlen(name);
    if (words[0] == '\0' && sys_semihost_get_cmdline(words, WORDS) != 0) {
        return NULL;
    }
    for (char *at = words; at != NULL; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, name, length) == 0 && at[length] == '=') {
            return at + length + 1u;
        }
    }
    return NULL;
}

/* ---- mappings ---- */

/* Memory that must not be written to: what it holds is known by its sum. */
typedef struct fence {
    unsigned char *at;
    size_t length;
    uint32_t sum;
} fence;

static fence fences[FENCES];
static size_t fence_count;

/* FNV-1a. */
static uint32_t sum_of(const unsigned char *bytes, size_t length)
{
    uint32_t sum = UINT32_C(2166136261);
    for (size_t i = 0; i < length; i++) {
        sum = (sum ^ bytes[i]) * UINT32_C(16777619);
    }
    return sum;
}

/* Takes away the fences that lie in this memory; fails the test if one was written to. */
static void open_fences(const unsigned char *at, size_t length)
{
    size_t i = 0;
    while (i < fence_count) {
        fence f = fences[i];
        if (f.at < at || f.at >= at + length) {
            i++;
            continue;
        }
        fences[i] = fences[--fence_count];
        if (sum_of(f.at, f.length) != f.sum) {
            fail_msg("%lu closed bytes at %p were written to", (unsigned long)f.length, (void *)f.at);
        }
    }
}

void *mmap(void *hint, size_t length, int protection, int flags, int file, off_t offset)
{
    (void)hint, (void)protection, (void)flags, (void)file, (void)offset;
    void *at = memalign(PAGE, length);
    if (at == NULL) {
        print_message("%lu bytes are more than this board has\n", (unsigned long)length);
        skip();
    }
    return memset(at, 0, length);
}

int munmap(void *address, size_t length)
{
    open_fences(address, length);
    free(address);
    return 0;
}

int mprotect(void *address, size_t length, int protection)
{
    open_fences(address, length);
    if ((protection & PROT_WRITE) != 0) {
        return 0;
    }
    if (protection == PROT_NONE) {
        memset(address, FENCE_BYTE, length);
    }
    assert_true(fence_count < FENCES);
    fences[fence_count++] = (fence){address, length, sum_of(address, length)};
    return 0;
}

long sysconf(int name)
{
    return name == _SC_PAGESIZE ? PAGE : -1;
}

int write(int file, const void *bytes, size_t length)
{
    (void)file;
    return (int)fwrite(bytes, 1, length, stdout);
}

unsigned alarm(unsigned seconds)
{
    return seconds & 0u;
}

/* ---- threads ---- */

int pthread_create(pthread_t *thread, const void *attributes, void *(*run)(void *), void *argument)
{
    (void)thread, (void)attributes, (void)run, (void)argument;
    print_message("this board has no threads\n");
    skip();
    return EAGAIN;
}

int pthread_join(pthread_t thread, void **result)
{
    (void)thread, (void)result;
    return EINVAL;
}

int sem_init(sem_t *semaphore, int shared, unsigned value)
{
    (void)shared;
    *semaphore = (sem_t)value;
    return 0;
}

int sem_post(sem_t *semaphore)
{
    ++*semaphore;
    return 0;
}

int sem_wait(sem_t *semaphore)
{
    --*semaphore;
    return 0;
}
