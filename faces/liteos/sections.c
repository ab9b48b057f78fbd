/* SPDX-License-Identifier: MIT */
/*
 * The sizes of a program's sections, from symbols that LiteOS's linker scripts define. A program whose script has
 * others defines this function itself.
 */
#include "face.h"
#include "weak.h"

#if defined(__ELF__) && defined(__GNUC__)

extern const UINT8 __text_start[] __attribute__((weak));
extern const UINT8 __text_end[] __attribute__((weak));
extern const UINT8 __ram_data_start[] __attribute__((weak));
extern const UINT8 __ram_data_end[] __attribute__((weak));
extern const UINT8 __rodata_start[] __attribute__((weak));
extern const UINT8 __rodata_end[] __attribute__((weak));
extern const UINT8 __bss_start[] __attribute__((weak));
extern const UINT8 __bss_end[] __attribute__((weak));

TARN_LITEOS_WEAK bool tarn_liteos_sections(UINTPTR sizes[4])
{
    sizes[0] = (UINTPTR)__text_end - (UINTPTR)__text_start;
    sizes[1] = (UINTPTR)__ram_data_end - (UINTPTR)__ram_data_start;
    sizes[2] = (UINTPTR)__rodata_end - (UINTPTR)__rodata_start;
    sizes[3] = (UINTPTR)__bss_end - (UINTPTR)__bss_start;
    return __text_end != NULL;
}

#else

TARN_LITEOS_WEAK bool tarn_liteos_sections(UINTPTR sizes[4])
{
    (void)sizes;
    return false;
}

#endif
