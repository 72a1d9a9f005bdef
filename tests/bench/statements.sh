# What statements cost that leave the versions' views as they are. Needs report.sh.
# shellcheck shell=bash

# A schema that is tracked where the extension is, one that is not, and rows for DML.
bench_schemas() {
  echo 'CREATE SCHEMA shop; CREATE SCHEMA plain;'
  ten_columns shop.t 20
  ten_columns plain.t 20
  cat <<'SQL'
INSERT INTO plain.t1 (id, b, c) SELECT i, i, 'x' FROM generate_series(1, 10000) AS i;
ANALYZE plain.t1;
SQL
}

# ddl_rows PREFIX SCHEMA LIMIT DATABASE
ddl_rows() {
  local prefix=$1 table=$2.t2 limit=$3 database=$4
  against_bare "${prefix}ALTER COLUMN SET STATISTICS" "$limit" 200 10 simple "$database" "\
ALTER TABLE $table ALTER COLUMN b SET STATISTICS 10
ALTER TABLE $table ALTER COLUMN b SET STATISTICS 11"
  STATISTICS_MORE=$MORE
  against_bare "${prefix}RENAME COLUMN" "$limit" 200 10 simple "$database" "\
ALTER TABLE $table RENAME COLUMN b TO bb
ALTER TABLE $table RENAME COLUMN bb TO b"
  RENAME_MORE=$MORE
  against_bare "${prefix}ADD COLUMN" "$limit" 200 10 simple "$database" "\
-BEGIN
ALTER TABLE $table ADD COLUMN z int
-ROLLBACK"
  ADD_MORE=$MORE
}

bench_statements() {
  bench_schemas | make_database two
  publish_versions two shop 2
  bench_schemas | make_database fifty
  publish_versions fifty shop 50

  heading 'DDL that leaves versions alone'
  table_against_bare
  ddl_rows 'untracked: ' plain 15 two
  against_bare 'untracked: CREATE TABLE' 15 200 10 simple two "\
-BEGIN
CREATE TABLE plain.new (id int)
-ROLLBACK"
  against_bare 'untracked: CREATE INDEX on an empty table' 15 200 10 simple two "\
-BEGIN
CREATE INDEX ON plain.t2 (b)
-ROLLBACK"
  against_bare 'untracked: DROP TABLE' 15 200 10 simple two "\
-BEGIN
DROP TABLE plain.t3
-ROLLBACK"
  ddl_rows '2 versions: ' shop 30 two
  local two=("$STATISTICS_MORE" "$RENAME_MORE" "$ADD_MORE") fifty i
  ddl_rows '50 versions: ' shop '' fifty
  fifty=("$STATISTICS_MORE" "$RENAME_MORE" "$ADD_MORE")
  against_bare '2 versions: first ALTER of a new session' '' 50 1 simple two "\
\\c
ALTER TABLE shop.t2 ALTER COLUMN b SET STATISTICS 12"
  against_bare '50 versions: first ALTER of a new session' '' 50 1 simple fifty "\
\\c
ALTER TABLE shop.t2 ALTER COLUMN b SET STATISTICS 12"

  heading 'What 50 versions cost more than 2'
  growth_table
  local names=('ALTER COLUMN SET STATISTICS' 'RENAME COLUMN' 'ADD COLUMN')
  for i in 0 1 2; do growth "${names[i]}" "${two[i]}" "${fifty[i]}"; done

  heading 'Everything else'
  table_against_bare
  against_bare 'SELECT 1' '' 300 20 simple two 'SELECT 1'
  against_bare 'SET' '' 300 20 simple two 'SET work_mem = 5000'
  against_bare 'BEGIN, COMMIT' '' 300 20 simple two $'BEGIN\nCOMMIT'
  against_bare 'SELECT by key' '' 300 20 simple two 'SELECT c FROM plain.t1 WHERE id = 4711'
  against_bare 'SELECT by key, prepared' '' 300 20 prepared two \
    'SELECT c FROM plain.t1 WHERE id = 4711'
  against_bare 'UPDATE by key' '' 300 20 simple two \
    'UPDATE plain.t1 SET g = 1 WHERE id = 4711'
  against_bare 'INSERT, DELETE' '' 300 20 simple two \
    $'INSERT INTO plain.t1 (id, c) VALUES (0, 0)\nDELETE FROM plain.t1 WHERE id = 0'
  against_bare 'CREATE TEMP TABLE, dropped by ROLLBACK' '' 100 10 simple two "\
-BEGIN
CREATE TEMP TABLE new (id int)
-ROLLBACK"
}

growth_table() { table 'statement' '2 versions, more µs' '50 versions, more µs' 'times' 'limit'; }

# growth WHAT TWO FIFTY
growth() {
  awk -v what="$1" -v two="$2" -v fifty="$3" 'BEGIN {
    # A cost within the noise says nothing as a divisor.
    times = fifty / (two < 1 ? 1 : two)
    printf "| %s | %+.1f | %+.1f | %.1f | 25%s |\n", what, two, fifty, times,
      (times > 25 ? ", **over**" : "")
  }' >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}
