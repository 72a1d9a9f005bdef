# What concurrent sessions see: tests/isolation/specs against expected, in the order of its schedule.
# shellcheck shell=bash

stage_isolation() {
  run_regress isolation "$REGRESS_TOOLS/isolation/pg_isolation_regress" \
    "$STRATA_ROOT/tests/isolation" "$STRATA_ROOT/tests/isolation/schedule" \
    --dbname=isolation_regression
}
