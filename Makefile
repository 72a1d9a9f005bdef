# PGXS build of pg_strata: what packagers and DBAs use.
#   make && make install            builds and installs for the pg_config in PATH
#   make PG_CONFIG=/path/pg_config  for another server
# Developers get compile_commands.json, clang-tidy and the unit tests from CMakeLists.txt; both read
# the same wildcard of sources.

MODULE_big = pg_strata
EXTENSION  = control/pg_strata
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(srcdir_here)control/pg_strata.control)
srcdir_here := $(dir $(firstword $(MAKEFILE_LIST)))

DATA = $(wildcard control/pg_strata--*.sql)
DOCS = $(wildcard monitoring/*)

# What a session's first statement runs through stands side by side: a process that is new touches
# every page of code for the first time, and the system brings pages in by neighbourhood.
START = rollout/session rollout/routing rollout/route rollout/gates rollout/gate_copy model/gate model/gate_match \
        model/json_value model/json model/sha256 model/sha256_x86 settings pg/client pg/default_path pg/database_setting \
        pg/names pg/table_scan pg/catalog_watch pg/error pg/session pg/spi catalog/registry rewrite/hooks \
        upkeep/side_doors sunset/use sunset/deprecations telemetry/hooks telemetry/plan_uses telemetry/session \
        telemetry/use pg/counter_blocks pg/shared_counters
START_OBJS = $(START:%=src/%.o)
OBJS = $(START_OBJS) $(filter-out $(START_OBJS),$(patsubst %.cpp,%.o,$(sort $(wildcard src/*.cpp src/*/*.cpp))))

REGRESS      = $(shell sed -n 's/^test: *//p' sql/schedule)
REGRESS_OPTS = --load-extension=pg_strata

PG_CONFIG ?= pg_config
FMT_LIBS  := $(shell pkg-config --libs fmt 2>/dev/null || echo -lfmt)

# Server headers are system headers, so that -Wextra speaks of our code only; -Wno-register because
# the headers of 15 still say "register", which C++17 removed.
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) -Isrc \
              -DSTRATA_VERSION='"$(EXTVERSION)"'
# gnu++20 and not c++20: the server's copyObject() needs typeof.
PG_CXXFLAGS = -std=gnu++20 -Wall -Wextra -Wno-register -fno-omit-frame-pointer $(WERROR)
SHLIB_LINK  = $(FMT_LIBS) -Wl,--version-script=src/exports.map

# Link with the C++ compiler, and make no bitcode: it only serves inlining of expression functions
# and its rule ignores PG_CXXFLAGS.
override COMPILER  = $(CXX) $(CXXFLAGS)
override with_llvm := no

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# The flags of the server's C compiler that g++ or clang++ may refuse or warn about in C++.
override CXXFLAGS := $(filter-out -Wdeclaration-after-statement -Wmissing-prototypes -Wold-style-definition, $(CXXFLAGS))

# The server's own macros cast tree walkers in a way that clang warns about under -Wextra from 16 on.
override CXXFLAGS += $(if $(findstring clang,$(CXX)),-Wno-cast-function-type)

# make PCH=yes: what nearly every file begins with is read once, which halves the time. Not the default: it would hide
# a file that forgets to include it. The core knows nothing of the server, so it never gets it.
ifdef PCH
PRELUDE = src/pg/prelude.hpp
PRELUDE_READ = $(PRELUDE).$(if $(findstring clang,$(CXX)),pch,gch)
SERVER_OBJS = $(filter-out src/model/%,$(OBJS))
$(SERVER_OBJS): $(PRELUDE_READ)
$(SERVER_OBJS): private override CXXFLAGS += -include $(PRELUDE)
# -w: "#pragma once" in a file that is not included is worth a warning.
$(PRELUDE_READ): $(PRELUDE)
	$(filter-out -fsyntax-only,$(COMPILE.cc)) -w -MD -MP -MT $@ -MF $@.d -x c++-header -o $@ $<
-include $(PRELUDE_READ).d
endif

# Debian builds the server without dependency tracking; a changed header must rebuild what reads it.
%.o: %.cpp
	$(COMPILE.cc) -MMD -MP -MF $(@:.o=.d) -o $@ $<
-include $(OBJS:.o=.d)

shlib: $(shlib) src/exports.map

# Compiles and links nothing: with CXX='clang++ -fsyntax-only' another compiler's opinion.
.PHONY: objects
objects: $(OBJS)

clean: clean-deps
.PHONY: clean-deps
clean-deps:
	rm -f $(OBJS:.o=.d) src/pg/prelude.hpp.gch* src/pg/prelude.hpp.pch*
