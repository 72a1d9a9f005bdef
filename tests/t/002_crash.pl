# What is left after a crash: all of a statement or nothing of it, and versions that hold.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = start_node('crash');
$node->append_conf('postgresql.conf', "fsync = on\nrestart_after_crash = on\nautovacuum = off");
$node->restart;
$node->safe_psql('postgres', everything() . 'DROP VIEW shop.open_users;');
healthy($node, 'before');
my $before = snapshot($node);

# The server dies while DDL has detached the views and not brought them back: the USING expression
# of a prepared type change waits in the middle of the rewrite.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION public.wait_here(d date) RETURNS timestamp LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_lock(4711);
  RETURN d;
END $$;
CREATE FUNCTION public.back(t timestamp) RETURNS varchar IMMUTABLE LANGUAGE sql AS
  $$ SELECT to_char($1, 'YYYY-MM-DD') $$;
SQL
my $holder = $node->background_psql('postgres');
$holder->query_safe('SELECT pg_advisory_lock(4711)');

sub start_long_ddl
{
	my $session = $node->background_psql('postgres', on_error_stop => 0, wait => 0);
	# Reports nothing when it ends: the server has gone.
	$session->query_until(qr/started/, <<'SQL');
\echo started
BEGIN;
SET client_min_messages = error;
SELECT strata.prepare_type_change('shop.users', 'born', 'timestamp', 'born::date', 'born::timestamp');
ALTER TABLE shop.users ALTER COLUMN id TYPE int, ALTER COLUMN first_name TYPE varchar,
  ALTER COLUMN born TYPE timestamp USING public.wait_here(born);
COMMIT;
SQL
	wait_for_lock($node) or die "the DDL does not wait";
	return $session;
}

sub leave
{
	my ($session) = @_;
	eval { $session->{run}->kill_kill };
	return;
}

my $session = start_long_ddl();
$node->stop('immediate');
leave($session);
leave($holder);
$node->start;
healthy($node, 'after an immediate stop in the middle of DDL');
is(snapshot($node), $before, 'nothing of the statement is left');

# kill -9 of the backend that runs the DDL: the postmaster restarts everything.
$holder = $node->background_psql('postgres');
$holder->query_safe('SELECT pg_advisory_lock(4711)');
$session = start_long_ddl();
my $pid = $node->safe_psql('postgres',
	q(SELECT pid FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE shop.users%' AND wait_event_type = 'Lock'));
like($pid, qr/^\d+$/, 'the backend in the middle of DDL');
kill 'KILL', $pid;
wait_until_gone($pid);
leave($session);
leave($holder);
wait_until_up($node) or die 'the server did not come back';
healthy($node, 'after kill -9 of the backend');
is(snapshot($node), $before, 'nothing of the statement is left');

# kill -9 of the postmaster while readers and DDL go on; what was committed is there.
$node->safe_psql('postgres', <<'SQL');
SET client_min_messages = error;
ALTER TABLE shop.users RENAME COLUMN last_name TO family_name;
ALTER TABLE shop.events ALTER COLUMN what TYPE varchar(50);
SQL
my $committed = snapshot($node);
my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;
$node->kill9;
ok(start_again($node, $postmaster), 'the server starts again');
healthy($node, 'after kill -9 of the server');
is(snapshot($node), $committed, 'committed DDL is there');

# A prepared transaction with DDL outlives a crash, holds its locks, and commits or rolls back.
my $err;
my $prepare = q(
BEGIN;
SET LOCAL client_min_messages = error;
ALTER TABLE shop.users ALTER COLUMN last_login TYPE text;
ALTER TABLE shop.users RENAME COLUMN family_name TO surname;
SELECT strata.publish('shop', 'v3');
PREPARE TRANSACTION 'ddl';
);
$node->safe_psql('postgres',
	'ALTER TABLE shop.users ADD COLUMN last_login varchar(9)');
$committed = snapshot($node);
for my $end ('ROLLBACK', 'COMMIT')
{
	$node->safe_psql('postgres', $prepare);
	$node->stop('immediate');
	$node->start;
	is($node->safe_psql('postgres', 'SELECT gid FROM pg_prepared_xacts'),
		'ddl', "$end: the prepared transaction is there after the crash");
	isnt($node->psql('postgres', "SET lock_timeout = '100ms'; SELECT * FROM shop_v1.users",
			stderr => \$err), 0, "$end: it holds its locks");
	like($err, qr/lock timeout/, "$end: on the version view too");
	$node->safe_psql('postgres', "$end PREPARED 'ddl'");
	healthy($node, "after $end PREPARED");
	if ($end eq 'ROLLBACK')
	{
		is(snapshot($node), $committed, 'rolled back: as before');
	}
	else
	{
		is($node->safe_psql('postgres', 'SELECT count(*) FROM shop_v3.users'),
			2, 'committed: the new version is there');
		like($node->safe_psql('postgres',
				q(SELECT read_as FROM strata.contract('shop', 'v1') WHERE relation = 'users' AND column_name = 'name')),
			qr/surname/, 'and v1 reads the renamed column');
	}
}
still_followed_after_rename();

sub still_followed_after_rename
{
	$node->safe_psql('postgres', 'ALTER TABLE shop.users RENAME COLUMN surname TO last_name');
	still_followed($node, 'at the end');
	return;
}

$node->stop;
done_testing();
