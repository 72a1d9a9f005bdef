# Both compilers, all warnings are errors, and only the symbols meant for the server are exported. g++ builds by
# the Makefile what the other stages install. clang++ builds by CMake on 15; on the others it only reads.
# shellcheck shell=bash

stage_build() {
  check "g++ compiles" compile_extension
  check "g++ exports" exports_only_ours "$BUILD/src$PG/pg_strata.so"
  if [ "$PG" = 15 ]; then
    check "clang++ compiles" build_by_cmake pg_strata
    check "clang++ exports" exports_only_ours "$CMAKE_TREE/pg_strata.so"
  else
    check "clang++ reads" read_by_clang
  fi
}

# clang++ gets g++'s warning options from the server's flags and does not know them all.
read_by_clang() {
  copy_source "$BUILD/src$PG-clang"
  quietly "$BUILD/log/clang$PG.log" make -s -C "$BUILD/src$PG-clang" -j"$(nproc)" PG_CONFIG="$SYSTEM_CONFIG" \
    CXX="$(find_clang) -fsyntax-only" WERROR='-Werror -Wno-unknown-warning-option -Wno-unused-command-line-argument' PCH=yes objects
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
