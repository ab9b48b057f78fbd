# SPDX-License-Identifier: MIT
# A thin front for CMake. `make help` lists what it can do.
#
#   O=DIR                               build in DIR instead of build
#   DEFCONFIG=configs/NAME.defconfig    start DIR from another configuration; NAME alone will do
#   CONFIG_HEADER=FILE                  use a header written by hand instead of Kconfig
#   SIZES="CORE/CONFIGURATION ..."      for size: these alone
#   TRACES="FILE..."                    for bench: these instead of recording programs
#   CORES="NAME..."                     for test-target: rows of tests/target/cores.sh, instead of all
#   CC=COMPILER  CFLAGS=...  CMAKE_FLAGS=...  JOBS=N

O ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
given = $(filter command environment,$(firstword $(origin $(1))))

$(if $(and $(DEFCONFIG),$(CONFIG_HEADER)),$(error DEFCONFIG and CONFIG_HEADER exclude each other))

cmake_options = $(CMAKE_FLAGS) \
    $(if $(DEFCONFIG),-DTARN_DEFCONFIG=$(or $(abspath $(wildcard $(DEFCONFIG))),$(DEFCONFIG)) -DTARN_CONFIG_HEADER=) \
    $(if $(CONFIG_HEADER),-DTARN_CONFIG_HEADER=$(abspath $(CONFIG_HEADER))) \
    $(if $(call given,CC),-DCMAKE_C_COMPILER=$(CC)) \
    $(if $(call given,CFLAGS),'-DCMAKE_C_FLAGS=$(CFLAGS)')

# The inner make must not inherit this one's flags and variables: O, CC and CFLAGS mean something else there.
cmake = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL cmake

.PHONY: configure build run test test-target menuconfig install size docs bench wcet format tidy clean help
.NOTPARALLEL:

build: configure ## build everything into O (default: build)
	@$(cmake) --build "$(O)" --parallel $(JOBS)

run: build ## see real programs live on a pool, on each engine
	@scripts/run-demo.sh "$(O)"

test: ## build and run all tests
	@scripts/bootstrap build test
	@scripts/bootstrap --try endian
	@scripts/bootstrap --try package
	@$(MAKE) --no-print-directory build
	@ctest --test-dir "$(O)" --output-on-failure --parallel $(JOBS) $(CTEST_FLAGS)

test-target: configure ## run the tests on emulated boards; CORES="cortex-m4 s390x" chooses; 90 s of a processor each; *
	@scripts/bootstrap --try target abi
	@JOBS=$(JOBS) scripts/test-target "$(O)" $(CORES)

menuconfig: ## choose options in menus, for the build in O
	@scripts/bootstrap build config
	@$(MAKE) --no-print-directory configure
	@! grep -q '^TARN_CONFIG_HEADER:[^=]*=.' "$(O)/CMakeCache.txt" || { echo "make menuconfig: $(O) was configured with\
 CONFIG_HEADER, a header written by hand; DEFCONFIG=NAME brings it back to the menus" >&2; exit 1; }
	@CONFIG_= KCONFIG_CONFIG="$(O)/.config" /usr/bin/python3 -m menuconfig Kconfig

install: configure ## stage into PREFIX (and under DESTDIR, if set)
	@$(cmake) --build "$(O)" --target installed --parallel $(JOBS)
	@$(cmake) --install "$(O)" --prefix $(abspath $(PREFIX)) >/dev/null
	@echo "installed in $(DESTDIR)$(abspath $(PREFIX))"

size: ## code, constants and RAM on small targets, beside what they were: 2 minutes of a processor; *
	@scripts/bootstrap --try config target
	@scripts/size $(SIZES)

docs: ## check the contracts in the headers and write the generated pages
	@scripts/bootstrap build config test docs
	@scripts/bootstrap --try cross
	@scripts/contracts
	@$(MAKE) --no-print-directory build
	@scripts/generate-docs "$(O)"

bench: build ## measure pools beside other allocators, into docs/tables and docs/performance.md
	@scripts/bootstrap --try bench
	@bench/blocks/run "$(O)"
	@bench/run "$(O)" $(TRACES)

wcet: ## measure the known worst cases on other cores, into docs/worst-case.md: 4 minutes of a processor; *
	@scripts/bootstrap --try target
	@bench/worst-case/run --write "$(O)"

format: ## rewrite the sources in the project's layout
	@scripts/bootstrap ci
	@scripts/format

tidy: ## look for mistakes with clang-tidy
	@scripts/bootstrap build ci
	@$(MAKE) --no-print-directory build
	@scripts/tidy "$(O)"

clean: ## delete the build folder
	@test ! -e "$(O)/CMakeCache.txt" || rm -rf "$(O)"

configure: ## prepare O and stop: its options are then in O/generated/include/tarn/config.h
	@scripts/bootstrap build
	@$(if $(CONFIG_HEADER),,scripts/bootstrap --try config)
	@scripts/bootstrap --try elf zstd
	@$(cmake) -S . -B "$(O)" --log-level=NOTICE $(cmake_options) >/dev/null

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20
	@echo "* installs compilers and emulators for other cores first, once: 385 MB to download, test-target more."
	@echo "With O=DIR, DEFCONFIG=configs/NAME.defconfig, CONFIG_HEADER=FILE, PREFIX=DIR, CC=, CFLAGS=: see the Makefile's top."
	@echo "32-bit on a 64-bit Debian: O=build-32 CFLAGS='-m32 -idirafter /usr/include/x86_64-linux-gnu'"
