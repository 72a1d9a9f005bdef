# What the guard costs where it has nothing to say: DDL on a tracked schema without versions, with
# the installed policies, with many policies and windows; and DDL elsewhere. Needs report.sh and
# schemas.sh.
# shellcheck shell=bash

bench_guard() {
  local database
  for database in guarded crowded; do
    shop_and_plain | make_database $database
    sql strata $database <<<"SELECT strata.track('shop')"
  done
  sql strata crowded <<'SQL'
SET client_min_messages = warning;
CREATE SCHEMA other; SELECT strata.track('other');
SELECT strata.set_policy(hazard, 'window', CASE WHEN i % 2 = 0 THEN 'shop' ELSE 'other' END::regnamespace, i)
FROM generate_series(1, 715) AS i, strata.policies WHERE is_default AND policies.action <> 'allow';
SELECT strata.add_window('w' || i, '2020-01-01 08:00', '2 hours', 'FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TH', 'Europe/Berlin', 'shop')
FROM generate_series(1, 1000) AS i;
SQL

  heading 'The guard, on DDL without hazards'
  table_against_bare
  guarded 'tracked' 40 guarded shop
  guarded '10,000 policies, 1,000 windows' 200 crowded shop
  guarded 'in a schema that is not tracked' '' guarded plain

  heading 'Statements that pass because a window is open'
  table_against_bare
  sql strata guarded <<<"SELECT strata.add_window('always', '2020-01-01', '24:00', 'FREQ=DAILY', base => 'shop');
    SELECT strata.set_policy(hazard, 'window') FROM strata.policies WHERE action = 'window_and_approval'"
  against_bare 'RENAME COLUMN, one window' '' 200 10 simple guarded "$(rename_column shop.t2)"
  sql strata crowded <<<"SELECT strata.add_window('always', '2020-01-01', '24:00', 'FREQ=DAILY', base => 'shop');
    SELECT strata.set_policy(hazard, 'window') FROM strata.policies WHERE action = 'window_and_approval'"
  against_bare 'RENAME COLUMN, 1,001 windows' 200 200 10 simple crowded "$(rename_column shop.t2)"
}

# guarded WHAT LIMIT DATABASE SCHEMA: the rows of one case.
guarded() {
  local what=$1 limit=$2 database=$3 schema=$4
  against_bare "$what: SET STATISTICS" "$limit" 200 10 simple "$database" "$(statistics "$schema.t2")"
  against_bare "$what: ADD COLUMN" "$limit" 200 10 simple "$database" \
    "$(rolled_back "ALTER TABLE $schema.t2 ADD COLUMN z int")"
  against_bare "$what: CREATE TABLE" "$limit" 200 10 simple "$database" \
    "$(rolled_back "CREATE TABLE $schema.new (id int)")"
  against_bare "$what: CREATE INDEX" "$limit" 200 10 simple "$database" \
    "$(rolled_back "CREATE INDEX ON $schema.t2 (b)")"
  against_bare "$what: COMMENT" "$limit" 200 10 simple "$database" \
    "$(rolled_back "COMMENT ON TABLE $schema.t2 IS 'x'")"
}
