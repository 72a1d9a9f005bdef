# What statements cost that leave the versions' views as they are. Needs report.sh and schemas.sh.
# shellcheck shell=bash

bench_statements() {
  make_two_and_fifty
  heading 'DDL that leaves versions alone'
  table_against_bare
  local untracked
  untracked=$(statistics plain.t2)
  against_bare 'untracked: SET STATISTICS' 15 200 10 simple two "$untracked"
  untracked=$(rename_column plain.t2)
  against_bare 'untracked: RENAME COLUMN' 15 200 10 simple two "$untracked"
  untracked=$(rolled_back 'ALTER TABLE plain.t2 ADD COLUMN z int')
  against_bare 'untracked: ADD COLUMN' 15 200 10 simple two "$untracked"
  untracked=$(rolled_back 'CREATE TABLE plain.new (id int)')
  against_bare 'untracked: CREATE TABLE' 15 200 10 simple two "$untracked"
  untracked=$(rolled_back 'CREATE INDEX ON plain.t2 (b)')
  against_bare 'untracked: CREATE INDEX, no rows' 15 200 10 simple two "$untracked"
  untracked=$(rolled_back 'DROP TABLE plain.t3')
  against_bare 'untracked: DROP TABLE' 15 200 10 simple two "$untracked"
  few_and_many 'SET STATISTICS' 30 200 10 "$(statistics shop.t2)"
  few_and_many 'RENAME COLUMN' 30 200 10 "$(rename_column shop.t2)"
  few_and_many 'ADD COLUMN' 30 200 10 "$(rolled_back 'ALTER TABLE shop.t2 ADD COLUMN z int')"
  few_and_many 'first SET STATISTICS of a session' '' 50 1 "\c
$(statistics shop.t2 | head -n 1)"

  growth_table 'SET STATISTICS' 'RENAME COLUMN' 'ADD COLUMN'

  heading 'Everything else'
  table_against_bare
  against_bare 'SELECT 1' '' 300 20 simple two 'SELECT 1'
  against_bare 'SET' '' 300 20 simple two 'SET work_mem = 5000'
  against_bare 'BEGIN, COMMIT' '' 300 20 simple two $'BEGIN\nCOMMIT'
  against_bare 'SELECT by key' '' 300 20 simple two 'SELECT c FROM plain.t1 WHERE id = 4711'
  against_bare 'SELECT by key, prepared' '' 300 20 prepared two \
    'SELECT c FROM plain.t1 WHERE id = 4711'
  against_bare 'UPDATE by key' '' 300 20 simple two 'UPDATE plain.t1 SET g = 1 WHERE id = 4711'
  against_bare 'INSERT, DELETE' '' 300 20 simple two \
    $'INSERT INTO plain.t1 (id, c) VALUES (0, 0)\nDELETE FROM plain.t1 WHERE id = 0'
  against_bare 'CREATE TEMP TABLE' '' 100 10 simple two \
    "$(rolled_back 'CREATE TEMP TABLE new (id int)')"
}
