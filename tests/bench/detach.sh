# What a type change costs: the views let go of the column and read it through a cast afterwards.
# Needs report.sh and statements.sh.
# shellcheck shell=bash

. "$STRATA_ROOT/tests/bench/statements.sh"

bench_detach() {
  bench_schemas | make_database retype2
  publish_versions retype2 shop 2
  bench_schemas | make_database retype50
  publish_versions retype50 shop 50
  local script="\
ALTER TABLE shop.t2 ALTER COLUMN b TYPE bigint
ALTER TABLE shop.t2 ALTER COLUMN b TYPE int" two
  heading 'Type changes on an empty table'
  table_against_bare
  against_bare '2 versions: ALTER COLUMN TYPE' 1000 100 2 simple retype2 "$script"
  two=$MORE
  against_bare '50 versions: ALTER COLUMN TYPE' '' 30 1 simple retype50 "$script"
  growth_table
  growth 'ALTER COLUMN TYPE' "$two" "$MORE"
  table_against_bare
  against_bare '2 versions: ALTER COLUMN TYPE of the primary key, which makes an index' \
    '' 100 2 simple retype2 "${script//COLUMN b/COLUMN id}"
}
