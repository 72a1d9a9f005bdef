# The core without a server: what CMake builds and ctest runs.
# shellcheck shell=bash

stage_unit() {
  [ -e CMakeLists.txt ] || return 0
  local status=0
  quietly "$BUILD/log/cmake.log" cmake -S . -B "$BUILD/cmake" -G Ninja \
    -DPG_CONFIG="$SYSTEM_CONFIG"
  quietly "$BUILD/log/ninja.log" cmake --build "$BUILD/cmake" -j "$(nproc)"
  ctest --test-dir "$BUILD/cmake" --output-on-failure --timeout 600 --no-tests=ignore \
    >"$BUILD/log/ctest.log" 2>&1 || status=$?
  awk '/^ *[0-9]+\/[0-9]+ Test +#/ { print (/ Passed +[0-9.]+ sec/ ? "ok" : "FAILED"), "unit", $4 }' \
    "$BUILD/log/ctest.log" >>"$TALLY"
  [ "$status" = 0 ] || cat "$BUILD/log/ctest.log"
  return "$status"
}
