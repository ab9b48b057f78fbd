/* SPDX-License-Identifier: MIT */
/**
 * @file ferror_code.h
 * @brief How the Phytium SDK composes its error numbers: module, submodule, error.
 *
 * Of the SDK's modules, those that a memory pool needs. The guard is the SDK's own.
 */
#ifndef FERROR_CODE_H
#define FERROR_CODE_H

#include "ftypes.h"

/** Outcome of a call: #FT_SUCCESS or an error number. */
typedef u32 FError;

#define FT_SUCCESS 0

/** Modules; the last one makes the type as wide as an int with every compiler option. */
typedef enum { ErrorModGeneral = 0, ErrorModWidth = 0x7fffffff } FtErrorCodeModuleMask;

/** Submodules of #ErrorModGeneral. */
typedef enum { ErrCommGeneral = 0, ErrCommMemp = 1, ErrCommWidth = 0x7fffffff } FtErrCodeCommMask;

/** The error number: 8 bits of module, 8 of submodule, 16 of error. */
#define FT_MAKE_ERRCODE(sys_mode, sub_mode, tail) \
    ((((u32)(sys_mode)&0xffU) << 24) | (((u32)(sub_mode)&0xffU) << 16) | ((u32)(tail)&0xffffU))
#define FT_CODE_ERR FT_MAKE_ERRCODE

#endif
