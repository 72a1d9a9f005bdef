# What clients use of versions is counted in shared memory and written down by a worker: none of it
# twice, none of it lost by a restart, at most one interval by kill -9, on a standby in memory only.
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
INSERT INTO shop.users SELECT i, 'n' FROM generate_series(1, 100) AS i;
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SQL
my $use = 'SELECT name FROM shop_v1.users WHERE id = 1';
my ($out, $err);

# What the views show, and what is in the table.
sub calls
{
	my ($node, $db) = @_;
	return $node->safe_psql($db // 'postgres', 'SELECT sum(calls) FROM strata.stat_versions');
}

sub written
{
	my ($node, $db, $period) = @_;
	return $node->safe_psql($db // 'postgres',
		q(SELECT COALESCE(sum(calls), 0) FROM strata.usage WHERE relation = '' AND period = ') . ($period // 'ever') . q('));
}

sub interval
{
	my ($node, $interval) = @_;
	$node->append_conf('postgresql.conf', "pg_strata.stat_interval = $interval");
	$node->reload;
}

# Waits until that many calls have been written by the worker, which nobody asked to.
sub written_by_itself
{
	my ($node, $count, $what, $db) = @_;
	ok( $node->poll_query_until($db // 'postgres',
			"SELECT sum(calls) = $count FROM strata.usage WHERE relation = '' AND period = 'ever'"),
		"$what: written") or diag(written($node, $db));
}

my $node = new_node('telemetry', allows_streaming => 1);
$node->append_conf('postgresql.conf', "pg_strata.stat_interval = 200ms\nlog_statement = none\nautovacuum = off\nrestart_after_crash = on");
$node->start;
$node->safe_psql('postgres', $shop);

# Nothing to do: the launcher sleeps.
ok( $node->poll_query_until('postgres', q(SELECT string_agg(wait_event_type, ',') = 'Extension' FROM pg_stat_activity WHERE backend_type LIKE 'pg_strata%')),
	'the launcher waits, alone');
my $launcher = $node->safe_psql('postgres', q(SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_strata launcher'));
my $switches = sub { slurp_file("/proc/$launcher/status") =~ /^voluntary_ctxt_switches:\s+(\d+)/m ? $1 : -1 };
my $before = $switches->();
usleep 1_500_000;
is($switches->(), $before, 'and is not even woken');

# A session that stays, and does nothing more.
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe($use) for 1 .. 3;
written_by_itself($node, 3, 'of an idle session');
is(calls($node), 3, 'the views show it once');

# Many at once, for many intervals: each is counted once, and no look at it ever sees less.
my $script = $node->basedir . '/use.sql';
append_to_file($script, "\\set id random(1, 100)\nSELECT name FROM shop_v1.users WHERE id = :id;\nUPDATE shop_v1.users SET name = 'm' WHERE id = :id;\n");
my $bench = IPC::Run::start(
	[ 'pgbench', '-n', '-c', '4', '-t', '1500', '-M', 'prepared', '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ],
	'<', \undef, '>', \$out, '2>', \$err);
my ($last, $less, $looks) = (0, 0, 0);
while ($bench->pumpable)
{
	my $now = calls($node);
	$less++ if $now < $last;
	$last = $now;
	$looks++;
	eval { $bench->pump_nb };
}
$bench->finish;
is($less, 0, "usage never shrinks ($looks looks)");
is(calls($node), 12003, 'every statement of many sessions is counted once') or diag($out, $err);
written_by_itself($node, 12003, 'under load');
is(written($node, 'postgres', $_), 12003, "also by $_") for ('hour', 'day');
is( $node->safe_psql('postgres', q(SELECT operation, sum(calls), sum(rows) FROM strata.usage WHERE relation = '' AND period = 'ever' GROUP BY 1 ORDER BY 1)),
	"select|6003|6003\nupdate|6000|6000", 'by operation');

# kill -9: what was written stays, what was counted since the last flush is lost.
interval($node, '1h');
$node->safe_psql('postgres', 'SELECT strata.flush_stats()');
$session->query_safe($use) for 1 .. 2;
is(calls($node), 12005, 'counted');
my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;
$node->kill9;
eval { $session->{run}->kill_kill };
ok(start_again($node, $postmaster), 'the server starts again');
is(calls($node), 12003, 'what was written is there');
$node->safe_psql('postgres', $use);
is(calls($node), 12004, 'and it goes on');

# A crash of one process does the same.
$session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe($use);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
kill 'KILL', $pid;
wait_until_gone($pid);
eval { $session->{run}->kill_kill };
wait_until_up($node);
is(calls($node), 12003, 'shared memory begins anew after the crash of a session');
$node->safe_psql('postgres', $use);

# A clean stop keeps what was not written, also that of sessions at work.
$session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe($use);
is(written($node), 12003, 'not written yet');
$node->restart;
eval { $session->{run}->kill_kill };
ok(!-e $node->data_dir . '/pg_stat/pg_strata_counters.stat', 'its file is gone');
is(written($node), 12003, 'still not written');
is(calls($node), 12005, 'a restart keeps the counters');
$node->safe_psql('postgres', 'SELECT strata.flush_stats()');
is(written($node), 12005, 'and they are written');

# The end of the launcher is none of the counters'.
$node->safe_psql('postgres', q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_strata launcher'));
$node->safe_psql('postgres', $use);
$node->safe_psql('postgres', 'SELECT strata.flush_stats()');
is(written($node), 12006, 'written by the next launcher');

# Whoever asks does not have to wait out the pause after somebody else's failure, which is a minute here.
my $locker = $node->background_psql('postgres');
$locker->query_safe('BEGIN; LOCK TABLE strata.usage IN SHARE MODE');
my $log_at = -s $node->logfile;
isnt($node->psql('postgres', "SET statement_timeout = '2s'; SELECT strata.flush_stats()"), 0, 'nothing is written');
ok($node->wait_for_log(qr/canceling statement due to lock timeout/, $log_at), 'a worker fails');
$locker->query_safe('COMMIT');
$locker->quit;
is($node->psql('postgres', "SET statement_timeout = '40s'; SELECT strata.flush_stats()", stderr => \$err), 0, 'the next one comes soon')
  or diag($err);

# Somebody holds the table: nothing is lost, nobody waits, and readers read.
interval($node, '200ms');
$locker = $node->background_psql('postgres');
$locker->query_safe('BEGIN; LOCK TABLE strata.usage IN SHARE MODE');
$node->safe_psql('postgres', $use) for 1 .. 3;
$log_at = -s $node->logfile;
ok($node->poll_query_until('postgres', q(SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'pg_strata worker')),
	'the worker tries');
ok($node->poll_query_until('postgres', q(SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_strata worker')),
	'and does not stay');
is(calls($node), 12009, 'the counters are kept meanwhile');
is(written($node), 12006, 'unwritten');
$locker->query_safe('COMMIT');
$locker->quit;
written_by_itself($node, 12009, 'after the lock');
is(calls($node), 12009, 'each once');

# Databases come and go, with counters, while the worker runs.
$node->safe_psql('template1', $shop);
for my $round (1 .. 4)
{
	$node->safe_psql('template1', $use);
	usleep 200_000;    # about when the worker comes
	is($node->psql('postgres', "CREATE DATABASE copy$round", stderr => \$err), 0, "CREATE DATABASE, $round") or diag($err);
	$node->safe_psql("copy$round", $use) for 1 .. 3;
	usleep 200_000 if $round % 2;
	is($node->psql('postgres', "DROP DATABASE copy$round", stderr => \$err), 0, "DROP DATABASE, $round") or diag($err);
}
ok($node->poll_query_until('postgres', 'SELECT counters = 0 FROM strata.stat_memory()'), 'nothing is left of databases that are gone');
is(calls($node, 'template1'), 4, 'nothing is lost of the template');

# An open reset holds up the flush of nothing but the version it is about.
interval($node, '200ms');
$node->safe_psql('postgres', "SELECT strata.publish('shop', 'v2')");
$node->safe_psql('postgres', "$use; SELECT strata.flush_stats()");
my $resetting = $node->background_psql('postgres', on_error_stop => 0);
$resetting->query_safe(q(BEGIN; SELECT strata.reset_stats('shop', 'v1')));
$node->safe_psql('postgres', 'SELECT name FROM shop_v2.users WHERE id = 1; ' . $use);
$node->safe_psql('postgres', 'SELECT strata.flush_stats()');
my $of = q(SELECT v.version, u.calls FROM strata.usage AS u JOIN strata.published_version AS v USING (version_id)
	WHERE u.relation = '' AND u.period = 'ever' ORDER BY 1);
like($node->safe_psql('postgres', $of), qr/^v2\|1$/m, 'others are written while a reset is open');
$resetting->query_safe('COMMIT');
$resetting->quit;
$node->safe_psql('postgres', 'SELECT strata.flush_stats()');
is($node->safe_psql('postgres', $of), "v1|1\nv2|1", 'what came after the reset is, too, once it has ended');

# A statement that ends with its session has failed, also the first one that uses a version.
my @ended = (
	[ 'pg_terminate_backend', 'SELECT pg_sleep(600) FROM shop_v1.users LIMIT 1', 57 ],
	[ 'pg_terminate_backend in a transaction', 'BEGIN; SELECT name FROM shop_v1.users LIMIT 1; SELECT pg_sleep(600) FROM shop_v1.users LIMIT 1', 57 ]);
for my $case (@ended)
{
	my ($what, $sql, $class) = @$case;
	$node->safe_psql('postgres', 'SELECT strata.reset_stats()');
	my $victim = $node->background_psql('postgres', on_error_stop => 0);
	$victim->query_until(qr/started/, "\\echo started\nSET application_name = 'victim'; $sql;\n");
	ok( $node->poll_query_until('postgres',
			q(SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'victim' AND wait_event = 'PgSleep')), "$what: it runs");
	$node->safe_psql('postgres', q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'));
	ok( $node->poll_query_until('postgres',
			q(SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'victim')), "$what: it has ended");
	is( $node->safe_psql('postgres',
			q(SELECT error_class, sum(calls) FROM strata.usage_now() WHERE relation = '' AND error_class <> '' GROUP BY 1)),
		"$class|1", "$what: and has failed");
	eval { $victim->{run}->finish };
}

# Another extension of the same name: its versions have the same numbers.
interval($node, '1h');
$node->safe_psql('postgres', 'CREATE DATABASE again TEMPLATE template0');
$node->safe_psql('again', $shop);
$session = $node->background_psql('again', on_error_stop => 0);
$session->query_safe($use) for 1 .. 3;
$node->safe_psql('again', q(SELECT strata.set_option('shop', 'retire_after_idle', '0');
	SELECT strata.retire('shop', 'v1'); DROP EXTENSION pg_strata CASCADE; DROP SCHEMA shop CASCADE));
$node->safe_psql('again', $shop);
is(calls($node, 'again'), 0, 'a new version starts with nothing');
$session->query_safe($use);
is(calls($node, 'again'), 1, 'and counts its own');
$session->quit;
$node->safe_psql('postgres', 'DROP DATABASE again');

# A dump says nothing of usage.
$node->command_like([ 'pg_dump', '-s', $node->connstr('postgres') ], qr/CREATE EXTENSION/, 'a dump');
my ($dump) = run_command([ 'pg_dump', $node->connstr('postgres') ]);
unlike($dump, qr/COPY strata\.usage/, 'without usage');
like($dump, qr/COPY strata\.published_version/, 'but with versions');

# Too many: the least recently used go, and are counted.
$node->append_conf('postgresql.conf', 'pg_strata.stat_max = 100');
$node->restart;
$node->safe_psql('postgres', 'SELECT strata.flush_stats(); SELECT strata.reset_stats()');
my $known = $node->safe_psql('postgres', 'SELECT counters FROM strata.stat_memory()');
my $many = sub { return join '', map { "SET application_name = 'app $_'; $use;\n" } $_[0] .. $_[1] };
$node->safe_psql('postgres', $many->(1, 20));
is($node->safe_psql('postgres', 'SELECT evicted FROM strata.stat_memory()'), 0, 'room for all');
$node->safe_psql('postgres', $many->(21, 60));
my ($counters, $evicted) = split /\|/, $node->safe_psql('postgres', 'SELECT counters, evicted FROM strata.stat_memory()');
ok($counters <= 100 && $counters > 50, "no more than there is room for ($counters)");
is($counters + $evicted, $known + 60 * 4, 'the others are counted as evicted');
is($node->safe_psql('postgres', q(SELECT count(*) FROM strata.stat_clients WHERE application_name = 'app 60')), 1, 'the last used are there');
is($node->safe_psql('postgres', q(SELECT count(*) FROM strata.stat_clients WHERE application_name = 'app 1')), 0, 'the first used are not');

# A client with names without end makes room for them itself.
$node->safe_psql('postgres', 'SELECT strata.flush_stats(); SELECT strata.reset_stats()');
$node->safe_psql('postgres', "CREATE ROLE quiet; GRANT USAGE ON SCHEMA shop, shop_v1 TO quiet; GRANT SELECT ON shop.users, shop_v1.users TO quiet");
$node->safe_psql('postgres', "SET ROLE quiet; SET application_name = 'quiet'; $use");
$node->safe_psql('postgres', $many->(1, 100));
is($node->safe_psql('postgres', q(SELECT calls FROM strata.stat_clients WHERE role = 'quiet')), 1, 'others keep theirs');
is($node->safe_psql('postgres', q(SELECT count(*) FROM strata.stat_clients WHERE application_name = 'app 100')), 1, 'and it has its last');
like($node->safe_psql('postgres', 'SELECT evicted > 0 FROM strata.stat_memory()'), qr/t/, 'at its own cost');

# Where no client has most of them, uses of versions may be lost; then nobody knows what was not used.
$node->safe_psql('postgres', 'SELECT strata.flush_stats(); SELECT strata.reset_stats()');
$node->safe_psql('postgres', "SELECT strata.publish('shop', 'unused')");
$node->safe_psql('postgres', "CREATE ROLE calm IN ROLE quiet");
$node->safe_psql('postgres',
	join '', map { "SET application_name = 'app $_'; RESET ROLE; $use; SET ROLE quiet; $use; RESET ROLE; SET ROLE calm; $use;\n" } 1 .. 60);
isnt($node->psql('postgres', "SELECT strata.retire('shop', 'unused')", stderr => \$err), 0, 'counters of statements lost');
like($err, qr/is not known: counters were lost at .* more than pg_strata.stat_max/, 'a version that nobody was seen to use is kept');
$node->safe_psql('postgres', "SELECT strata.retire('shop', 'unused', force => true); SELECT strata.flush_stats()");

# 100,000 counters fit into 64 MB.
my $size = q(SELECT pg_size_bytes(current_setting('shared_memory_size')));
my $small = $node->safe_psql('postgres', $size);
$node->append_conf('postgresql.conf', 'pg_strata.stat_max = 100000');
$node->restart;
$node->safe_psql('postgres', 'SELECT strata.flush_stats(); SELECT strata.reset_stats()');
my $others = $node->safe_psql('postgres', 'SELECT counters FROM strata.stat_memory()');
$node->safe_psql('postgres', <<'SQL');
DO $$ BEGIN FOR i IN 1 .. 24900 LOOP
    PERFORM set_config('application_name', 'application ' || i, false);
    PERFORM name FROM shop_v1.users WHERE id = 1;
END LOOP; END $$;
SQL
is($node->safe_psql('postgres', 'SELECT counters, evicted FROM strata.stat_memory()'), ($others + 99600) . '|0', 'as many as asked for');
cmp_ok($node->safe_psql('postgres', $size) - $small, '<=', 64 * 1024 * 1024, 'within 64 MB');
cmp_ok($node->safe_psql('postgres', 'SELECT bytes FROM strata.stat_memory()'), '<=', 64 * 1024 * 1024, 'all in all');
$node->safe_psql('postgres', 'SELECT strata.reset_stats()');

# The table is bounded: the oldest go.
$node->append_conf('postgresql.conf', 'pg_strata.stat_rows = 1000');
$node->reload;
$node->safe_psql('postgres', <<'SQL');
INSERT INTO strata.usage SELECT period, '2100-01-01', version_id, 'r', '', 'select', 'x', 'a' || i, '', 1, 1, 1, 1, now(), now() - i * interval '1 min'
FROM strata.published_version, generate_series(1, 500) AS i, (VALUES ('ever'), ('day'), ('hour')) AS p(period) WHERE version = 'v1';
ANALYZE strata.usage;
SQL
$node->safe_psql('postgres', $use);
$node->safe_psql('postgres', 'SELECT strata.flush_stats()');
is($node->safe_psql('postgres', q(SELECT count(*) FROM strata.usage)), 900, 'no more rows than allowed');
is($node->safe_psql('postgres', q(SELECT period, count(*) FROM strata.usage GROUP BY 1 ORDER BY 1)), "day|396\never|504", 'hours go first, then days');
is($node->safe_psql('postgres', q(SELECT count(*) FROM strata.usage WHERE period = 'day' AND application_name = 'a500')), 0, 'the oldest');
$node->safe_psql('postgres', 'SELECT strata.reset_stats()');

# Nor where the planner knows nothing of the table yet.
$node->safe_psql('postgres', <<'SQL');
TRUNCATE strata.usage;
INSERT INTO strata.usage SELECT 'day', '2100-01-01', version_id, 'r', '', 'select', 'x', 'a' || i, '', 1, 1, 1, 1, now(), now() - i * interval '1 min'
FROM strata.published_version, generate_series(1, 1500) AS i WHERE version = 'v1';
SQL
is($node->safe_psql('postgres', q(SELECT reltuples FROM pg_class WHERE oid = 'strata.usage'::regclass)), -1, 'no estimate');
$node->safe_psql('postgres', $use);
$node->safe_psql('postgres', 'SELECT strata.flush_stats()');
is($node->safe_psql('postgres', q(SELECT count(*) FROM strata.usage)), 900, 'no more rows than allowed');
$node->safe_psql('postgres', 'SELECT strata.reset_stats()');

# Settings of the database are for clients.
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET default_transaction_read_only = on');
$node->safe_psql('postgres', $use);
$node->safe_psql('postgres', 'SELECT strata.flush_stats()');
is(written($node), 1, 'written though the database is read only for clients');
$node->safe_psql('postgres', 'SET default_transaction_read_only = off; ALTER DATABASE postgres RESET default_transaction_read_only');

# A standby counts in memory, and writes it when it is promoted.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('telemetry_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is(calls($standby), 1, 'the standby shows what the primary has written');
$standby->safe_psql('postgres', $use) for 1 .. 2;
is(calls($standby), 3, 'and what its own clients do');
is(calls($node), 1, 'of which the primary knows nothing');
isnt($standby->psql('postgres', 'SELECT strata.flush_stats()', stderr => \$err), 0, 'it writes nothing');
like($err, qr/cannot write counters during recovery/, 'and says why');
$standby->restart;
is(calls($standby), 3, 'a restart of the standby keeps its counters');
$node->stop('immediate');
$standby->promote;
$standby->safe_psql('postgres', 'SELECT strata.flush_stats()');
is(written($standby), 3, 'promoted, it writes them');

# Shutdown waits for nothing; without room for counters nothing is counted.
$standby->safe_psql('postgres', $use);
my $begun = time;
$standby->stop('smart');
ok(time - $begun < 30, 'a smart shutdown ends');
$standby->append_conf('postgresql.conf', "pg_strata.stat_max = 0\npg_strata.attempts_queue = 0");
$standby->start;
$standby->safe_psql('postgres', $use);
is(calls($standby), 3, 'stat_max = 0: nothing is counted, and what is written is shown');
isnt($standby->psql('postgres', 'SELECT strata.flush_stats()', stderr => \$err), 0, 'stat_max = 0: nothing to write');
like($err, qr/nothing is counted/, 'and it says so');
isnt($standby->psql('postgres', "SELECT strata.publish('shop', 'unused'); SELECT strata.retire('shop', version) FROM strata.versions WHERE version = 'unused'",
		stderr => \$err), 0, 'nor is it known that nobody uses a version');
like($err, qr/is not known: nothing is counted, because pg_strata.stat_max is 0/, 'which is said');
is($standby->safe_psql('postgres', q(SELECT count(*) FROM pg_stat_activity WHERE query = 'writing what clients use of versions')), 0, 'nobody writes');
$standby->stop;
done_testing();
