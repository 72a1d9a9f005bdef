# The core without a server: what CMake builds and ctest runs.
# shellcheck shell=bash

stage_unit() {
  [ -e CMakeLists.txt ] || return 0
  local status=0
  build_by_cmake
  ctest --test-dir "$CMAKE_TREE" --output-on-failure --timeout 600 --no-tests=ignore \
    >"$BUILD/log/ctest.log" 2>&1 || status=$?
  awk '/^ *[0-9]+\/[0-9]+ Test +#/ { print (/ Passed +[0-9.]+ sec/ ? "ok" : "FAILED"), "unit", $4 }' \
    "$BUILD/log/ctest.log" >>"$TALLY"
  [ "$status" = 0 ] || cat "$BUILD/log/ctest.log"
  return "$status"
}
