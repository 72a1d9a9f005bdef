# The SQL tests: sql/ against expected/, in the order of sql/schedule.
# shellcheck shell=bash

stage_regress() {
  run_regress regress "$REGRESS_TOOLS/regress/pg_regress" "$STRATA_ROOT" \
    "$STRATA_ROOT/sql/schedule" --dbname=contrib_regression
}
