# Dump and restore: versions come back with their contracts, mappings and grants, whichever way.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = start_node('dump');
my $dir  = $node->basedir;
my ($err, $out);

sub clone
{
	my ($db) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0");
	return;
}

$node->safe_psql('postgres', everything());
healthy($node, 'before any dump');
my $before = snapshot($node);
unlike($before, qr/^$/, 'there is something to compare');

$node->command_ok([ 'pg_dump', '-f', "$dir/plain.sql", $node->connstr('postgres') ],
	'plain dump');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/custom", $node->connstr('postgres') ],
	'custom dump');

# Plain, by psql.
clone('plain');
$node->command_ok(
	[ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', "$dir/plain.sql", $node->connstr('plain') ],
	'plain restore');
is(snapshot($node, 'plain'), $before, 'plain: everything is as it was');
still_followed($node, 'plain', 'plain');

# Custom, two jobs.
clone('custom');
$node->command_ok(
	[ 'pg_restore', '-j2', '-e', '-d', $node->connstr('custom'), "$dir/custom" ],
	'custom restore with two jobs');
is(snapshot($node, 'custom'), $before, 'custom: everything is as it was');
# A dump of the restored database restores too.
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/again", $node->connstr('custom') ],
	'dump of what was restored');
clone('again');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('again'), "$dir/again" ],
	'restored again');
is(snapshot($node, 'again'), $before, 'again: everything is as it was');
still_followed($node, 'custom', 'custom');

# --clean into a database where everything exists. Without preparation the guard refuses to let go of
# versions; everything refused is said, nothing is broken.
sub restore
{
	my ($db, @options) = @_;
	my ($out, $err) = ('', '');
	my $ok = IPC::Run::run([ 'pg_restore', @options, '-d', $node->connstr($db), "$dir/custom" ],
		'>', \$out, '2>', \$err);
	return ($ok, $err);
}

$node->safe_psql('postgres', 'CREATE DATABASE target TEMPLATE again');
my ($ok, $said) = restore('target', '--clean', '--if-exists');
ok(!$ok, '--clean without pre_restore: errors');
like($said, qr/cannot drop version view/, 'clear ones');
unlike($said, qr/PANIC|internal|could not (open|find)|is not in the query/, 'and no strange ones');
is($node->safe_psql('target', 'SELECT 1'), 1, 'the server is there');

$node->safe_psql('postgres', 'DROP DATABASE target');
$node->safe_psql('postgres', 'CREATE DATABASE target TEMPLATE again');
($ok, $said) = restore('target', '--clean', '--if-exists', '--single-transaction');
ok(!$ok, '--clean in one transaction without pre_restore: refused');
is(snapshot($node, 'target'), $before, 'and nothing has changed');
still_followed($node, 'refused --clean', 'target');

# With it, everything is replaced: also what has changed since the dump.
for my $options ([ '--clean', '--if-exists' ], [ '--clean', '--if-exists', '--single-transaction' ],
	[ '--clean', '--if-exists', '-j2' ])
{
	my $what = "pre_restore, @$options";
	$node->safe_psql('target', 'SELECT strata.pre_restore()');
	($ok, $said) = restore('target', @$options);
	ok($ok, "$what: no errors") or diag($said);
	is($node->safe_psql('target', q(SELECT relation, problem FROM strata.post_restore() WHERE base = 'shop'::regnamespace)),
		'', "$what: post_restore finds nothing to mend");
	is(snapshot($node, 'target'), $before, "$what: everything is as it was");
	still_followed($node, $what, 'target');
}
is($node->safe_psql('target', 'SHOW pg_strata.restoring'), 'off', 'and upkeep is on again');

# Only the schema: the registry is data, so the views stay as plain views.
clone('bare');
$node->command_ok([ 'pg_dump', '-Fc', '--schema-only', '-f', "$dir/schema", $node->connstr('postgres') ],
	'dump of the schema only');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('bare'), "$dir/schema" ],
	'restore of the schema only');
is($node->safe_psql('bare', 'SELECT count(*) FROM strata.versions'), 0, 'no version is known');
is($node->safe_psql('bare', 'SELECT count(*) FROM shop_v1.users'), 0, 'its views are there');
is($node->safe_psql('bare', 'SELECT * FROM strata.verify()'), '', 'verify has nothing to say');
isnt($node->psql('bare', 'ALTER TABLE shop.users DROP COLUMN first_name', stderr => \$err),
	0, 'plain views block DDL as ever');
like($err, qr/because other objects depend on it/, 'in the words of the server');
$node->safe_psql('bare', "SELECT strata.track('shop')");
isnt($node->psql('bare', "SELECT strata.publish('shop', 'v1')", stderr => \$err),
	0, 'a version of the same name finds the old schema');
like($err, qr/schema "shop_v1" already exists.*It is not a version schema/s, 'and says so');
is($node->safe_psql('bare', "SELECT strata.publish('shop', 'v1', schema => 'shop_v1_again')"),
	'shop_v1_again', 'it can have another schema');
$node->safe_psql('bare', 'DROP SCHEMA shop_v1 CASCADE');
$node->safe_psql('bare', 'REFRESH MATERIALIZED VIEW shop.counts');
is($node->safe_psql('bare', "SELECT strata.publish('shop', 'v2')"),
	'shop_v2', 'and others their own');
healthy($node, 'schema only', 'bare');

# Only the base schema: the same, without views.
clone('part');
$node->command_ok([ 'pg_dump', '-Fc', '-n', 'shop', '-f', "$dir/part", $node->connstr('postgres') ],
	'dump of the base schema only');
$node->safe_psql('part', 'CREATE EXTENSION pg_strata');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('part'), "$dir/part" ],
	'restore of the base schema only');
$node->safe_psql('part', "SELECT strata.track('shop'); SELECT strata.publish('shop', 'v1');");
healthy($node, 'base schema only', 'part');

# Only the data, into a database with the schema; the registry is loaded with it.
clone('data');
$node->command_ok([ 'pg_dump', '-Fc', '--data-only', '-f', "$dir/data", $node->connstr('postgres') ],
	'dump of the data only');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('data'), "$dir/schema" ],
	'the schema first');
$node->command_ok(
	[ 'pg_restore', '-e', '--disable-triggers', '-d', $node->connstr('data'), "$dir/data" ],
	'then the data');
$node->safe_psql('data', 'REFRESH MATERIALIZED VIEW shop.counts');
is(snapshot($node, 'data'), $before, 'schema, then data: everything is as it was');
still_followed($node, 'schema, then data', 'data');

# Policies that let nothing pass come with the dump too, before all that a dump makes after the data.
$node->safe_psql('postgres', 'CREATE DATABASE strict TEMPLATE again');
$node->safe_psql('strict', <<'SQL');
SET client_min_messages = warning;
CREATE FUNCTION shop.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER noted BEFORE INSERT ON shop.users FOR EACH ROW EXECUTE FUNCTION shop.noted();
ALTER TABLE shop.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON shop.users USING (true);
CREATE RULE nothing AS ON DELETE TO shop.events DO INSTEAD NOTHING;
CREATE TABLE shop.orders (id int PRIMARY KEY, user_id bigint REFERENCES shop.users, CHECK (id > 0));
INSERT INTO shop.orders VALUES (1, NULL);
GRANT SELECT ON shop.orders TO PUBLIC;
ALTER TABLE shop.orders OWNER TO shop_writer;
DO $$ BEGIN
  PERFORM strata.set_policy(hazard, 'refuse') FROM unnest('{DATA_LOSS, DATA_LOSS_CASCADE, LATENT_LOSS, REWRITE, SCAN,
    BLOCKS_READS, BLOCKS_WRITES, BREAKS_READERS, BREAKS_WRITERS, IRREVERSIBLE, INTEGRITY_LOSS, EXPOSURE, PRIVILEGE,
    CONTROL_PLANE, NONTRANSACTIONAL, NO_LOCK_TIMEOUT, UNANALYZABLE}'::text[]) AS hazard;
END $$;
SQL
my $strict = snapshot($node, 'strict');
sub still_refused
{
	my ($db, $what, $settings) = @_;
	isnt($node->psql($db, ($settings // '') . 'DROP TABLE shop.orders', stderr => \$err), 0, "$what: a drop is refused");
	like($err, qr/DROP TABLE of shop.orders is refused/, 'by policy');
	return;
}
still_refused('strict', 'before the dump');
$node->command_ok([ 'pg_dump', '-f', "$dir/strict.sql", $node->connstr('strict') ], 'plain dump under strict policies');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/strict", $node->connstr('strict') ], 'custom dump');
clone('strict_plain');
$node->command_ok([ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', "$dir/strict.sql", $node->connstr('strict_plain') ],
	'plain restore under strict policies');
for my $options ([], ['-j2'], ['--single-transaction'])
{
	my $db = 'strict_' . ($options->[0] // '') =~ s/-//gr;
	clone($db);
	$node->command_ok([ 'pg_restore', '-e', @$options, '-d', $node->connstr($db), "$dir/strict" ], "custom restore, @$options");
}
# Data without the schema that comes first, and triggers disabled around each table.
clone('strict_data');
$node->command_ok([ 'pg_restore', '-e', '--schema-only', '-d', $node->connstr('strict_data'), "$dir/strict" ], 'the schema');
$node->command_ok([ 'pg_restore', '-e', '--data-only', '--disable-triggers', '-d', $node->connstr('strict_data'), "$dir/strict" ],
	'the data');
for my $db (qw(strict_plain strict_ strict_j2 strict_singletransaction))
{
	is(snapshot($node, $db), $strict, "$db: everything is as it was");
	still_refused($db, $db);
}
# A dump is known by its settings, makes but takes nothing, and ends when the database is said to be complete.
my $as_dump = 'SET check_function_bodies = off; SET row_security = off; ';
my $grant = 'GRANT UPDATE ON shop.orders TO PUBLIC';
isnt($node->psql('strict_', $grant), 0, 'a grant is refused');
is($node->psql('strict_', "$as_dump $grant"), 0, 'but not that of a dump');
still_refused('strict_', 'a drop in a dump', $as_dump);
$node->safe_psql('strict_plain', 'SELECT strata.post_restore()');
isnt($node->psql('strict_plain', "$as_dump $grant"), 0, 'after post_restore it is');
$node->safe_psql('strict', "SELECT strata.track('public')");
isnt($node->psql('strict', "$as_dump $grant"), 0, 'or with a schema that the database tracked itself');
$node->safe_psql('postgres', 'ALTER ROLE shop_writer LOGIN');
isnt($node->psql('strict_j2', "$as_dump $grant", extra_params => [ '-U', 'shop_writer' ], stderr => \$err), 0, 'nor is an owner');
like($err, qr/GRANT of shop.orders is refused/, 'who is no superuser');

$node->stop;
done_testing();
