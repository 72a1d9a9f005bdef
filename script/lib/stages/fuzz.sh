# Feeds random input to the core: each tests/fuzz/NAME.cpp becomes the CMake target fuzz_NAME and
# runs for five minutes (FUZZ_SECONDS). What it finds stays in build/fuzz/.
# shellcheck shell=bash

stage_fuzz() {
  local source name
  compgen -G 'tests/fuzz/*.cpp' >/dev/null || return 0
  quietly "$BUILD/log/fuzz-cmake.log" cmake -S . -B "$BUILD/cmake-fuzz" -G Ninja \
    -DPG_CONFIG="$SYSTEM_CONFIG" -DCMAKE_CXX_COMPILER=clang++ -DSTRATA_FUZZ=ON
  for source in tests/fuzz/*.cpp; do
    name=$(basename "$source" .cpp)
    mkdir -p "$BUILD/fuzz/$name/corpus"
    if [ -d "tests/fuzz/corpus/$name" ]; then
      cp -n "tests/fuzz/corpus/$name"/* "$BUILD/fuzz/$name/corpus/"
    fi
    check "fuzz $name" fuzz_one "$name"
  done
}

fuzz_one() {
  quietly "$BUILD/log/fuzz-build-$1.log" cmake --build "$BUILD/cmake-fuzz" --target "fuzz_$1" &&
    quietly "$BUILD/log/fuzz-$1.log" "$BUILD/cmake-fuzz/fuzz_$1" \
      -max_total_time="${FUZZ_SECONDS:-300}" -rss_limit_mb=2048 -timeout=10 \
      -artifact_prefix="$BUILD/fuzz/$1/" "$BUILD/fuzz/$1/corpus"
}
