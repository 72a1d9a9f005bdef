# What writing through a version costs, against the same writes to the base table, and what the
# triggers of other tools cost that keep two shapes of a table alike. Needs report.sh, schemas.sh.
#
# "cast" has had a column renamed and another made wider, "split" has had a name split into two
# columns; so has "unkept", but without keep_unchanged, which compares what an UPDATE gives with what
# the version shows. Everything is on one server.
# shellcheck shell=bash disable=SC2016  # $1 is the server's

bench_writes() {
  local versions
  for versions in 1 10 50; do
    written_tables "$versions" | make_database "writes$versions"
    publish_versions "writes$versions" "$versions"
    reshape_written | sql strata "writes$versions"
  done
  other_tools | sql strata writes1

  heading 'Writes through a version, against the base table on the same server'
  table 'statement' 'base µs' 'version µs' 'base / version' 'noise' 'limit' 'pgroll' 'reshape'
  local mode limit
  for mode in prepared simple; do
    limit=0.97
    [ $mode = prepared ] || limit=0.92
    written "INSERT, cast, $mode" $limit 300 20 $mode insert_cast
    written "INSERT, split, $mode" $limit 300 20 $mode insert_split
    written "UPDATE by key, cast, $mode" $limit 300 20 $mode update_cast
    written "UPDATE by key, split, $mode" $limit 300 20 $mode update_split
    written "UPDATE by key, split, keep_unchanged off, $mode" $limit 300 20 $mode update_unkept
    written "DELETE of no row, $mode" $limit 300 20 $mode delete_none
  done
  # Here the base gets the same expressions.
  written 'INSERT of 1M rows by SELECT, cast' 0.95 5 1 simple fill_cast
  written 'INSERT of 1M rows by SELECT, split' 0.95 5 1 simple fill_split
  written 'UPDATE of 1M rows, cast' 0.95 5 1 simple change_cast
  written 'UPDATE of 1M rows, split' 0.95 5 1 simple change_split
  written 'COPY of 1M rows, cast' 0.80 5 1 simple copy_cast
  written 'COPY of 1M rows, split' 0.80 5 1 simple copy_split

  heading 'The same with more versions'
  table 'statement' '1 version µs' '10 versions µs' '50 versions µs' '1 / 10' '1 / 50'
  flat 'INSERT, split, prepared' 300 20 prepared insert_split
  flat 'INSERT, split, simple' 300 20 simple insert_split
  flat 'UPDATE by key, split, prepared' 300 20 prepared update_split
  flat 'UPDATE by key, split, simple' 300 20 simple update_split
}

# written_tables VERSIONS: the base before it is reshaped. Rows to write are made where they are
# written in bulk.
written_tables() {
  cat <<SQL
CREATE SCHEMA shop;
CREATE TABLE shop.cast (id serial PRIMARY KEY, label text, age int);
CREATE TABLE shop.split (id serial PRIMARY KEY, name text, mail text);
INSERT INTO shop.cast (label, age) SELECT 'row ' || i, i % 90 FROM generate_series(1, 10000) AS i;
INSERT INTO shop.split (name, mail) SELECT 'Ann' || i || ' Lee', 'a' || i FROM generate_series(1, 10000) AS i;
CREATE TABLE shop.unkept (LIKE shop.split INCLUDING ALL);
INSERT INTO shop.unkept TABLE shop.split;
CREATE TABLE public.source (name text, n int);
INSERT INTO public.source SELECT 'Ann' || i || ' Lee' || i, i FROM generate_series(1, $([ "$1" = 1 ] && echo 1000000 || echo 1)) AS i;
COPY (SELECT name, n FROM public.source) TO '$OUT/writes$1.txt';
COPY (SELECT split_part(name, ' ', 1), split_part(name, ' ', 2), n FROM public.source) TO '$OUT/writes_split$1.txt';
SQL
}

reshape_written() {
  cat <<'SQL'
SELECT strata.drop_policy('DATA_LOSS'), strata.drop_policy('IRREVERSIBLE');
BEGIN;
ALTER TABLE shop.cast RENAME COLUMN label TO title;
ALTER TABLE shop.cast ALTER COLUMN age TYPE bigint;
ALTER TABLE shop.split ADD COLUMN first text, ADD COLUMN last text;
UPDATE shop.split SET first = split_part(name, ' ', 1), last = split_part(name, ' ', 2);
SELECT strata.replace_column('shop.split', 'name', $$first || ' ' || last$$,
  $${"first": "split_part(name, ' ', 1)", "last": "split_part(name, ' ', 2)"}$$);
ALTER TABLE shop.split DROP COLUMN name;
ALTER TABLE shop.unkept ADD COLUMN first text, ADD COLUMN last text;
UPDATE shop.unkept SET first = split_part(name, ' ', 1), last = split_part(name, ' ', 2);
SELECT strata.replace_column('shop.unkept', 'name', $$first || ' ' || last$$,
  $${"first": "split_part(name, ' ', 1)", "last": "split_part(name, ' ', 2)"}$$, keep_unchanged => false);
ALTER TABLE shop.unkept DROP COLUMN name;
COMMIT;
VACUUM ANALYZE shop.unkept;
VACUUM ANALYZE shop.cast;
VACUUM ANALYZE shop.split;
SQL
}

# The shapes of pgroll and reshape while a migration is under way, as their sources make them: the
# columns of both versions in the table, and triggers that compute those of the other version.
other_tools() {
  cat <<'SQL'
CREATE SCHEMA pgroll; CREATE SCHEMA pgroll_v1;
CREATE TABLE pgroll.cast (id serial PRIMARY KEY, title text, age int, new_age bigint, needs_backfill bool DEFAULT true);
CREATE TABLE pgroll.split (id serial PRIMARY KEY, name text, mail text, first text, last text, needs_backfill bool DEFAULT true);
CREATE VIEW pgroll_v1.cast WITH (security_invoker = true) AS SELECT id, title AS label, age FROM pgroll.cast;
CREATE VIEW pgroll_v1.split WITH (security_invoker = true) AS SELECT id, name, mail FROM pgroll.split;
CREATE SCHEMA reshape; CREATE SCHEMA reshape_v1;
CREATE TABLE reshape.cast (id serial PRIMARY KEY, title text, age int, new_age bigint);
CREATE TABLE reshape.split (id serial PRIMARY KEY, name text, mail text, first text, last text);
CREATE VIEW reshape_v1.cast AS SELECT id, title AS label, age FROM reshape.cast;
CREATE VIEW reshape_v1.split AS SELECT id, name, mail FROM reshape.split;
CREATE FUNCTION reshape.is_new_schema() RETURNS bool LANGUAGE plpgsql AS $$
DECLARE setting text := current_setting('reshape.is_new_schema', true); path text := current_setting('search_path');
BEGIN RETURN path = 'migration_v2' OR setting = 'YES'; END $$;
DO $make$
DECLARE t record; declared text;
BEGIN
  FOR t IN SELECT * FROM (VALUES
      ('cast', 'up_age', 'new_age', 'age::bigint', '<>'), ('cast', 'down_age', 'age', 'new_age::int', '='),
      ('split', 'up_first', 'first', $$split_part(name, ' ', 1)$$, '<>'),
      ('split', 'up_last', 'last', $$split_part(name, ' ', 2)$$, '<>'),
      ('split', 'down_name', 'name', $$first || ' ' || last$$, '=')) AS v (tab, name, target, expression, test)
  LOOP
    SELECT string_agg(format('%I pgroll.%I.%I%%TYPE := NEW.%I;', a.attname, t.tab, a.attname, a.attname), ' ')
      INTO declared FROM pg_attribute AS a
      WHERE a.attrelid = ('pgroll.' || t.tab)::regclass AND a.attnum > 0 AND a.attname <> 'needs_backfill';
    EXECUTE format($f$CREATE FUNCTION pgroll.%I() RETURNS trigger LANGUAGE plpgsql AS $b$
      DECLARE %s latest_schema text; search_path text;
      BEGIN
        SELECT current_setting('search_path') INTO search_path;
        IF search_path %s 'pgroll_v2' THEN
          NEW.%I = (%s);
          NEW.needs_backfill = false;
        END IF;
        RETURN NEW;
      END $b$ $f$, t.name, declared, t.test, t.target, t.expression);
    EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE ON pgroll.%I FOR EACH ROW EXECUTE FUNCTION pgroll.%I()',
      t.name, t.tab, t.name);
    EXECUTE format($f$CREATE FUNCTION reshape.%I() RETURNS trigger LANGUAGE plpgsql AS $b$
      BEGIN
        IF %s reshape.is_new_schema() THEN
          DECLARE %s
          BEGIN NEW.%I = %s; END;
        END IF;
        RETURN NEW;
      END $b$ $f$, t.name, CASE t.test WHEN '<>' THEN 'NOT' ELSE '' END, replace(declared, 'pgroll.', 'reshape.'),
      t.target, t.expression);
    EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE ON reshape.%I FOR EACH ROW EXECUTE FUNCTION reshape.%I()',
      t.name, t.tab, t.name);
  END LOOP;
END $make$;
INSERT INTO pgroll_v1.cast (label, age) SELECT 'row ' || i, i % 90 FROM generate_series(1, 10000) AS i;
INSERT INTO pgroll_v1.split (name, mail) SELECT 'Ann' || i || ' Lee', 'a' || i FROM generate_series(1, 10000) AS i;
INSERT INTO reshape_v1.cast (label, age) SELECT 'row ' || i, i % 90 FROM generate_series(1, 10000) AS i;
INSERT INTO reshape_v1.split (name, mail) SELECT 'Ann' || i || ' Lee', 'a' || i FROM generate_series(1, 10000) AS i;
VACUUM ANALYZE;
SQL
}

# The scripts: KIND SIDE, where SIDE is base or the schema of views to write to.
insert_cast() {
  local to="$1.cast (label, age)"
  [ "$1" != base ] || to='shop.cast (title, age)'
  printf 'INSERT INTO %s VALUES ($1, $2)\tsome text\t31\n' "$to"
}

insert_split() {
  if [ "$1" = base ]; then
    printf 'INSERT INTO shop.split (first, last, mail) VALUES ($1, $2, $3)\tAnn\tLee\tann@example.org\n'
  else
    printf 'INSERT INTO %s.split (name, mail) VALUES ($1, $2)\tAnn Lee\tann@example.org\n' "$1"
  fi
}

update_cast() {
  printf 'UPDATE %s.cast SET age = $1 WHERE id = $2\t31\t4711\n' "${1/base/shop}"
  printf 'UPDATE %s.cast SET age = $1 WHERE id = $2\t32\t4711\n' "${1/base/shop}"
}

update_split() {
  if [ "$1" = base ]; then
    printf 'UPDATE shop.split SET first = $1, last = $2 WHERE id = $3\tAnn\tLee\t4711\n'
    printf 'UPDATE shop.split SET first = $1, last = $2 WHERE id = $3\tBob\tRay\t4711\n'
  else
    printf 'UPDATE %s.split SET name = $1 WHERE id = $2\tAnn Lee\t4711\n' "$1"
    printf 'UPDATE %s.split SET name = $1 WHERE id = $2\tBob Ray\t4711\n' "$1"
  fi
}

# The other tools have no such choice.
update_unkept() {
  local table=unkept
  case $1 in pgroll_v1 | reshape_v1) table="split" ;; esac
  update_split "$1" | sed "s/\.split /.$table /"
}

delete_none() { printf 'DELETE FROM %s.split WHERE id = $1\t-1\n' "${1/base/shop}"; }

# In bulk, between statements whose time does not count: into a table that is empty but for the
# INSERT.
in_bulk() { printf '%s\n' -BEGIN "-TRUNCATE $1" "${@:2}" -ROLLBACK; }

stored_in() {
  case $1 in
    base | shop_v1) echo "shop.$2" ;;
    *) echo "${1%_v1}.$2" ;;
  esac
}

fill_cast() {
  local to="$1.cast (label, age)"
  [ "$1" != base ] || to='shop.cast (title, age)'
  in_bulk "$(stored_in "$1" cast)" "INSERT INTO $to SELECT name, n FROM public.source"
}

fill_split() {
  local insert="INSERT INTO $1.split (name, mail) SELECT name, n FROM public.source"
  [ "$1" != base ] ||
    insert="INSERT INTO shop.split (first, last, mail) SELECT split_part(name, ' ', 1), split_part(name, ' ', 2), n FROM public.source"
  in_bulk "$(stored_in "$1" split)" "$insert"
}

change_cast() {
  local stored
  stored=$(stored_in "$1" cast)
  in_bulk "$stored" "-$(fill_cast "$1" | sed -n 3p)" "UPDATE ${1/base/shop}.cast SET age = age + 1"
}

change_split() {
  local change="UPDATE $1.split SET name = name || 'x'"
  [ "$1" != base ] ||
    change="UPDATE shop.split SET first = split_part(first || ' ' || last || 'x', ' ', 1), last = split_part(first || ' ' || last || 'x', ' ', 2)"
  in_bulk "$(stored_in "$1" split)" "-$(fill_split "$1" | sed -n 3p)" "$change"
}

copy_cast() {
  local to="$1.cast (label, age)"
  case $1 in
    base) to='shop.cast (title, age)' ;;
    # Nobody can copy into their views: the table, with the triggers.
    pgroll_v1 | reshape_v1) to="${1%_v1}.cast (title, age)" ;;
  esac
  in_bulk "$(stored_in "$1" cast)" "COPY $to FROM '$OUT/writes1.txt'"
}

copy_split() {
  local to="$1.split (name, mail)" file=writes
  case $1 in
    base) to='shop.split (first, last, mail)' file=writes_split ;;
    pgroll_v1 | reshape_v1) to="${1%_v1}.split (name, mail)" ;;
  esac
  in_bulk "$(stored_in "$1" split)" "COPY $to FROM '$OUT/${file}1.txt'"
}

# written WHAT LIMIT ROUNDS BATCH MODE KIND: one row; how fast the base is to each of the others. What
# takes seconds is compared by the processor time that was spent more, not by what a clock on the
# wall says of a machine that does other things too.
written() {
  local what=$1 limit=$2 rounds=$3 batch=$4 mode=$5 kind=$6 here
  vacuum writes1
  here=$(at strata writes1)
  measure "$rounds" "$batch" "$mode" "$here" "$($kind base)" "$here" "$($kind base)" \
    "$here" "$($kind shop_v1)" "$here" "$($kind pgroll_v1)" "$here" "$($kind reshape_v1)" |
    awk -v what="$what" -v limit="$limit" -v bulk="$((batch == 1))" '
      NR == 1 { base = $1 }
      { took[NR] = base + (bulk ? $5 : $2) }
      END {
        ratio = base / took[3]
        printf "| %s | %.1f | %.1f | %.2f | %.2f | %s | %.2f | %.2f |\n", what, base, took[3], ratio,
          base / took[2], limit (ratio < limit ? ", **under**" : ""), base / took[4], base / took[5]
      }' >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}

# flat WHAT ROUNDS BATCH MODE KIND: one row; the same with more versions.
flat() {
  local what=$1 rounds=$2 batch=$3 mode=$4 kind=$5 versions sides=()
  for versions in 1 10 50; do
    vacuum "writes$versions"
    sides+=("$(at strata "writes$versions")" "$($kind shop_v1)")
  done
  measure "$rounds" "$batch" "$mode" "${sides[@]}" |
    awk -v what="$what" '
      NR == 1 { base = $1 }
      { took[NR] = base + $2 }
      END { printf "| %s | %.1f | %.1f | %.1f | %.2f | %.2f |\n", what, base, took[2], took[3], base / took[2], base / took[3] }' \
      >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}
