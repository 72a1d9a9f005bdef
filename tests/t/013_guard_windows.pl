# The end of a window, as statements meet it: what runs is stopped, what still waits is stopped at the
# cutoff, what would leave an invalid index behind may finish, and COMMIT looks again.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use StrataTest;

my $node = start_node('windows');
# A window alone lets the statements below pass: approvals are not what this is about.
$node->safe_psql('postgres', <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, a text, b text);
INSERT INTO s.t SELECT n, n, n FROM generate_series(1, 100) AS n;
CREATE FUNCTION public.slow(text) RETURNS int LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_sleep(0.4); RETURN $1::int; END';
SELECT strata.track('s');
DO $$ BEGIN PERFORM strata.drop_policy(hazard), strata.set_policy(hazard, 'window') FROM strata.policies; END $$;
SQL

# Opens a window for so many seconds from now on; no statement may start in the last $cutoff of it.
sub open_window
{
	my ($seconds, $cutoff) = @_;
	$cutoff //= 0;
	$node->safe_psql('postgres', <<"SQL");
DO \$\$ BEGIN PERFORM strata.drop_window(name) FROM strata.windows; END \$\$;
SELECT strata.add_window('now', clock_timestamp() AT TIME ZONE 'UTC', '$seconds seconds',
  cutoff => '$cutoff seconds');
SQL
	return;
}

# Waits until no statement may start any more: the window has ended, or its cutoff has come.
sub wait_until_closed
{
	$node->poll_query_until('postgres', "SELECT NOT strata.window_open('s')")
		or die 'the window does not close';
	return;
}

sub session
{
	return $node->background_psql('postgres', on_error_stop => 0);
}

# Runs a statement in a session; returns its error and how long it took.
sub run
{
	my ($session, $sql) = @_;
	$session->{stderr} = '';
	my $begun = time;
	$session->query($sql);
	return ($session->{stderr}, time - $begun);
}

my $deploy = session();
my ($err, $took) = run($deploy, 'ALTER TABLE s.t ALTER a TYPE int USING slow(a)');
like($err, qr/may run only in a change window/, 'outside a window: refused');
cmp_ok($took, '<', 30, 'at once');

# Runs into the end: 100 rows take 40 seconds.
open_window(8);
($err, $took) = run($deploy, 'ALTER TABLE s.t ALTER a TYPE int USING slow(a)');
like($err, qr/canceling statement due to statement timeout/, 'stopped at the end of the window');
is($node->safe_psql('postgres', "SELECT strata.window_open('s')"), 'f', 'not before it');
cmp_ok($took, '<', 30, 'nor long after it');
is($deploy->query('SHOW statement_timeout'), '0', 'the setting is what it was');
is($node->safe_psql('postgres', 'SELECT pg_typeof(a) FROM s.t LIMIT 1'), 'text', 'nothing is done');

# A shorter timeout of the session's own counts.
open_window(60);
run($deploy, "SET statement_timeout = '500ms'");
($err, $took) = run($deploy, 'ALTER TABLE s.t ALTER a TYPE int USING slow(a)');
like($err, qr/canceling statement due to statement timeout/, 'the session is more impatient');
cmp_ok($took, '<', 30, 'and is heard');
run($deploy, 'RESET statement_timeout');

# Still waiting at the cutoff, long before the end.
my $reader = session();
$reader->query_safe('BEGIN; SELECT count(*) FROM s.t');
open_window(60, 52);
($err, $took) = run($deploy, 'ALTER TABLE s.t DROP COLUMN b');
like($err, qr/canceling statement due to lock timeout/, 'still waiting at the cutoff: stopped');
cmp_ok($took, '<', 40, 'at the cutoff and not at the end');
is($deploy->query('SHOW lock_timeout'), '0', 'the setting is what it was');
is($reader->query_safe('SELECT count(*) FROM s.t'), 100, 'and those behind it go on');
open_window(60, 20);
($err, $took) = run($deploy, "SET lock_timeout = '200ms'; ALTER TABLE s.t DROP COLUMN b");
like($err, qr/canceling statement due to lock timeout/, 'a lock_timeout of its own counts');
cmp_ok($took, '<', 30, 'when it is shorter');
run($deploy, 'RESET lock_timeout');
$reader->query_safe('COMMIT');

# In the cutoff nothing starts; what runs goes on to the end.
open_window(60, 59.9);
wait_until_closed();
($err) = run($deploy, 'ALTER TABLE s.t DROP COLUMN b');
like($err, qr/may run only in a change window/, 'in the cutoff nothing starts');

# A transaction that is still open when the window ends.
open_window(8);
($err) = run($deploy, 'BEGIN; ALTER TABLE s.t DROP COLUMN b; SELECT pg_sleep(0)');
is($err, '', 'in the window it runs');
wait_until_closed();
($err) = run($deploy, 'COMMIT');
like($err, qr/the change window has ended before the transaction/, 'COMMIT looks again');
is($node->safe_psql('postgres', 'SELECT count(b) FROM s.t'), 100, 'nothing was changed');
open_window(60, 52);
($err) = run($deploy, 'BEGIN; ALTER TABLE s.t DROP COLUMN b');
is($err, '', 'in the window it runs');
wait_until_closed();
($err) = run($deploy, 'COMMIT');
is($err, '', 'in the cutoff it may still commit');

# CREATE INDEX CONCURRENTLY cannot be undone: refused, it leaves nothing; begun, it may finish.
$node->safe_psql('postgres', "SELECT strata.set_policy('NONTRANSACTIONAL', 'window')");
$node->safe_psql('postgres', 'DO $$ BEGIN PERFORM strata.drop_window(name) FROM strata.windows; END $$');
my $index = 'CREATE INDEX CONCURRENTLY t_a ON s.t (a)';
($err) = run($deploy, $index);
like($err, qr/may run only in a change window/, 'CONCURRENTLY outside a window: refused');
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('s.t_a'))), 0,
	'and leaves no index');
($err) = run($deploy, "BEGIN; $index; ROLLBACK");
like($err, qr/change window|transaction block/, 'in a transaction too');
run($deploy, 'ROLLBACK');
# It waits for this one when its index is there, but not valid yet.
$reader->query_safe('BEGIN; INSERT INTO s.t (id) VALUES (1000)');
open_window(8);
$deploy->{stderr} = '';
my $building = IPC::Run::start([ 'psql', '-XAtq', '-c', $index, $node->connstr('postgres') ],
	'<', \undef, '>', \my $out, '2>', \$err);
wait_for_lock($node);
wait_until_closed();
$reader->query_safe('COMMIT');
$building->finish;
is($err, '', 'begun in the window, CONCURRENTLY finishes after it');
is($node->safe_psql('postgres', q(SELECT indisvalid FROM pg_index WHERE indexrelid = 's.t_a'::regclass)), 't',
	'and the index is valid');
($err) = run($deploy, 'DROP INDEX CONCURRENTLY s.t_a');
like($err, qr/may run only in a change window/, 'DROP INDEX CONCURRENTLY outside a window: refused');
($err) = run($deploy, 'REINDEX INDEX CONCURRENTLY s.t_a');
like($err, qr/may run only in a change window/, 'and REINDEX CONCURRENTLY');
is($node->safe_psql('postgres', q(SELECT count(*) FILTER (WHERE NOT indisvalid), count(*) FROM pg_index WHERE indrelid = 's.t'::regclass)),
	'0|2', 'no index is invalid, and there is none more');

# A transaction that needed a window is not put aside for another time; one that needed none is.
open_window(60);
($err) = run($deploy, "BEGIN; ALTER TABLE s.t DROP COLUMN a; PREPARE TRANSACTION 'later'");
like($err, qr/cannot PREPARE a transaction whose statements need a change window/, 'PREPARE TRANSACTION: refused');
run($deploy, 'ROLLBACK');
($err) = run($deploy, "BEGIN; ALTER TABLE s.t ADD COLUMN c int; PREPARE TRANSACTION 'later'");
is($err, '', 'without hazards it may');
($err) = run($deploy, "COMMIT PREPARED 'later'");
is($err, '', 'and be committed');

$_->quit for $deploy, $reader;
$node->stop;
done_testing();
