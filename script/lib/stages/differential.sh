# Random statements through versions against the same statements on plain copies: tests/differential,
# on a server of its own. DIFFERENTIAL_SEED replays a run, DIFFERENTIAL_STATEMENTS sets its length.
# shellcheck shell=bash

stage_differential() (
  dir=$BUILD/differential$PG status=0 passed='' failed=''
  mkdir -p "$dir/failed"
  trap 'end_limited; stop_server "$dir/server"' EXIT
  # Many statements fail on purpose.
  start_server "$dir/server" "log_min_messages = log" "log_checkpoints = off"
  rm -f "$dir/failed"/*
  run=("$STRATA_ROOT/tests/differential/run" --keep "$dir/failed"
    --statements "${DIFFERENTIAL_STATEMENTS:-$(statements_for "$PG")}")
  seed=${DIFFERENTIAL_SEED:-}
  # A change is judged by what it changed, so CI runs the same statements each time; new ones are for
  # runs by hand, whose failures go into tests/differential/seeds.
  if [ -z "$seed" ] && [ -n "${CI:-}" ]; then seed=$(ci_seed_for "$PG"); fi
  if [ -n "$seed" ]; then run+=(--seed "$seed"); fi
  limited 1200 "${run[@]}" >"$dir/report" 2>&1 || status=$?
  last=$(tail -n 1 "$dir/report")
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
    for ((i = 0; i < passed; i++)); do ok "differential scenario"; done
    for ((i = 0; i < failed; i++)); do not_ok "differential scenario"; done
  fi
  if [ "${passed:-0}" = 0 ] || { [ "$status" != 0 ] && [ "$failed" = 0 ]; }; then
    not_ok "differential: status $status, ${passed:-no} scenarios passed"
    failed=1
  fi
  note "$(sed -n 1p "$dir/report"); $(grep ' statements, ' "$dir/report" || true)"
  if [ "$failed" != 0 ]; then
    cut -c -2000 "$dir/report" | head -n 200
    echo "--- the end of $dir/server/server.log"
    tail -n 20 "$dir/server/server.log"
  fi
)

ci_seed_for() {
  case $1 in
    15) echo 61858572 ;;
    17) echo 10568897 ;;
    *) echo 74448223 ;;
  esac
}

# All servers get enough to meet every form of statement many times; the first gets the most.
statements_for() {
  if [ "$1" = 15 ]; then echo 24000; else echo 20000; fi
}
