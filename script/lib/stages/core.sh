# PostgreSQL's own regression suite, with our library loaded and the extension in every database,
# its schema tracked, in the mode that records and never refuses, against the same run without: what
# fails only with us is ours. The server is built from the source of Debian's package, with
# assertions; our own SQL tests run on it as well.
# shellcheck shell=bash

stage_core() {
  local dir=$BUILD/core test
  mkdir -p "$dir"
  if [ ! -x "$dir/inst/bin/postgres" ]; then build_core "$dir"; fi
  install_modules "$dir"
  PGBIN=$dir/inst/bin
  copy_source "$BUILD/src-core"
  quietly "$BUILD/log/core-strata.log" make -s -C "$BUILD/src-core" -j"$(nproc)" install \
    PG_CONFIG="$PGBIN/pg_config"
  core_suite "$dir" without "shared_preload_libraries = ''"
  core_suite "$dir" with "pg_strata.mode = record"
  # shellcheck disable=SC2013  # names without blanks
  for test in $(awk '{print $2}' "$dir/with.results"); do
    if grep -q "^ok $test\$" "$dir/with.results"; then
      ok "core $test"
    elif only_shows_the_record "$test" "$dir/with/regression.diffs"; then
      ok "core $test (and what is recorded)"
    elif grep -q "^FAILED $test\$" "$dir/without.results"; then
      note "core $test fails without pg_strata as well"
      ok "core $test (as without)"
    else
      not_ok "core $test"
    fi
  done
  head -n 300 "$dir/with/regression.diffs" 2>/dev/null || true
  run_regress core-own "$dir/source/src/test/regress/pg_regress" "$STRATA_ROOT" \
    "$STRATA_ROOT/sql/schedule" --dbname=contrib_regression
}

# only_shows_the_record TEST DIFFS: whether all lines that differ are such as docs/testing.md says.
only_shows_the_record() {
  local allowed
  case $1 in
    alter_table) allowed='( *[a-z0-9_]+ +\| [A-Za-z]+Lock|-+\+-+| +relname +\| +max_lockmode *|\([0-9]+ rows?\))' ;;
    sequence) allowed='(ERROR:  lastval is not yet defined in this session|ERROR:  permission denied for sequence [a-z0-9_]+| lastval *|-+| +[0-9]+|\(1 row\)|)' ;;
    *) return 1 ;;
  esac
  awk -v test="/$1.out" -v allowed="^[-+]$allowed\$" '
    /^diff / { inside = index($0, test) > 0; next }
    inside && /^[-+]/ && !/^(---|\+\+\+) \// { lines++; if ($0 !~ allowed) other++ }
    END { exit !(lines && !other) }' "$2"
}

# core_suite DIRECTORY NAME [line of postgresql.conf]...
core_suite() (
  dir=$1 name=$2 out=$1/$2
  shift 2
  note "the suite $name pg_strata"
  trap 'end_limited; stop_server "$out/server"' EXIT
  start_server "$out/server" "$@"
  load=()
  if [ "$name" = with ]; then
    # In those databases that the tests make, and in the suite's own, made as the suite makes it.
    "$PGBIN/psql" -q -d template1 -c 'CREATE EXTENSION pg_strata'
    "$PGBIN/createdb" -T template0 regression
    "$PGBIN/psql" -q -d regression <<'SQL'
ALTER DATABASE regression SET lc_messages TO 'C';
ALTER DATABASE regression SET lc_monetary TO 'C';
ALTER DATABASE regression SET lc_numeric TO 'C';
ALTER DATABASE regression SET lc_time TO 'C';
ALTER DATABASE regression SET bytea_output TO 'hex';
ALTER DATABASE regression SET timezone_abbreviations TO 'Default';
CREATE EXTENSION pg_strata;
SELECT FROM strata.track('public');
SQL
    load=(--use-existing)
  fi
  cd "$dir/source/src/test/regress" || exit
  limited 2400 ./pg_regress --bindir="$PGBIN" --dlpath=. --inputdir=. --outputdir="$out" \
    --schedule=parallel_schedule --max-connections=20 "${load[@]}" >"$out/report" 2>&1 || true
  awk '/ \.\.\. +(ok|FAILED|failed)/ {
    result = / \.\.\. +ok/ ? "ok" : "FAILED"; sub(/^test +/, ""); print result, $1 }' \
    "$out/report" >"$dir/$name.results"
  [ -s "$dir/$name.results" ] || {
    tail -n 20 "$out/report" "$out/server/server.log"
    exit 1
  }
)

build_core() (
  dir=$1
  fetch_core_source "$dir"
  cd "$dir/source" || exit
  quietly "$dir/configure.log" ./configure --prefix="$dir/inst" --enable-cassert --enable-debug \
    --without-readline --without-zlib CFLAGS=-O1
  note "compiling the server with assertions"
  quietly "$dir/make.log" make -j"$(nproc)"
  quietly "$dir/make-regress.log" make -C src/test/regress -j"$(nproc)"
  quietly "$dir/make-spi.log" make -C contrib/spi
  quietly "$dir/install.log" make install
)

# What our own tests use.
install_modules() (
  dir=$1
  cd "$dir/source" || exit
  for module in hstore file_fdw postgres_fdw pg_stat_statements; do
    if [ ! -e "$dir/inst/share/postgresql/extension/$module.control" ]; then
      quietly "$dir/install-$module.log" make -C "contrib/$module" install
    fi
  done
)

# The source package, by an apt with lists of its own: the machine's need not offer sources. The
# newest version may be gone from the mirror already, then an older one does.
fetch_core_source() (
  dir=$1
  mkdir -p "$dir"/apt/{lists,cache}/partial "$dir/source"
  # The sources of what the machine has as packages, from where it has them.
  # shellcheck disable=SC2016  # apt expands
  apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Identifier: Packages' 'Origin: Debian' | sort -u >"$dir/apt/sources.list"
  private=(-o "Dir::State::Lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt/cache"
    -o "Dir::Etc::SourceList=$dir/apt/sources.list" -o Dir::Etc::SourceParts=-)
  cd "$dir/apt" || exit
  quietly "$dir/apt/update.log" apt-get "${private[@]}" update
  for version in $(apt-cache "${private[@]}" showsrc --only-source "postgresql-$PG" |
    sed -n 's/^Version: //p' | sort -ruV); do
    note "source $version"
    if apt-get "${private[@]}" source --download-only "postgresql-$PG=$version" \
      >"$dir/apt/source.log" 2>&1; then
      tar -xf "postgresql-${PG}_${version%-*}".orig.tar.* -C "$dir/source" --strip-components=1
      exit 0
    fi
  done
  tail -n 20 "$dir/apt/source.log"
  exit 1
)
