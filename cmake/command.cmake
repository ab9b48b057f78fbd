# SPDX-License-Identifier: MIT
# The command `tarn`, and what `tarn record` preloads.

# The command. With elfutils it reads ELF files; without, it says so when it is given one.
option(TARN_ELF "Read ELF files in the command, if elfutils is there" ON)
include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_LIBRARIES dw elf)
check_c_source_compiles("#include <elfutils/libdwfl.h>
                         #include <libelf.h>
                         int main(void) { dwfl_end(NULL); return elf_end(NULL); }" TARN_HAVE_ELFUTILS)
unset(CMAKE_REQUIRED_LIBRARIES)
set(reader_elf plain)
if(TARN_ELF AND TARN_HAVE_ELFUTILS)
    set(reader_elf elf)
endif()
# With libzstd it writes and reads traces; without, it says so when it is asked to.
option(TARN_ZSTD "Compress traces in the command, if libzstd is there" ON)
set(CMAKE_REQUIRED_LIBRARIES zstd)
check_c_source_compiles("#include <zstd.h>
                         int main(void) { return ZSTD_freeCCtx(ZSTD_createCCtx()) != 0; }" TARN_HAVE_ZSTD)
unset(CMAKE_REQUIRED_LIBRARIES)
set(trace_zstd plain)
if(TARN_ZSTD AND TARN_HAVE_ZSTD)
    set(trace_zstd zstd)
else()
    message(NOTICE "tarn: libzstd is missing (Debian: libzstd-dev): `tarn record` is left out, "
            "`tarn replay` reads unpacked traces")
endif()
file(GLOB sources CONFIGURE_DEPENDS tools/tarn/*.c tools/reader/*.c tools/reader/${reader_elf}/*.c
     tools/trace/*.c tools/trace/${trace_zstd}/*.c)
if(sources AND TARGET tarn)
    add_executable(tarn-command ${sources})
    set_target_properties(tarn-command PROPERTIES OUTPUT_NAME tarn)
    tarn_link(tarn-command tarn-posix tarn)
    target_include_directories(tarn-command PRIVATE src)
    # Where it finds what it preloads, from where it lies; lib/ is the place in the build tree.
    file(RELATIVE_PATH place /prefix/bin /prefix/${TARN_PRELOADDIR})
    target_compile_definitions(tarn-command PRIVATE "TARN_LIBRARY_PLACE=\"${place}/\"")
    if(reader_elf STREQUAL elf)
        target_link_libraries(tarn-command PRIVATE dw elf)
    endif()
    target_compile_options(tarn-command PRIVATE -Wno-psabi) # notes about atomics in structures on i386
    if(trace_zstd STREQUAL zstd)
        target_link_libraries(tarn-command PRIVATE zstd)
    endif()
    if(TARGET tarn-malloc-shared)
        add_dependencies(tarn-command tarn-malloc-shared)
    endif()
endif()

# What `tarn record` preloads. It is a malloc of its own, so what excludes the malloc face excludes it.
file(GLOB sources CONFIGURE_DEPENDS tools/record/*.c)
if(sources AND TARGET tarn-command AND TARN_MALLOC)
    add_library(tarn-record SHARED ${sources})
    set_target_properties(tarn-record PROPERTIES C_VISIBILITY_PRESET hidden)
    target_compile_options(tarn-record PRIVATE ${malloc_options} -ftls-model=initial-exec -Wno-psabi)
    target_link_libraries(tarn-record PRIVATE ${CMAKE_DL_LIBS})
    target_link_options(tarn-record PRIVATE -Wl,-z,defs -Wl,-z,now)
    add_dependencies(tarn-command tarn-record)
endif()
