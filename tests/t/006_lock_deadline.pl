# lock_timeout is one deadline for all the locks of a statement, not one for each version view.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);
use StrataTest;

my $node = start_node('deadline');
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, a text);
SELECT strata.track('s');
SELECT strata.publish('s', 'v' || n) FROM generate_series(1, 4) AS n;
SQL

# Holds the views for a while each, one after the other, so that no single wait reaches the timeout.
sub block_each
{
	my @sessions;
	for my $n (1 .. 4)
	{
		my $session = $node->background_psql('postgres');
		$session->query_safe('BEGIN');
		# Locks the view and not the table.
		$session->query_safe("CREATE TEMPORARY VIEW w AS SELECT * FROM s_v$n.t");
		push @sessions, $session;
	}
	return @sessions;
}

# Runs $ddl while the views are let go one by one, $each seconds apart; returns (status, stderr, s).
sub run_against
{
	my ($ddl, $each) = @_;
	my @sessions = block_each();
	my ($out, $err) = ('', '');
	my $begin   = time;
	my $handle  = IPC::Run::start(
		[ 'psql', '-qXAt', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-c', $ddl ],
		'<', \undef, '>', \$out, '2>', \$err);
	my $next = $begin;
	for my $session (@sessions)
	{
		$next += $each;
		while (time < $next)
		{
			last unless $handle->pumpable;
			eval { $handle->pump_nb };  # it may have ended meanwhile
			sleep 0.02;
		}
		$session->query_safe('ROLLBACK');
		$session->quit;
	}
	$handle->finish;
	return ($handle->result(0), $err, time - $begin);
}

for my $ddl (
	'ALTER TABLE s.t ADD COLUMN n int',
	'ALTER TABLE s.t ALTER COLUMN id TYPE bigint',
	'ALTER TABLE s.t RENAME COLUMN a TO b')
{
	# Each view is free within 0.6 s of the one before; together they would take 2.4 s.
	my ($status, $err) = run_against("SET lock_timeout = '1s'; $ddl", 0.6);
	isnt($status, 0, "$ddl: gives up");
	like($err, qr/55P03/, 'with the error of lock_timeout');
	is($node->safe_psql('postgres', "SELECT count(*) FROM pg_attribute WHERE attrelid = 's.t'::regclass AND attnum > 0"),
		2, 'and nothing is done');
}
# How long it waited, in one session that times itself.
my @sessions = block_each();
my $waiter = $node->background_psql('postgres', on_error_stop => 0);
my $begin  = time;
$waiter->query("SET lock_timeout = '1s'");
$waiter->query('ALTER TABLE s.t ADD COLUMN n int');
my $took = time - $begin;
like($waiter->{stderr}, qr/lock timeout/, 'gives up');
cmp_ok($took, '>', 0.9, 'not before the timeout');
cmp_ok($took, '<', 30, 'nor when the views are let go');
$waiter->{stderr} = '';
is($waiter->query('SHOW lock_timeout'), '1s', 'the setting is what it was');
$_->quit for @sessions;
$waiter->query("SET lock_timeout = '20s'");
$waiter->query('ALTER TABLE s.t ADD COLUMN n int');
is($waiter->{stderr}, '', 'with time enough it goes through');
is($waiter->query('SHOW lock_timeout'), '20s', 'the setting is what it was');
$waiter->quit;
healthy_s();

sub healthy_s
{
	is($node->safe_psql('postgres', 'SELECT * FROM strata.verify()'), '', 'verify has no rows');
	return;
}
$node->stop;
done_testing();
