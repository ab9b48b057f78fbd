# SPDX-License-Identifier: MIT
# Makes tarn/config.h in the build folder, from one of:
#   TARN_CONFIG_HEADER   a header written by hand; nothing else is needed
#   TARN_DEFCONFIG       a named configuration; the folder's .config starts from it
#   .config              what `make menuconfig` left in the build folder
#   nothing              the default configuration
# Without Python's kconfiglib the default header is used, and one line says so.

set(TARN_CONFIG_HEADER "" CACHE FILEPATH "A hand-written tarn/config.h to use instead of Kconfig")
set(TARN_DEFCONFIG ${PROJECT_SOURCE_DIR}/configs/liteos-default.defconfig CACHE FILEPATH "The configuration to start from")
set(TARN_GENERATED_INCLUDE ${PROJECT_BINARY_DIR}/generated/include)
set(TARN_KCONFIG_PYTHON /usr/bin/python3 CACHE FILEPATH "The Python that has kconfiglib")

function(tarn_kconfig)
    execute_process(COMMAND ${TARN_KCONFIG_PYTHON} -B ${PROJECT_SOURCE_DIR}/scripts/kconfig ${ARGN} RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "The configuration is not usable, see the lines above")
    endif()
endfunction()

# The .config is made again when the named configuration is another one or has changed, and otherwise kept with
# whatever menuconfig did to it.
function(tarn_config_from_kconfig header)
    set(dotconfig ${PROJECT_BINARY_DIR}/.config)
    get_filename_component(defconfig ${TARN_DEFCONFIG} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
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
if(TARN_CONFIG_HEADER)
    configure_file(${TARN_CONFIG_HEADER} ${header} COPYONLY)
elseif(TARN_NO_KCONFIGLIB)
    message(NOTICE "tarn: python3-kconfiglib is missing: building the default configuration, configs/config.h.example")
    configure_file(${PROJECT_SOURCE_DIR}/configs/config.h.example ${header} COPYONLY)
else()
    tarn_config_from_kconfig(${header})
endif()
