# Paths, messages, a predictable environment. Sourced first by everything in script/.
# shellcheck shell=bash

set -euo pipefail
umask 022

# The tree this file lies in. It may be the clone or the copy under build/ that the server's user
# can read; what is made always goes to the clone's build/, which STRATA_BUILD then names.
STRATA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
BUILD=${STRATA_BUILD:-$STRATA_ROOT/build}
LIB=$STRATA_ROOT/script/lib
export BUILD LIB

# A caller's PGHOST, PGSERVICE, PGOPTIONS ... would lead the tests to another server.
for variable in $(compgen -e PG); do unset "$variable"; done
export LC_ALL=C.UTF-8
unset LANGUAGE CDPATH

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command with its output in a log, and shows the end of the log only if it fails.
quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 && return
  local status=$?
  printf 'failed (%s): %s\n' "$status" "$*"
  printf '%s\n' "--- the end of $log"
  tail -n 40 "$log"
  return "$status"
}

# limited SECONDS COMMAND...: with an end in time. In the background, because a shell that waits for
# a foreground command acts on Ctrl-C only after it; end_limited belongs into the EXIT trap.
limited() {
  timeout "$@" </dev/null &
  limited=$!
  wait "$limited"
}
end_limited() { kill "${limited:-}" 2>/dev/null || true; }
