# Migrations say who the client showed to be, whatever role it acts as.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = start_node('identity');
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA shop;
SELECT strata.track('shop');
CREATE TABLE shop.a (id int);
SET password_encryption = 'scram-sha-256';
CREATE ROLE ann LOGIN SUPERUSER PASSWORD 'secret';
CREATE ROLE owner;
SQL
is($node->safe_psql('postgres', 'SELECT count(*) > 0, count(identity) FROM strata.migrations'), 't|0', 'nobody asked: none');

unlink $node->data_dir . '/pg_hba.conf';
append_to_file($node->data_dir . '/pg_hba.conf', "local all ann scram-sha-256\nlocal all all trust\n");
$node->reload;
$ENV{PGPASSWORD} = 'secret';
my $ann = $node->connstr('postgres') . ' user=ann';
$node->safe_psql('postgres', 'ALTER TABLE shop.a ADD b int', connstr => $ann);
$node->safe_psql('postgres', 'SET SESSION AUTHORIZATION owner; RESET SESSION AUTHORIZATION; SET ROLE pg_monitor; RESET ROLE; GRANT ALL ON SCHEMA shop TO owner; ALTER TABLE shop.a OWNER TO owner; SET SESSION AUTHORIZATION owner; ALTER TABLE shop.a ADD c int', connstr => $ann);
# 15 keeps the name alone.
my $method = $node->pg_version < 16 ? '' : 'scram-sha-256:';
is($node->safe_psql('postgres', "SELECT string_agg(DISTINCT identity, ', ') FROM strata.migrations"), "${method}ann", 'the method and the name');
is($node->safe_psql('postgres', 'SELECT session_role, identity FROM strata.migrations ORDER BY migration_id DESC LIMIT 1'),
	"owner|${method}ann", 'also as somebody else');
is($node->safe_psql('postgres', 'SELECT count(*) FROM strata.verify_provenance()'), 0, 'it verifies');
is($node->safe_psql('postgres', "SELECT count(*) FROM strata.export_provenance() AS x WHERE x #>> '{predicate,row,identity}' = '${method}ann'") > 0,
	1, 'it is exported');

done_testing();
