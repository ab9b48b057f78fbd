/* SPDX-License-Identifier: MIT */
/**
 * @file version.h
 * @brief The versions of tarn: the programming interface and the image layout, numbered apart.
 */
#ifndef TARN_VERSION_H
#define TARN_VERSION_H

#define TARN_VERSION_MAJOR 0
#define TARN_VERSION_MINOR 1
#define TARN_VERSION_PATCH 0
#define TARN_VERSION_STRING "0.1.0"

/** Version of the bytes of a pool. tarn_adopt() takes only this one; views read every released one. */
#define TARN_IMAGE_VERSION 1

#endif
