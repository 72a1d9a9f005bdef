# Tests that start, kill, copy and upgrade whole servers: tests/t/*.pl with PostgreSQL's own Perl
# modules. Each assertion counts; a file that skips everything has not run, so it fails.
# shellcheck shell=bash

stage_tap() {
  local file name log status passed failed modules=/usr/lib/postgresql/$PG/lib/pgxs/src/test/perl
  export PATH=$PGBIN:$PATH PG_REGRESS=$REGRESS_TOOLS/regress/pg_regress
  # Where the modules put servers: 15 reads TESTDIR, 16 and later the other two.
  export TESTDIR=$BUILD/tap$PG
  export TESTDATADIR=$TESTDIR/tmp_check TESTLOGDIR=$TESTDIR/tmp_check/log
  # The modules put sockets into TMPDIR, whose path must fit in 107 bytes; they clean up after them.
  if [ ${#TMPDIR} -gt 70 ]; then export TMPDIR=/tmp; fi
  rm -rf "$TESTDIR"
  trap end_limited EXIT
  mkdir -p "$TESTLOGDIR"
  cd "$STRATA_ROOT" || exit
  for file in tests/t/*.pl; do
    [ -e "$file" ] || continue
    name=${file##*/} log=$TESTDIR/${file##*/}.log status=0
    limited 900 perl -I"$modules" -Itests/t "$file" >"$log" 2>&1 || status=$?
    sed -n "s/^ok [0-9]*/ok tap $name/p; s/^not ok [0-9]*/FAILED tap $name/p" "$log" |
      sed '/# TODO/s/^FAILED/ok/' >"$log.tally"
    cat "$log.tally" >>"$TALLY"
    passed=$(count_passed "$log.tally") failed=$(count_failed "$log.tally")
    note "$name: $passed passed, $failed failed"
    if [ "$failed" = 0 ] && { [ "$status" != 0 ] || [ "$passed" = 0 ]; }; then
      not_ok "tap $name: status $status, $passed assertions"
      failed=1
    fi
    [ "$failed" = 0 ] || tap_failure "$log" "${name%.pl}"
  done
}

tap_failure() {
  local server
  grep -v '^ok' "$1" | tail -n 40
  # What the programs said that the test ran, around their errors.
  if [ -e "$TESTLOGDIR/regress_log_$2" ]; then
    echo "--- the errors in $TESTLOGDIR/regress_log_$2"
    grep -nE -A 2 'error:|ERROR:|FATAL:' "$TESTLOGDIR/regress_log_$2" | tail -n 40 || true
  fi
  for server in "$TESTLOGDIR/$2"_*.log; do
    [ -e "$server" ] || continue
    echo "--- the end of $server"
    tail -n 20 "$server"
  done
}
