# Every form of DDL for real against what strata.assess says of it: tests/oracle, on a server of its own.
# shellcheck shell=bash

stage_oracle() (
  dir=$BUILD/oracle$PG status=0 passed='' failed=''
  mkdir -p "$dir"
  trap 'end_limited; stop_server "$dir/server"' EXIT
  # Some statements fail on purpose.
  start_server "$dir/server" "log_min_messages = log" "log_checkpoints = off"
  limited 600 "$STRATA_ROOT/tests/oracle/run" >"$dir/report" 2>&1 || status=$?
  last=$(tail -n 1 "$dir/report")
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
    for ((i = 0; i < passed; i++)); do ok "oracle statement"; done
    for ((i = 0; i < failed; i++)); do not_ok "oracle statement"; done
  fi
  if [ "${passed:-0}" = 0 ] || { [ "$status" != 0 ] && [ "$failed" = 0 ]; }; then
    not_ok "oracle: status $status, ${passed:-no} statements passed"
    failed=1
  fi
  note "$(grep ' statements for ' "$dir/report" || true)"
  if [ "$failed" != 0 ]; then
    cut -c -2000 "$dir/report" | head -n 200
    echo "--- the end of $dir/server/server.log"
    tail -n 20 "$dir/server/server.log"
  fi
)
