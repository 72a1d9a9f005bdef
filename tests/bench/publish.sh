# What publishing costs. Needs report.sh and schemas.sh.
# shellcheck shell=bash

# publishing WHAT LIMIT DATABASE VERSION: the median of five, each rolled back.
publishing() {
  local figures
  vacuum "$3"
  figures=$(measure 5 1 simple "$(at strata "$3")" "\
-BEGIN
SELECT strata.publish('shop', '$4')
-ROLLBACK")
  awk -v what="$1" -v limit="$2" '{
    seconds = $1 / 1e6
    printf "| %s | %.2f | %s%s |\n", what, seconds, limit,
      (seconds > limit ? ", **over**" : "")
  }' <<<"$figures" >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}

bench_publish() {
  {
    echo 'CREATE SCHEMA shop;'
    ten_columns shop.t 1000
  } | make_database publish1000
  publish_versions publish1000 0
  {
    echo 'CREATE SCHEMA shop;'
    ten_columns shop.t 100
  } | make_database publish100
  publish_versions publish100 50
  heading 'Publishing'
  table 'strata.publish of' 's' 'limit s'
  publishing '1,000 tables of 10 columns, no version yet' 5 publish1000 v1
  publishing '100 tables of 10 columns, 50 versions already there' 1 publish100 v51
}
