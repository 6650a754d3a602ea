# Unio: build, run, test.  Non-recursive; everything made goes into $(BUILD).
#
#   make run      a development instance in the foreground   PORT= BIND= VAR= WEB= CONF=
#   make test     every suite                                SANITIZE=address,undefined JOBS= ONLY=
#   make clean-var removes what make run has written into VAR
#   make lint     structure, format, shell, man pages
#   make install, make uninstall   PREFIX= DESTDIR= SYSCONFDIR=, and more: see admin/install.sh
#   make deb      a Debian package, in $(BUILD)/deb; make test-deb tries it in a fresh Debian tree (as root)
#   make test-hosting types what docs/HOSTING.md says, in such a tree   SERVERS=
#   make test-asan, test-tsan, test-valgrind: the suites with AddressSanitizer and UBSan, ThreadSanitizer, memcheck  ONLY=
#   make fuzz     every fuzz target for SECONDS=60; make analyze: gcc's analyzer, cppcheck, clang-tidy
#   make test-fault, soak, storm, test-net, conformance: the long forms; make bench: beside other servers;
#                 make bench-cores: two daemons; make bench-growth: more of everything; make profile: where the time goes
#   make coverage line coverage of the programs by the whole test run
#
# V=1 shows the commands, WERROR=1 makes warnings fatal (CI), CC=clang works too.

CC	?= gcc
V	?= 0
WERROR	?= $(if $(CI),1,0)
SANITIZE ?=
COVERAGE ?= 0

comma	:= ,
BUILD	?= build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))$(if $(filter 1,$(COVERAGE)),/coverage)
Q	:= $(if $(filter 1,$(V)),,@)

PREFIX	?= /usr/local
SYSCONFDIR ?= /etc/unio
VERSION	:= 0.1.0

WARN	:= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wundef $(if $(filter 1,$(WERROR)),-Werror)
HARDEN	:= -fstack-protector-strong -fPIE $(if $(SANITIZE)$(filter 1,$(COVERAGE)),,-D_FORTIFY_SOURCE=2) \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
OPT	:= $(if $(SANITIZE)$(filter 1,$(COVERAGE)),-O1,-O2) -g
CFLAGS	?= $(OPT)
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -DUNIO_VERSION='"$(VERSION)"' \
	-DUNIO_CONF_DEFAULT='"$(SYSCONFDIR)/unio.conf"' \
	-iquote shared -MMD -MP $(WARN) $(HARDEN) $(CFLAGS) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined) \
	$(if $(filter 1,$(COVERAGE)),--coverage)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(LDFLAGS) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(if $(filter 1,$(COVERAGE)),--coverage)

# What each program links; one foreign library is known to one file (see `make lint`).
LIB_SHARED	:= -lsqlite3 -lzmq -ljwt -lcjson -lsodium -linih -lcrypto -lpthread
LIB_unio-api	:= -lfcgi
LIB_unio-signald := -lwebsockets -lev
LIB_unio-hookd	:= -lcurl
LIB_unioctl	:= -lcurl

PROGRAMS := unio-api unio-signald unio-hookd unioctl unio-supervise
all: $(PROGRAMS:%=$(BUILD)/%)

sources	= $(sort $(wildcard $(1)/*.c))
objects	= $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))

SCHEMA	:= $(sort $(wildcard schema/*.sql))
SHARED	:= $(call objects,shared) $(BUILD)/schema.o
SUPERVISE := $(filter $(BUILD)/admin/supervise%,$(call objects,admin))
ADMIN	:= $(filter-out $(SUPERVISE),$(call objects,admin))

$(BUILD)/libunio.a: $(SHARED)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/unio-api: $(call objects,fcgi-api) $(BUILD)/published.o $(BUILD)/libunio.a
$(BUILD)/unio-signald: $(call objects,ws-daemon) $(BUILD)/libunio.a
$(BUILD)/unio-hookd: $(call objects,hook-daemon) $(BUILD)/libunio.a
$(BUILD)/unioctl: $(ADMIN) $(BUILD)/libunio.a
$(BUILD)/unio-api $(BUILD)/unio-signald $(BUILD)/unio-hookd $(BUILD)/unioctl:
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIB_$(@F)) $(LIB_SHARED)

$(BUILD)/unio-supervise: $(SUPERVISE)
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

# The migrations travel inside the programs, so that no path can be wrong.
$(BUILD)/schema.c: $(SCHEMA) schema/embed.sh
	@mkdir -p $(@D)
	$(Q)sh schema/embed.sh $(SCHEMA) >$@.tmp && mv $@.tmp $@

# So do the descriptions of the interface, as JSON.
PUBLISHED := docs/openapi.yaml docs/asyncapi.yaml
$(BUILD)/embed: $(BUILD)/docs/embed.o
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lyaml
$(BUILD)/published.c: $(PUBLISHED) $(BUILD)/embed
	$(Q)$(BUILD)/embed $(PUBLISHED) >$@.tmp && mv $@.tmp $@

# Whatever was made by another compiler or with other flags is made again.
FLAGS	:= $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)
$(BUILD)/flags: always
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' >$@

$(BUILD)/schema.o: $(BUILD)/schema.c $(BUILD)/flags
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(BUILD)/published.o: $(BUILD)/published.c $(BUILD)/flags
	$(Q)$(CC) $(ALL_CFLAGS) -iquote fcgi-api -c -o $@ $<

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# ---- tests -------------------------------------------------------------------

UNIT	:= $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
unit: $(UNIT)

# A unit test of the daemon's or the API's pure core links that folder's objects, main's apart.
CORE_API := $(filter-out $(BUILD)/fcgi-api/main.o,$(call objects,fcgi-api)) $(BUILD)/published.o
CORE_WS	:= $(filter-out $(BUILD)/ws-daemon/main.o,$(call objects,ws-daemon))
CORE_HOOK := $(filter-out $(BUILD)/hook-daemon/main.o,$(call objects,hook-daemon))
$(BUILD)/tests/test_api_%: $(BUILD)/tests/unit/test_api_%.o $(CORE_API) $(BUILD)/libunio.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIB_unio-api) $(LIB_SHARED)
$(BUILD)/tests/test_ws_%: $(BUILD)/tests/unit/test_ws_%.o $(CORE_WS) $(BUILD)/libunio.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIB_unio-signald) $(LIB_SHARED)
$(BUILD)/tests/test_hook_%: $(BUILD)/tests/unit/test_hook_%.o $(CORE_HOOK) $(BUILD)/libunio.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIB_unio-hookd) $(LIB_SHARED)
$(BUILD)/tests/test_%: $(BUILD)/tests/unit/test_%.o $(BUILD)/libunio.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIB_SHARED)

# The programs, when another target needs them: in parallel unless somebody has said how, and no word if all is made.
BUILD_NOW = $(MAKE) --no-print-directory $(if $(filter 1,$(V)),,-s) $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

test: deps-test
	$(Q)$(BUILD_NOW) all unit
	$(Q)UNIO_BUILD=$(BUILD) node tests/run.mjs $(ONLY)

# The long forms: 300 kills; half an hour of everything (MINUTES=2 VALGRIND=1: a short one under memcheck); all
# clients lost at once.
test-fault: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)UNIO_BUILD=$(BUILD) FAULT_KILLS=$${FAULT_KILLS:-300} TIMEOUT=1200 node tests/run.mjs fault
soak: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(if $(VALGRIND),sh admin/deps.sh valgrind)
	$(Q)UNIO_BUILD=$(BUILD) MINUTES=$${MINUTES:-30} $(if $(VALGRIND),sh tests/soak/valgrind.sh $(BUILD)) node tests/soak/soak.mjs
storm: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)UNIO_BUILD=$(BUILD) node tests/soak/storm.mjs

# The bad network, five times over, with what was measured.
test-net: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)UNIO_BUILD=$(BUILD) ROUNDS=$${ROUNDS:-5} node --test-reporter=spec tests/net/bad-network.test.mjs

# Whether the time of a failed login tells of an account: ATTEMPTS=2000 of each kind, two minutes.
login-timing: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)UNIO_BUILD=$(BUILD) node tests/timing/login.mjs

# unio-signald and the API beside others that do the same work; RUNS= SECONDS= SERVERS= SCENARIOS= TRANSPORT= OUT=
BENCH	:= $(BUILD)/bench/load $(BUILD)/bench/floor $(BUILD)/bench/http $(BUILD)/bench/hello $(BUILD)/bench/commits $(BUILD)/bench/go-server
$(BUILD)/bench/load: $(call objects,tests/bench/load)
$(BUILD)/bench/floor: $(BUILD)/tests/bench/peers/floor/floor.o $(BUILD)/tests/bench/load/address.o
$(BUILD)/bench/http: $(BUILD)/tests/bench/rest/http.o $(addprefix $(BUILD)/tests/bench/load/,address.o histogram.o watch.o)
$(BUILD)/bench/hello: $(BUILD)/tests/bench/rest/hello.o
$(BUILD)/bench/commits: $(BUILD)/tests/bench/rest/commits.o
$(BUILD)/bench/load $(BUILD)/bench/floor $(BUILD)/bench/http $(BUILD)/bench/hello $(BUILD)/bench/commits:
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcrypto -lfcgi -lsqlite3
$(BUILD)/bench/go-server: tests/bench/peers/go/main.go
	@mkdir -p $(@D)
	$(Q)GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$(abspath $(@D))/go-cache go build -tags libsqlite3 -o $@ $<
unit: $(BUILD)/bench/load $(BUILD)/bench/floor
bench:
	$(Q)sh admin/deps.sh build run test bench
	$(Q)$(BUILD_NOW) all $(BENCH)
	$(Q)status=0; for part in bench rest; do UNIO_BUILD=$(BUILD) node tests/bench/$$part.mjs || status=1; done; exit $$status

# What it costs when there is more: sessions, meetings, past calls.  SIZES= ROUNDS= OUT=
bench-growth:
	$(Q)sh admin/deps.sh build run test
	$(Q)$(BUILD_NOW) all $(BUILD)/bench/load $(BUILD)/bench/http
	$(Q)UNIO_BUILD=$(BUILD) node tests/bench/growth.mjs

# Two daemons on two cores beside one on one.  RUNS= SECONDS= OUT=
bench-cores:
	$(Q)sh admin/deps.sh build run test
	$(Q)$(BUILD_NOW) all $(BUILD)/bench/load
	$(Q)UNIO_BUILD=$(BUILD) node tests/bench/cores.mjs

# How long the purge keeps others from writing while it forgets ROWS=1000000.
bench-purge:
	$(Q)sh admin/deps.sh build run test
	$(Q)$(BUILD_NOW) $(BUILD)/tests/test_purge_lock
	$(Q)UNIO_PURGE_ROWS=$(or $(ROWS),1000000) $(BUILD)/tests/test_purge_lock

# Who has which part of a WebSocket: front server, daemon, kernel.  SESSIONS= SECONDS= OUT=
bench-share:
	$(Q)sh admin/deps.sh build run test
	$(Q)$(BUILD_NOW) all $(BUILD)/bench/load
	$(Q)UNIO_BUILD=$(BUILD) node tests/bench/share.mjs

# Where the time goes in a relay, a fan-out, a join, a read and a write.  SECONDS= BY=callgrind OUT=
profile:
	$(Q)sh admin/deps.sh build run test profile
	$(Q)$(BUILD_NOW) all $(BUILD)/bench/load $(BUILD)/bench/http
	$(Q)UNIO_BUILD=$(BUILD) node tests/bench/profile.mjs

bench-events: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)UNIO_BUILD=$(BUILD) node tests/bench/events.mjs

run: deps-run
	$(Q)$(BUILD_NOW) all
	$(Q)BUILD=$(BUILD) exec sh admin/run.sh

deps-run:
	$(Q)sh admin/deps.sh build run
deps-test:
	$(Q)sh admin/deps.sh build run test

# Every suite again with sanitizers, in build directories of their own; ONLY= some.
test-asan:
	$(Q)TIMEOUT=$${TIMEOUT:-1200} $(MAKE) --no-print-directory test SANITIZE=address,undefined
test-tsan:
	$(Q)TIMEOUT=$${TIMEOUT:-1200} $(MAKE) --no-print-directory test SANITIZE=thread

# The programs and their unit tests under memcheck: an hour, or ONLY= some.
test-valgrind: deps-test
	$(Q)sh admin/deps.sh valgrind
	$(Q)$(BUILD_NOW) all unit
	$(Q)TIMEOUT=$${TIMEOUT:-1200} sh tests/soak/valgrind.sh $(BUILD) node tests/run.mjs $(or $(ONLY),unit api ws hook ctl metrics)

lint: deps-test
	$(Q)$(BUILD_NOW) all unit WERROR=1
	$(Q)sh tests/lint.sh $(BUILD)

coverage: deps-test
	$(Q)$(MAKE) --no-print-directory coverage-report COVERAGE=1
# Counters add up from run to run, so that those of an earlier one go first.
coverage-report:
	$(Q)mkdir -p $(BUILD) && find $(BUILD) -name '*.gcda' -delete
	$(Q)$(MAKE) --no-print-directory test
	$(Q)sh tests/coverage.sh $(BUILD)

# ---- installation ------------------------------------------------------------

INSTALL_ENV = BUILD=$(BUILD) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) SYSCONFDIR=$(SYSCONFDIR)
install:
	$(Q)$(BUILD_NOW) all
	$(Q)$(INSTALL_ENV) sh admin/install.sh install
uninstall:
	$(Q)$(INSTALL_ENV) sh admin/install.sh uninstall

deb:
	$(Q)sh admin/deps.sh build deb
	$(Q)BUILD=$(BUILD) VERSION=$(VERSION) sh admin/deb.sh
# The package in fresh Debian trees, with systemd and without (as root; about four minutes, the first time six).
test-deb: deps-test
	$(Q)sh admin/deps.sh trees
	$(Q)$(MAKE) --no-print-directory deb VERSION=0.0.9
	$(Q)$(MAKE) --no-print-directory deb
	$(Q)UNIO_BUILD=$(BUILD) UNIO_VERSION=$(VERSION) sh tests/pack/debian.sh
# What docs/HOSTING.md says, typed in such a tree.
test-hosting: deps-test
	$(Q)sh admin/deps.sh trees
	$(Q)sh tests/readme/hosting.sh $(SERVERS)

# ---- fuzzing, conformance, static analysis -----------------------------------

# A target is tests/fuzz/TARGET.c: fuzz_TARGET with clang's libFuzzer, replay_TARGET as a test of its seeds.
FUZZ_SHARED := conf json peer provider scrape token
FUZZ_API := request
FUZZ_WS	:= frame hello resume room sdp wire
FUZZ	:= $(FUZZ_SHARED) $(FUZZ_API) $(FUZZ_WS)
SECONDS	?= 60

replays: $(FUZZ:%=$(BUILD)/tests/replay_%)
fuzzers: $(FUZZ:%=$(BUILD)/tests/fuzz_%)
unit: replays

FUZZ_LIBS = $(LIB_unio-api) $(LIB_unio-signald) $(LIB_SHARED)
$(FUZZ_API:%=$(BUILD)/tests/replay_%) $(FUZZ_API:%=$(BUILD)/tests/fuzz_%): $(CORE_API)
$(FUZZ_WS:%=$(BUILD)/tests/replay_%) $(FUZZ_WS:%=$(BUILD)/tests/fuzz_%): $(CORE_WS)
$(FUZZ:%=$(BUILD)/tests/replay_%): $(BUILD)/tests/replay_%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/replay.o $(BUILD)/libunio.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(BUILD)/libunio.a $(FUZZ_LIBS)
$(FUZZ:%=$(BUILD)/tests/fuzz_%): $(BUILD)/tests/fuzz_%: $(BUILD)/tests/fuzz/%.o $(BUILD)/libunio.a
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(BUILD)/libunio.a $(FUZZ_LIBS)

# SECONDS for each target, ONLY= some of them; programs, findings and what was learnt are in $(BUILD)/fuzz.
FUZZ_BUILD = CC=clang BUILD=$(BUILD)/fuzz SANITIZE=fuzzer-no-link,address,undefined COVERAGE=0
fuzz:
	$(Q)sh admin/deps.sh build fuzz
	$(Q)$(BUILD_NOW) $(FUZZ_BUILD) fuzzers
	$(Q)BUILD=$(BUILD)/fuzz sh tests/fuzz/run.sh $(SECONDS) $(ONLY)

# RFC 6455, case by case, at the daemon and behind every front server (a part of `make test`).
conformance: deps-test
	$(Q)$(BUILD_NOW) all
	$(Q)UNIO_BUILD=$(BUILD) node tests/run.mjs conformance apache/conformance nginx/conformance caddy/conformance

# gcc's analyzer, cppcheck, clang-tidy: minutes. ONLY=gcc, cppcheck or tidy
analyze:
	$(Q)sh admin/deps.sh build analyze
	$(Q)$(BUILD_NOW) all
	$(Q)sh tests/analyze.sh $(ONLY)

# ---- housekeeping ------------------------------------------------------------

format:
	$(Q)sh tests/lint/format.sh --fix $(wildcard */*.[ch] tests/unit/*.[ch])

# A directory that nothing was built in is left alone, whatever BUILD says.
clean:
	$(Q)[ ! -e $(BUILD)/flags ] || rm -rf $(BUILD)

clean-var:
	$(Q)sh admin/clean_var.sh

-include $(shell find $(BUILD) -name '*.d' -type f -not -path '*/deb/*' 2>/dev/null)

.PHONY: all always unit login-timing bench fuzz fuzzers replays conformance analyze install uninstall deb test-deb test-hosting test test-asan test-tsan test-valgrind test-fault test-net soak storm bench-cores bench-events bench-growth bench-share profile run lint coverage coverage-report format clean clean-var deps-run deps-test
.SECONDARY:
.DELETE_ON_ERROR:
