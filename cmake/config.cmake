# SPDX-License-Identifier: MIT
# Makes tarn/config.h in the build folder, from one of:
#   TARN_CONFIG_HEADER   a header written by hand; nothing else is needed
#   TARN_DEFCONFIG       a named configuration, as a path or as the NAME of configs/NAME.defconfig; the folder's
#                        .config starts from it
#   .config              what `make menuconfig` left in the build folder
#   nothing              the default configuration
# Without Python's kconfiglib the default header is used, and one line says so.

set(TARN_CONFIG_HEADER "" CACHE FILEPATH "A hand-written tarn/config.h to use instead of Kconfig")
set(TARN_DEFCONFIG liteos-default CACHE STRING "The configuration to start from")
set(TARN_GENERATED_INCLUDE ${PROJECT_BINARY_DIR}/generated/include)
set(TARN_KCONFIG_PYTHON /usr/bin/python3 CACHE FILEPATH "The Python that has kconfiglib")

function(tarn_kconfig)
    execute_process(COMMAND ${TARN_KCONFIG_PYTHON} -B ${PROJECT_SOURCE_DIR}/scripts/kconfig ${ARGN} RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "The configuration is not usable, see the lines above")
    endif()
endfunction()

# What the cache holds is used again by every later run, so before the error it gets back what served last.
function(tarn_no_such_file variable advice)
    set(file ${${variable}})
    foreach(name TARN_CONFIG_HEADER TARN_DEFCONFIG)
        if(DEFINED ${name}_USED)
            set_property(CACHE ${name} PROPERTY VALUE "${${name}_USED}")
        else()
            unset(${name} CACHE)
        endif()
    endforeach()
    message(FATAL_ERROR "${variable}: there is no file ${file}; ${advice}")
endfunction()

# Sets RESULT to the path of the named configuration. Relative paths start at the source folder.
function(tarn_find_defconfig result)
    set(folder ${PROJECT_SOURCE_DIR}/configs)
    get_filename_component(path ${TARN_DEFCONFIG} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    if(NOT TARN_DEFCONFIG MATCHES "/" AND EXISTS ${folder}/${TARN_DEFCONFIG}.defconfig)
        set(path ${folder}/${TARN_DEFCONFIG}.defconfig)
    elseif(NOT EXISTS ${path} OR IS_DIRECTORY ${path})
        file(GLOB names RELATIVE ${PROJECT_SOURCE_DIR} ${folder}/*.defconfig)
        string(REPLACE ";" " " names "${names}")
        tarn_no_such_file(TARN_DEFCONFIG "there are ${names}")
    endif()
    set(${result} ${path} PARENT_SCOPE)
endfunction()

# The .config is made again when the named configuration is another one or has changed, and otherwise kept with
# whatever menuconfig did to it.
function(tarn_config_from_kconfig header)
    set(dotconfig ${PROJECT_BINARY_DIR}/.config)
    tarn_find_defconfig(defconfig)
    file(SHA256 ${defconfig} hash)
    if(NOT EXISTS ${dotconfig} OR NOT "${defconfig} ${hash}" STREQUAL "${TARN_CONFIG_ORIGIN}")
        tarn_kconfig(defconfig ${defconfig} ${dotconfig})
        set(TARN_CONFIG_ORIGIN "${defconfig} ${hash}" CACHE INTERNAL "What .config was made from")
    endif()
    tarn_kconfig(header ${dotconfig} ${header})
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                 ${dotconfig} ${defconfig} ${PROJECT_SOURCE_DIR}/Kconfig ${PROJECT_SOURCE_DIR}/scripts/kconfig)
endfunction()

set(header ${TARN_GENERATED_INCLUDE}/tarn/config.h)
execute_process(COMMAND ${TARN_KCONFIG_PYTHON} -c "import kconfiglib" RESULT_VARIABLE TARN_NO_KCONFIGLIB OUTPUT_QUIET ERROR_QUIET)
if(TARN_CONFIG_HEADER AND NOT EXISTS ${TARN_CONFIG_HEADER})
    tarn_no_such_file(TARN_CONFIG_HEADER "configs/config.h.example is one to start from")
elseif(TARN_CONFIG_HEADER)
    configure_file(${TARN_CONFIG_HEADER} ${header} COPYONLY)
elseif(TARN_NO_KCONFIGLIB)
    message(NOTICE "tarn: python3-kconfiglib is missing: building the default configuration, configs/config.h.example")
    configure_file(${PROJECT_SOURCE_DIR}/configs/config.h.example ${header} COPYONLY)
else()
    tarn_config_from_kconfig(${header})
endif()
foreach(name TARN_CONFIG_HEADER TARN_DEFCONFIG)
    set(${name}_USED "${${name}}" CACHE INTERNAL "What served last")
endforeach()
