# Rules about the text of the tree. Each rule is one test; a rule that is broken prints where.
# shellcheck shell=bash

stage_lint() {
  check "clang-format" formatted
  check "shellcheck" shell_scripts_clean
  check "PG_TRY and elog(ERROR only under src/pg" nowhere \
    '\bPG_(TRY|CATCH|FINALLY)\b|\belog\(ERROR' --exclude-dir=pg src
  check "PG_VERSION_NUM only in src/pg/compat.h" nowhere \
    '\bPG_(VERSION|MAJORVERSION)_NUM\b' --exclude=compat.h src
  check "no server header in src/model" model_is_pure
  check "every sql/*.sql is scheduled" scheduled sql .sql sql/schedule
  check "every expected/*.out has a source" have_source expected sql .sql
  check "every isolation spec is scheduled" scheduled tests/isolation/specs .spec \
    tests/isolation/schedule
  check "every isolation output has a spec" have_source tests/isolation/expected \
    tests/isolation/specs .spec
  check "the examples of the documentation are run" script/lib/readme-examples
}

formatted() {
  find src tests -name '*.cpp' -o -name '*.hpp' -o -name '*.h' | sort |
    xargs -r clang-format --dry-run -Werror 2>&1 | head -n 60
}

shell_scripts_clean() {
  local scripts
  mapfile -t scripts < <(grep -rlE --exclude-dir=.git --exclude-dir=build \
    '^#!.*\b(ba)?sh\b|^# shellcheck shell=' . | sort)
  shellcheck -x -P script:script/lib "${scripts[@]}"
}

# nowhere PATTERN [grep option]... DIRECTORY
nowhere() {
  [ -d "${*: -1}" ] || return 0
  ! grep -rnE --include='*.cpp' --include='*.hpp' --include='*.h' "$@"
}

# The core knows nothing of the server: neither its headers nor our boundary to it.
model_is_pure() {
  local headers file line include found=0
  headers=$("$SYSTEM_CONFIG" --includedir-server)
  while IFS=: read -r file line include; do
    include=${include#*[<\"]} include=${include%%[>\"]*}
    if [ -e "$headers/$include" ] || [[ $include == pg/* ]]; then
      echo "$file:$line: $include"
      found=1
    fi
  done < <(grep -rnE '^ *# *include *[<"]' src/model 2>/dev/null)
  return $found
}

# scheduled DIRECTORY SUFFIX SCHEDULE
scheduled() {
  local file name status=0
  for file in "$1"/*"$2"; do
    [ -e "$file" ] || continue
    name=$(basename "$file" "$2")
    grep -qE "^test:.*[[:space:]]$name([[:space:]]|\$)" "$3" || {
      echo "$file is not in $3"
      status=1
    }
  done
  return $status
}

# have_source EXPECTED SOURCES SUFFIX: name_1.out is an alternative output of name.
have_source() {
  local file name status=0
  for file in "$1"/*.out; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .out)
    [ -e "$2/$name$3" ] || [ -e "$2/${name%_[0-9]}$3" ] || {
      echo "$file has no $2/$name$3"
      status=1
    }
  done
  return $status
}
