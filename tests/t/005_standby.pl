# A standby reads through versions while DDL runs on the primary; after promotion DDL is followed there.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $primary = new_node('primary', allows_streaming => 1);
# Its truncations would be such conflicts.
$primary->append_conf('postgresql.conf', 'autovacuum = off');
$primary->start;
$primary->safe_psql('postgres', everything());
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
# A conflict with a reader cancels it at once, so that none goes unnoticed.
$standby->append_conf('postgresql.conf', 'max_standby_streaming_delay = 0');
$standby->start;
$primary->wait_for_catchup($standby);
is(snapshot($standby), snapshot($primary), 'the standby shows what the primary shows');
healthy($standby, 'standby');

# DDL that is refused takes no lock, so it leaves no AccessExclusiveLock in the WAL, which would
# cancel readers of the standby.
my $reader = $standby->background_psql('postgres', on_error_stop => 0);
$reader->query_safe('BEGIN');
is($reader->query('SELECT count(*) FROM shop_v1.users'), 2, 'a reader on the standby');
like($reader->{stderr}, qr/version "v1" of schema "shop" is deprecated/, 'is warned');
$reader->{stderr} = '';
my $err;
for my $ddl (
	'ALTER TABLE shop.users DROP COLUMN tags',
	'DROP TABLE shop.users',
	'DROP SCHEMA shop CASCADE',
	'ALTER TABLE shop.users ALTER COLUMN mail TYPE int USING length(mail)',
	'ALTER VIEW shop_v1.users RENAME TO x',
	'DROP VIEW shop_v1.users',
	'SET ROLE shop_reader; ALTER TABLE shop.users ADD COLUMN nope int',
	'SET ROLE shop_reader; ALTER TABLE shop.users ALTER COLUMN id TYPE int')
{
	isnt($primary->psql('postgres', $ddl, stderr => \$err), 0, "refused: $ddl");
	like($err, qr/live versions|version view|version schema|must be owner/, 'for the right reason');
}
$primary->wait_for_catchup($standby, 'replay');
is($reader->query('SELECT count(*) FROM shop_v1.users'), 2, 'the reader is still there');
is($reader->{stderr}, '', 'and was told nothing');
$reader->query('COMMIT');

# DDL that runs is followed on the standby, by sessions that knew the version before.
my $columns = 'id, name, mail, state, home, born';
my $was = $reader->query_safe("SELECT $columns FROM shop_v1.users ORDER BY id");
$reader->query_safe("PREPARE p AS SELECT $columns FROM shop_v1.users ORDER BY id");
$reader->query_safe('EXECUTE p');
still_followed($primary, 'primary');
$primary->wait_for_catchup($standby, 'replay');
is($reader->query("SELECT $columns FROM shop_v1.users ORDER BY id"),
	$was, 'a session of the standby reads on');
is($reader->query('EXECUTE p'), $was, 'with its prepared statement too');
is($reader->{stderr}, '', 'and was told nothing');
$reader->quit;
healthy($standby, 'standby after DDL');
isnt($standby->psql('postgres', 'ALTER TABLE shop.users ADD COLUMN x int', stderr => \$err),
	0, 'DDL on the standby is refused');
like($err, qr/read-only transaction/, 'in the words of the server');
isnt($standby->psql('postgres', "SELECT strata.publish('shop', 'v9')", stderr => \$err),
	0, 'publishing too');
like($err, qr/read-only transaction|during recovery/, 'in the words of the server');

# A version that is past its sunset is refused there, too.
$primary->safe_psql('postgres', "SELECT strata.deprecate('shop', 'v1', sunset => '2001-01-01')");
$primary->wait_for_catchup($standby, 'replay');
isnt($standby->psql('postgres', 'SELECT * FROM shop_v1.users', stderr => \$err), 0, 'no reading past the sunset');
like($err, qr/is past its sunset/, 'which is said');
$primary->safe_psql('postgres', "SELECT strata.deprecate('shop', 'v1', sunset => '2199-01-01')");
$primary->wait_for_catchup($standby, 'replay');
is($standby->psql('postgres', 'SELECT 1 FROM shop_v1.users LIMIT 1', stderr => \$err), 0, 'served again');
like($err, qr/is deprecated/, 'with a warning');

# Promotion.
$primary->stop('immediate');
$standby->promote;
$standby->safe_psql('postgres', <<'SQL');
SET client_min_messages = error;
ALTER TABLE shop.users RENAME COLUMN family_name TO surname;
ALTER TABLE shop.users ALTER COLUMN id TYPE int;
SELECT strata.publish('shop', 'v3');
SQL
is($standby->safe_psql('postgres', "SELECT $columns FROM shop_v1.users ORDER BY id"),
	$was, 'DDL on the promoted server is followed');
isnt($standby->psql('postgres', 'DROP TABLE shop.events', stderr => \$err), 0, 'and refused');
healthy($standby, 'promoted');
$standby->stop;
done_testing();
