# Reads the reports of pg_regress and pg_isolation_regress into the tally.
# Needs base.sh, tally.sh and server.sh.
# shellcheck shell=bash

# shellcheck disable=SC2034  # stages read it
REGRESS_TOOLS=/usr/lib/postgresql/$PG/lib/pgxs/src/test

# tally_regress STAGE REPORT STATUS: 15 writes "test x ... ok", 16 and later write TAP.
tally_regress() {
  local stage=$1 report=$2 status=$3 failed
  failed=$(count_failed "$TALLY")
  awk -v stage="$stage" '
    /^ok [0-9]+ /     { print "ok", stage, $4; next }
    /^not ok [0-9]+ / { print "FAILED", stage, $5; next }
    / \.\.\. +(ok|FAILED|failed)/ {
      result = / \.\.\. +ok/ ? "ok" : "FAILED"
      sub(/^test +/, "")
      print result, stage, $1
    }' "$report" >>"$TALLY"
  if [ "$status" != 0 ] && [ "$(count_failed "$TALLY")" = "$failed" ]; then
    not_ok "$stage: status $status"
  fi
}

# run_regress STAGE TOOL INPUT SCHEDULE [option]...: on a fresh server of its own.
run_regress() (
  stage=$1 tool=$2 input=$3 schedule=$4 out=$BUILD/$1$PG status=0
  shift 4
  [ -s "$schedule" ] || exit 0
  trap 'end_limited; stop_server "$out/server"' EXIT
  start_server "$out/server"
  # The differences of an earlier run must not look like ours.
  rm -rf "$out/results" "$out/regression.diffs"
  limited 1500 "$tool" --bindir="$PGBIN" --inputdir="$input" --outputdir="$out" \
    --schedule="$schedule" --load-extension=pg_strata "$@" >"$out/report" 2>&1 ||
    status=$?
  tally_regress "$stage" "$out/report" "$status"
  if [ "$status" != 0 ]; then
    grep -E '^not ok|FAILED|failed|^#|Bail' "$out/report" || tail -n 20 "$out/report"
    if [ -s "$out/regression.diffs" ]; then head -n 200 "$out/regression.diffs"; fi
    echo "--- the end of $out/server/server.log"
    tail -n 30 "$out/server/server.log"
  fi
)
