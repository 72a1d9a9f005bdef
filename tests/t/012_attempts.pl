# Refused and failed statements are kept though their transaction rolls back: in the log at once, in
# strata.attempts after the flush interval, across kill -9, floods, DROP DATABASE and promotion.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);
use StrataTest;

my $shop = <<'SQL';
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
SELECT strata.drop_policy(hazard) FROM strata.policies;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text);
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SQL
my $refused = 'ALTER TABLE shop.users DROP COLUMN name';

sub attempts
{
	my ($node, $query, $db) = @_;
	return $node->safe_psql($db // 'postgres', "SELECT $query FROM strata.attempts");
}

# Waits until nothing is in the queue, and returns how long that took.
sub flushed
{
	my ($node, $what, $db) = @_;
	my $begun = time;
	ok( $node->poll_query_until($db // 'postgres',
			'SELECT waiting = 0 FROM strata.attempts_queue()'),
		"$what: flushed");
	return time - $begun;
}

sub refuse
{
	my ($node, $db, $sql) = @_;
	my ($out, $err);
	isnt($node->psql($db, $sql // $refused, stderr => \$err), 0, 'refused') or diag($sql);
	return $err;
}

my $node = new_node('attempts', allows_streaming => 1);
$node->append_conf('postgresql.conf', "pg_strata.flush_interval = 200ms\nlog_statement = none\nlisten_addresses = '127.0.0.1'");
$node->start;
$node->safe_psql('postgres', $shop);
my ($out, $err);

# One of each kind: refused in a transaction that rolls back, failed in the server, not allowed.
my $log_at = -s $node->logfile;
$node->safe_psql('postgres', 'CREATE ROLE outsider LOGIN');
$err = refuse($node, 'postgres', "BEGIN; CREATE TABLE shop.gone (a int); $refused; COMMIT");
like($err, qr/live versions show it/, 'the client is told by the error');
unlike($err, qr/LOG:|pg_strata:/, 'and by nothing else');
refuse($node, 'postgres', 'ALTER TABLE shop.users ADD COLUMN id int');
refuse($node, 'postgres', "SET client_min_messages = log; SET SESSION AUTHORIZATION outsider;"
	  . " SET application_name = 'deploy'; ALTER TABLE shop.users ADD COLUMN mine int");
$node->safe_psql('postgres', <<'SQL');
DO $$ BEGIN ALTER TABLE shop.users RENAME COLUMN nope TO x; EXCEPTION WHEN OTHERS THEN NULL; END $$;
SQL
# What is nobody's business here.
refuse($node, 'postgres', 'DROP TABLE public.nowhere CASCADE');
refuse($node, 'postgres', 'SELECT 1/0');
refuse($node, 'postgres', 'LOCK TABLE shop.nope');
flushed($node, 'one of each');
is( attempts($node, 'base, sqlstate, session_role, effective_role, application_name, statement, lost'),
	join("\n",
		"shop|ST004|postgres|postgres|012_attempts.pl|$refused|0",
		'shop|42701|postgres|postgres|012_attempts.pl|ALTER TABLE shop.users ADD COLUMN id int|0',
		'shop|42501|outsider|outsider|deploy|ALTER TABLE shop.users ADD COLUMN mine int|0',
		'shop|42703|postgres|postgres|012_attempts.pl|ALTER TABLE shop.users RENAME COLUMN nope TO x|0'),
	'all are found, once each, without their transactions');
is( $node->safe_psql('postgres', q(SELECT reason, detail FROM strata.attempts WHERE sqlstate = 'ST004')),
	'cannot drop column "name" of shop.users because live versions show it|Shown by: shop_v1.users (version "v1").',
	'with the reason');
is( $node->safe_psql('postgres',
		q(SELECT bool_and(statement_sha256 = sha256(statement::bytea) AND statement_length = length(statement)
		  AND at BETWEEN now() - interval '5 min' AND now()) FROM strata.attempts)),
	't', 'with time, length and digest');

# From where.
isnt( $node->psql('postgres', 'DROP TABLE shop.nope',
		connstr => 'host=127.0.0.1 dbname=postgres port=' . $node->port),
	0, 'refused by TCP');
flushed($node, 'TCP');
is(attempts($node, q(count(*) FILTER (WHERE client_addr = '127.0.0.1'), count(*))),
	'1|5', 'the address of the client');

# The log.
my $log = slurp_file($node->logfile, $log_at);
my ($line, $facts) = $log =~ /LOG:  (pg_strata: refused .*)\n.*DETAIL:  (\{.*\})\n/;
is($line, 'pg_strata: refused statement on schema "shop"', 'the log says so at once');
is( $node->safe_psql('postgres', "SELECT f->>'base', f->>'sqlstate', f->>'reason', f->>'statement', f->>'queued'"
		  . " FROM (SELECT \$facts\$$facts\$facts\$::jsonb AS f) AS x"),
	"shop|ST004|cannot drop column \"name\" of shop.users because live versions show it|$refused|true",
	'with the facts as JSON');
like($log, qr/LOG:  pg_strata: failed statement on schema "shop"/, 'failures too');
is(() = $log =~ /pg_strata: (refused|failed)/g, 5, 'once each');

# Nested statements are noted where they happened, once.
$node->safe_psql('postgres', <<'SQL');
ALTER TABLE strata.attempt DISABLE TRIGGER append_only; DELETE FROM strata.attempt; ALTER TABLE strata.attempt ENABLE ALWAYS TRIGGER append_only;
CREATE FUNCTION public.breaks(t text) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN ALTER TABLE shop.users DROP COLUMN name; RETURN t; END $$;
CREATE TABLE shop.outer (a text);
INSERT INTO shop.outer VALUES ('x');
SQL
refuse($node, 'postgres', 'ALTER TABLE shop.outer ALTER COLUMN a TYPE text USING public.breaks(a)');
refuse($node, 'postgres', "SELECT public.breaks('x')");
flushed($node, 'nested');
is(attempts($node, 'statement'), "$refused\n$refused", 'the statement inside is kept');

# Secrets. Whatever makes a statement of ours of it, its text is masked; the digest is of all of it.
my $secret = "CREATE TABLE shop.users AS SELECT 'host=h password=hush'::text";
refuse($node, 'postgres', $secret);
my $long = "CREATE TABLE shop.users (" . join(', ', map { "column_$_ int" } 1 .. 1000) . ')';
refuse($node, 'postgres', $long);
flushed($node, 'secrets');
is( $node->safe_psql('postgres',
		"SELECT statement FROM strata.attempts WHERE statement_sha256 = sha256('" . ($secret =~ s/'/''/gr) . "')"),
	"CREATE TABLE shop.users AS SELECT '***'::text", 'secrets are masked');
is( $node->safe_psql('postgres',
		"SELECT statement = substr('$long', 1, 6143), statement_length = length('$long')"
		  . " FROM strata.attempts WHERE statement_sha256 = sha256('$long')"),
	't|t', 'long statements are cut');
ok((grep { /hush/ && !/STATEMENT: / } split /^/, slurp_file($node->logfile, $log_at)) == 0,
	'also in our log lines');

# Who may read.
isnt($node->psql('postgres', 'SET ROLE outsider; SELECT * FROM strata.attempts', stderr => \$err), 0, 'not everybody may read');
like($err, qr/permission denied/, 'as the server says');
is($node->safe_psql('postgres', 'GRANT strata_reader TO outsider; SET ROLE outsider; SELECT count(*) > 0 FROM strata.attempts, strata.attempts_queue()'),
	't', 'members of strata_reader may');

# kill -9 after the flush interval loses nothing, and restarts the launcher.
$node->safe_psql('postgres', 'ALTER TABLE strata.attempt DISABLE TRIGGER append_only; DELETE FROM strata.attempt; ALTER TABLE strata.attempt ENABLE ALWAYS TRIGGER append_only');
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query($refused) for 1 .. 20;
flushed($node, 'before kill -9');
my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;
$node->kill9;
eval { $session->{run}->kill_kill };
ok(start_again($node, $postmaster), 'the server starts again');
is(attempts($node, 'count(*)'), 20, 'all are there');
refuse($node, 'postgres');
flushed($node, 'after kill -9');
is(attempts($node, 'count(*)'), 21, 'and it goes on');

# A worker or launcher that is killed takes the server down as any process does; ended, it comes back.
$node->safe_psql('postgres', q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_strata launcher'));
refuse($node, 'postgres');
flushed($node, 'after the end of the launcher');
is(attempts($node, 'count(*)'), 22, 'nothing is lost with the launcher');

# A clean stop keeps what was not written yet.
$node->append_conf('postgresql.conf', "pg_strata.flush_interval = 30s");
$node->reload;
refuse($node, 'postgres') for 1 .. 3;
$node->restart;
is($node->safe_psql('postgres', 'SELECT waiting FROM strata.attempts_queue()'), 3, 'a restart keeps the queue');
ok(!-e $node->data_dir . '/pg_stat/pg_strata_attempts.queue', 'its file is gone');
$node->append_conf('postgresql.conf', "pg_strata.flush_interval = 200ms");
$node->reload;
flushed($node, 'after a restart');
is(attempts($node, 'count(*)'), 25, 'and writes it');

# A flood: bounded, and counted.
$node->safe_psql('postgres', 'ALTER TABLE strata.attempt DISABLE TRIGGER append_only; DELETE FROM strata.attempt; ALTER TABLE strata.attempt ENABLE ALWAYS TRIGGER append_only');
$node->append_conf('postgresql.conf', "log_min_messages = fatal");
$node->reload;
my $before = $node->safe_psql('postgres', 'SELECT lost FROM strata.attempts_queue()');
my $capacity = $node->safe_psql('postgres', 'SELECT capacity FROM strata.attempts_queue()');
is($capacity, 256, 'the size of the queue');
my $flood = <<'SQL';
DO $$ BEGIN FOR i IN 1..10000 LOOP
  BEGIN ALTER TABLE shop.users DROP COLUMN name; EXCEPTION WHEN SQLSTATE 'ST004' THEN NULL; END;
END LOOP; END $$;
SQL
$session = $node->background_psql('postgres', wait => 1);
my ($most, $others) = (0, 0);
$session->query_until(qr/started/, "\\echo started\n$flood\\echo ended\n");
$node->poll_query_until('postgres', q(SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO%'))
  or die 'the flood did not begin';
while (1)
{
	my $waiting = $node->safe_psql('postgres', 'SELECT waiting FROM strata.attempts_queue()');
	$most = $waiting if $waiting > $most;
	# Another session fails while this one floods.
	refuse($node, 'postgres', 'ALTER TABLE shop.users ADD COLUMN id int')
	  if $waiting >= $capacity / 4 && !$others++;
	last if $node->safe_psql('postgres',
		q(SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO%')) == 0;
	usleep 20_000;
}
ok($most > 0 && $most <= $capacity / 4 + 1, "one session fills no more than its share ($most)");
$session->quit;
flushed($node, 'flood');
ok($node->poll_query_until('postgres', q(SELECT sum(lost) + count(*) FILTER (WHERE lost = 0) = 10001 FROM strata.attempts)),
	'every one of the 10,000 is kept or counted') or diag(attempts($node, 'sum(lost), count(*)'));
is(attempts($node, q(count(*) FILTER (WHERE sqlstate = '42701'))), 1, 'so is that of another session');
is($node->safe_psql('postgres', "SELECT lost - $before FROM strata.attempts_queue()"),
	attempts($node, 'sum(lost)'), 'the function counts the same');
$node->append_conf('postgresql.conf', "log_min_messages = warning");
$node->reload;

# Several databases; DROP DATABASE, CREATE DATABASE from a template, and a lock on the table.
$node->safe_psql('postgres', 'ALTER TABLE strata.attempt DISABLE TRIGGER append_only; DELETE FROM strata.attempt; ALTER TABLE strata.attempt ENABLE ALWAYS TRIGGER append_only; CREATE DATABASE other; CREATE DATABASE third');
$node->safe_psql($_, $shop) for ('other', 'third', 'template1');
for (1 .. 5)
{
	refuse($node, $_) for ('other', 'third', 'template1', 'postgres');
}
flushed($node, 'several databases');
is(attempts($node, 'count(*)', $_), 5, "each has its own: $_") for ('other', 'third', 'template1', 'postgres');

for my $round (1 .. 5)
{
	refuse($node, 'template1') for 1 .. 3;
	usleep 200_000;    # about when the worker comes
	is($node->psql('postgres', "CREATE DATABASE copy$round", stderr => \$err), 0, "CREATE DATABASE while the worker runs, $round") or diag($err);
	refuse($node, "copy$round") for 1 .. 3;
	usleep 200_000;
	is($node->psql('postgres', "DROP DATABASE copy$round", stderr => \$err), 0, "DROP DATABASE while the worker runs, $round") or diag($err);
}
flushed($node, 'after DROP DATABASE');
is(attempts($node, 'count(*)', 'template1'), 5 + 15, 'none of the template is lost');

# Somebody has locked the table; the others go on.
my $locker = $node->background_psql('other');
$locker->query_safe('BEGIN; LOCK TABLE strata.attempt');
refuse($node, 'other');
refuse($node, 'third');
ok($node->poll_query_until('third', 'SELECT count(*) = 6 FROM strata.attempts'), 'a locked table holds up no other database');
ok($node->poll_query_until('postgres', q(SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'pg_strata worker')),
	'its worker tries');
ok($node->poll_query_until('postgres', q(SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_strata worker')),
	'and does not stay');
is($node->safe_psql('postgres', 'SELECT waiting FROM strata.attempts_queue()'), 1, 'it is kept meanwhile');
$locker->query_safe('COMMIT');
$locker->quit;
flushed($node, 'after the lock');
is(attempts($node, 'count(*)', 'other'), 6, 'and written afterwards');

# Settings of the database are for clients.
$node->safe_psql('postgres', <<'SQL');
ALTER DATABASE other SET default_transaction_read_only = on;
ALTER DATABASE other SET synchronous_commit = off;
ALTER DATABASE other ALLOW_CONNECTIONS false;
ALTER DATABASE third SET search_path = shop;
SQL
$session = $node->background_psql('third', on_error_stop => 0);
$node->safe_psql('postgres', 'ALTER DATABASE third ALLOW_CONNECTIONS false');
$session->query($refused);
flushed($node, 'no connections allowed');
$node->safe_psql('postgres', 'ALTER DATABASE third ALLOW_CONNECTIONS true; ALTER DATABASE other ALLOW_CONNECTIONS true');
is($session->query('SELECT count(*) FROM strata.attempts'), 7, 'written though no connections were allowed');
$session->quit;
refuse($node, 'other', "SET default_transaction_read_only = off; $refused");
flushed($node, 'read only');
is(attempts($node, 'count(*)', 'other'), 7, 'written though the database is read only for clients');

# Without the extension there is no table to write to.
$before = $node->safe_psql('postgres', 'SELECT lost FROM strata.attempts_queue()');
$log_at = -s $node->logfile;
$node->append_conf('postgresql.conf', "pg_strata.flush_interval = 60s");
$node->reload;
$node->psql('third', <<'SQL', on_error_stop => 0);
BEGIN;
SAVEPOINT s;
ALTER TABLE shop.users DROP COLUMN name;
ROLLBACK TO s;
SELECT strata.set_option('shop', 'retire_after_idle', '0');
SELECT strata.retire('shop', 'v1');
DROP EXTENSION pg_strata;
COMMIT;
SQL
$node->append_conf('postgresql.conf', "pg_strata.flush_interval = 200ms");
$node->reload;
flushed($node, 'without the extension');
is($node->safe_psql('postgres', 'SELECT lost FROM strata.attempts_queue()') - $before, 1, 'the entry is dropped and counted');
ok($node->wait_for_log(qr/pg_strata dropped 1 refused or failed statements/, $log_at), 'the log says so');
is($node->psql('third', 'ALTER TABLE shop.users DROP COLUMN name'), 0, 'and there nothing is refused any more');

# Dump and restore keep them.
$node->safe_psql('postgres', 'CREATE DATABASE restored');
my $dump = $node->basedir . '/attempts.dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('postgres') ], 'dump');
$node->safe_psql('postgres', "DROP DATABASE restored; CREATE DATABASE restored TEMPLATE template0");
$node->command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $dump ], 'restore');
is(attempts($node, 'count(*), max(attempt_id)', 'restored'), attempts($node, 'count(*), max(attempt_id)'), 'restored');
refuse($node, 'restored');
flushed($node, 'restored');
is(attempts($node, 'count(*)', 'restored'), attempts($node, 'count(*)') + 1, 'new ones follow the restored');

# While theirs are not loaded yet, as with several jobs, what is written does not take their numbers.
sub restore_by_list
{
	my ($which, @entries) = @_;
	my $list = "$dump.list";
	unlink $list;
	append_to_file($list, join("\n", @entries) . "\n");
	$node->command_ok([ 'pg_restore', '-L', $list, '-d', $node->connstr('by_list'), $dump ], "restore of $which");
	return;
}
$node->safe_psql('postgres', 'CREATE DATABASE by_list TEMPLATE template0');
my ($listed) = run_command([ 'pg_restore', '-l', $dump ]);
my @entries  = split /\n/, $listed;
my $theirs   = qr/(TABLE DATA|SEQUENCE SET) strata attempt(_attempt_id_seq)? /;
my @attempts = grep { $_ =~ $theirs } @entries;
is(scalar @attempts, 2, 'the dump has attempts, and their last number');
restore_by_list('all but attempts', grep { $_ !~ $theirs } @entries);
refuse($node, 'by_list');
flushed($node, 'before the others');
restore_by_list('attempts', @attempts);
refuse($node, 'by_list');
flushed($node, 'after the others');
is(attempts($node, q(count(*) - 2, max(attempt_id) - 2), 'by_list'), attempts($node, 'count(*), max(attempt_id)'), 'they come behind them');
my $problems = 'SELECT * FROM strata.verify_provenance()';    # of the rows that were deleted here
is($node->safe_psql('by_list', $problems), $node->safe_psql('postgres', $problems), 'and the chain holds');

# A standby has neither launcher nor worker until it is promoted.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('attempts_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
refuse($node, 'postgres');
flushed($node, 'primary');
$node->wait_for_catchup($standby);
is(attempts($standby, 'count(*)'), attempts($node, 'count(*)'), 'the standby shows those of the primary');
is($standby->safe_psql('postgres', q(SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'pg_strata%')), 0, 'and has no process of its own');
refuse($standby, 'postgres');
is($standby->safe_psql('postgres', 'SELECT waiting FROM strata.attempts_queue()'), 0, 'what a standby refuses is no attempt');
my $count = attempts($node, 'count(*)');
$node->stop('immediate');
$standby->promote;
refuse($standby, 'postgres');
flushed($standby, 'promoted');
is(attempts($standby, 'count(*)'), $count + 1, 'promoted, it keeps its own');

# Shutdown does not wait; without a queue nothing runs.
refuse($standby, 'postgres');
my $begun = time;
$standby->stop('smart');
ok(time - $begun < 30, 'a smart shutdown ends');
$standby->append_conf('postgresql.conf', "pg_strata.attempts_queue = 0\npg_strata.stat_max = 0");
$standby->start;
$log_at = -s $standby->logfile;
refuse($standby, 'postgres');
is($standby->safe_psql('postgres', q(SELECT count(*) FROM pg_stat_activity WHERE query = 'writing refused and failed statements')), 0, 'queue = 0: nobody writes');
is($standby->safe_psql('postgres', 'SELECT capacity FROM strata.attempts_queue()'), 0, 'queue = 0: no queue');
like(slurp_file($standby->logfile, $log_at), qr/pg_strata: refused.*\n.*"queued": "false"/, 'queue = 0: the log has it all the same');
$standby->stop;
done_testing();
