# What it costs to record changes: DDL statement by statement, many sessions at once, and what is
# asked of a history of a million changes. Needs report.sh and schemas.sh.
#
# Limits of the first and the last table are held against the processor time of the server process,
# as everywhere; those of the second against what the clients got done.
# shellcheck shell=bash disable=SC2154  # run-bench declares SOCKET, PGBIN, OUT, DATA and one

CHANGES=${STRATA_BENCH_CHANGES:-1000000}
TABLES=$((CHANGES / 100))

bench_provenance() {
  recorded_statements
  # From here on several processes have something to do.
  taskset -cp "0-$(($(nproc --all) - 1))" $$ >/dev/null
  many_sessions
  long_history
  taskset -cp "$one" $$ >/dev/null
}

recorded_statements() {
  twenty_columns | make_database recorded
  sql strata recorded <<<"SELECT strata.drop_policy(hazard) FROM strata.policies; SELECT strata.track('shop')"
  heading 'DDL that is recorded, on tables of 20 columns'
  table_against_bare
  recorded 'SET STATISTICS' "$(statistics shop.t2)"
  recorded 'RENAME COLUMN' "$(rename_column shop.t2)"
  recorded 'SET DEFAULT' "$(printf '%s\n' 'ALTER TABLE shop.t2 ALTER b SET DEFAULT 1' \
    'ALTER TABLE shop.t2 ALTER b DROP DEFAULT')"
  recorded 'COMMENT' "$(printf '%s\n' "COMMENT ON TABLE shop.t2 IS 'x'" "COMMENT ON TABLE shop.t2 IS 'y'")"
  recorded 'GRANT' "$(printf '%s\n' 'GRANT SELECT ON shop.t2 TO PUBLIC' 'REVOKE SELECT ON shop.t2 FROM PUBLIC')"
  recorded 'CREATE INDEX, DROP INDEX' "$(printf '%s\n' 'CREATE INDEX t2_b ON shop.t2 (b)' 'DROP INDEX shop.t2_b')"
  recorded 'CREATE TABLE, DROP TABLE' "$(printf '%s\n' 'CREATE TABLE shop.new (LIKE shop.t2)' 'DROP TABLE shop.new')"
  recorded 'ADD COLUMN, rolled back' "$(rolled_back 'ALTER TABLE shop.t2 ADD COLUMN z int')"
}

recorded() { against_bare "$1" 150 200 10 simple recorded "$2"; }

# Twenty tables of twenty columns.
twenty_columns() {
  cat <<'SQL'
CREATE SCHEMA shop;
DO $$ BEGIN
  FOR i IN 1 .. 20 LOOP
    EXECUTE format('CREATE TABLE shop.t%s (id int PRIMARY KEY, a text, b int, c text NOT NULL,
      d timestamptz DEFAULT now(), e numeric, f bool NOT NULL DEFAULT false, g int, h text, i date, j text, k int,
      l text NOT NULL, m timestamptz DEFAULT now(), n numeric, o bool, p int, q text, r date, s jsonb)', i);
  END LOOP;
END $$;
SQL
}

# Servers of their own: the others are bound to one processor.
many_sessions() {
  heading '8 sessions of DDL, each on its own table of 20 columns'
  table 'statements' 'without, a second' 'with, a second' 'with / without' 'limit'
  local name side
  for name in memory disk; do
    local at=$DATA/many fsync=off
    if [ $name = disk ]; then at=$OUT/many fsync=on; fi
    start_pair "$at" "$fsync"
    eight "ALTER TABLE, fsync $fsync, data ${name/memory/$MEDIUM}" altered_by_client
    eight "CREATE TABLE, DROP TABLE, fsync $fsync, data ${name/memory/$MEDIUM}" made_by_client
    for side in plain recording; do rows_for_migrations | sql $side many; done
    eight "migrations of 10,000 rows, fsync $fsync, data ${name/memory/$MEDIUM}" migrated_by_client
    stop_pair "$at"
  done
}

start_pair() {
  local name library
  for name in plain recording; do
    library=''
    if [ $name = recording ]; then library=pg_strata; fi
    start_server "$1-$name" "shared_preload_libraries = '$library'" "fsync = $2" "autovacuum = off" \
      "checkpoint_timeout = 1d" "max_wal_size = 10GB" "wal_init_zero = off" "max_locks_per_transaction = 1000"
    SOCKET["$name"]=$PGHOST
    "$PGBIN/createdb" -h "$PGHOST" -U postgres many
    twenty_columns | sql $name many
  done
  sql recording many <<<"CREATE EXTENSION pg_strata; SELECT strata.drop_policy(hazard) FROM strata.policies;
    SELECT strata.track('shop')"
}

stop_pair() {
  stop_server "$1-plain"
  stop_server "$1-recording"
  rm -rf "$1-plain" "$1-recording"
}

altered_by_client() {
  cat <<'SQL'
\set t :client_id + 1
ALTER TABLE shop.t:t ALTER COLUMN b SET STATISTICS 10;
ALTER TABLE shop.t:t RENAME COLUMN b TO bb;
ALTER TABLE shop.t:t ALTER COLUMN bb SET DEFAULT 1;
ALTER TABLE shop.t:t RENAME COLUMN bb TO b;
ALTER TABLE shop.t:t ALTER COLUMN b DROP DEFAULT;
SQL
}

made_by_client() {
  cat <<'SQL'
\set t :client_id + 1
CREATE TABLE shop.new:t (LIKE shop.t:t INCLUDING ALL);
DROP TABLE shop.new:t;
SQL
}

rows_for_migrations() {
  cat <<'SQL'
DO $$ BEGIN
  FOR i IN 1 .. 8 LOOP
    EXECUTE format('INSERT INTO shop.t%s (id, a, b, c, l) SELECT n, n::text, n, n::text, n::text
      FROM generate_series(1, 10000) AS n', i);
  END LOOP;
END $$;
SQL
}

# What a migration does to a table that is in use: parts that look at its rows, and parts that do not.
migrated_by_client() {
  cat <<'SQL'
\set t :client_id + 1
ALTER TABLE shop.t:t ALTER COLUMN g SET DEFAULT 1;
ALTER TABLE shop.t:t ADD CONSTRAINT positive CHECK (id > 0);
CREATE INDEX by_b:t ON shop.t:t (b);
COMMENT ON COLUMN shop.t:t.b IS 'x';
CREATE TABLE shop.new:t (LIKE shop.t:t INCLUDING ALL);
DROP TABLE shop.new:t;
DROP INDEX shop.by_b:t;
ALTER TABLE shop.t:t DROP CONSTRAINT positive, ALTER COLUMN g DROP DEFAULT;
SQL
}

# eight WHAT SCRIPT: one row. The two servers have their turns one after the other, so that what
# else the machine does meets both; the figures are medians.
eight() {
  local what=$1 round name statements
  $2 >"$OUT/many.sql"
  statements=$(grep -c ';$' "$OUT/many.sql")
  for name in plain recording; do sql $name many <<<'VACUUM; CHECKPOINT'; done
  for round in 0 1 2 3 4 5 6; do
    for name in plain recording; do
      # The first round is not counted.
      printf '%s %s ' "$round" $name
      "$PGBIN/pgbench" -n -h "${SOCKET[$name]}" -U postgres -c 8 -j 1 -T 4 -f "$OUT/many.sql" many 2>"$OUT/many.log" |
        sed -n 's/^tps = \([0-9.]*\) .*/\1/p'
    done
  done | awk -v what="$what" -v statements="$statements" '
    $1 > 0 { took[$2, n[$2]++] = $3 * statements }
    END {
      without = middle("plain")
      with = middle("recording")
      printf "| %s | %.0f | %.0f | %.2f | 0.80%s |\n", what, without, with, with / without,
        (with / without < 0.8 ? ", **under**" : "")
    }
    function middle(side,   i, j, value, list) {
      for (i = 0; i < n[side]; i++) {
        value = took[side, i]
        for (j = i; j > 0 && list[j - 1] > value; j--) list[j] = list[j - 1]
        list[j] = value
      }
      return (list[int((n[side] - 1) / 2)] + list[int(n[side] / 2)]) / 2
    }' >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}

# A server whose chain the recorder itself has written, ten changes a migration.
long_history() {
  local entries
  start_server "$DATA/history" "autovacuum = off" "checkpoint_timeout = 1d" "max_wal_size = 2GB" \
    "full_page_writes = off" "shared_buffers = 1GB" "max_locks_per_transaction = 1000"
  SOCKET[history]=$PGHOST
  "$PGBIN/createdb" -h "$PGHOST" -U postgres history
  sql history history <<<"CREATE EXTENSION pg_strata; SELECT strata.drop_policy(hazard) FROM strata.policies;
    CREATE SCHEMA shop; SELECT strata.track('shop')"
  write_history
  entries=$("$PGBIN/psql" -XAtq -h "${SOCKET[history]}" -U postgres history -c 'SELECT max(seq) FROM strata.provenance_entry')
  heading "Questions to a history of $CHANGES changes of $TABLES tables"
  table 'question' 'ms' 'processor ms' 'limit'
  asked 'lineage of a table, before a vacuum' 20 5 "SELECT * FROM strata.lineage('shop.t77')"
  sql history history <<<'VACUUM ANALYZE'
  sql history history <<<'CHECKPOINT'
  asked 'lineage of a table' 20 5 "SELECT * FROM strata.lineage('shop.t77')"
  asked 'lineage of a column' 20 5 "SELECT * FROM strata.lineage('shop.t77', 'b')"
  asked 'strata.changes of a table' 20 5 "SELECT * FROM strata.changes WHERE objects @> ARRAY['table shop.t77']"
  asked 'strata.migrations of a table' 20 5 "SELECT * FROM strata.migrations WHERE migration_id IN
    (SELECT migration_id FROM strata.change WHERE objects @> ARRAY['table shop.t77'])"
  asked 'checkpoint_provenance()' '' 1 'SELECT strata.checkpoint_provenance()'
  asked 'provenance_inclusion()' '' 1 'SELECT strata.provenance_inclusion(77)'
  asked 'provenance_consistency()' '' 1 'SELECT strata.provenance_consistency(77)'
  asked 'export_provenance() of the last 1,000' '' 1 "SELECT strata.export_provenance($((entries - 1000)))"
  asked 'drift()' '' 1 "SELECT * FROM strata.drift('shop')"
  verified "$entries"
  stop_server "$DATA/history"
  rm -rf "$DATA/history"
}

# Two sessions write, each about its own half of the tables.
write_history() {
  local half
  for half in 0 1; do
    sql history history <<SQL &
DO \$\$
DECLARE
  done int := 0;
BEGIN
  FOR i IN $half * $TABLES / 2 + 1 .. ($half + 1) * $TABLES / 2 LOOP
    EXECUTE format('CREATE TABLE shop.t%s (id int PRIMARY KEY, a text, b int, c text NOT NULL,
      d timestamptz DEFAULT now(), e numeric, f bool NOT NULL DEFAULT false, g int, h text, i date)', i);
    IF i % 10 = 0 THEN COMMIT; END IF;
  END LOOP;
  FOR round IN 1 .. 99 LOOP
    FOR i IN $half * $TABLES / 2 + 1 .. ($half + 1) * $TABLES / 2 LOOP
      EXECUTE format(CASE round % 4 WHEN 0 THEN 'ALTER TABLE shop.t%s ALTER COLUMN b SET STATISTICS %s'
        WHEN 1 THEN 'ALTER TABLE shop.t%s RENAME COLUMN b TO b%s'
        WHEN 2 THEN 'COMMENT ON TABLE shop.t%s IS %L'
        ELSE 'ALTER TABLE shop.t%s RENAME COLUMN b' || round - 2 || ' TO b' END, i, round);
      IF i % 10 = 0 THEN COMMIT; END IF;
    END LOOP;
  END LOOP;
END \$\$;
SQL
  done
  wait
}

# took TIMES QUERY: elapsed and processor milliseconds, the median of so many runs after a first one.
took() {
  local i
  : >"$OUT/took"
  {
    echo 'SELECT pg_backend_pid() AS pid \gset'
    echo '\setenv SERVER :pid'
    echo '\o /dev/null'
    for ((i = 0; i <= $1; i++)); do
      echo "\\! echo began \$(cut -d' ' -f1 /proc/\$SERVER/schedstat) >>'$OUT/took'"
      printf '%s\n' '\timing on' "$2;" '\timing off'
      echo "\\! echo ended \$(cut -d' ' -f1 /proc/\$SERVER/schedstat) >>'$OUT/took'"
    done
  } | "$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -h "${SOCKET[history]}" -U postgres history | grep ^Time >"$OUT/took.elapsed"
  awk '
    FILENAME ~ /elapsed$/ { elapsed[runs++] = $2; next }
    $1 == "began" { began = $2 }
    $1 == "ended" { processor[ends++] = ($2 - began) / 1e6 }
    END { print middle(elapsed), middle(processor) }
    function middle(list,   i, j, value, sorted) {
      for (i = 1; i < runs; i++) {
        value = list[i]
        for (j = i - 1; j > 0 && sorted[j - 1] > value; j--) sorted[j] = sorted[j - 1]
        sorted[j] = value
      }
      return sorted[int((runs - 1) / 2)]
    }' "$OUT/took.elapsed" "$OUT/took"
}

# asked WHAT LIMIT TIMES QUERY: one row.
asked() {
  took "$3" "$4" | awk -v what="$1" -v limit="$2" '{
    printf "| %s | %.1f | %.1f | %s |\n", what, $1, $2,
      limit == "" ? "" : limit ($2 > limit ? ", **over**" : "")
  }' >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}

# verified ENTRIES: what it is to verify all of them, and how many that is a second.
verified() {
  table 'verify_provenance() of' 's' 'processor s' 'entries a second of processor time' 'limit'
  took 3 'SELECT * FROM strata.verify_provenance()' | awk -v entries="$1" '{
    rate = entries / $2 * 1000
    printf "| %d entries | %.2f | %.2f | %.0f | 200000%s |\n", entries, $1 / 1000, $2 / 1000, rate,
      (rate < 200000 ? ", **under**" : "")
  }' >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}
