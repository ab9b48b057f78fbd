/* SPDX-License-Identifier: MIT */
/*
 * What a program may define itself. From the archive its definition is found first and the library's is never linked;
 * where the face's sources are linked as objects, the library's gives way because it is weak.
 */
#ifndef TARN_FACE_MYNEWT_WEAK_H
#define TARN_FACE_MYNEWT_WEAK_H

#if defined(__GNUC__)
#define TARN_MYNEWT_WEAK __attribute__((weak))
#else
#define TARN_MYNEWT_WEAK
#endif

#endif
