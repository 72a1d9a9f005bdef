# How the story is told: statements are echoed as they are sent, with who sends them.
# shellcheck shell=bash

set -euo pipefail
psql=(psql -X -e -P footer=off -P "null=NULL")

# The old client is one session for the whole story.
coproc OLD { exec "${psql[@]}" -v ON_ERROR_STOP=1 2>&1; }

# chapter TITLE [sentence]...: what comes next, and why it is worth watching.
chapter() {
  printf '\n\n=== %s\n' "$1"
  shift
  [ $# = 0 ] || printf '    %s\n' "$@"
  echo
}

# A new connection per migration, like a migration tool.
migrate() { "${psql[@]}" -v ON_ERROR_STOP=1 2>&1 | sed 's/^/migration  | /'; }

# The statement must fail; its message is part of the story.
refused() {
  local output
  if output=$("${psql[@]}" -v ON_ERROR_STOP=1 2>&1); then
    echo "error: this should have been refused: $output" >&2
    exit 1
  fi
  printf 'refused    | %s\n' "${output//$'\n'/$'\n'refused    | }"
}

# Sends statements to the old client and shows its answers. "\!" and not "\echo", because it
# flushes what came before.
old_client() {
  local line out=${OLD[0]:-} in=${OLD[1]:-}
  { cat && echo '\! echo @end'; } >&"$in"
  while IFS= read -r line <&"$out"; do
    [ "$line" != @end ] || return 0
    echo "old client | $line"
  done
  echo "error: the old client's session has ended" >&2
  exit 1
}
