# SPDX-License-Identifier: MIT
# What `make install` stages. Every path in what is installed is relative, so that the tree can be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

foreach(target tarn tarn-posix tarn-nolock tarn-bare tarn-hooks tarn-liteos tarn-phytium tarn-mynewt
               tarn-malloc tarn-malloc-shared tarn-cxx)
    if(TARGET ${target})
        list(APPEND libraries ${target})
    endif()
endforeach()
install(TARGETS ${libraries} EXPORT tarnTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${TARN_PRELOADDIR})
if(TARGET tarn-command)
    install(TARGETS tarn-command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET tarn-record)
    install(TARGETS tarn-record LIBRARY DESTINATION ${TARN_PRELOADDIR})
endif()
# All that `make install` has to build: no test, no example.
add_custom_target(installed)
foreach(target ${libraries} tarn-command tarn-record)
    if(TARGET ${target} AND NOT target STREQUAL "tarn-cxx")
        add_dependencies(installed ${target})
    endif()
endforeach()
install(DIRECTORY include/tarn ${TARN_GENERATED_INCLUDE}/tarn DESTINATION include FILES_MATCHING PATTERN "*.h")
# What LiteOS code includes goes into a folder of its own; tarn/liteos.h is tarn's own and stands beside pool.h.
install(DIRECTORY faces/liteos/include/ DESTINATION include/tarn/liteos
        FILES_MATCHING PATTERN "tarn" EXCLUDE PATTERN "*.h")
install(DIRECTORY faces/liteos/include/tarn DESTINATION include FILES_MATCHING PATTERN "*.h")
install(FILES ports/bare/board.h ports/bare/cpu_cortex_m.h ports/bare/cpu_riscv.h ports/bare/cpu_aarch64.h
        DESTINATION include/tarn)
install(DIRECTORY faces/phytium/include/ DESTINATION include/tarn/phytium FILES_MATCHING PATTERN "*.h")
install(DIRECTORY faces/mynewt/include/ DESTINATION include/tarn/mynewt
        FILES_MATCHING PATTERN "tarn" EXCLUDE PATTERN "*.h")
install(DIRECTORY faces/mynewt/include/tarn DESTINATION include FILES_MATCHING PATTERN "*.h")
install(DIRECTORY faces/cxx/include/tarn DESTINATION include FILES_MATCHING PATTERN "*.hpp")
install(FILES tools/gdb/tarn.py DESTINATION share/tarn/gdb)
if(TARGET tarn-command)
    file(GLOB pages CONFIGURE_DEPENDS tools/tarn/*.1)
    install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
# The pages keep the places they have in the source folder, and with them their links to each other, to the examples, to
# the sequences of docs/worst-case.md and, through the link made here, to the headers.
install(FILES LICENSE README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md DESTINATION share/doc/tarn)
install(DIRECTORY docs DESTINATION share/doc/tarn FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.dat")
install(DIRECTORY examples DESTINATION share/doc/tarn FILES_MATCHING PATTERN "*.c" PATTERN "*.cpp" PATTERN "*.md")
install(FILES bench/worst-case/baseline.txt DESTINATION share/doc/tarn/bench/worst-case)
install(DIRECTORY bench/worst-case/records DESTINATION share/doc/tarn/bench/worst-case)
install(CODE [[
    file(CREATE_LINK ../../../include "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/doc/tarn/include" SYMBOLIC)]])

file(RELATIVE_PATH TARN_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
set(TARN_PC_PORT -ltarn-bare)
set(TARN_FIND_DEPENDENCIES "")
if(hosted)
    set(TARN_PC_PORT "-ltarn-posix -pthread")
    set(TARN_FIND_DEPENDENCIES "include(CMakeFindDependencyMacro)\nfind_dependency(Threads)")
endif()
foreach(name tarn tarn-hooks tarn-liteos tarn-phytium tarn-mynewt tarn-malloc tarn-cxx)
    if(NOT TARGET ${name})
        continue()
    endif()
    configure_file(cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/pkgconfig/${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/pkgconfig/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tarn)
configure_package_config_file(cmake/tarnConfig.cmake.in ${PROJECT_BINARY_DIR}/tarnConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tarnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tarnConfig.cmake ${PROJECT_BINARY_DIR}/tarnConfigVersion.cmake
        DESTINATION ${package})
if(libraries)
    install(EXPORT tarnTargets NAMESPACE tarn:: DESTINATION ${package})
endif()
