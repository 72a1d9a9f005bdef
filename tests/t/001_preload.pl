# The library belongs into shared_preload_libraries: CREATE EXTENSION says so, it gets along with
# another library of hooks on either side, and without the extension it disturbs nothing.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = PostgreSQL::Test::Cluster->new('preload');
$node->init;
$node->start;

my ($out, $err);
isnt($node->psql('postgres', 'CREATE EXTENSION pg_strata', stderr => \$err),
	0, 'not preloaded: CREATE EXTENSION is refused');
like($err, qr/pg_strata must be loaded via shared_preload_libraries/, 'and says why');
like($err, qr/shared_preload_libraries = 'pg_strata'/, 'with the line to add');
isnt($node->psql('postgres', "LOAD 'pg_strata'", stderr => \$err), 0, 'LOAD is refused too');
is($node->safe_psql('postgres', 'SELECT 1'), 1, 'the server goes on');

my $round = 0;
for my $libraries (
	"pg_strata, pg_stat_statements",
	"pg_stat_statements, pg_strata", "pg_strata")
{
	$round++;
	$node->append_conf('postgresql.conf', "shared_preload_libraries = '$libraries'");
	$node->append_conf('postgresql.conf',
		$libraries =~ /statements/ ? "pg_stat_statements.track = all" : '');
	$node->restart;

	# Loaded, but not created here: DDL is as without it.
	my $plain = "plain$round";
	$node->safe_psql('postgres', "CREATE DATABASE $plain");
	$node->safe_psql($plain, <<'SQL');
CREATE SCHEMA shop;
CREATE TABLE shop.t (a int PRIMARY KEY, b text);
CREATE VIEW shop.v AS SELECT a, b FROM shop.t;
ALTER TABLE shop.t RENAME b TO c;
SQL
	isnt($node->psql($plain, 'ALTER TABLE shop.t DROP COLUMN c', stderr => \$err),
		0, "$libraries: without the extension a view blocks a drop as ever");
	like($err, qr/cannot drop column c of table shop.t because other objects depend on it/,
		"$libraries: in core's own words");
	$node->safe_psql($plain, 'DROP SCHEMA shop CASCADE');

	# Two databases, each with versions of its own.
	for my $db ("one$round", "two$round")
	{
		$node->safe_psql('postgres', "CREATE DATABASE $db");
		$node->safe_psql($db, 'CREATE EXTENSION pg_stat_statements')
		  if $libraries =~ /statements/;
		$node->safe_psql($db, <<'SQL');
CREATE EXTENSION pg_strata;
CREATE SCHEMA shop;
CREATE TABLE shop.t (a int PRIMARY KEY, b text);
INSERT INTO shop.t VALUES (1, 'x');
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SQL
	}
	$node->safe_psql("one$round",
		'ALTER TABLE shop.t RENAME b TO c; ALTER TABLE shop.t ALTER a TYPE bigint;');
	is($node->safe_psql("one$round", 'SELECT * FROM shop_v1.t'),
		'1|x', "$libraries: DDL in one database is followed");
	is($node->safe_psql("one$round", "SELECT kind FROM strata.contract('shop', 'v1')"),
		"computed\nrenamed", "$libraries: its version reads the new shape");
	is($node->safe_psql("two$round", "SELECT kind FROM strata.contract('shop', 'v1')"),
		"direct\ndirect", "$libraries: the version of the other stays as it is");
	healthy($node, "$libraries, one", "one$round");
	healthy($node, "$libraries, two", "two$round");
	if ($libraries =~ /statements/)
	{
		is( $node->safe_psql("one$round",
				q(SELECT count(*) FROM pg_stat_statements WHERE query LIKE 'ALTER TABLE shop.t%' AND calls = 1
				  AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
			),
			2, "$libraries: the other library saw each statement once");
	}
}

# The extension goes in one database while the other keeps it.
$node->safe_psql('one3', "SELECT strata.set_option('shop', 'retire_after_idle', '0'); SELECT strata.retire('shop', 'v1');
	SELECT strata.untrack('shop'); DROP EXTENSION pg_strata;");
$node->safe_psql('one3', 'DROP TABLE shop.t');
isnt($node->psql('two3', 'DROP TABLE shop.t', stderr => \$err),
	0, 'dropped in one database, the extension still guards the other');

$node->stop;
done_testing();
