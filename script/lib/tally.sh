# Counts what passed and failed: one line per test in a file, so that stages may run in subshells
# and other roots. Needs base.sh.
# shellcheck shell=bash

ok() { echo "ok $*" >>"$TALLY"; }

not_ok() {
  echo "FAILED $*" >>"$TALLY"
  echo "FAILED: $*"
}

# check NAME COMMAND...: one test is one command.
check() {
  local name=$1
  shift
  if "$@"; then ok "$name"; else not_ok "$name"; fi
}

count_passed() { grep -c '^ok ' "$1" || true; }
count_failed() { grep -c '^FAILED ' "$1" || true; }

# run_stage NAME: runs stage_NAME. A stage that stops half-way or tests nothing has failed.
run_stage() {
  local name=$1 status before after failed
  before=$(wc -l <"$TALLY")
  failed=$(count_failed "$TALLY")
  say "PostgreSQL $PG: $name"
  # Not in a condition: there "set -e" would mean nothing inside.
  set +e
  (
    set -e
    "stage_$name"
  )
  status=$?
  set -e
  after=$(wc -l <"$TALLY")
  if [ "$status" != 0 ] && [ "$(count_failed "$TALLY")" = "$failed" ]; then
    not_ok "$name ended early with status $status"
  elif [ "$after" = "$before" ]; then
    echo "stage $name: no tests"
    not_ok "$name has no tests"
  fi
  note "$((after - before)) run"
}
