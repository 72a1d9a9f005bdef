# What the guard keeps across dump and restore: policies, rules, windows, freezes; and that it does not
# stand in the way of a restore that somebody decided on.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = start_node('restore');
$node->safe_psql('postgres', 'CREATE DATABASE live');
$node->safe_psql('live', <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
CREATE ROLE dev;
CREATE ROLE ann;
CREATE ROLE ben;
GRANT strata_approver TO ann, ben;
CREATE SCHEMA s AUTHORIZATION dev;
SET ROLE dev;
CREATE TABLE s.t (id int PRIMARY KEY, a text, b text);
INSERT INTO s.t VALUES (1, 'a', 'b');
-- What a dump makes after the data: a large key and index, a trigger, a rule, row security, grants.
CREATE TABLE s.big AS SELECT n AS id, repeat('x', 500) AS x FROM generate_series(1, 25000) AS n;
ALTER TABLE s.big ADD PRIMARY KEY (id);
CREATE INDEX big_x ON s.big (x);
CREATE TABLE s.small (id int REFERENCES s.big ON DELETE CASCADE);
CREATE FUNCTION s.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER keep BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.keep();
CREATE RULE none AS ON DELETE TO s.small DO INSTEAD NOTHING;
ALTER TABLE s.small ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON s.small USING (true);
CREATE VIEW s.v AS SELECT id FROM s.t;
CREATE MATERIALIZED VIEW s.m AS SELECT id FROM s.t;
GRANT SELECT ON s.t, s.v TO PUBLIC;
RESET ROLE;
SELECT strata.track('s', 'dev');
SELECT strata.publish('s', 'v1');
SELECT strata.set_policy('NO_LOCK_TIMEOUT', 'warn', 's');
SELECT strata.set_policy('DATA_LOSS', 'refuse', 's', 1000000);
SELECT strata.drop_policy('SCAN');
SELECT strata.set_rule('s', 'high', 3), strata.set_rule(NULL, 'low', 1);
SELECT strata.add_window('nightly', '2040-01-01 01:00', '2 hours', 'FREQ=DAILY', 'Europe/Berlin', 's', '30 min');
SELECT strata.add_freeze('sale', '[2040-12-20,2041-01-02)', 'sale', 's');
SET SESSION AUTHORIZATION dev;
SELECT strata.propose('drop b', 'ALTER TABLE s.t DROP COLUMN b', 's', rationale => 'unused');
SET SESSION AUTHORIZATION ann;
SELECT strata.approve(1, 'fine');
RESET SESSION AUTHORIZATION;
SQL

# Returns what must be the same before and after.
sub kept
{
	my ($db) = @_;
	return $node->safe_psql($db, <<'SQL');
SELECT 'policy', hazard, action, base, min_bytes FROM strata.policies ORDER BY 2, 4 NULLS FIRST, 5;
SELECT 'rule', base, risk, approvals, is_default, set_by FROM strata.rules ORDER BY 2 NULLS FIRST, 3;
SELECT 'window', name, starts, duration, rrule, time_zone, base, cutoff, added_by, next_range, problem FROM strata.windows;
SELECT 'freeze', name, during, reason, base, added_by FROM strata.freezes;
SELECT 'proposal', proposal_id, title, author, base, approvals, needed FROM strata.proposals;
SELECT 'approval', proposal_id, approver, comment FROM strata.proposal_approval;
SELECT 'problem', * FROM strata.verify();
SQL
}

my $kept = kept('live');
like($kept, qr/policy\|DATA_LOSS\|refuse\|s\|1000000/, 'there is something to keep');
unlike($kept, qr/policy\|SCAN/, 'and something that was taken away');
my $dir = PostgreSQL::Test::Utils::tempdir;
my ($out, $err);

# Checks the copy, in a session that did not restore it.
sub good_copy
{
	my ($db, $what) = @_;
	is(kept($db), $kept, "$what: policies, rules, windows, freezes are what they were");
	is($node->safe_psql($db, 'SELECT state FROM strata.proposals'), 'stale',
		"$what: a proposal is kept and its approvals do not count: tables have other identities");
	is( $node->safe_psql($db, q(SELECT count(*) FROM pg_constraint WHERE conrelid IN ('s.t'::regclass, 's.big'::regclass, 's.small'::regclass) AND contype IN ('p', 'f'))),
		3, "$what: keys are there");
	isnt($node->psql($db, 'ALTER TABLE s.big DROP COLUMN x', stderr => \$err), 0, "$what: the guard is on");
	like($err, qr/live versions show it|is refused by policy/, "$what: it says so");
	isnt($node->psql($db, 'GRANT ALL ON s.t TO PUBLIC', stderr => \$err), 0, "$what: for others too");
	like($err, qr/needs an approved proposal/, "$what: it says so");
	return;
}

command_ok([ 'pg_dump', '-f', "$dir/live.sql", $node->connstr('live') ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE plain');
command_ok([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', "$dir/live.sql", $node->connstr('plain') ],
	'psql loads it into an empty database without help');
good_copy('plain', 'plain');

command_ok([ 'pg_dump', '-Fc', '-f', "$dir/live.dump", $node->connstr('live') ], 'pg_dump -Fc');
$node->safe_psql('postgres', 'CREATE DATABASE custom');
command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('custom'), "$dir/live.dump" ],
	'pg_restore too');
good_copy('custom', 'custom');

$node->safe_psql('postgres', 'CREATE DATABASE jobs');
command_ok([ 'pg_restore', '--exit-on-error', '-j', 2, '-d', $node->connstr('jobs'), "$dir/live.dump" ],
	'and with several connections');
# A superuser can put the guard aside for a session.
my $log_at = -s $node->logfile;
{
	local $ENV{PGOPTIONS} = '-c pg_strata.mode=off';
	is($node->safe_psql('custom', 'SHOW pg_strata.mode'), 'off', 'a session without the guard');
}
ok($node->log_contains('pg_strata.mode is set by the options of the connection', $log_at),
	'and that is in the log');
good_copy('jobs', 'jobs');

# Over a database that the guard guards: not by surprise. What a dump brought is guarded against
# dumps once post_restore() or track() has said that the database is what it shall be.
$node->safe_psql('jobs', 'SELECT strata.post_restore()');
isnt($node->psql('jobs', 'SELECT strata.pre_restore()', stderr => \$err), 0, 'pre_restore is judged');
like($err, qr/ALTER DATABASE of jobs needs an approved proposal/, 'as what it does');
IPC::Run::run([ 'pg_restore', '--clean', '--if-exists', '-d', $node->connstr('jobs'), "$dir/live.dump" ],
	'<', \undef, '>', \$out, '2>', \$err);
like($err, qr/DROP TABLE of s.small needs an approved proposal|needs an approved proposal/, 'so is each DROP of pg_restore --clean');
like($err, qr/cannot drop extension "pg_strata" while versions live|needs an approved proposal/, 'and that of the extension');
is($node->safe_psql('jobs', 'SELECT count(*) FROM s.big'), 25000, 'nothing is lost');
is(kept('jobs'), $kept, 'nor changed');

# By break glass, of a superuser who may. What was refused before and is not written yet must not take
# the numbers of what is loaded, so it waits.
sub waiting { return $node->safe_psql('jobs', 'SELECT waiting_here FROM strata.attempts_queue()'); }
sub written { return $node->poll_query_until('jobs', 'SELECT waiting_here = 0 FROM strata.attempts_queue()'); }
$node->safe_psql('postgres', 'GRANT strata_breakglass TO CURRENT_USER');
$node->append_conf('postgresql.conf', "pg_strata.flush_interval = '1min'");
$node->reload;
$node->poll_query_until('postgres', "SELECT current_setting('pg_strata.flush_interval') = '1min'");
# The next one has its minute from then on.
ok(written(), 'what was refused is written');
isnt($node->psql('jobs', 'DROP TABLE s.small', stderr => \$err), 0, 'something more is refused');
$node->safe_psql('jobs', "SELECT strata.break_glass('restore')");
is($node->psql('jobs', 'SELECT strata.pre_restore()', stderr => \$err), 0, 'with broken glass it is done') or diag($err);
my $waiting = waiting();
cmp_ok($waiting, '>', 0, 'statements that were refused wait to be written');
$log_at = -s $node->logfile;
$node->append_conf('postgresql.conf', "pg_strata.flush_interval = '10ms'\nlog_min_messages = debug1");
$node->reload;
$node->wait_for_log(qr/starting background worker process "pg_strata worker for database/, $log_at);
IPC::Run::run([ 'pg_restore', '--clean', '--if-exists', '-d', $node->connstr('jobs'), "$dir/live.dump" ],
	'<', \undef, '>', \$out, '2>', \$err);
is($err, '', 'pg_restore --clean');
is(waiting(), $waiting, 'and they wait still');
is($node->psql('jobs', 'SELECT strata.post_restore()', stderr => \$err), 0, 'and ended') or diag($err);
good_copy('jobs', 'cleaned');
ok( written()
	  && $node->safe_psql('jobs', 'SELECT count(*) FROM strata.attempts') > $waiting,
	'then they are written');
is($node->safe_psql('jobs', 'SELECT * FROM strata.verify_provenance()'), '', 'into the chain');

# Or by approvals of others.
$node->safe_psql('custom', <<'SQL');
SELECT strata.drop_freeze('sale');
SELECT strata.add_window('always', '2020-01-01', '1 day', 'FREQ=DAILY');
SET SESSION AUTHORIZATION dev;
SELECT strata.propose('restore', 'ALTER DATABASE custom SET pg_strata.restoring = on', 's') AS restore \gset
SET SESSION AUTHORIZATION ann;
SELECT strata.approve(:restore);
SET SESSION AUTHORIZATION ben;
SELECT strata.approve(:restore);
SQL
is($node->psql('custom', 'SELECT strata.pre_restore()', stderr => \$err), 0, 'approved, it is done') or diag($err);
is($node->safe_psql('custom', 'SHOW pg_strata.restoring'), 'on', 'for the sessions to come');
is($node->psql('custom', 'SELECT strata.post_restore()', stderr => \$err), 0, 'and ended') or diag($err);
isnt($node->psql('custom', 'SELECT strata.pre_restore()', stderr => \$err), 0, 'once');
like($err, qr/is used, with 2 of 2 approvals/, 'because it is used');

# No session gets through a live guard by pretending to restore.
for my $load ("COPY strata.base_schema FROM '/dev/null'", 'SET row_security = off; SET check_function_bodies = off')
{
	isnt($node->psql('live', "$load; GRANT ALL ON s.t TO PUBLIC", stderr => \$err), 0, "$load does not help");
	like($err, qr/needs an approved proposal/, 'the guard is there');
}
$node->stop;
done_testing();
