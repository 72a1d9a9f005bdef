# The build of the developers: by CMake and clang++, without optimisation, for the server of PG. Needs base.sh
# and server.sh.
# shellcheck shell=bash

CMAKE_TREE=$BUILD/cmake-clang

# build_by_cmake [TARGET]
build_by_cmake() {
  quietly "$BUILD/log/cmake.log" cmake -S . -B "$CMAKE_TREE" -G Ninja -DPG_CONFIG="$SYSTEM_CONFIG" \
    -DCMAKE_CXX_COMPILER="$(find_clang)" &&
    quietly "$BUILD/log/ninja.log" cmake --build "$CMAKE_TREE" -j "$(nproc)" --target "${1:-all}"
}

# The server's development package brings a clang without the unversioned name.
find_clang() {
  command -v clang++ || compgen -c clang++- | grep -E '^clang\+\+-[0-9]+$' | sort -rV | head -n 1
}
