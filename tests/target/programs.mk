# SPDX-License-Identifier: MIT
# Builds test programs for one core; called by scripts/test-target with
#   O=DIR PROGRAMS="unit.alloc ..." CORE_CC="compiler and flags" CORE_LINK="..." CORE_AR=COMMAND CMOCKA=DIR
#   CORE_HOST=bare CORE_CPU=cpu_*.h   or   CORE_HOST=hosted
#   SUFFIX=.NAME for programs linked in another way, which then end in .NAME.elf
# The objects know by their dependency files what they were made from, so that a second run makes only what changed.

ifeq ($(CORE_HOST),bare)
port := ports/bare
# cmocka.h would define uintptr_t as an unsigned int where it does not know the word size.
word_size := -D_UINTPTR_T_DEFINED
# Memory, a console and an environment that a board has not; the board of the tests; the system pool of the LiteOS face.
support := tests/support tests/target/host
board := tests/target/board.c
core_flags := -DTARN_TARGET_CPU='"$(CORE_CPU)"' -DTEST_LARGEST=0x10000 -Itests/target/host -Iports/bare
core_link := $(if $(SUFFIX),,-Wl,--undefined=tarn_liteos_config -Wl,--defsym=__stack_size=0x10000)
else
port := ports/posix
support := tests/support
board :=
core_flags := -DTEST_LARGEST=0x10000
core_link :=
unwind := -fasynchronous-unwind-tables # callers are read from the tables
endif

comma := ,
flags := -std=gnu11 -Os -g1 $(unwind) $(word_size) -ffunction-sections -fdata-sections -Wall -Wextra -Werror -MMD -MP
includes := -I$(O)/include -Itests/support -Isrc -Iinclude -Ifaces/liteos/include -Ifaces/phytium/include \
    -Ifaces/mynewt/include -isystem $(CMOCKA)/include
libraries := $(O)/libfaces.a $(O)/libtarn.a $(O)/libport.a

sources_of = $(foreach folder,$(1),$(wildcard $(folder)/*.c))
objects_of = $(patsubst %.c,$(O)/%.o,$(1))

.PHONY: all
.SECONDARY:
all: $(PROGRAMS:%=$(O)/%$(SUFFIX).elf)

$(O)/libtarn.a: $(call objects_of,$(call sources_of,src))
$(O)/libfaces.a: $(call objects_of,$(call sources_of,faces/liteos faces/phytium faces/mynewt))
$(O)/libport.a: $(call objects_of,$(call sources_of,$(port)) $(board))
$(O)/libsupport.a: $(call objects_of,$(call sources_of,$(support)) tests/target/without.c) $(O)/cmocka.o

%.a:
	@rm -f $@
	@$(CORE_AR) rc $@ $^

$(O)/src/%.o: src/%.c tests/target/cores.sh
	@mkdir -p $(@D)
	@$(CORE_CC) $(flags) -ffreestanding $(includes) -c $< -o $@

# uint32_t is unsigned long on some of these, of the same width as the int that tests print.
$(O)/tests/%.o: tests/%.c tests/target/cores.sh
	@mkdir -p $(@D)
	@$(CORE_CC) $(flags) -Wno-format $(core_flags) $(includes) -c $< -o $@

# There is a C library, whatever the core's row says of its compiler.
$(O)/%.o: %.c tests/target/cores.sh
	@mkdir -p $(@D)
	@$(CORE_CC) $(flags) -fhosted $(includes) -c $< -o $@

$(O)/cmocka.o: $(CMOCKA)/src/cmocka.c tests/target/cores.sh
	@mkdir -p $(@D)
	@$(CORE_CC) -Os -w -ffunction-sections -include stdint.h -DHAVE_SETJMP_H -DHAVE_STDINT_H \
	    -DHAVE_INTTYPES_H -DHAVE_STRING_H -DHAVE_SIGNAL_H $(word_size) \
	    -I$(CMOCKA)/include -c $< -o $@

# FOLDER.NAME comes from tests/FOLDER/test_NAME.c.
.SECONDEXPANSION:
$(O)/%$(SUFFIX).elf: $(O)/tests/$$(subst .,/test_,$$*).o $(O)/libsupport.a $(libraries) tests/target/cores.sh
	@$(CORE_CC) $(if $(filter bare,$(CORE_HOST)),-Wl$(comma)--gc-sections) -Wl,--undefined=tarn_port_lock \
	    -Wl,--wrap=_cmocka_run_group_tests $(core_link) -o $@ $< $(O)/libsupport.a $(libraries) \
	    $(O)/libport.a $(CORE_LINK) -lm

-include $(shell find $(O) -name '*.d' 2>/dev/null)
