# strata.metrics where something is missing: on a standby, without the library, in a database with nothing tracked.
# Its counters only rise: over a crash, over pruning, and over a dump into another database they begin anew.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = new_node('primary', allows_streaming => 1);
$node->start;
$node->safe_psql('postgres', <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
SELECT strata.drop_policy(hazard) FROM strata.policies;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text);
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
CREATE ROLE monitor LOGIN IN ROLE pg_monitor;
SQL
my $err;

# Returns the values of a metric, with the labels.
sub metric
{
	my ($server, $name, $labels) = @_;
	$labels //= '{}';
	return $server->safe_psql('postgres',
		"SELECT value FROM strata.metrics WHERE name = '$name' AND labels \@> '$labels'",
		extra_params => [ '-U', 'monitor' ]);
}

# Refuses a statement, and waits until it is counted.
sub refuse
{
	my ($count) = @_;
	$node->psql('postgres', 'DROP TABLE shop.users', stderr => \$err);
	like($err, qr/cannot drop/, 'refused');
	ok( $node->poll_query_until('postgres',
			"SELECT sum(count) = $count FROM strata.attempt_count WHERE sqlstate = 'ST004'"),
		"$count refused statements are counted");
	return;
}

refuse(1);
refuse(2);
is(metric($node, 'strata_refused_statements_total', '{"base": "shop", "sqlstate": "ST004"}'), 2, 'and shown');
my @select = ('strata_usage_statements_total', '{"version": "v1", "operation": "select"}');
$node->safe_psql('postgres', 'SELECT id FROM shop_v1.users; SELECT strata.flush_stats()');
$node->append_conf('postgresql.conf', "pg_strata.stat_interval = '1h'");
$node->reload;
$node->safe_psql('postgres', 'SELECT id FROM shop_v1.users');
my $used = metric($node, @select);
cmp_ok($used, '>=', 1, 'statements are counted');
$node->stop('immediate');
$node->start;
is(metric($node, @select), $used, 'and their number does not fall in a crash');
is(metric($node, 'strata_refused_statements_total', '{"base": "shop", "sqlstate": "ST004"}'), 2, 'also after a crash');
my $entries = metric($node, 'strata_provenance_entries_total');
$node->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
is(metric($node, 'strata_provenance_unsealed_entries'), 1, 'a checkpoint seals what was before');
$node->safe_psql('postgres', 'SELECT strata.prune_provenance(now())');
is($node->safe_psql('postgres', 'SELECT count(*) FROM strata.attempts'), 0, 'attempts are pruned');
is(metric($node, 'strata_refused_statements_total', '{"base": "shop", "sqlstate": "ST004"}'), 2, 'their number stays');
cmp_ok(metric($node, 'strata_provenance_entries_total'), '>', $entries, 'that of entries rises');

# A standby shows what was found on the primary, and what it finds itself it does not keep.
is($node->safe_psql('postgres', 'SELECT * FROM strata.run_checks()'), '', 'nothing is wrong');
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
my $names = 'SELECT DISTINCT name FROM strata.metrics ORDER BY 1';
is($standby->safe_psql('postgres', $names), $node->safe_psql('postgres', $names), 'a standby has all metrics');
my $ran = metric($node, 'strata_provenance_check_timestamp_seconds');
is(metric($standby, 'strata_provenance_check_timestamp_seconds'), $ran, 'and what was found on the primary');
my $statements = metric($standby, @select);
$standby->safe_psql('postgres', 'SELECT id FROM shop_v1.users');
is(metric($standby, @select), $statements + 1, 'what its own clients use counts there');
$node->safe_psql('postgres', 'SET pg_strata.mode = off; ALTER TABLE shop.users ADD COLUMN hidden int');
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', 'SELECT topic, base, object FROM strata.run_checks()'),
	'drift|shop|table shop.users', 'the checks run there');
is(metric($standby, 'strata_provenance_check_timestamp_seconds'), $ran, 'and keep nothing');
is(metric($standby, 'strata_drift_check_objects', '{"base": "shop"}'), 0, 'so metrics do not know');
$standby->stop;

# What cannot be seen without the library is left out, and that it is not there is said.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
is(metric($node, 'strata_extension_loaded'), 0, 'the library is not loaded');
is(metric($node, 'strata_extension_enforcing'), 0, 'and guards nothing');
is(metric($node, 'strata_version_info', '{"version": "v1"}'), 1, 'versions are known');
is(metric($node, 'strata_refused_statements_total', '{"base": "shop", "sqlstate": "ST004"}'), 2, 'and what was refused');
is( $node->safe_psql('postgres', q(SELECT DISTINCT part FROM strata.metric_families AS f WHERE always AND NOT EXISTS
		(SELECT FROM strata.metrics AS m WHERE m.name = f.name AND f.part NOT IN ('gate', 'rollout')) AND part NOT IN ('gate', 'rollout') ORDER BY 1)),
	"guard\nmemory\nwindow", 'parts that need the library lack something');
is($node->safe_psql('postgres', q(SELECT string_agg(name, ' ') FROM strata.metric_families AS f WHERE part = 'guard' AND always
		AND NOT EXISTS (SELECT FROM strata.metrics AS m WHERE m.name = f.name))), 'strata_attempts_waiting', 'of the guard one');
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_strata'");
$node->restart;

# A dump has neither counters nor what was found.
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->run_log([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('postgres') ]);
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->run_log([ 'pg_restore', '-d', $node->connstr('copy'), $dump ]);
is($node->safe_psql('copy', q(SELECT sum(value) FROM strata.metrics WHERE name = 'strata_refused_statements_total')),
	0, 'a copy begins anew');
is($node->safe_psql('copy', q(SELECT value FROM strata.metrics WHERE name = 'strata_provenance_check_timestamp_seconds')),
	0, 'and nobody has looked at it');
$node->safe_psql('postgres', 'CREATE DATABASE empty');
$node->safe_psql('empty', 'CREATE EXTENSION pg_strata');
is($node->safe_psql('empty', q(SELECT value FROM strata.metrics WHERE name = 'strata_extension_tracked_schemas')),
	0, 'a database with nothing tracked');
is($node->safe_psql('empty', q(SELECT name FROM strata.metrics WHERE labels ? 'base')), '', 'has no metrics of schemas');
is($node->safe_psql('empty', 'SELECT * FROM strata.run_checks()'), '', 'and the checks run');
$node->stop;
done_testing();
