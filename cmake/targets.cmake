# SPDX-License-Identifier: MIT
# What is built. Each folder of sources is one target; a folder without sources makes none.

if(hosted)
    find_package(Threads REQUIRED)
    set(hosted_port posix)
endif()

# tarn_archive(TARGET FOLDER): the C files of FOLDER become libTARGET.a, which sees the public and generated headers.
function(tarn_archive target folder)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.c)
    if(NOT sources)
        return()
    endif()
    string(REPLACE "tarn-" "" short ${target})
    add_library(${target} STATIC ${sources})
    add_library(tarn::${short} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${short})
    target_include_directories(${target} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${TARN_GENERATED_INCLUDE}>
        $<INSTALL_INTERFACE:include>)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
endfunction()

# Links TARGET to each of the libraries after it that exists.
function(tarn_link target)
    foreach(library IN LISTS ARGN)
        if(TARGET ${target} AND TARGET ${library})
            target_link_libraries(${target} PUBLIC ${library})
        endif()
    endforeach()
endfunction()

# The core needs no C library but the functions of string.h that every freestanding compiler calls.
tarn_archive(tarn src)
if(TARGET tarn)
    target_compile_options(tarn PRIVATE -ffreestanding)
    # clang leaves unwind tables out of freestanding code, and with them the callers of a pool that notes callers. Where
    # there is no operating system a port has no unwinder, and tables would ask the linker script for symbols of one.
    if(hosted)
        target_compile_options(tarn PRIVATE -fasynchronous-unwind-tables)
    endif()
    set_target_properties(tarn PROPERTIES C_EXTENSIONS OFF)
endif()

# A port is needed by the core, not the other way round, yet only the program knows which. Asking for one of its
# symbols from the start has the linker take it wherever it stands among the archives. What only some programs need of a
# port (waiting, slots) it finds when it comes to the port a second time, behind the core.
foreach(port ${hosted_port} nolock bare)
    tarn_archive(tarn-${port} ports/${port})
    tarn_link(tarn-${port} tarn)
    if(TARGET tarn-${port})
        target_link_options(tarn-${port} INTERFACE LINKER:--undefined=tarn_port_lock)
        target_link_libraries(tarn-${port} INTERFACE $<BUILD_INTERFACE:$<TARGET_FILE:tarn-${port}>>
                              $<INSTALL_INTERFACE:$<TARGET_FILE:tarn::${port}>>)
    endif()
endforeach()
tarn_link(tarn-posix Threads::Threads)
# What the program's board file includes, under the names that it has here and those that it has once installed.
foreach(header board cpu_cortex_m cpu_riscv cpu_aarch64)
    configure_file(${PROJECT_SOURCE_DIR}/ports/bare/${header}.h
                   ${PROJECT_BINARY_DIR}/generated/bare/tarn/${header}.h COPYONLY)
endforeach()
target_include_directories(tarn-bare PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/ports/bare>
                           $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated/bare>)

# For hosts: sinks that tell other tools. What a tool's header is missing for answers that it is not available.
if(hosted)
    tarn_archive(tarn-hooks hooks)
endif()
# A hook is a stub without its tool's header. Saying which headers are there has it compiled anew once they are.
foreach(header sys/sdt.h valgrind/memcheck.h)
    unset(TARN_HOOK_HEADER CACHE)
    find_path(TARN_HOOK_HEADER ${header})
    string(MAKE_C_IDENTIFIER "TARN_SEEN_${header}" seen)
    if(TARGET tarn-hooks AND TARN_HOOK_HEADER)
        target_compile_definitions(tarn-hooks PRIVATE ${seen})
    endif()
endforeach()
tarn_link(tarn-hooks tarn)

tarn_archive(tarn-liteos faces/liteos)
tarn_link(tarn-liteos tarn)
if(TARGET tarn-liteos)
    target_include_directories(tarn-liteos PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/faces/liteos/include>
                               $<INSTALL_INTERFACE:include/tarn/liteos>)
endif()

tarn_archive(tarn-phytium faces/phytium)
tarn_link(tarn-phytium tarn)
if(TARGET tarn-phytium)
    target_include_directories(tarn-phytium PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/faces/phytium/include>
                               $<INSTALL_INTERFACE:include/tarn/phytium>)
endif()

tarn_archive(tarn-mynewt faces/mynewt)
tarn_link(tarn-mynewt tarn)
if(TARGET tarn-mynewt)
    target_include_directories(tarn-mynewt PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/faces/mynewt/include>
                               $<INSTALL_INTERFACE:include/tarn/mynewt>)
endif()

# The C++ headers: nothing to compile.
if(TARGET tarn)
    add_library(tarn-cxx INTERFACE)
    add_library(tarn::cxx ALIAS tarn-cxx)
    set_target_properties(tarn-cxx PROPERTIES EXPORT_NAME cxx)
    target_link_libraries(tarn-cxx INTERFACE tarn)
    target_include_directories(tarn-cxx INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/faces/cxx/include>
                               $<INSTALL_INTERFACE:include>)
endif()

# The malloc face. A compiler that knows malloc's meaning may turn calloc's own body into a call of calloc, or drop
# stores to a block about to be freed; it must not know it here.
set(malloc_options -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free
                   -fno-builtin-aligned_alloc -fno-builtin-memalign -fno-builtin-posix_memalign)
if(TARN_MALLOC)
    tarn_archive(tarn-malloc faces/malloc)
endif()
tarn_link(tarn-malloc tarn-posix)
if(TARGET tarn-malloc)
    target_compile_options(tarn-malloc PRIVATE ${malloc_options})
endif()

# The preloadable library holds everything it needs and shows nothing but the malloc family. Its thread-local data
# must not itself need malloc, hence initial-exec.
if(TARGET tarn-malloc AND TARGET tarn AND TARGET tarn-posix)
    file(GLOB sources CONFIGURE_DEPENDS src/*.c ports/posix/*.c faces/malloc/*.c)
    add_library(tarn-malloc-shared SHARED ${sources})
    set_target_properties(tarn-malloc-shared PROPERTIES OUTPUT_NAME tarn-malloc EXPORT_NAME malloc-shared
                          C_VISIBILITY_PRESET hidden)
    target_include_directories(tarn-malloc-shared PRIVATE include ${TARN_GENERATED_INCLUDE} src)
    target_compile_options(tarn-malloc-shared PRIVATE ${malloc_options} -ftls-model=initial-exec)
    target_link_libraries(tarn-malloc-shared PRIVATE Threads::Threads ${CMAKE_DL_LIBS})
    target_link_options(tarn-malloc-shared PRIVATE -Wl,-z,defs -Wl,-z,now)
    # Its pool asks for no callers; the unwinder, which allocates, stays out.
    target_compile_definitions(tarn-malloc-shared PRIVATE TARN_PORT_WITHOUT_CALLERS)
endif()

if(TARN_COMMAND)
    include(cmake/command.cmake)
endif()

# Each examples/NAME.c is one program, BUILD/examples/NAME.
if(top AND hosted)
    file(GLOB sources CONFIGURE_DEPENDS examples/*.c)
else()
    set(sources)
endif()
foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME_WE)
    if(TARGET tarn-liteos)
        add_executable(example-${name} ${source})
        set_target_properties(example-${name} PROPERTIES OUTPUT_NAME ${name}
                              RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/examples)
        tarn_link(example-${name} tarn-liteos tarn-phytium tarn-mynewt tarn-posix tarn)
    endif()
endforeach()
