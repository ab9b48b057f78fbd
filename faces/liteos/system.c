/* SPDX-License-Identifier: MIT */
/*
 * The system pool: where LiteOS's malloc family and OS_SYS_MEM_ADDR point. On a hosted system it is made by a
 * constructor of priority 101, before those of the program, and by whoever asks earlier still; where memory is not
 * mapped, by tarn_liteos_config's memory or by OsMemSystemInit().
 *
 * F4: `stage` goes none -> making -> made, under the port's lock; only who moved it to making makes the pool. Without
 * memory it goes back to none, so that OsMemSystemInit() can still come.
 */
#include "face.h"
#include "text.h"

/* LiteOS starts both kernel pools on a cache line. */
#define SYSTEM_ALIGNMENT 64u
#define EXC_DEFAULT_BYTES 0x100000u

UINT8 *m_aucSysMem0;
UINT8 *m_aucSysMem1;
UINTPTR g_sys_mem_addr_end;
UINTPTR g_excInteractMemSize;

enum { STAGE_NONE, STAGE_MAKING, STAGE_MADE };

static UINT32 stage;

static bool begin_making(VOID)
{
    uintptr_t state = tarn_port_lock(&stage);
    bool mine = stage == STAGE_NONE;
    if (mine) {
        stage = STAGE_MAKING;
    }
    tarn_port_unlock(&stage, state);
    return mine;
}

static VOID end_making(UINT8 *memory, UINTPTR bytes)
{
    uintptr_t state = tarn_port_lock(&stage);
    if (memory != NULL) {
        m_aucSysMem1 = memory;
        g_sys_mem_addr_end = (UINTPTR)memory + bytes;
        if (m_aucSysMem0 == NULL) {
            m_aucSysMem0 = memory;
        }
    }
    stage = memory == NULL ? STAGE_NONE : STAGE_MADE;
    tarn_port_unlock(&stage, state);
}

static VOID say_no_system_pool(UINTPTR bytes)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] no system pool of ");
    tarn_liteos_put_hex(&text, bytes, 0);
    tarn_liteos_put(&text, " bytes can be made\n");
    tarn_liteos_put_end(&text);
}

static UINTPTR wanted_bytes(VOID)
{
    UINTPTR asked = tarn_liteos_environment_bytes();
    return asked != 0 ? asked : tarn_liteos_system_bytes();
}

static VOID make_system_pool(VOID)
{
    UINTPTR bytes = wanted_bytes();
    UINT8 *given = (UINT8 *)tarn_liteos_system_memory();
    UINT8 *memory = given;
    UINT32 flags = 0;
    if (given == NULL) {
        memory = (UINT8 *)tarn_liteos_map(bytes);
        flags = TARN_POOL_ZEROED;
    } else if (bytes > tarn_liteos_system_bytes()) {
        bytes = tarn_liteos_system_bytes(); /* the program's memory ends where it says */
    }
    if (memory != NULL && tarn_liteos_pool_make(memory, bytes, flags) != LOS_OK) {
        say_no_system_pool(bytes);
        memory = NULL;
    }
    end_making(memory, bytes);
}

UINT8 *tarn_liteos_system(VOID)
{
    if (m_aucSysMem1 == NULL && begin_making()) {
        make_system_pool();
    }
    return m_aucSysMem1;
}

UINT32 tarn_liteos_system_size(VOID)
{
    UINT8 *base = tarn_liteos_system();
    return base == NULL ? 0 : (UINT32)(g_sys_mem_addr_end - (UINTPTR)base);
}

#if defined(__GNUC__)
__attribute__((constructor(101))) static VOID make_before_constructors(VOID)
{
    (void)tarn_liteos_system();
}
#endif

static UINT8 *aligned(UINTPTR address)
{
    return (UINT8 *)((address + SYSTEM_ALIGNMENT - 1u) & ~(UINTPTR)(SYSTEM_ALIGNMENT - 1u));
}

UINT32 OsMemSystemInit(UINTPTR memStart)
{
    if (memStart == 0 || !begin_making()) {
        return LOS_NOK;
    }
    UINT8 *memory = aligned(memStart);
    UINTPTR bytes = wanted_bytes();
    UINT32 result = tarn_liteos_pool_make(memory, bytes, 0);
    end_making(result == LOS_OK ? memory : NULL, bytes);
    return result;
}

UINT32 OsMemExcInteractionInit(UINTPTR memStart)
{
    UINT8 *memory = aligned(memStart);
    UINTPTR bytes = g_excInteractMemSize != 0 ? g_excInteractMemSize : EXC_DEFAULT_BYTES;
    UINT32 result = memStart == 0 ? LOS_NOK : LOS_MemInit(memory, (UINT32)bytes);
    if (result == LOS_OK) {
        m_aucSysMem0 = memory;
        g_excInteractMemSize = bytes;
    }
    return result;
}
