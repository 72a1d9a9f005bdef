# Routing over real connections: settings of role, database and connection, gates that change under sessions, restarts,
# parallel workers, a standby, replication, and tools that are not routed.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use IPC::Run;
use Test::More;
use StrataTest;

my $primary = new_node('primary', allows_streaming => 'logical');
$primary->append_conf('postgresql.conf', 'max_worker_processes = 16');
$primary->start;
$primary->safe_psql('postgres', <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE ROLE app LOGIN;
CREATE ROLE other LOGIN;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text);
INSERT INTO shop.users SELECT i, 'user ' || i FROM generate_series(1, 1000) AS i;
SELECT strata.track('shop');
GRANT USAGE ON SCHEMA shop TO app, other;
GRANT SELECT ON shop.users TO app, other;
SELECT strata.publish('shop', 'v1');
ALTER TABLE shop.users RENAME COLUMN name TO full_name;
SELECT strata.publish('shop', 'v2');
SELECT strata.set_gate('shop', 'v1', 'v2');
ALTER ROLE app SET pg_strata.route = 'shop';
SQL

# What the server tells of a session: its path and what it serves.
my $tell = q{SELECT current_setting('search_path') || ' / ' || current_setting('pg_strata.serving')};
my $who  = q{SELECT string_agg(key, ',') FROM (SELECT json_object_keys(row_to_json(u)) AS key FROM users AS u LIMIT 2) AS k};
my ($v1, $v2) = ('shop_v1, shop, "$user", public / shop=v1', 'shop_v2, shop, "$user", public / shop=v2');
my $plain = '"$user", public / ';

sub as
{
	my ($node, $sql, %options) = @_;
	my $role = delete $options{role} // 'app';
	my ($out, $err);
	local $ENV{PGOPTIONS} = delete $options{settings} // '';
	local $ENV{PGAPPNAME} = delete $options{name}     // 'test';
	# Where the connection is refused, psql is gone before it could be sent a statement.
	my @statement = delete $options{refused} ? ('-c', $sql) : ();
	$node->psql($options{database} // 'postgres', @statement ? undef : $sql, stdout => \$out, stderr => \$err,
		extra_params => [ '-U', $role, @statement ]);
	return $err eq '' ? $out : "$out $err";
}

sub weigh
{
	my ($weight, $rest) = @_;
	$primary->safe_psql('postgres', "SELECT strata.set_gate('shop', 'v1', 'v2', $weight" . ($rest // '') . ')');
	return;
}

# Where the setting comes from.
is(as($primary, $tell), $v1, 'by the role');
is(as($primary, $tell, role => 'other'), $plain, 'another role is not routed');
is(as($primary, $tell, role => 'other', settings => '-c pg_strata.route=shop'), $v1, 'by the connection');
is(as($primary, $tell, settings => '-c pg_strata.route='), $plain, 'the connection can take it back');
$primary->safe_psql('postgres', 'ALTER DATABASE postgres SET pg_strata.route = shop');
is(as($primary, $tell, role => 'other'), $v1, 'by the database');
$primary->safe_psql('postgres', 'ALTER DATABASE postgres RESET pg_strata.route');
$primary->safe_psql('postgres', 'CREATE DATABASE bare');
is(as($primary, $tell, database => 'bare'), $plain, 'a database without the extension is left alone, and nothing is said');
my $superuser = $primary->safe_psql('postgres', 'SELECT current_user');
is(as($primary, $tell, role => $superuser, settings => '-c pg_strata.route=shop'), $plain, 'a superuser is not routed');
is(as($primary, $tell, settings => '-c search_path='), ' / ', 'an empty path stays empty');
is(as($primary, $tell, settings => '-c search_path=app'), 'shop_v1, shop, app / shop=v1', 'another comes behind');
like(as($primary, $tell, refused => 1, settings => '-c pg_strata.serving=shop=v9'), qr/cannot be changed/, 'nobody says what is served');
like(as($primary, $tell, refused => 1, settings => '-c pg_strata.gates=x'), qr/permission denied/, 'nor where the gates are');

# Tools.
is(as($primary, $tell, name => 'pg_dump'), $plain, 'pg_dump is not routed');
my $dump = $primary->basedir . '/dump';
$primary->command_ok([ 'pg_dump', '-U', 'app', '-n', 'shop', '-t', 'shop.users', '-f', $dump, $primary->connstr('postgres') ],
	'pg_dump by a routed role');
like(slurp_file($dump), qr/COPY shop\.users \(id, full_name\)/, 'dumps the base');

# Sessions that are there when the gate changes: the next transaction has it, whatever comes first.
my %first = (
	select => $who,
	show   => 'SHOW search_path',
	begin  => 'BEGIN',
	copy   => 'COPY (SELECT 1) TO STDOUT',
	path   => 'SELECT current_schema()');
my $session = $primary->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'app' ]);
for my $first (sort keys %first)
{
	weigh(0);
	is($session->query_safe($tell), $v1, "$first: the stable version");
	weigh(1000000);
	my $answer = $session->query_safe($first{$first});
	like($answer, qr/full_name/,  'the first statement has the candidate') if $first eq 'select';
	like($answer, qr/^shop_v2\b/, 'the first statement has the candidate') if $first eq 'show' || $first eq 'path';
	is($session->query_safe($tell), $v2, "$first: the candidate");
	is($session->query_safe($who), 'id,full_name', 'in its tables');
	$session->query('COMMIT') if $first eq 'begin';
}
$session->query_safe("PREPARE p AS $who");
is($session->query_safe('EXECUTE p'), 'id,full_name', 'a prepared statement');
weigh(0);
is($session->query_safe('EXECUTE p'), 'id,name', 'follows the gate');
$session->query_safe('BEGIN');
is($session->query_safe($who), 'id,name', 'a transaction');
weigh(1000000);
is($session->query_safe($who),        'id,name', 'keeps its version');
is($session->query_safe('EXECUTE p'), 'id,name', 'in prepared statements too');
$session->query_safe('COMMIT');
is($session->query_safe('EXECUTE p'), 'id,full_name', 'and the next one has the other');
weigh(1000000, ', enabled => false');
is($session->query_safe('EXECUTE p'), 'id,name', 'the kill switch is for the next transaction, too');

# A version that did not exist when the session ran last: BEGIN finds it. Where the first statement is a query, that
# transaction still has the version before.
$primary->safe_psql('postgres', <<'SQL');
ALTER TABLE shop.users RENAME COLUMN full_name TO whole_name;
SELECT strata.publish('shop', 'v3');
SELECT strata.set_gate('shop', 'v3');
SQL
$session->query_safe('BEGIN');
is($session->query_safe($who), 'id,whole_name', 'a version published meanwhile');
$session->query_safe('COMMIT');
$primary->safe_psql('postgres', <<'SQL');
SELECT strata.set_gate('shop', 'v2');
SELECT strata.set_option('shop', 'retire_after_idle', '0');
SELECT strata.retire('shop', 'v3');
SQL
is($session->query_safe($who), 'id,full_name', 'and one that is gone again');
$primary->safe_psql('postgres', "SELECT strata.publish('shop', 'v4'); SELECT strata.set_gate('shop', 'v4')");
is($session->query_safe($who), 'id,full_name',  'published while nothing ran: one transaction later');
is($session->query_safe($who), 'id,whole_name', 'that is now');
weigh(0);

# Under load, in all three protocols: nobody fails while the gate goes back and forth.
my $script = $primary->basedir . '/load.sql';
append_to_file($script, "SELECT id FROM users WHERE id = 7;\nBEGIN;\nSELECT count(*) FROM users WHERE id < 9;\nSELECT id FROM users WHERE id = 8;\nCOMMIT;\n");
for my $mode ('simple', 'extended', 'prepared')
{
	my ($output, $errors) = ('', '');
	my $bench = IPC::Run::start(
		[ 'pgbench', '-n', '-c', 4, '-t', 1500, '-M', $mode, '-f', $script, '-h', $primary->host, '-p', $primary->port, '-U', 'app', 'postgres' ],
		'>', \$output, '2>', \$errors);
	my $flips = 0;
	while ($bench->pumpable)
	{
		weigh($flips++ % 2 ? 0 : 1000000);
		eval { $bench->pump_nb };  # it may have ended meanwhile
	}
	$bench->finish;
	like($output, qr/number of failed transactions: 0 /, "$mode: no transaction failed");
	is($errors, '', "$mode: nothing was said, in $flips changes of the gate") or diag($errors);
}

# Parallel workers resolve names as their leader does.
weigh(1000000);
$session->query_safe('SET max_parallel_workers_per_gather = 2; SET min_parallel_table_scan_size = 0; '
	  . 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET parallel_leader_participation = off');
$primary->safe_psql('postgres', <<'SQL');
CREATE FUNCTION shop.seen(int) RETURNS text PARALLEL SAFE LANGUAGE plpgsql AS
	$$ BEGIN RETURN current_setting('search_path') || ' / ' || current_setting('pg_strata.serving') || ' ' || (pg_backend_pid() = $1); END $$;
SQL
my $pid  = $session->query_safe('SELECT pg_backend_pid()');
my $seen = $session->query_safe("SELECT DISTINCT seen($pid) FROM users ORDER BY 1");
like($seen, qr/\Q$v2\E false/, 'a worker sees the route');
unlike($seen, qr/v1/, 'and no other');
$session->quit;

# Restarts, with settings as they were, and a crash.
$primary->restart;
is(as($primary, $tell), $v2, 'after a restart');
$primary->stop('immediate');
$primary->start;
is(as($primary, $tell), $v2, 'after a crash');

# Two who change gates of different bases at once, and versions: both go through.
$primary->safe_psql('postgres', <<'SQL');
CREATE SCHEMA billing;
SELECT strata.track('billing');
SELECT strata.publish('billing', 'b1');
SELECT strata.set_gate('billing', 'b1');
SQL
my $first  = $primary->background_psql('postgres');
my $second = $primary->background_psql('postgres');
$first->query_safe("BEGIN; SELECT strata.set_gate('billing', 'b1', enabled => false)");
$second->query_safe("BEGIN; SELECT strata.set_gate('shop', 'v1', 'v2', 0)");
$first->query_safe('COMMIT');
$second->query_safe('COMMIT');
$first->quit;
$second->quit;
is(as($primary, $tell), $v1, 'the second change');
like($primary->safe_psql('postgres', q{SELECT setconfig::text FROM pg_db_role_setting
	WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = 'postgres')}),
	qr/billing.*"enabled\\*": 0.*shop.*"weight\\*": 0/, 'the copy for new sessions has both');

# Who publishes for a base without a gate does not keep others from changing theirs.
$primary->safe_psql('postgres', <<'SQL');
CREATE SCHEMA stock;
SELECT strata.track('stock');
BEGIN;
SELECT strata.publish('stock', 's1');
PREPARE TRANSACTION 'publish';
SQL
is($primary->psql('postgres', "SET lock_timeout = '10s'; SELECT strata.set_gate('billing', 'b1')"), 0, 'a gate beside a prepared transaction');
$primary->safe_psql('postgres', "COMMIT PREPARED 'publish'");

# The copy is of one database: elsewhere it counts for nothing, and the tables are read.
$primary->safe_psql('template1', 'CREATE DATABASE copied TEMPLATE postgres');
is(as($primary, $tell, database => 'copied'), $v1, 'without a copy');
weigh(1000000);
$primary->safe_psql('postgres', <<'SQL');
DO $$ BEGIN EXECUTE format('ALTER DATABASE copied SET pg_strata.gates = %L', current_setting('pg_strata.gates')); END $$
SQL
is(as($primary, $tell), $v2, 'the copy of this database');
is(as($primary, $tell, database => 'copied'), $v1, 'the copy of another one');
$primary->safe_psql('copied', "SELECT strata.set_gate('shop', 'v2')");
is(as($primary, $tell, database => 'copied'), $v2, 'a copy of its own');
weigh(0);
is(as($primary, $tell, database => 'copied'), $v2, 'each has its own');
$primary->safe_psql('copied', 'SET pg_strata.mode = off; DROP EXTENSION pg_strata CASCADE');
is(as($primary, $tell, database => 'copied'), $plain, 'it goes with the extension');
is($primary->safe_psql('postgres', q{SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = 'copied')}),
	0, 'without a trace');

# Gates are dumped and restored, and the restored database has a copy of its own.
$primary->command_ok([ 'pg_dump', '-Fc', '-f', "$dump.whole", $primary->connstr('postgres') ], 'pg_dump');
$primary->safe_psql('postgres', 'CREATE DATABASE restored');
$primary->command_ok([ 'pg_restore', '-d', $primary->connstr('restored'), "$dump.whole" ], 'pg_restore');
is(as($primary, $tell, database => 'restored'), $v1, 'routed as before');
$primary->safe_psql('restored', "SELECT strata.set_gate('shop', 'v2')");
is(as($primary, $tell, database => 'restored'), $v2, 'and by the gate there');
is(as($primary, $tell), $v1, 'but not here');

# A standby: the same choices, from replicated state, also for sessions that were there before.
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);
is(as($standby, $tell), $v1, 'a session of a standby');
my $reader = $standby->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'app' ]);
is($reader->query_safe($who), 'id,name', 'reads through its version');
weigh(1000000);
$primary->wait_for_catchup($standby, 'replay');
is($reader->query_safe($who),  'id,full_name', 'the gate changes on the primary: the next transaction has it');
is($reader->query_safe($tell), $v2,            'and says so');
is(as($standby, $tell), $v2, 'so does a new session');
$reader->query_safe("BEGIN; SET LOCAL pg_strata.unit = 'x'; COMMIT");
weigh(0);
$primary->wait_for_catchup($standby, 'replay');
is($reader->query_safe($who), 'id,name', 'and back');
$reader->quit;

# Walsenders, logical or not, are no clients.
$primary->safe_psql('postgres', 'ALTER ROLE app REPLICATION');
my ($out, $err);
$primary->psql('postgres', 'SHOW search_path', replication => 'database', stdout => \$out, stderr => \$err,
	extra_params => [ '-U', 'app' ]);
is($out, '"$user", public', 'a walsender is not routed');
is($err, '', 'and is told nothing');

$standby->promote;
$standby->safe_psql('postgres', "SELECT strata.set_gate('shop', 'v2')");
is(as($standby, $tell), $v2, 'after promotion');
$standby->stop;
$primary->stop;
done_testing();
