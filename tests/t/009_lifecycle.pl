# The extension's own life: update to the version it has, drop after the last version, drop of a
# database, and creation again.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = start_node('lifecycle');
my $err;
$node->safe_psql('postgres', everything());
my $before = snapshot($node);

my $version = $node->safe_psql('postgres',
	"SELECT extversion FROM pg_extension WHERE extname = 'pg_strata'");
$node->psql('postgres', "ALTER EXTENSION pg_strata UPDATE TO '$version'", stderr => \$err);
like($err, qr/NOTICE:.*already installed/, 'update to the same version: a notice');
is(snapshot($node), $before, 'and nothing else');
isnt($node->psql('postgres', "ALTER EXTENSION pg_strata SET SCHEMA public", stderr => \$err),
	0, 'it stays in its schema');
is(snapshot($node), $before, 'nothing has changed');

# While versions live, nothing takes it away.
for my $ddl (
	'DROP EXTENSION pg_strata',
	'DROP EXTENSION pg_strata CASCADE',
	'DROP SCHEMA strata CASCADE',
	'DROP SCHEMA strata_inverse CASCADE',
	'ALTER EXTENSION pg_strata DROP TABLE strata.published_version',
	'DROP TABLE strata.published_version CASCADE',
	'DROP FUNCTION strata.narrow_int4(bigint) CASCADE')
{
	isnt($node->psql('postgres', $ddl, stderr => \$err), 0, "refused: $ddl");
	unlike($err, qr/server closed|internal error|could not open/, 'in words');
	note($err);
}
is(snapshot($node), $before, 'nothing has changed');

# A session that knew the extension before it went.
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe('SET client_min_messages = error');
$session->query_safe('SELECT count(*) FROM shop_v1.users');
$session->query_safe('RESET client_min_messages');
$session->query_safe('ALTER TABLE shop.users ADD COLUMN extra int');

$node->safe_psql('postgres', <<'SQL');
SELECT strata.set_option(base, 'retire_after_idle', '0') FROM (SELECT DISTINCT base FROM strata.versions) AS tracked;
SELECT strata.retire(base, version) FROM strata.versions WHERE state <> 'retired' ORDER BY published_at DESC;
DROP EXTENSION pg_strata;
SQL
is( $node->safe_psql('postgres',
		q(SELECT nspname FROM pg_namespace WHERE nspname LIKE 'strata%' OR nspname LIKE '%\_v_' OR nspname LIKE 'Shop%')),
	'strata', 'nothing of it is left but the schema, which the server made for it');
is($node->safe_psql('postgres', 'SELECT count(*) FROM shop.users'), 2, 'the base is');
$session->query_safe('ALTER TABLE shop.users DROP COLUMN extra');
$session->query_safe('SET client_min_messages = error');
$session->query_safe('DROP TABLE shop.events CASCADE');
is($session->{stderr}, '', 'and free again, for a session that knew the versions too');

# Created again, it starts with an empty registry; that session sees it.
$node->safe_psql('postgres',
	"CREATE EXTENSION pg_strata; SELECT strata.drop_policy(hazard) FROM strata.policies;
	SELECT strata.track('shop'); SELECT strata.publish('shop', 'v1');");
$session->query('DROP TABLE shop.users');
like($session->{stderr}, qr/because live versions show it/, 'created again, it guards again');
$session->quit;
healthy($node, 'created again');

# Rolled back creation and drop leave sessions with the truth.
$session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe('SET client_min_messages = error');
$session->query_safe(
	"BEGIN; SELECT strata.set_option('shop', 'retire_after_idle', '0'); SELECT strata.retire('shop', 'v1'); DROP EXTENSION pg_strata; DROP TABLE shop.users CASCADE; ROLLBACK;");
$session->query('DROP TABLE shop.users');
like($session->{stderr}, qr/because live versions show it/, 'a drop that was rolled back');
$session->quit;

# Without live versions it goes with everything that depends on it.
$node->safe_psql('postgres', 'CREATE DATABASE tracked');
$node->safe_psql('tracked',
	q(CREATE EXTENSION pg_strata; CREATE SCHEMA shop; CREATE TABLE shop.t (i int); SELECT strata.track('shop');
	  CREATE VIEW shop.v AS SELECT * FROM strata.versions));
isnt($node->psql('tracked', 'DROP EXTENSION pg_strata CASCADE', stderr => \$err), 0, 'while it tracks it is guarded');
like($err, qr/DROP EXTENSION of pg_strata needs an approved proposal/, 'by its policies');
is($node->psql('tracked', "SELECT strata.untrack('shop'); DROP EXTENSION pg_strata CASCADE", stderr => \$err), 0, 'DROP EXTENSION ... CASCADE');

# A database with versions can be dropped.
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', everything());
is($node->psql('postgres', 'DROP DATABASE other', stderr => \$err), 0, 'DROP DATABASE');
# And copied.
$node->safe_psql('postgres', 'CREATE DATABASE copied TEMPLATE postgres');
healthy($node, 'a copied database', 'copied');
isnt($node->psql('copied', 'DROP TABLE shop.users', stderr => \$err), 0, 'guarded as well');
$node->stop;
done_testing();
