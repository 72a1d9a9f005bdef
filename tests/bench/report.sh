# Rows of the tables: measuring one, and writing it as Markdown. Needs script/lib/run-bench.
# shellcheck shell=bash

describe_machine() {
  printf 'PostgreSQL %s, %s CPUs of %s, fsync %s, data %s, load average %s at the start.\n' \
    "$("$PGBIN/postgres" --version | awk '{print $3}')" "$(nproc --all)" \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "${FSYNC:-off}" "$MEDIUM" "$(cut -d' ' -f1 /proc/loadavg)"
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
  table 'statement' 'without µs' 'with µs' 'ratio' 'more µs (quartiles)' 'noise µs' \
    'more processor µs' 'noise µs' 'limit µs'
}

vacuum() {
  local name
  for name in bare control strata; do sql "$name" "$1" <<<'VACUUM; CHECKPOINT'; done
}

# measure ROUNDS BATCH MODE [CONNINFO SCRIPT]...
measure() { "$OUT/compare" "$@"; }

# at SERVER DATABASE
at() { echo "host=${SOCKET[$1]} user=postgres dbname=$2"; }

# against_bare WHAT LIMIT ROUNDS BATCH MODE DATABASE SCRIPT: one row; the same script on all three
# servers.
against_bare() {
  local what=$1 limit=$2 rounds=$3 batch=$4 mode=$5 database=$6 script=$7
  vacuum "$database"
  row "$what" "$limit" "$(measure "$rounds" "$batch" "$mode" "$(at bare "$database")" "$script" \
    "$(at control "$database")" "$script" "$(at strata "$database")" "$script")"
}

# few_and_many WHAT LIMIT ROUNDS BATCH SCRIPT: two rows, for the databases "two" and "fifty", measured
# together because the processor's speed differs from one minute to the next. Leaves what each took
# more in GROWTH[WHAT].
declare -A GROWTH
few_and_many() {
  local what=$1 limit=$2 rounds=$3 batch=$4 script=$5 figures
  vacuum two
  vacuum fifty
  figures=$(measure "$rounds" "$batch" simple "$(at bare two)" "$script" \
    "$(at control two)" "$script" "$(at strata two)" "$script" "$(at strata fifty)" "$script")
  row "2 versions: $what" "$limit" "$(sed -n 1,3p <<<"$figures")"
  row "50 versions: $what" '' "$(sed -n '1,2p;4p' <<<"$figures")"
  GROWTH[$what]=$(awk 'NR == 3 || NR == 4 { print $5 }' <<<"$figures")
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
  awk -v what="$1" -v limit="$2" '
    { took[NR] = $1; more[NR] = $2; low[NR] = $3; high[NR] = $4; processor[NR] = $5 }
    END {
      printf "| %s | %.1f | %.1f | %.2f | %+.1f (%+.1f to %+.1f) | %+.1f | %+.1f | %+.1f | %s |\n",
        what, took[1], took[3], took[3] / took[1], more[3], low[3], high[3], more[2], processor[3],
        processor[2], limit == "" ? "" : limit (processor[3] > limit ? ", **over**" : "")
    }' <<<"$3" >>"$OUT/tables.md"
  tail -n 1 "$OUT/tables.md"
}

# growth_table WHAT...: what 50 versions cost more than 2.
growth_table() {
  local what
  table 'statement' '2 versions, more processor µs' '50 versions, the same' 'times' 'limit'
  for what; do
    # A cost within the noise says nothing as a divisor.
    awk -v what="$what" '{ more[NR] = $1 } END {
      times = more[2] / (more[1] < 1 ? 1 : more[1])
      printf "| %s | %+.1f | %+.1f | %.1f | 25%s |\n", what, more[1], more[2], times,
        (times > 25 ? ", **over**" : "")
    }' <<<"${GROWTH[$what]}" >>"$OUT/tables.md"
    tail -n 1 "$OUT/tables.md"
  done
}
