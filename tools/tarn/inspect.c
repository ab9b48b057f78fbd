/* SPDX-License-Identifier: MIT */
/*
 * The verb `inspect`: pools in memory that is not this process's.
 */
#define _GNU_SOURCE /* sigaction */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect.h"

static const char help[] =
    "usage: tarn inspect [OPTIONS] FILE\n"
    "       tarn inspect [OPTIONS] --pid PID\n"
    "\n"
    "Finds the pools in FILE (a raw dump of memory, a saved image, an ELF core file) or in a live\n"
    "process, in either byte order and from any word size, checks each, and says who had what\n"
    "it finds damaged. FILE is only read. A place is an address, in a raw file an offset.\n"
    "\n"
    "  --at PLACE         only the pool at PLACE, even if it does not prove itself\n"
    "  --base ADDRESS     FILE is raw, and its first byte lay at ADDRESS\n"
    "  --raw              FILE is raw, even if it looks like an ELF file\n"
    "  --all              also show what looks like a pool and is none, and why\n"
    "  --why SIZE[:ALIGN] whether a request would be served, and if not, why\n"
    "  --map              draw each pool, one character per slice\n"
    "  --histogram        count blocks by size\n"
    "  --owners           what each module and each task holds\n"
    "  --leaks            live blocks by owner and call site\n"
    "  --since SEQUENCE   of these, only blocks allocated from that number on\n"
    "  --elf FILE         the program, to name call sites\n"
    "  --json             one JSON object instead of text\n"
    "\n"
    "The exit status is 0 if every pool is sound, 1 if one is damaged, 3 if there is none,\n"
    "2 for wrong usage, and 125 if tarn could not do its part.\n";

enum { EXIT_SOUND = 0, EXIT_DAMAGED = 1, EXIT_NO_POOL = 3 };

/* A mapped file that becomes shorter answers with a signal. */
static void on_bus_error(int number)
{
    static const char text[] = "tarn: the file became shorter, or could not be read, while tarn looked at it\n";
    (void)number;
    (void)!write(STDERR_FILENO, text, sizeof text - 1u);
    _exit(TARN_EXIT_FAILED);
}

static void expect_bus_errors(void)
{
    struct sigaction action = {.sa_handler = on_bus_error};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGBUS, &action, NULL);
}

void inspect_facts(const found_pool *pool, pool_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    (void)pool_stats(pool, &facts->stats);
    pool_report(pool, &facts->report);
    facts->sound = facts->report.rule == 0;
}

const char *inspect_engine_text(const found_pool *pool, const tarn_stats *stats)
{
    static const char *const names[] = {"?", "tlsf", "bestfit", "linear"};
    return pool->kind == POOL_BLOCKS ? "-" : names[stats->engine <= TARN_ENGINE_LINEAR ? stats->engine : 0];
}

const char *inspect_order_text(const found_pool *pool)
{
    const uint32_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return (first == 1) != pool->swapped ? "little" : "big";
}

const char *inspect_kind_text(const reader *r)
{
    static const char *const names[] = {"raw", "elf", "process"};
    return names[r->kind];
}

static int report(const inspection *all)
{
    size_t damaged = all->request->json ? inspect_print_json(stdout, all) : inspect_print_text(stdout, all);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        tarn_message("cannot write to standard output");
        return TARN_EXIT_FAILED;
    }
    if (all->found->accepted == 0) {
        return EXIT_NO_POOL;
    }
    return damaged != 0 ? EXIT_DAMAGED : EXIT_SOUND;
}

static int failed(const inspect_request *request, const reader *r)
{
    if (request->file != NULL) {
        tarn_message("'%s': %s", request->file, r->why);
    } else {
        tarn_message("process %ld: %s", request->pid, r->why);
    }
    return TARN_EXIT_FAILED;
}

static int search(const inspect_request *request, reader *r)
{
    found_pools found;
    bool ok = request->at_given ? pools_take(r, request->at, &found) : pools_find(r, &found);
    if (!ok) {
        pools_free(&found);
        return failed(request, r);
    }
    if (r->missing != 0) {
        tarn_message("'%s' ends too early: %llu bytes of its segments are missing", request->file,
                     (unsigned long long)r->missing);
    }
    inspection all = {request, r, &found, symbols_open(r, request->elf)};
    int code = TARN_EXIT_FAILED;
    if (request->elf != NULL && all.names == NULL) {
        tarn_message("%s", r->why);
    } else {
        if (symbols_warning(all.names) != NULL) {
            tarn_message("%s", symbols_warning(all.names));
        }
        code = report(&all);
        if (request->elf != NULL && symbols_doubt(all.names) != NULL) {
            tarn_message("'%s': %s", request->elf, symbols_doubt(all.names));
        }
    }
    symbols_close(all.names);
    pools_free(&found);
    return code;
}

int tarn_inspect(char **arguments)
{
    inspect_request request;
    reader r;
    int code = inspect_options_read(arguments, &request);
    if (code != 0) {
        return code;
    }
    if (request.file == NULL && request.pid == 0) {
        return tarn_print(help);
    }
    expect_bus_errors();
    bool opened =
        request.pid != 0 ? reader_attach(&r, request.pid) : reader_open(&r, request.file, request.raw, request.base);
    code = opened ? search(&request, &r) : failed(&request, &r);
    reader_close(&r);
    return code;
}
