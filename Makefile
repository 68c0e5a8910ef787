# curlretry - see README.md. `make help` lists the targets.

VERSION := $(shell sed -n 's/.*VERSION "\(.*\)"/\1/p' \
  policy/version.h)

PREFIX ?= /usr/local
EXEC_PREFIX ?= $(PREFIX)
BINDIR ?= $(EXEC_PREFIX)/bin
LIBDIR ?= $(EXEC_PREFIX)/lib
DATAROOTDIR ?= $(PREFIX)/share
MANDIR ?= $(DATAROOTDIR)/man
BASHCOMPDIR ?= $(DATAROOTDIR)/bash-completion/completions
ZSHCOMPDIR ?= $(DATAROOTDIR)/zsh/site-functions
INSTALL ?= install
INSTALL_PROGRAM ?= $(INSTALL) -m 755
INSTALL_DATA ?= $(INSTALL) -m 644

CC ?= cc
CFLAGS ?= -O2 -g
B ?= build

# The tests set it: warnings are errors there. A user's or a packager's compiler
# may know others than ours, so no build of theirs ends at one.
STRICT ?=
warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
warnings += $(if $(filter 1,$(STRICT)),-Werror)

# Two folders, same bytes: no path of the build is in what it makes.
same_paths := '-ffile-prefix-map=$(CURDIR)=.'

# Old programs use old options: their names must not warn.
old_names := -DCURL_DISABLE_DEPRECATION

V ?= 0
quiet = $(if $(filter 1,$(V)),,@echo '  $(1)	$@';)

manual := $(B)/curlretry.1 $(B)/libcurlretry.7

all: $(B)/headers $(B)/report-headers $(B)/libcurlretry.so $(B)/curlretry \
  $(manual)

help:
	@echo 'all       $(B)/libcurlretry.so and $(B)/curlretry'
	@echo 'demo      a stock curl against a faulty server, without and with'
	@echo 'check     lint and all tests (installs what they miss)'
	@echo 'soak      100,000 transfers against servers behind faults'
	@echo 'lint      style, sizes, static analysis'
	@echo 'bench     the performance table'
	@echo 'check-long  the long tests, too (installs what they miss)'
	@echo 'coverage  how much of policy/ and shim/ the tests reach'
	@echo 'fuzz      the targets of tests/fuzz, each for SECONDS=60'
	@echo 'deb       $(B)/deb/curlretry_$(VERSION)_*.deb (installs what' \
	  'it misses)'
	@echo 'install, install-strip, uninstall  PREFIX=$(PREFIX)' \
	  'DESTDIR=$(DESTDIR)'
	@echo 'version   prints it'
	@echo 'clean     remove $(B)'
	@echo 'V=1 shows the commands; B=folder builds elsewhere'

# --- what has to be there ---------------------------------------------------
# A header, and a part of its package's name in scripts/install-deps.

$(B)/headers: headers := stdio.h:libc curl/curl.h:curl xxhash.h:xxhash
$(B)/report-headers: headers := yajl/yajl_parse.h:yajl

$(B)/headers $(B)/report-headers:
	@mkdir -p $(@D)
	@for pair in $(headers); do \
	  header=$${pair%:*}; \
	  echo "#include <$$header>" | \
	    $(CC) $(CPPFLAGS) -E - >/dev/null 2>&1 && continue; \
	  echo "$$header is missing: install" \
	    "$$(scripts/install-deps --list build | grep -e "$${pair#*:}" | \
	    head -n 1) (scripts/install-deps build does it)" >&2; \
	  exit 1; \
	done
	@touch $@

# --- the library ------------------------------------------------------------
# It is loaded into foreign processes. No fortified or newer-libc symbols, no
# dynamic TLS model (each kills a musl process), no lazy surprise in the
# exported functions, tables for who unwinds through us: flags that a
# packager's CFLAGS must not change. LTO takes a seventh off a small GET's cost;
# LTO= builds without; one file can't have it.

policy_sources := $(filter-out policy/variables.c,$(wildcard policy/*.c))
shim_sources := $(wildcard shim/*/*.c)
library_sources := $(policy_sources) $(shim_sources)
library_objects := $(library_sources:%.c=$(B)/lib/%.o)
unwind_tables := -fasynchronous-unwind-tables
library_flags := -std=gnu11 -fPIC -fvisibility=hidden -ftls-model=initial-exec \
  -U_FORTIFY_SOURCE -U_FILE_OFFSET_BITS -DFOR_EVERY_LIBC $(unwind_tables) \
  -fno-strict-aliasing -Ipolicy -Ishim $(old_names)
LTO ?= -flto=auto
$(B)/lib/shim/host/libc.o: override LTO := -fno-lto
exports_map := shim/interpose/exports.map
library_links := -shared -nostartfiles $(unwind_tables) \
  -Wl,-soname,libcurlretry.so -Wl,-z,defs -Wl,-z,nodelete -Wl,--as-needed \
  -Wl,--version-script=$(exports_map)

$(B)/libcurlretry.so: $(library_objects) $(exports_map)
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LTO) $(same_paths) $(LDFLAGS) \
	  $(library_links) \
	  -o $@ $(library_objects) $(LIBRARY_LIBS)

$(B)/lib/%.o: %.c | $(B)/headers
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CPPFLAGS) $(CFLAGS) $(warnings) \
	  $(library_flags) $(LTO) $(same_paths) -MMD -MP -c -o $@ $<

-include $(library_objects:.o=.d)

# --- curlretry: the launcher, the doctor, the report ------------------------
# One file that can be copied: the JSON parser is linked in where there is an
# archive of it.

objects_of = $(patsubst %.c,$(B)/objects/%.o,$(wildcard $(1)))
report_objects := $(call objects_of,scripts/curlretry/report/*.c)
launcher_objects := $(call objects_of,scripts/curlretry/*.c policy/*.c) \
  $(report_objects)
yajl_archive := $(shell $(CC) $(CFLAGS) -print-file-name=libyajl_s.a)
yajl := $(if $(findstring /,$(yajl_archive)),$(yajl_archive),-lyajl)

$(B)/curlretry: $(launcher_objects)
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(yajl)

$(report_objects): | $(B)/report-headers
$(B)/objects/scripts/curlretry/report/page.o: \
  scripts/curlretry/report/page.html

# What is known at installation only: a change compiles these anew.
built_in := -DBINDIR='"$(BINDIR)"' -DLIBDIR='"$(LIBDIR)"'
built_in_object := $(B)/objects/scripts/curlretry/shim_file.o
$(built_in_object): object_flags = $(built_in)
$(built_in_object): $(B)/built-in
$(B)/built-in: FORCE
	@mkdir -p $(@D)
	@echo "$(subst ",,$(built_in))" | cmp -s - $@ || \
	  echo "$(subst ",,$(built_in))" > $@
FORCE:

-include $(launcher_objects:.o=.d)

# --- the manual -------------------------------------------------------------

$(manual): $(B)/%: scripts/% policy/version.h
	@mkdir -p $(@D)
	$(call quiet,MAN)sed 's/@VERSION@/$(VERSION)/g' $< > $@

version:
	@echo '$(VERSION)'

# --- the faulty server, the tests -------------------------------------------
# Every source is compiled once, for all the programs that need it.

unit_objects := $(call objects_of,tests/unit/test_*.c)
shim_test_objects := $(call objects_of,tests/shim/test_*.c)
multi_objects := $(call objects_of,tests/shim/multi_*.c) \
  $(call objects_of,tests/shim/failing*.c)
helper_objects := $(filter-out $(shim_test_objects) $(multi_objects), \
  $(call objects_of,tests/shim/*.c))
server_objects := $(call objects_of,tests/server/*.c)
soak_objects := $(call objects_of,tests/soak/*.c)
tested_objects := $(call objects_of,policy/*.c shim/*/*.c)
unit_tests := $(patsubst %.o,$(B)/tests/%,$(notdir $(unit_objects)))
shim_tests := $(patsubst %.o,$(B)/tests/%,$(notdir $(shim_test_objects)))

# For names in quotes only: libc has a <glob.h> too.
included := -iquote policy -iquote shim -iquote tests/shim \
  -iquote tests/fuzz -iquote scripts/curlretry

$(B)/objects/%.o: %.c | $(B)/headers
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CPPFLAGS) $(CFLAGS) $(warnings) -std=gnu11 \
	  -fno-strict-aliasing -pthread $(included) $(old_names) \
	  $(object_flags) $(same_paths) -MMD -MP -c -o $@ $<

test_link = $(call quiet,LINK)mkdir -p $(@D) && \
  $(CC) $(CFLAGS) $(LDFLAGS) -pthread -o $@ $(filter %.o,$^) $(filter %.a,$^)

$(B)/faulty: $(server_objects)
	$(test_link) -lcrypto -lz

# What the soak's transfers are made by; it uses libcurl as any program does.
$(B)/soak: $(soak_objects)
	$(test_link) -lcurl

# A test gets what it calls and no more, so it may bring a clock of its own.
# What stands in for other libraries' functions would do so in the test.
$(B)/tests/libshim.a: $(filter-out %/exports.o %/loader.o,$(tested_objects))
	@mkdir -p $(@D)
	@rm -f $@
	$(call quiet,AR)$(AR) rcs $@ $^

$(unit_tests): $(B)/tests/%: $(B)/objects/tests/unit/%.o $(B)/tests/libshim.a
	$(test_link) -lcmocka $(unit_libraries)

# The engine's are played on a libcurl and a clock of their own.
scene_objects := $(call objects_of,tests/unit/fake_libcurl.c tests/unit/scene.c)
$(filter $(B)/tests/test_engine%,$(unit_tests)): $(scene_objects)

# Here there may be no memory for an outcome.
$(B)/tests/test_engine_memory: LDFLAGS += -Wl,--wrap=ending_keep

# So are those of the interposed functions.
entry_objects := $(call objects_of, \
  tests/unit/fake_libcurl.c tests/unit/entry_scene.c)
$(filter $(B)/tests/test_entry%,$(unit_tests)): $(entry_objects)

# The report's, with its parser.
report_tests := $(filter $(B)/tests/test_report%,$(unit_tests))
$(report_tests): $(report_objects) \
  $(call objects_of,$(addprefix scripts/curlretry/,text.c say.c nearest.c))
$(report_tests): unit_libraries = $(yajl)

# A call's end is watched there.
$(B)/tests/test_table $(B)/tests/test_table_threads: \
  LDFLAGS += -Wl,--wrap=call_free

# There it isn't: a weak reference to what nobody defines.
$(B)/tests/test_libc: LDFLAGS += -Wl,--wrap=dlvsym

# Programs of their own: they use libcurl as any program does and ask the
# shim that the runner preloads.
$(shim_tests): $(B)/tests/%: $(B)/objects/tests/shim/%.o $(helper_objects)
	$(test_link) -lcmocka -lcurl $(loop_libraries)

# Those of the multi interface have loops of libevent and GLib, too.
multi_tests := $(filter $(B)/tests/test_multi% $(B)/tests/test_failing%, \
  $(shim_tests))
$(multi_tests): loop_libraries = -levent_core -lglib-2.0
$(multi_tests): $(multi_objects)
$(B)/objects/tests/shim/multi_glib.o: object_flags = \
  $(patsubst -I%,-isystem %,$(shell pkg-config --cflags glib-2.0))

# Targets of libFuzzer; without it each is given the inputs of its corpus.
fuzz_objects := $(call objects_of,tests/fuzz/fuzz_*.c)
fuzz_helpers := $(filter-out $(fuzz_objects),$(call objects_of,tests/fuzz/*.c))
fuzz_replay := $(filter %/replay.o,$(fuzz_helpers))
fuzz_memory := $(filter %/memory.o,$(fuzz_helpers))
comma := ,
fuzz_tests := $(patsubst %.o,$(B)/tests/%,$(notdir $(fuzz_objects)))

$(B)/tests/libfuzz.a: $(filter-out $(fuzz_replay) $(fuzz_memory), \
  $(fuzz_helpers))
	@mkdir -p $(@D)
	@rm -f $@
	$(call quiet,AR)$(AR) rcs $@ $^

$(fuzz_tests): LDFLAGS += $(addprefix -Wl$(comma)--wrap=,poll malloc calloc \
  realloc strdup)
$(fuzz_tests): $(B)/tests/%: $(B)/objects/tests/fuzz/%.o \
  $(if $(LIBFUZZER),,$(fuzz_replay)) $(fuzz_memory) $(B)/tests/libfuzz.a \
  $(B)/tests/libshim.a
	$(test_link) $(LIBFUZZER) -lcurl

-include $(patsubst %.o,%.d,$(fuzz_objects) $(fuzz_helpers) $(unit_objects) \
  $(scene_objects) $(entry_objects) $(shim_test_objects) $(helper_objects) \
  $(multi_objects) $(server_objects) $(soak_objects) $(tested_objects))

tests: all $(B)/faulty $(B)/soak $(unit_tests) $(shim_tests) $(fuzz_tests)

# As many at once as there are processors, where nothing else was said.
build = $(MAKE) --no-print-directory \
  $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

demo:
	@scripts/install-deps demo
	@+$(build) all $(B)/faulty
	@tests/demo.sh

check:
	@scripts/install-deps check
	@+$(build) STRICT=1 check-all

check-all: tests sanitized
	@tests/run

# The same sources under the sanitizers, each in a folder of its own.
asan_flags := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined
tsan_flags := -O1 -g1 -fno-omit-frame-pointer -fsanitize=thread

sanitized:
	@$(MAKE) --no-print-directory B=$(B)/asan CFLAGS='$(asan_flags)' tests
	@$(MAKE) --no-print-directory B=$(B)/tsan CFLAGS='$(tsan_flags)' \
	  $(B)/tsan/libcurlretry.so $(patsubst $(B)/%,$(B)/tsan/%, \
	  $(filter %threads %budget %storm,$(shim_tests) $(unit_tests)))

# Found inputs are in $(B)/fuzz/found; SECONDS is for each target.
SECONDS ?= 60
fuzz_flags := -O1 -g -fno-omit-frame-pointer \
  -fsanitize=fuzzer-no-link,address,undefined \
  -fno-sanitize-recover=undefined

fuzz:
	@scripts/install-deps fuzz
	@+$(build) fuzzers
	@B='$(B)' tests/fuzz/run $(SECONDS)

fuzzers:
	@$(MAKE) --no-print-directory B=$(B)/fuzz CC=clang \
	  CFLAGS='$(fuzz_flags)' LIBFUZZER=-fsanitize=fuzzer \
	  $(patsubst $(B)/%,$(B)/fuzz/%,$(fuzz_tests))

# Without LTO, so that lines are where they are written.
coverage:
	@scripts/install-deps check
	@+$(build) covered
	@B='$(B)' tests/coverage

covered:
	@$(MAKE) --no-print-directory B=$(B)/coverage LTO= \
	  CFLAGS='-O0 -g --coverage' tests

check-long:
	@scripts/install-deps long
	@+$(build) STRICT=1 check-long-all

check-long-all: tests sanitized fuzzers covered
	@tests/run long

# The chaos soak alone: SOAK_TRANSFERS (100000), SOAK_SEED.
soak:
	@scripts/install-deps long
	@+$(build) STRICT=1 all $(B)/faulty $(B)/soak
	@SHIM='$(abspath $(B))/libcurlretry.so' FAULTY='$(abspath $(B))/faulty' \
	  SOAK='$(abspath $(B))/soak' tests/soak/long_chaos.sh

lint:
	@scripts/lint

bench:
	@scripts/install-deps bench
	@+$(build) all $(B)/faulty
	@tests/bench/run

deb:
	@scripts/install-deps deb
	@scripts/make-deb '$(B)/deb'

# --- installation -----------------------------------------------------------

# LD_PRELOAD knows no quoting.
check-libdir:
	@case '$(LIBDIR)' in \
	*[[:space:]:]*) \
	  echo "$(LIBDIR): LD_PRELOAD can't hold a path with spaces or" \
	    "colons; choose another PREFIX or LIBDIR" >&2; \
	  exit 1 ;; \
	esac

install: check-libdir all
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)' \
	  '$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(MANDIR)/man7' \
	  '$(DESTDIR)$(BASHCOMPDIR)' '$(DESTDIR)$(ZSHCOMPDIR)'
	$(INSTALL_PROGRAM) $(B)/curlretry '$(DESTDIR)$(BINDIR)'
	$(INSTALL_PROGRAM) $(B)/libcurlretry.so '$(DESTDIR)$(LIBDIR)'
	$(INSTALL_DATA) $(B)/curlretry.1 '$(DESTDIR)$(MANDIR)/man1'
	$(INSTALL_DATA) $(B)/libcurlretry.7 '$(DESTDIR)$(MANDIR)/man7'
	$(INSTALL_DATA) scripts/completion/curlretry.bash \
	  '$(DESTDIR)$(BASHCOMPDIR)/curlretry'
	$(INSTALL_DATA) scripts/completion/_curlretry '$(DESTDIR)$(ZSHCOMPDIR)'

install-strip:
	@$(MAKE) --no-print-directory \
	  INSTALL_PROGRAM='$(INSTALL_PROGRAM) -s' install

uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/curlretry' \
	  '$(DESTDIR)$(LIBDIR)/libcurlretry.so' \
	  '$(DESTDIR)$(MANDIR)/man1/curlretry.1' \
	  '$(DESTDIR)$(MANDIR)/man7/libcurlretry.7' \
	  '$(DESTDIR)$(BASHCOMPDIR)/curlretry' \
	  '$(DESTDIR)$(ZSHCOMPDIR)/_curlretry'

clean:
	rm -rf $(B)

.PHONY: all help tests demo check check-all check-long check-long-all \
  sanitized coverage covered fuzz fuzzers soak lint bench deb check-libdir \
  install install-strip uninstall version clean FORCE
