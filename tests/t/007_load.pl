# Concurrent clients with prepared statements, through two versions, while DDL loops: no error, no
# deadlock. The same DDL on a plain table ends clients with "cached plan must not change result type".
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use StrataTest;

my $node = new_node('load');
$node->append_conf('postgresql.conf', "fsync = off\ndeadlock_timeout = '200ms'\nautovacuum = off");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, a text, n int NOT NULL DEFAULT 0);
CREATE TABLE s.parent (id int PRIMARY KEY);
INSERT INTO s.t SELECT i, 'row ' || i FROM generate_series(1, 200) i;
SELECT strata.track('s');
SELECT strata.publish('s', 'v1');
SELECT strata.publish('s', 'v2');
SQL

my $clients = <<'SQL';
\set id random(1, 200)
\set version random(1, 2)
\if :version = 1
SELECT id, a, n FROM s_v1.t WHERE id = :id;
BEGIN;
UPDATE s_v1.t SET n = n + 1 WHERE id = :id;
SELECT a FROM s_v1.t WHERE id = :id;
COMMIT;
\else
SELECT id, a, n FROM s_v2.t WHERE id = :id;
BEGIN;
SELECT a FROM s_v2.t WHERE id = :id;
UPDATE s_v2.t SET n = n + 1 WHERE id = :id;
COMMIT;
\endif
SQL
my $script = $node->basedir . '/clients.sql';
PostgreSQL::Test::Utils::append_to_file($script, $clients);

sub under_load
{
	my ($what, $seconds, @ddl) = @_;
	my ($out, $err) = ('', '');
	my $logged  = -s $node->logfile;
	my $pgbench = IPC::Run::start(
		[
			'pgbench', '-n', '-M', 'prepared', '-c', '6', '-j', '6', '-T', $seconds,
			'-f', $script, $node->connstr('postgres')
		],
		'<', \undef, '>', \$out, '2>', \$err);
	my $end    = time + $seconds - 1;
	my $rounds = 0;
	my $failed = '';
	while (time < $end && $failed eq '')
	{
		for my $ddl (@ddl)
		{
			my $message;
			$node->psql('postgres', "SET client_min_messages = error;$ddl", stderr => \$message);
			$failed .= $message;
		}
		$rounds++;
	}
	$pgbench->finish;
	is($failed, '', "$what: no DDL fails");
	is($pgbench->result(0), 0, "$what: no client fails") or diag("$out$err");
	like($out, qr/number of failed transactions: 0 /, "$what: no failed transaction");
	unlike($err, qr/ERROR|aborted/, "$what: no error at a client");
	my $log = slurp_file($node->logfile, $logged);
	unlike($log, qr/deadlock detected/, "$what: no deadlock");
	unlike($log, qr/(PANIC|FATAL|ERROR):/, "$what: no error in the log");
	cmp_ok($rounds, '>', 1, "$what: the DDL ran ($rounds rounds)");
	is($node->safe_psql('postgres', 'SELECT * FROM strata.verify()'),
		'', "$what: verify has no rows");
	$out =~ /tps = ([\d.]+)/ and note("$what: $rounds rounds of DDL, $1 transactions a second");
	return;
}

under_load(
	'rename, retype, add, drop', 6,
	'ALTER TABLE s.t RENAME COLUMN a TO b',
	'ALTER TABLE s.t ALTER COLUMN id TYPE bigint',
	'ALTER TABLE s.t ADD COLUMN extra int DEFAULT 7',
	'ALTER TABLE s.t RENAME TO u',
	'ALTER TABLE s.u ALTER COLUMN id TYPE int',
	'ALTER TABLE s.u RENAME TO t',
	'ALTER TABLE s.t DROP COLUMN extra',
	'ALTER TABLE s.t RENAME COLUMN b TO a');

# A statement that takes the table without needing the views would make the next one a deadlock.
under_load(
	'ADD COLUMN, then ALTER TYPE, in one transaction', 6,
	'BEGIN; ALTER TABLE s.t ADD COLUMN extra int; ALTER TABLE s.t ALTER COLUMN id TYPE bigint; COMMIT',
	'BEGIN; ALTER TABLE s.t DROP COLUMN extra; ALTER TABLE s.t ALTER COLUMN id TYPE int; COMMIT');

under_load(
	'LOCK TABLE, drop of an index or key, then DDL, in one transaction', 5,
	'BEGIN; LOCK TABLE s.t; ALTER TABLE s.t ADD COLUMN extra int; COMMIT',
	'BEGIN; LOCK TABLE s.t; CREATE INDEX t_a ON s.t (a); COMMIT',
	'BEGIN; DROP INDEX s.t_a; ALTER TABLE s.t DROP COLUMN extra; COMMIT',
	'CREATE INDEX CONCURRENTLY t_n ON s.t (n)',
	'DROP INDEX CONCURRENTLY s.t_n',
	'BEGIN; LOCK TABLE s.t; CREATE TABLE s.child (t int REFERENCES s.t); COMMIT',
	'BEGIN; DROP TABLE s.child; ALTER TABLE s.t ADD COLUMN extra int; ALTER TABLE s.t DROP COLUMN extra; COMMIT');

# Two sessions that retype the same column at once take turns.
my @pairs = map {
	my ($out, $err) = ('', '');
	my $file = $node->basedir . "/retype$_.sql";
	PostgreSQL::Test::Utils::append_to_file($file,
		"SET client_min_messages = error;\nALTER TABLE s.t ALTER COLUMN n TYPE "
		  . ($_ % 2 ? 'bigint' : 'int')
		  . ";\nALTER TABLE s.t ALTER COLUMN n TYPE int;\n");
	$file
} 1 .. 2;
my $logged = -s $node->logfile;
$node->command_ok(
	[
		'pgbench', '-n', '-c', '4', '-j', '4', '-T', '3', (map { ('-f', $_) } @pairs),
		$node->connstr('postgres')
	],
	'type changes at once');
unlike(slurp_file($node->logfile, $logged), qr/ERROR|deadlock/, 'no error, no deadlock');
is($node->safe_psql('postgres', 'SELECT * FROM strata.verify()'), '', 'verify has no rows');

$node->stop;
done_testing();
