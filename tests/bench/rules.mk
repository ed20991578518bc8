# The programs of `make bench` and their rules; included by the Makefile, run from the top
# directory. The musl programs stand for "the least a program can cost", so they are built the way
# checkpass is.
# SPDX-License-Identifier: MIT

bench_dir := build/bench
bench_flags := -std=gnu11 -O2 -Wall -Wextra
bench_musl := $(addprefix $(bench_dir)/,floor_exec donothing)
bench_plain := $(addprefix $(bench_dir)/,exec_client sock_client auth_client)
bench_uv := $(bench_dir)/echo_server
bench_argon2 := $(bench_dir)/hash_cost
bench_count := $(bench_dir)/count_argon2.so
bench_alone := $(addprefix $(bench_dir)/,judge cells)
bench_programs := $(bench_musl) $(bench_plain) $(bench_uv) $(bench_argon2) $(bench_count) \
	$(bench_alone)
bench_names := exec dovecot dovecot-1 dovecot-8 \
	daemon daemon-sqlite daemon-mysql daemon-lookup daemon-cold \
	trail trail-sqlite trail-mysql purge \
	warm warm-1 warm-8 hashing flood-p99 worst-case judge judge-networks audit reload \
	cells cells-redis warm-facts warm-facts-1 warm-facts-8 warm-facts-dovecot-1 warm-facts-dovecot-8 \
	dead dead-1 dead-8 dead-always-8 dead-always-new-8
bench_product := build/checkpass build/cached build/cachedctl

$(bench_musl): $(bench_dir)/%: tests/bench/%.c
	@mkdir -p $(@D)
	musl-gcc $(bench_flags) -static -s -o $@ $<

$(bench_plain): $(bench_dir)/%: tests/bench/%.c tests/bench/measure.h
	@mkdir -p $(@D)
	gcc $(bench_flags) -o $@ $<

$(bench_uv): $(bench_dir)/%: tests/bench/%.c
	@mkdir -p $(@D)
	gcc $(bench_flags) -o $@ $< -luv

$(bench_argon2): $(bench_dir)/%: tests/bench/%.c tests/bench/measure.h
	@mkdir -p $(@D)
	gcc $(bench_flags) -pthread -o $@ $< -largon2

$(bench_count): $(bench_dir)/%.so: tests/bench/%.c
	@mkdir -p $(@D)
	gcc $(bench_flags) -shared -fPIC -o $@ $<

.PHONY: bench bench-programs bench-counts $(addprefix bench-,$(bench_names))

bench-programs: $(bench_programs)

# `make bench`: all of them. `make bench-exec`, `bench-dovecot`, `bench-daemon`...: one family or
# one line. Building comes before measuring, and two measurements never run side by side.
bench $(addprefix bench-,$(bench_names)):
	scripts/install-packages build bench
	$(MAKE) $(bench_product) $(bench_programs) $(MMDBS)
	flock $(bench_dir)/lock tests/bench/run $(patsubst bench-%,%,$(filter bench-%,$@))

# A list of networks alone: time to build it, time of a lookup, memory of a line.
.PHONY: bench-networks
bench-networks: $(bench_dir)/networks
	$<
$(bench_dir)/networks: $(call objects,cxx,$(addsuffix .cc,tests/bench/networks \
		cached/rules/networks cached/base/ip cached/base/text))
	@mkdir -p $(@D)
	$(CXX) -pie -o $@ $^

# The files of the registries: time to load them, memory, time of a lookup. ARGUMENTS=dumps: those of
# networks too, for which it writes 2 GB below /tmp.
.PHONY: bench-seeds
bench-seeds: $(bench_dir)/seeds
	$< $(ARGUMENTS)
$(bench_dir)/seeds: $(call objects,cxx,$(addsuffix .cc,tests/bench/seeds cached/clients/url \
		$(addprefix cached/facts/,seeds seed_text registries delegated as_names bootstrap inetnum) \
		cached/base/files cached/base/ip cached/base/text))
	@mkdir -p $(@D)
	$(CXX) -pie -o $@ $^ -lcurl -lz

# The lists alone, which `run judge` writes and has it judge by; and what the registries said.
$(bench_alone): $(bench_dir)/%: $(call objects,cxx,$(CACHED)) build/cxx/tests/bench/%.o
	@mkdir -p $(@D)
	$(CXX) -pie -o $@ $^ $(LIBS)

# Size, system calls, page faults and instructions of checkpass for one permitted login.
bench-counts:
	scripts/install-packages build bench
	$(MAKE) build/checkpass $(bench_programs)
	tests/bench/counts

# The report and the back-test of a month of a million logins, as lines, in a journal and in the
# databases: 3 GB below build/bench, made at the first run in some minutes.
.PHONY: bench-report
bench-report:
	scripts/install-packages build bench
	$(MAKE) build/cachedctl
	tests/bench/history
