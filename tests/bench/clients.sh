# What a client sees of writing through a version: pgbench's own times, on a server that waits for
# the disk as servers do, on whichever processors are free. Runs the scripts of writes.sh.
#
# One session runs all ways to write as scripts picked at random, so that whatever else the machine
# does meets them alike. Of each way's times, in five parts of the run, the slowest tenth is left
# out; the figure is the median of the parts. writes.sh shows the same without a disk and with client
# and server on one processor, where what the server does more is most of what is left to see.
# shellcheck shell=bash disable=SC2154  # run-bench declares SOCKET and one

. "$STRATA_ROOT/tests/bench/writes.sh"

bench_clients() {
  local mode limit
  FSYNC=on MEDIUM='on disk' describe_machine >"$OUT/tables.md"
  taskset -cp "0-$(($(nproc --all) - 1))" $$ >/dev/null
  start_server "$OUT/durable" "fsync = on" "autovacuum = off" "max_wal_size = 10GB"
  SOCKET[durable]=$PGHOST
  "$PGBIN/createdb" -h "$PGHOST" -U postgres writes
  sql durable writes <<<'CREATE EXTENSION pg_strata'
  written_tables 1 | sql durable writes
  sql durable writes <<<"SELECT strata.track('shop'); SELECT strata.publish('shop', 'v1')"
  reshape_written | sql durable writes
  other_tools | sql durable writes

  heading 'Writes through a version as pgbench sees them, with commits that wait for the disk'
  table 'statement' 'base µs' 'version µs' 'base / version' 'limit' 'pgroll' 'reshape'
  for mode in prepared simple; do
    limit=0.97
    [ $mode = prepared ] || limit=0.92
    seen "INSERT, cast, $mode" $limit $mode insert_cast
    seen "INSERT, split, $mode" $limit $mode insert_split
    seen "UPDATE by key, cast, $mode" $limit $mode update_cast
    seen "UPDATE by key, split, $mode" $limit $mode update_split
    seen "UPDATE by key, split, keep_unchanged off, $mode" $limit $mode update_unkept
  done
  stop_server "$OUT/durable"
  rm -rf "$OUT/durable"
  taskset -cp "$one" $$ >/dev/null
}

# Turns lines of "statement TAB value TAB value ..." into a script for pgbench.
for_pgbench() {
  awk -F '\t' '{
    for (i = 2; i <= NF; i++) gsub("[$]" (i - 1), "'\''" $i "'\''", $1)
    print $1 ";"
  }'
}

# seen WHAT LIMIT MODE KIND: one row.
seen() {
  local what=$1 limit=$2 mode=$3 kind=$4 side scripts=()
  for side in base shop_v1 pgroll_v1 reshape_v1; do
    $kind $side | for_pgbench >"$OUT/$side.sql"
    scripts+=(-f "$OUT/$side.sql")
  done
  sql durable writes <<<'VACUUM; CHECKPOINT'
  rm -f "$OUT"/seen.*
  "$PGBIN/pgbench" -n -h "${SOCKET[durable]}" -U postgres -M "$mode" -T 20 --log \
    --log-prefix="$OUT/seen" "${scripts[@]}" writes >"$OUT/pgbench.log" 2>&1
  awk -v what="$what" -v limit="$limit" '
    { times[$4, n[$4]++] = $3 }
    END {
      for (s = 0; s < 4; s++) took[s] = middle(s)
      ratio = took[0] / took[1]
      printf "| %s | %.0f | %.0f | %.2f | %s | %.2f | %.2f |\n", what, took[0], took[1], ratio,
        limit (ratio < limit ? ", **under**" : ""), took[0] / took[2], took[0] / took[3]
    }
    # The median of five means.
    function middle(s,   part, size, i, kept, sum, means) {
      size = int(n[s] / 5)
      for (part = 0; part < 5; part++) {
        for (i = 0; i < size; i++) kept[i] = times[s, part * size + i]
        sort(kept, size)
        sum = 0
        for (i = 0; i < int(size * 0.9); i++) sum += kept[i]
        means[part] = sum / int(size * 0.9)
      }
      sort(means, 5)
      return means[2]
    }
    function sort(list, size,   gap, i, j, value) {
      for (gap = int(size / 2); gap > 0; gap = int(gap / 2))
        for (i = gap; i < size; i++) {
          value = list[i]
          for (j = i; j >= gap && list[j - gap] > value; j -= gap) list[j] = list[j - gap]
          list[j] = value
        }
    }' "$OUT"/seen.* >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}
