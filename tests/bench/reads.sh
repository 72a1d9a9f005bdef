# What reading through a version costs, against reading the base table. Needs report.sh and
# schemas.sh.
# shellcheck shell=bash

bench_reads() {
  make_database reads <<'SQL'
CREATE SCHEMA shop;
CREATE TABLE shop.items (id int PRIMARY KEY, code int, title text);
INSERT INTO shop.items SELECT i, i, 'item ' || i FROM generate_series(1, 100000) AS i;
CREATE INDEX ON shop.items (code);
SQL
  publish_versions reads 1
  sql strata reads <<'SQL'
ALTER TABLE shop.items ALTER COLUMN code TYPE bigint;
VACUUM ANALYZE shop.items;
SQL
  heading 'Through a version, against the base table on the same server'
  table_against_bare
  local mode what
  for mode in simple prepared; do
    what="SELECT by key, $mode"
    against_direct "$what" 300 20 $mode reads 'SELECT title FROM shop.items WHERE id = 4711' \
      'SELECT title FROM shop_v1.items WHERE id = 4711'
    against_direct "$what, the column was retyped from int to bigint" 300 20 $mode reads \
      'SELECT title FROM shop.items WHERE code = 4711' \
      'SELECT title FROM shop_v1.items WHERE code = 4711'
    against_direct "UPDATE by key, $mode" 300 20 $mode reads \
      "UPDATE shop.items SET title = 'new' WHERE id = 4711" \
      "UPDATE shop_v1.items SET title = 'new' WHERE id = 4711"
  done
  against_direct 'SELECT count(*) of 100,000 rows' 50 1 simple reads \
    'SELECT count(*) FROM shop.items' 'SELECT count(*) FROM shop_v1.items'
  against_direct 'SELECT sum of 100,000 values, the column was retyped' 50 1 simple reads \
    'SELECT sum(code) FROM shop.items' 'SELECT sum(code) FROM shop_v1.items'
}
