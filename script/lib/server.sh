# A private copy of the installed server, and throw-away clusters on it. Runs as the runner.
# Needs base.sh and PG, the major version; PGDIR may name another server's prefix.
# shellcheck shell=bash

SYSTEM_CONFIG=/usr/lib/postgresql/$PG/bin/pg_config
PGBIN=$BUILD/pg$PG/usr/lib/postgresql/$PG/bin

# PostgreSQL finds its share directory relative to its own binary, so a copy of both is a server
# that extensions can be installed into without touching /usr. (Links would lead back to /usr.)
copy_server() {
  local to=$BUILD/pg$PG/usr stamp=$BUILD/pg$PG/version version
  version=$(dpkg-query -W -f '${Version}' "postgresql-$PG")
  [ "$(cat "$stamp" 2>/dev/null)" != "$version" ] || return 0
  rm -rf "$BUILD/pg$PG"
  mkdir -p "$to/lib/postgresql" "$to/share/postgresql"
  cp -a "/usr/lib/postgresql/$PG" "$to/lib/postgresql/"
  cp -a "/usr/share/postgresql/$PG" "$to/share/postgresql/"
  echo "$version" >"$stamp"
}

compile_extension() { make_extension all; }

install_extension() {
  copy_server &&
    make_extension install DESTDIR="$BUILD/pg$PG"
}

make_extension() {
  quietly "$BUILD/log/$1$PG.log" make -s -C "$BUILD/src$PG" -j"$(nproc)" PG_CONFIG="$SYSTEM_CONFIG" CXX=g++ \
    WERROR="${WERROR:-}" PCH=yes "$@"
}

# Starts a cluster with the library loaded: start_server DIRECTORY [line of postgresql.conf]...
# Sets PGHOST, PGPORT, PGUSER, PGDATABASE. Unix sockets only, in a directory of the runner's own.
start_server() {
  local dir=$1
  shift
  stop_server "$dir"
  rm -rf "$dir"
  mkdir -p "$dir"
  make_socket_directory "$dir"
  quietly "$dir/initdb.log" "$PGBIN/initdb" --no-sync --auth-local=trust \
    --auth-host=scram-sha-256 --username=postgres --encoding=UTF8 --locale=C -D "$dir/data" \
    --pwfile=<(echo "${PGPASSWORD:-$RANDOM$RANDOM$RANDOM}")
  {
    echo "shared_preload_libraries = 'pg_strata'"
    echo "unix_socket_directories = '$PGHOST'"
    echo "listen_addresses = ''"
    echo "fsync = off"
    echo "max_prepared_transactions = 10"
    echo "log_line_prefix = '%m [%p] %q%a '"
    printf '%s\n' "$@"
  } >>"$dir/data/postgresql.conf"
  export PGHOST PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
  quietly "$dir/start.log" "$PGBIN/pg_ctl" -w -s -D "$dir/data" -l "$dir/server.log" start || {
    tail -n 20 "$dir/server.log"
    return 1
  }
}

stop_server() {
  local dir=$1
  if [ -s "$dir/data/postmaster.pid" ]; then
    "$PGBIN/pg_ctl" -w -s -D "$dir/data" -m fast stop >>"$dir/stop.log" 2>&1 || true
  fi
  if [ -L "$dir/socket" ]; then rm -rf "$(readlink "$dir/socket")"; fi
}

# The path of a socket must fit in 107 bytes; a clone may lie deeper.
make_socket_directory() {
  PGHOST=$1/socket
  if [ ${#PGHOST} -gt 85 ]; then
    PGHOST=$(TMPDIR=/tmp mktemp -d -t strata.XXXXXX)
    ln -s "$PGHOST" "$1/socket"
  fi
  [ -d "$PGHOST" ] || mkdir -m 700 "$PGHOST"
}

# A TCP port nobody listens on now, below those that the kernel takes for outgoing connections.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}
