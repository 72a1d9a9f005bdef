# Real migration tools and drivers: every tests/clients/NAME/run against a server of its own. It gets
# PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PG_BINDIR and a scratch directory BUILD_DIR, and
# ends with the line "N passed, N failed". TCP, because not every driver speaks Unix sockets.
# shellcheck shell=bash

stage_clients() {
  local name
  for name in $(client_names "$PG"); do run_client "$name"; done
}

run_client() (
  name=$1 status=0 dir=$BUILD/clients$PG/$1
  mkdir -p "$dir/scratch"
  PGPASSWORD=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  export PGPASSWORD
  trap 'end_limited; stop_server "$dir/server"' EXIT
  port=$(free_port)
  if ! start_server "$dir/server" "listen_addresses = '127.0.0.1'" "port = $port"; then
    not_ok "client $name: its server does not start"
    exit 0
  fi
  export PGHOST=127.0.0.1 PGPORT=$port PG_BINDIR=$PGBIN BUILD_DIR=$dir/scratch
  export PATH=$PGBIN:$PATH
  limited 900 "$STRATA_ROOT/tests/clients/$name/run" >"$dir/report" 2>&1 || status=$?
  last=$(tail -n 1 "$dir/report")
  failed=1
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
    for ((i = 0; i < passed; i++)); do ok "client $name"; done
    for ((i = 0; i < failed; i++)); do not_ok "client $name"; done
  else
    not_ok "client $name: no result in its last line"
  fi
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    not_ok "client $name: status $status"
    failed=1
  fi
  note "$name: $last"
  if [ "$failed" != 0 ]; then
    tail -n 60 "$dir/report"
    echo "--- the end of $dir/server/server.log"
    tail -n 20 "$dir/server/server.log"
  fi
)
