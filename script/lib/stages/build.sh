# Both compilers, all warnings are errors, and only the symbols meant for the server are exported. g++ builds by
# the Makefile what the other stages install. clang++ builds by CMake on 15; on the others it only reads.
# shellcheck shell=bash

stage_build() {
  check "g++ compiles" compile_extension
  check "g++ exports" exports_only_ours "$BUILD/src$PG/pg_strata.so"
  if [ "$PG" = 15 ]; then
    check "clang++ compiles" build_by_cmake pg_strata
    check "clang++ exports" exports_only_ours "$CMAKE_TREE/pg_strata.so"
    check "clang++ reads the fuzzers" read_fuzzers
  else
    check "clang++ reads" read_by_clang
  fi
}

# Has clang++ read every file by the Makefile's rules. It gets g++'s warning options from the server's flags
# and does not know them all.
read_by_clang() {
  local warnings='-Werror -Wno-unknown-warning-option -Wno-unused-command-line-argument'
  copy_source "$BUILD/src$PG-clang" &&
    quietly "$BUILD/log/clang$PG.log" make -s -C "$BUILD/src$PG-clang" -j"$(nproc)" \
      PG_CONFIG="$SYSTEM_CONFIG" CXX="$(find_clang) -fsyntax-only" WERROR="$warnings" PCH=yes objects
}

# The fuzzers run by hand; here it is seen that they compile.
read_fuzzers() {
  local source
  for source in tests/fuzz/*.cpp; do
    "$(find_clang)" -std=gnu++20 -Isrc -fsyntax-only "$source" || return
  done
}

# The server loads libraries so that all see each other's symbols: whatever else we export could
# take the place of another extension's function of that name.
exports_only_ours() {
  local symbols
  symbols=$(nm -D --defined-only "$1" | awk '{print $3}') || return 1
  grep -q '^Pg_magic_func$' <<<"$symbols" || {
    echo "$1 does not export Pg_magic_func"
    return 1
  }
  ! grep -vE '^(Pg_magic_func|_PG_init|pg_finfo_.*|strata_.*)$' <<<"$symbols"
}
