# Other servers than 15: a Debian of their own under build/roots, in which script/test runs itself.
# Needs base.sh, identity.sh, packages.sh.
# shellcheck shell=bash

# in_root PG STAGE...: the namespaces end with the command, and with them every mount and every
# server that was left over.
in_root() {
  # Where the root is no mount point (a chroot), mounts cannot be made private; there they end with
  # the namespace all the same unless the file system below is shared.
  local apart=(unshare --mount)
  as_root "${apart[@]}" true 2>/dev/null || apart+=(--propagation unchanged)
  as_root "${apart[@]}" true 2>/dev/null ||
    die "tests on PostgreSQL $1 need a chroot with /proc in it, and mounting is forbidden here"
  as_root env "STRATA_BUILD=$BUILD" "CI=${CI:-}" "DEBIAN_MIRROR=${DEBIAN_MIRROR:-}" \
    "DIFFERENTIAL_SEED=${DIFFERENTIAL_SEED:-}" \
    "${PROXIES[@]}" "${apart[@]}" --ipc --pid --fork --kill-child "$LIB/enter-root" "$@"
}
