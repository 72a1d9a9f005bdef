# Who does what: root (or sudo) installs packages and enters chroots, an ordinary user compiles and
# runs servers, because PostgreSQL refuses to run as root. Needs base.sh.
# shellcheck shell=bash

am_root() { [ "$(id -u)" = 0 ]; }

as_root() {
  if am_root; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root: $* (run as root, or install sudo)"
  fi
}

# The user that builds and runs servers: whoever called us, but never root.
runner() { if am_root; then echo postgres; else id -un; fi; }

# Makes build/ and gives it to the runner. Called once before the packages are installed (the user
# postgres may not exist yet) and once after.
prepare_build() {
  if ! mkdir -p "$BUILD"/{log,home,tmp} 2>/dev/null || [ ! -w "$BUILD/log" ]; then
    die "$BUILD belongs to another user; remove it with: sudo rm -rf $BUILD"
  fi
  if am_root && id postgres >/dev/null 2>&1; then
    # The roots of other Debian releases keep their own owners.
    find "$BUILD" -path "$BUILD/roots" -prune -o ! -user postgres -exec chown -h postgres: {} +
  fi
}

# Runs a command as the runner, with a home of its own under build/ so that caches of pip, npm and
# others stay there.
as_runner() {
  local env=(env "HOME=$BUILD/home" "TMPDIR=$BUILD/tmp" "USER=$(runner)" "LOGNAME=$(runner)"
    "STRATA_BUILD=$BUILD")
  if ! am_root; then
    "${env[@]}" "$@"
  elif as_postgres test -x "$BUILD/."; then
    (cd "$BUILD" && as_postgres "${env[@]}" "$@")
  else
    # In a chroot the root is no mount point, and what happens to mounts cannot be made private;
    # open_way then looks whether they stay with us.
    local apart=(unshare --mount)
    "${apart[@]}" true 2>/dev/null || apart+=(--propagation unchanged)
    "${apart[@]}" true 2>/dev/null || closed_to_postgres
    # shellcheck disable=SC2016  # the inner shell expands
    "${apart[@]}" bash -c '. "$0/base.sh" && . "$0/identity.sh" && open_way &&
      cd "$BUILD" && as_postgres "$@"' "$LIB" "${env[@]}" "$@"
  fi
}

closed_to_postgres() {
  die "the user postgres cannot enter $BUILD: clone to a place everybody can, such as /srv"
}

as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups --no-new-privs "$@"; }

# A clone under /root is closed to postgres. In a mount namespace of our own, an empty file system
# takes the place of the closed directory, with build/ at its usual path and nothing else in it: the
# paths stay the same inside and outside, nobody's permissions change, nothing is left behind.
# (Capabilities do not help: access(2), which PostgreSQL's tools ask, ignores them.)
open_way() {
  local closed='' path='' part parts
  IFS=/ read -ra parts <<<"${BUILD#/}"
  for part in "${parts[@]}"; do
    path+=/$part
    if ! as_postgres test -x "$path"; then
      closed=$path
      break
    fi
  done
  mount --bind "$BUILD" /mnt
  if grep -q ' /mnt ' "/proc/$PPID/mountinfo"; then
    umount /mnt
    closed_to_postgres
  fi
  mount -t tmpfs -o mode=755 strata "$closed"
  mkdir -p "$BUILD"
  mount --bind /mnt "$BUILD"
  umount /mnt
}
