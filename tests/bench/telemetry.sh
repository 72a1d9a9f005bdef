# What it costs to count what clients use: the same statements through a version, in sessions that
# count and in sessions that do not, of one server. Needs report.sh.
#
# The first table is held against the processor time of the server process, as everywhere; the second
# against what pgbench's clients get done, with all processors.
# shellcheck shell=bash disable=SC2154  # run-bench declares SOCKET, PGBIN, OUT, DATA and one

OFF='-c pg_strata.telemetry=off'

bench_telemetry() {
  make_database counted <<<'CREATE SCHEMA shop'
  "$PGBIN/pgbench" -i -q -s 10 -h "${SOCKET[strata]}" -U postgres counted >"$OUT/counted.log" 2>&1
  sql strata counted <<'SQL'
SELECT strata.drop_policy(hazard) FROM strata.policies;
ALTER TABLE pgbench_accounts SET SCHEMA shop;
ALTER TABLE pgbench_branches SET SCHEMA shop;
ALTER TABLE pgbench_tellers SET SCHEMA shop;
ALTER TABLE pgbench_history SET SCHEMA shop;
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
VACUUM ANALYZE;
SQL
  heading 'Statements through a version, counted against not counted'
  table_against_bare
  local mode
  for mode in prepared simple; do
    counted "SELECT by key, $mode" $mode 'SELECT abalance FROM shop_v1.pgbench_accounts WHERE aid = 4711'
    counted "SELECT of all columns, $mode" $mode 'SELECT * FROM shop_v1.pgbench_accounts WHERE aid = 4711'
    counted "UPDATE by key, $mode" $mode 'UPDATE shop_v1.pgbench_accounts SET abalance = 1 WHERE aid = 4711'
    counted "SELECT by key of the base table, $mode" $mode 'SELECT abalance FROM shop.pgbench_accounts WHERE aid = 4711'
  done

  heading 'pgbench with 8 clients through a version'
  table 'script' 'not counted, a second' 'counted, a second' 'counted / not (quartiles)' 'noise' 'limit'
  taskset -cp "0-$(($(nproc --all) - 1))" $$ >/dev/null
  clients 'pgbench -S -M prepared' 0.98 -S
  clients 'pgbench -M prepared (TPC-B)' 0.99 -b tpcb-like
  taskset -cp "$one" $$ >/dev/null
  idle
}

# What the launcher takes of a processor while nobody uses a version and no rollout is open.
idle() {
  local pid before after seconds=30
  "$PGBIN/psql" -XqAt -h "${SOCKET[strata]}" -U postgres counted -c 'SELECT strata.flush_stats()' >/dev/null
  pid=$("$PGBIN/psql" -XqAt -h "${SOCKET[strata]}" -U postgres counted -c \
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_strata launcher'")
  sleep 2
  read -r before _ </proc/"$pid"/schedstat
  sleep "$seconds"
  read -r after _ </proc/"$pid"/schedstat
  heading 'The launcher with nothing to do'
  table 'seconds' 'processor µs' 'limit'
  printf '| %s | %s | 0 |\n' "$seconds" "$(((after - before) / 1000))" >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}

# counted WHAT MODE SCRIPT: one row.
counted() {
  local what=$1 mode=$2 script=$3 counts off
  counts=$(at strata counted)
  off="$counts options='$OFF'"
  row "$what" 0.6 "$(measure 300 20 "$mode" "$off" "$script" "$off" "$script" "$counts" "$script")"
}

# clients WHAT LIMIT OPTION...: one row, of rounds with a turn of one second for each of three: not counted, counted,
# and not counted once more, which shows what is noise. The first round is not counted. A ratio is the
# median of the rounds', whose turns lie next to each other.
clients() {
  local what=$1 limit=$2 round options side order=(off on control)
  shift 2
  for round in {0..40}; do
    # None always comes first.
    order=("${order[@]:1}" "${order[0]}")
    for side in "${order[@]}"; do
      options="-c search_path=shop_v1,shop"
      [ "$side" = on ] || options="$options $OFF"
      printf '%s %s ' "$round" "$side"
      PGOPTIONS=$options "$PGBIN/pgbench" -n -h "${SOCKET[strata]}" -U postgres -M prepared -c 8 -j 2 -T 1 "$@" \
        counted 2>"$OUT/counted.log" | sed -n 's/^tps = \([0-9.]*\) .*/\1/p'
    done
  done | awk -v what="$what" -v limit="$limit" '
    $1 > 0 { tps[$2, $1] = $3; rounds = $1 }
    END {
      for (i = 1; i <= rounds; i++) {
        tps["ratio", i] = tps["on", i] / tps["off", i]
        tps["noise", i] = tps["control", i] / tps["off", i]
      }
      ratio = quantile("ratio", 0.5)
      printf "| %s | %.0f | %.0f | %.3f (%.3f to %.3f) | %.3f | %s |\n", what, quantile("off", 0.5), quantile("on", 0.5),
        ratio, quantile("ratio", 0.25), quantile("ratio", 0.75), quantile("noise", 0.5),
        limit (ratio < limit ? ", **under**" : "")
    }
    function quantile(side, part,   i, j, value, list) {
      for (i = 1; i <= rounds; i++) {
        value = tps[side, i]
        for (j = i; j > 1 && list[j - 1] > value; j--) list[j] = list[j - 1]
        list[j] = value
      }
      return list[1 + int((rounds - 1) * part + 0.5)]
    }' >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}
