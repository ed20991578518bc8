# checkpass and cached: everything is built from here, into build/.
#   make            the three programs          make check   all tests, on a fresh machine too
#   make demo       a real login, end to end    make install DESTDIR= PREFIX=
#   make lint | unit | e2e | faults | asan | fuzz | bench | bench-NAME

PREFIX ?= /usr
SYSCONFDIR ?= /etc
B := build

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
NPROC := $(shell nproc)
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(NPROC)
endif

# V=1 shows the commands.
ifeq ($(V),)
Q := @
endif

# --- flags

CXX := g++
WARN := -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Werror
CXXFLAGS ?= -O2 -g
HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LANG_FLAGS := -std=c++20 -fno-exceptions -I. -I$(B)/gen \
	-DDOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS
LIBS := -luv -linih -lsqlite3 -lmariadb -lldap -llber -largon2 -lcrypt -lssl -lcrypto -lsodium -lmaxminddb -lre2 -lcares -lcurl -lhiredis -lz -lresolv -lsystemd -lyaml -pthread

# checkpass: g++ with musl's headers, linked with gcc: any use of libstdc++ is a link error.
MUSL_CXX := REALGCC=g++ musl-gcc
MUSL_FLAGS := -std=c++20 -Os -g -I. $(WARN) -fno-exceptions -fno-rtti -fno-threadsafe-statics \
	-fno-asynchronous-unwind-tables -fno-stack-protector -ffunction-sections -fdata-sections -fno-pie

# --- sources

COMMON := $(wildcard common/*.cc)
CHECKPASS := $(wildcard checkpass/*.cc)
ROOMS := base loop config clients stores facts rules guard trail auth server
CACHED := $(COMMON) $(foreach room,$(ROOMS),$(wildcard cached/$(room)/*.cc))
DAEMON := $(CACHED) cached/main.cc cached/daemon.cc
REPORT := $(wildcard cached/ctl/report/*.cc)
CTL := $(CACHED) $(REPORT) $(wildcard cached/ctl/*.cc)
UNIT := $(CACHED) $(REPORT) checkpass/credentials.cc checkpass/answer.cc checkpass/ask.cc \
	$(wildcard tests/*/*_test.cc) $(wildcard tests/clients/*_server.cc) tests/main.cc
objects = $(patsubst %.cc,$(B)/$(1)/%.o,$(2))

.PHONY: all
all: $(B)/checkpass $(B)/cached $(B)/cachedctl

$(B)/checkpass: $(call objects,musl,$(CHECKPASS) $(COMMON))
	$(Q)musl-gcc -static -no-pie -Wl,--gc-sections -o $@.debug $^
	$(Q)strip -o $@ $@.debug

$(B)/cached: $(call objects,cxx,$(DAEMON))
	$(Q)$(CXX) -pie -Wl,-z,relro,-z,now,--as-needed -o $@ $^ $(LIBS)

$(B)/cachedctl: $(call objects,cxx,$(CTL))
	$(Q)$(CXX) -pie -Wl,-z,relro,-z,now,--as-needed -o $@ $^ $(LIBS)

$(B)/musl/%.o: %.cc
	@mkdir -p $(@D)
	@echo '  $@'
	$(Q)$(MUSL_CXX) $(MUSL_FLAGS) -MMD -MP -c -o $@ $<

$(B)/cxx/%.o: %.cc | generated
	@mkdir -p $(@D)
	@echo '  $@'
	$(Q)$(CXX) $(LANG_FLAGS) -foptimize-sibling-calls $(CXXFLAGS) $(HARDEN) $(WARN) -MMD -MP -c -o $@ $<

# The schema is compiled in, so that cached can make a database that is not there.
.PHONY: generated
generated: $(B)/gen/sqlite_schema.inc $(B)/gen/report_css.inc $(B)/gen/report_js.inc
$(B)/gen/%_schema.inc: sql/%.sql
	@mkdir -p $(@D)
	@echo '  $@'
	$(Q){ echo 'R"SQL('; cat $<; echo ')SQL"'; } > $@

# And so is what the report's page is made of.
$(B)/gen/report_%.inc: cached/ctl/report/page.%
	@mkdir -p $(@D)
	@echo '  $@'
	$(Q){ echo 'R"PAGE('; cat $<; echo ')PAGE"'; } > $@

# --- tests

.PHONY: check unit e2e faults lint asan fuzz demo
check:
	scripts/install-packages build check
	+scripts/check

# Databases of places for the tests.
MMDBS := $(patsubst tests/mmdb/%.json,$(B)/mmdb/%.mmdb,$(wildcard tests/mmdb/*.json))
$(B)/mmdb/%.mmdb: tests/mmdb/%.json tests/mmdb/make-mmdb
	@mkdir -p $(@D)
	@echo '  $@'
	$(Q)tests/mmdb/make-mmdb $< $@

unit: $(B)/unit
	timeout 300 $(B)/unit

$(B)/unit: $(call objects,cxx,$(UNIT)) | $(MMDBS)
	$(Q)$(CXX) -pie -o $@ $^ $(LIBS)

e2e: all $(MMDBS)
	tests/e2e/run

# What may befall the log table, each for a minute.
faults: all $(MMDBS)
	tests/e2e/run --hold 60 test_log_faults

lint: all
	scripts/lint

# clang, sanitizers, the whole unit suite. clang 14 cannot assemble coroutines with =function.
SANITIZE := -fsanitize=address,undefined -fno-sanitize=function -fno-sanitize-recover=all \
	-fsanitize-ignorelist=tests/sanitizers.ignore -fno-omit-frame-pointer
asan: $(B)/unit-asan
	ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 timeout 600 $(B)/unit-asan

$(B)/unit-asan: $(call objects,asan,$(UNIT)) | $(MMDBS)
	$(Q)clang++ $(SANITIZE) -o $@ $^ $(LIBS)

$(B)/asan/%.o: %.cc | generated
	@mkdir -p $(@D)
	@echo '  $@'
	$(Q)clang++ $(LANG_FLAGS) -O1 -g $(SANITIZE) -Wall -Wextra -MMD -MP -c -o $@ $<

# One libFuzzer program per tests/fuzz/*.cc; FUZZ_SECONDS each.
FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/%.cc,%,$(wildcard tests/fuzz/*.cc))
fuzz: $(addprefix fuzz-,$(FUZZERS))
fuzz-%: $(B)/fuzz/%
	@mkdir -p $(B)/corpus/$*
	$< -verbosity=0 -print_final_stats=1 -max_total_time=$(FUZZ_SECONDS) -max_len=9000 -timeout=5 -artifact_prefix=$(B)/fuzz/ \
		$(B)/corpus/$* $(wildcard tests/fuzz/corpus/$*)

# Whatever parses is among them.
FUZZED := $(CACHED) $(REPORT) checkpass/credentials.cc checkpass/answer.cc checkpass/ask.cc
$(B)/fuzz/lua_pattern: LIBS += -llua5.4
$(B)/fuzz/%: $(B)/fuzzobj/tests/fuzz/%.o $(call objects,fuzzobj,$(FUZZED))
	@mkdir -p $(@D)
	@echo '  $@'
	$(Q)clang++ -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)
$(B)/fuzzobj/%.o: %.cc | generated
	@mkdir -p $(@D)
	@echo '  $@'
	$(Q)clang++ $(LANG_FLAGS) -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize=function -fno-sanitize-recover=all \
		-fsanitize-ignorelist=tests/sanitizers.ignore -MMD -MP -c -o $@ $<
.PRECIOUS: $(B)/fuzzobj/%.o $(B)/fuzz/%

demo:
	scripts/install-packages build demo
	$(MAKE) all
	scripts/demo

-include tests/bench/rules.mk

# --- install

.PHONY: install clean
install: all
	install -D -m 0755 $(B)/checkpass $(DESTDIR)$(PREFIX)/lib/checkpass/checkpass
	install -D -m 0755 $(B)/cached $(DESTDIR)$(PREFIX)/sbin/cached
	install -D -m 0755 $(B)/cachedctl $(DESTDIR)$(PREFIX)/sbin/cachedctl
	for page in man/*.8; do install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man8 $$page; done
	for page in man/*.7; do install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man7 $$page; done
	for page in man/*.5; do install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man5 $$page; done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in cached.service cached.socket checkpass-registry.service checkpass-registry.timer \
			checkpass-report.service checkpass-report.timer; do \
		sed 's|/usr/sbin/|$(PREFIX)/sbin/|; s|/usr/share/|$(PREFIX)/share/|' scripts/systemd/$$unit \
			> $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; done
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/checkpass/systemd \
		scripts/systemd/network.conf scripts/systemd/geoipupdate.conf
	install -D -m 0644 scripts/systemd/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/checkpass.conf
	install -D -m 0644 scripts/systemd/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/checkpass.conf
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/checkpass/sql sql/*.sql
	for mta in dovecot postfix exim; do \
		install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/checkpass/$$mta scripts/$$mta/*; done
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/checkpass/lists scripts/lists/*.lst scripts/lists/cron
	install -D -m 0755 -t $(DESTDIR)$(PREFIX)/share/checkpass/lists scripts/lists/update-list
	install -D -m 0755 -t $(DESTDIR)$(PREFIX)/share/checkpass/registry scripts/update-registry
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/checkpass/registry scripts/registry/cron
	install -D -m 0755 -t $(DESTDIR)$(PREFIX)/share/checkpass/report scripts/report/mail-report
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/checkpass/report \
		scripts/report/cron scripts/report/known.yaml
	install -D -m 0644 scripts/cached.conf $(DESTDIR)$(PREFIX)/share/checkpass/cached.conf
	[ -e $(DESTDIR)$(SYSCONFDIR)/checkpass/cached.conf ] || \
		install -D -m 0640 scripts/cached.conf $(DESTDIR)$(SYSCONFDIR)/checkpass/cached.conf

clean:
	rm -rf $(B)

-include $(shell find $(B)/musl $(B)/cxx $(B)/asan $(B)/fuzzobj -name '*.d' 2>/dev/null)
