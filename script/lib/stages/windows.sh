# Random change windows at random instants against python-dateutil: tests/windows. WINDOWS_SEED replays
# a run, WINDOWS_CHECKS sets its length.
# shellcheck shell=bash

stage_windows() (
  status=0 failed='' passed='' report=$BUILD/log/windows
  build_by_cmake windows_driver
  run=(tests/windows/run "$CMAKE_TREE/windows_driver" --checks "${WINDOWS_CHECKS:-100000}")
  seed=${WINDOWS_SEED:-}
  # A change is judged by what it changed, so CI puts the same questions each time.
  if [ -z "$seed" ] && [ -n "${CI:-}" ]; then seed=20250309; fi
  if [ -n "$seed" ]; then run+=(--seed "$seed"); fi
  timeout 1200 "${run[@]}" >"$report" 2>&1 || status=$?
  # A zone is one test.
  while read -r zone passed _ failed _; do
    check "windows $zone $passed checks" [ "$failed" = 0 ]
  done < <(grep -E '^[A-Za-z_/]+: [0-9]+ passed, [0-9]+ failed in ' "$report" || true)
  note "$(sed -n 1p "$report"); $(tail -n 1 "$report")"
  if [ "$status" != 0 ]; then
    cut -c -2000 "$report" | head -n 100
    return "$status"
  fi
)
