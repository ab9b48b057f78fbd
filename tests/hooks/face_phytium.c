/* SPDX-License-Identifier: MIT */
/* Phytium's memory pool and tlsf.h with a hook: what the tools must have nothing to say about. */
#include "face.h"
#include "fmempory_pool.h"
#include "tlsf.h"

static _Alignas(16) unsigned char bytes[16384];

static void use_fmemp(void)
{
    static FMemp memp;
    must(FMempInit(&memp, bytes, bytes + sizeof bytes) == FMEMP_SUCCESS, "FMempInit");
    char *block = FMempMalloc(&memp, 33);
    char *aligned = FMempMallocAlign(&memp, 33, 64);
    char *cleared = FMempCalloc(&memp, 3, 11);
    must(block != NULL && aligned != NULL && cleared != NULL && cleared[32] == 0, "FMempMalloc");
    memset(block, 1, 33);
    memset(aligned, 2, 33);
    block = FMempRealloc(&memp, block, 300);
    must(block != NULL && block[32] == 1, "FMempRealloc");
    memset(block, 1, 300);
    FMempFree(&memp, block);
    FMempFree(&memp, aligned);
    FMempFree(&memp, cleared);
    FMempDeinit(&memp);
}

static void use_tlsf(void)
{
    tlsf_t tlsf = tlsf_create_with_pool(bytes, sizeof bytes);
    must(tlsf != NULL, "tlsf_create_with_pool");
    char *block = tlsf_malloc(tlsf, 33);
    char *aligned = tlsf_memalign(tlsf, 64, 33);
    must(block != NULL && aligned != NULL, "tlsf_malloc");
    memset(block, 1, 33);
    memset(aligned, 2, 33);
    block = tlsf_realloc(tlsf, block, 300);
    must(block != NULL && block[32] == 1, "tlsf_realloc");
    memset(block, 1, 300);
    must(tlsf_check(tlsf) == 0 && tlsf_check_pool(tlsf_get_pool(tlsf)) == 0, "tlsf_check");
    must(tlsf_block_size(block) >= 300, "tlsf_block_size");
    tlsf_free(tlsf, block);
    tlsf_free(tlsf, aligned);
    tlsf_destroy(tlsf);
}

int main(void)
{
    begin();
    use_fmemp();
    memset(bytes, 1, sizeof bytes);
    use_tlsf();
    memset(bytes, 1, sizeof bytes);
    return 0;
}
