/* SPDX-License-Identifier: MIT */
/*
 * The two inits as plain symbols, for whoever finds them by name: another language, a debugger, a program that declares
 * them itself. Alignment 4 and no option, which are the documented defaults. In the header they are inline functions
 * that say what the including file chose, hence the other names here.
 */
#define os_mempool_init tarn_mynewt_inline_init
#define os_mempool_ext_init tarn_mynewt_inline_ext_init
#include "face.h"
#undef os_mempool_init
#undef os_mempool_ext_init

os_error_t os_mempool_init(struct os_mempool *mp, uint16_t blocks, uint32_t block_size, void *membuf, const char *name);
os_error_t os_mempool_ext_init(struct os_mempool_ext *mpe, uint16_t blocks, uint32_t block_size, void *membuf,
                               const char *name);

os_error_t os_mempool_init(struct os_mempool *mp, uint16_t blocks, uint32_t block_size, void *membuf, const char *name)
{
    return tarn_mynewt_init(mp, blocks, block_size, membuf, name, TARN_MYNEWT_INTERFACE | 4u);
}

os_error_t os_mempool_ext_init(struct os_mempool_ext *mpe, uint16_t blocks, uint32_t block_size, void *membuf,
                               const char *name)
{
    return tarn_mynewt_init((struct os_mempool *)mpe, blocks, block_size, membuf, name,
                            TARN_MYNEWT_INTERFACE | TARN_MYNEWT_EXT | 4u);
}
