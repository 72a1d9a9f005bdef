# What a type change costs: the views let go of the column and read it through a cast afterwards.
# Needs report.sh and schemas.sh.
# shellcheck shell=bash

bench_detach() {
  make_two_and_fifty
  heading 'Type changes of a table without rows'
  table_against_bare
  few_and_many 'ALTER COLUMN TYPE' 1000 60 1 "$(retype b)"
  few_and_many 'ALTER COLUMN TYPE of the primary key' '' 30 1 "$(retype id)"
  growth_table 'ALTER COLUMN TYPE'
}

# There and back: every other time the views are left with a cast.
retype() {
  echo "ALTER TABLE shop.t2 ALTER COLUMN $1 TYPE bigint"
  echo "ALTER TABLE shop.t2 ALTER COLUMN $1 TYPE int"
}
