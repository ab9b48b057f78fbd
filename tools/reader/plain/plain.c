/* SPDX-License-Identifier: MIT */
/*
 * What a build without elfutils answers for ELF files.
 */
#include "../reader.h"

#define MISSING "this tarn was built without elfutils (Debian: libdw-dev)"

bool reader_load_elf(reader *r)
{
    return reader_fail(r, MISSING ", which reads ELF files; --raw searches it as a dump");
}

symbols *symbols_open(reader *r, const char *elf)
{
    if (elf != NULL) {
        (void)reader_fail(r, MISSING ", which names call sites");
    }
    return NULL;
}

bool symbols_name(symbols *s, uint32_t site, site_name *name)
{
    (void)s;
    (void)site;
    (void)name;
    return false;
}

const char *symbols_warning(const symbols *s)
{
    (void)s;
    return NULL;
}

const char *symbols_doubt(symbols *s)
{
    (void)s;
    return NULL;
}

void symbols_close(symbols *s)
{
    (void)s;
}
