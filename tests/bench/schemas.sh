# The schemas that are measured on, and DDL to measure. Needs script/lib/run-bench.
# shellcheck shell=bash

# The statements that make N tables of ten columns, named PREFIX1, PREFIX2, ...
ten_columns() {
  cat <<SQL
DO \$\$ BEGIN
  FOR i IN 1 .. $2 LOOP
    EXECUTE format('CREATE TABLE %s (id int PRIMARY KEY, a text, b int, c text NOT NULL,
      d timestamptz DEFAULT now(), e numeric, f bool NOT NULL DEFAULT false, g int, h text,
      i date)', '$1' || i);
  END LOOP;
END \$\$;
SQL
}

# A schema that is tracked where the extension is, one that is not, and rows for DML.
shop_and_plain() {
  echo 'CREATE SCHEMA shop; CREATE SCHEMA plain;'
  ten_columns shop.t 20
  ten_columns plain.t 20
  cat <<'SQL'
INSERT INTO plain.t1 (id, b, c) SELECT i, i, 'x' FROM generate_series(1, 10000) AS i;
ANALYZE plain.t1;
SQL
}

# publish_versions DATABASE COUNT: of schema shop.
publish_versions() {
  sql strata "$1" <<<"SELECT strata.track('shop');
    SELECT strata.publish('shop', 'v' || i) FROM generate_series(1, $2) AS i"
}

# The databases "two" and "fifty": the same schemas with so many versions.
made_two_and_fifty=
make_two_and_fifty() {
  [ -z "$made_two_and_fifty" ] || return 0
  made_two_and_fifty=yes
  shop_and_plain | make_database two
  publish_versions two 2
  shop_and_plain | make_database fifty
  publish_versions fifty 50
}

statistics() {
  echo "ALTER TABLE $1 ALTER COLUMN b SET STATISTICS 10"
  echo "ALTER TABLE $1 ALTER COLUMN b SET STATISTICS 11"
}

rename_column() {
  echo "ALTER TABLE $1 RENAME COLUMN b TO bb"
  echo "ALTER TABLE $1 RENAME COLUMN bb TO b"
}

# Only the statement itself counts.
rolled_back() { printf '%s\n' -BEGIN "$1" -ROLLBACK; }
