# What routing costs: against the same on the same server by a role whose search_path names the version.
# Needs report.sh.
# shellcheck shell=bash disable=SC2154  # run-bench declares SOCKET

bench_routing() {
  "$PGBIN/createdb" -h "${SOCKET[strata]}" -U postgres routing
  sql strata routing <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
SELECT strata.drop_policy(hazard) FROM strata.policies;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text);
INSERT INTO shop.users SELECT i, 'user ' || i FROM generate_series(1, 1000) AS i;
CREATE ROLE routed LOGIN;
CREATE ROLE fixed LOGIN;
SELECT strata.track('shop');
GRANT USAGE ON SCHEMA shop TO routed, fixed;
GRANT SELECT ON shop.users TO routed, fixed;
SELECT strata.publish('shop', 'v1');
SELECT strata.publish('shop', 'v2');
SELECT strata.set_gate('shop', 'v1', 'v2');
SELECT strata.add_rule('shop', 1, '{"application_name": "report%"}', 'v2');
SELECT strata.add_rule('shop', 2, '{"unit": "tenant 7"}', 'v2');
ALTER ROLE routed SET pg_strata.route = 'shop';
ALTER ROLE fixed SET search_path = shop_v1, shop, "$user", public;
SQL
  local query='SELECT name FROM users WHERE id = 471'
  heading 'Routing, by a gate with two rules'
  table_against_bare
  routed 'connection and first query' 50 600 1 simple "\c+
$query" "\c+
$query"
  routed 'query, simple' 2 300 20 simple "$query" "$query"
  routed 'query, prepared' 2 300 20 prepared "$query" "$query"
  routed 'transaction' 2 300 20 simple "$(transaction "$query")" "$(transaction "$query")"
  routed 'transaction with a unit, same version' 2 300 20 simple \
    "$(transaction "SET LOCAL pg_strata.ticket = 'tenant 8'" "$query")" \
    "$(transaction "SET LOCAL pg_strata.unit = 'tenant 8'" "$query")"
  routed 'transaction with a unit, another version' '' 300 20 simple \
    "$(transaction 'SET LOCAL search_path = shop_v2, shop, public' "$query")" \
    "$(transaction "SET LOCAL pg_strata.unit = 'tenant 7'" "$query")"
}

# One message, as the time is that of a statement.
transaction() {
  printf 'BEGIN; '
  printf '%s; ' "$@"
  printf 'COMMIT\n'
}

# routed WHAT LIMIT ROUNDS BATCH MODE FIXED ROUTED: one row. The second side shows what is noise.
routed() {
  local what=$1 limit=$2 rounds=$3 batch=$4 mode=$5 fixed=$6 routed=$7 server
  server="host=${SOCKET[strata]} dbname=routing"
  sql strata routing <<<'VACUUM; CHECKPOINT'
  row "$what" "$limit" "$(measure "$rounds" "$batch" "$mode" "$server user=fixed" "$fixed" \
    "$server user=fixed" "$fixed" "$server user=routed" "$routed")"
}
