# Copies the tree to where it is compiled, one copy per server and compiler so that they do not
# collide. Needs base.sh and identity.sh.
# shellcheck shell=bash

# What a build makes. Excluding it also protects it from --delete, so a second build is incremental.
NOT_COPIED=(--exclude=/build/ --exclude=/.git/ --exclude='*.o' --exclude='*.d' --exclude='*.so'
  --exclude='*.gch' --exclude='*.pch' --exclude=__pycache__/)

copy_source() {
  local to=$1 owner=()
  if am_root; then owner=("--chown=$(runner):"); fi
  rsync -a --delete --chmod=D755,Fu+rw,Fgo+r "${owner[@]}" "${NOT_COPIED[@]}" "$STRATA_ROOT/" "$to/"
}
