# Both compilers, all warnings are errors, and only the symbols meant for the server are exported.
# shellcheck shell=bash

stage_build() {
  check "g++ compiles" compile g++ "$BUILD/src$PG"
  check "g++ exports" exports_only_ours "$BUILD/src$PG/pg_strata.so"
  copy_source "$BUILD/src$PG-clang"
  check "clang++ compiles" compile "$(find_clang)" "$BUILD/src$PG-clang"
  check "clang++ exports" exports_only_ours "$BUILD/src$PG-clang/pg_strata.so"
}

# clang++ gets g++'s warning options from the server's flags and does not know them all.
compile() {
  local werror=-Werror
  [[ $1 != *clang* ]] || werror+=' -Wno-unknown-warning-option'
  quietly "$BUILD/log/build$PG-${1##*/}.log" make -s -C "$2" -j"$(nproc)" PG_CONFIG="$SYSTEM_CONFIG" \
    CXX="$1" WERROR="$werror"
}

# The server's development package brings a clang without the unversioned name.
find_clang() {
  command -v clang++ || compgen -c clang++- | grep -E '^clang\+\+-[0-9]+$' | sort -rV | head -n 1
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
