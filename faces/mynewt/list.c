/* SPDX-License-Identifier: MIT */
/*
 * The listing of Mynewt's shell command mpool, to the byte. Bound: listed pools.
 */
#include "face.h"
#include "text.h"

static void put_line(const char *words)
{
    text t = {0, {0}};
    tarn_mynewt_put(&t, words, 0);
    tarn_mynewt_put_end(&t);
}

static void put_titles(void)
{
    text t = {0, {0}};
    tarn_mynewt_put(&t, "name", 32);
    tarn_mynewt_put(&t, " blksz  cnt free  min", 0);
    tarn_mynewt_put_end(&t);
}

static void put_row(const struct os_mempool_info *info)
{
    text t = {0, {0}};
    tarn_mynewt_put(&t, info->omi_name, 32);
    tarn_mynewt_put(&t, " ", 0);
    tarn_mynewt_put_number(&t, info->omi_block_size, 5);
    tarn_mynewt_put(&t, " ", 0);
    tarn_mynewt_put_number(&t, info->omi_num_blocks, 4);
    tarn_mynewt_put(&t, " ", 0);
    tarn_mynewt_put_number(&t, info->omi_num_free, 4);
    tarn_mynewt_put(&t, " ", 0);
    tarn_mynewt_put_number(&t, info->omi_min_free, 4);
    tarn_mynewt_put_end(&t);
}

static bool is_called(const struct os_mempool_info *info, const char *name)
{
    uint32_t i = 0;
    while (name[i] != '\0' && name[i] == info->omi_name[i]) {
        i++;
    }
    return name[i] == info->omi_name[i];
}

void tarn_mynewt_list(const char *name)
{
    struct os_mempool_info info;
    bool all = name == NULL || *name == '\0';
    bool found = all;
    put_line("Mempools: ");
    put_titles();
    for (struct os_mempool *mp = NULL; (mp = os_mempool_info_get_next(mp, &info)) != NULL;) {
        if (all || is_called(&info, name)) {
            found = true;
            put_row(&info);
        }
    }
    if (!found) {
        text t = {0, {0}};
        tarn_mynewt_put(&t, "Couldn't find a memory pool with name ", 0);
        tarn_mynewt_put(&t, name, 0);
        tarn_mynewt_put_end(&t);
    }
}
