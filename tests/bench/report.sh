# Rows of the tables: measuring one, and writing it as Markdown. Needs script/lib/run-bench.
# shellcheck shell=bash

describe_machine() {
  printf 'PostgreSQL %s, %s CPUs of %s, fsync off, load average %s at the start.\n' \
    "$("$PGBIN/postgres" --version | awk '{print $3}')" "$(nproc)" \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(cut -d' ' -f1 /proc/loadavg)"
}

heading() { printf '\n### %s\n' "$1" >>"$OUT/tables.md"; }

# table COLUMN...: begins a table; the first column is text, the others are numbers.
table() {
  {
    printf '\n'
    printf '| %s ' "$@"
    printf '|\n| ---'
    printf ' | ---:%.0s' "${@:2}"
    printf ' |\n'
  } >>"$OUT/tables.md"
}

table_against_bare() {
  table 'statement' 'without µs' 'with µs' 'ratio' 'more µs (quartiles)' 'noise µs' 'limit µs'
}

vacuum() {
  local name
  for name in bare control strata; do sql "$name" "$1" <<<'VACUUM'; done
}

# measure ROUNDS BATCH MODE [CONNINFO SCRIPT]...
measure() { "$OUT/compare" "$@"; }

# at SERVER DATABASE
at() { echo "host=${SOCKET[$1]} user=postgres dbname=$2"; }

# against_bare WHAT LIMIT ROUNDS BATCH MODE DATABASE SCRIPT: one row; the same script on all three
# servers. Leaves what it took more in MORE.
against_bare() {
  local what=$1 limit=$2 rounds=$3 batch=$4 mode=$5 database=$6 script=$7 figures
  vacuum "$database"
  figures=$(measure "$rounds" "$batch" "$mode" "$(at bare "$database")" "$script" \
    "$(at control "$database")" "$script" "$(at strata "$database")" "$script")
  row "$what" "$limit" "$figures"
}

# against_direct WHAT ROUNDS BATCH MODE DATABASE DIRECT SCRIPT: the same, for two ways on the server
# with the library.
against_direct() {
  local what=$1 rounds=$2 batch=$3 mode=$4 database=$5 direct=$6 script=$7 figures
  figures=$(measure "$rounds" "$batch" "$mode" "$(at strata "$database")" "$direct" \
    "$(at strata "$database")" "$direct" "$(at strata "$database")" "$script")
  row "$what" "" "$figures"
}

# row WHAT LIMIT FIGURES: FIGURES are what compare prints for three sides.
row() {
  # shellcheck disable=SC2034  # the tables read it
  MORE=$(awk 'NR == 3 { print $2 }' <<<"$3")
  awk -v what="$1" -v limit="$2" '
    { took[NR] = $1; more[NR] = $2; low[NR] = $3; high[NR] = $4 }
    END {
      printf "| %s | %.1f | %.1f | %.2f | %+.1f (%+.1f to %+.1f) | %+.1f | %s |\n", what, took[1],
        took[3], took[3] / took[1], more[3], low[3], high[3], more[2],
        limit == "" ? "" : limit (more[3] > limit ? ", **over**" : "")
    }' <<<"$3" >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}
