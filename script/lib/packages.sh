# Installs what is missing with apt, and only that. Needs base.sh and identity.sh.
# shellcheck shell=bash

# The Debian packages a stage needs for one major version of the server.
packages_for() {
  local what=$1 pg=$2
  case $what in
    build) echo "rsync make g++ pkgconf libfmt-dev postgresql-common postgresql-$pg" \
      "postgresql-server-dev-$pg" "$([ "$pg" != 15 ] || packages_for unit "$pg")" ;;
    lint) echo "clang-format shellcheck" ;;
    unit) echo "cmake ninja-build libgtest-dev" ;;
    windows) echo "$(packages_for unit "$pg") python3-dateutil tzdata" ;;
    fuzz) echo "cmake ninja-build clang libclang-rt-14-dev" ;;
    tap) echo "libipc-run-perl" ;;
    bench) echo "g++ libpq-dev" ;;
    core) echo "bzip2 perl gcc" ;;
    roots) echo "debootstrap" ;;
    clients) client_packages "$pg" ;;
    differential | oracle) echo "python3-psycopg2" ;;
  esac
}

# A client says in tests/clients/NAME/packages what it needs, one package a line, # for comments.
client_packages() {
  local name
  for name in $(client_names "$1"); do
    sed 's/#.*//' "$STRATA_ROOT/tests/clients/$name/packages" 2>/dev/null || true
  done
}

# Which clients run against which server: all of them once, on 15, where Debian 12 has their tools;
# those of pgbench, which comes with the server, on every one.
client_names() {
  local run
  for run in "$STRATA_ROOT"/tests/clients/*/run; do
    [ -x "$run" ] || continue
    run=${run%/run}
    [ "$1" = 15 ] || [[ ${run##*/} = @(pgbench|tpcb) ]] || continue
    echo "${run##*/}"
  done
}

install_packages() {
  local package missing=()
  for package in $(printf '%s\n' "$@" | sort -u); do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  run_apt update
  # First alone, because it brings the file that without_default_cluster hides.
  if [[ " ${missing[*]} " == *" postgresql-common "* ]]; then
    run_apt install -y --no-install-recommends postgresql-common
  fi
  # ca-certificates: the clients' own package managers speak https.
  run_apt install -y --no-install-recommends "${missing[@]}" ca-certificates
}

run_apt() {
  quietly "$BUILD/log/apt.log" without_default_cluster env DEBIAN_FRONTEND=noninteractive \
    NEEDRESTART_MODE=l "${PROXIES[@]}" apt-get -q -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Use-Pty=0 -o Acquire::Retries=5 "$@" </dev/null || die "apt-get $1 failed"
}

# The server package makes and starts a cluster "main" unless createcluster.conf says no. We must
# not edit that file, so apt runs in a mount namespace where another lies over it. Where namespaces
# are forbidden (some containers) the cluster is made, and nobody here uses it.
without_default_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf
  if [ ! -e $conf ] || ! as_root unshare --mount true 2>/dev/null; then
    as_root "$@"
    return
  fi
  echo 'create_main_cluster = off' >"$BUILD/createcluster.conf"
  # shellcheck disable=SC2016  # the inner shell expands
  as_root unshare --mount sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh \
    "$BUILD/createcluster.conf" $conf "$@"
}

# sudo drops the environment; a machine behind a proxy still needs these.
PROXIES=()
for variable in http_proxy https_proxy no_proxy; do
  if [ -n "${!variable:-}" ]; then PROXIES+=("$variable=${!variable}"); fi
done
