# Rollouts by themselves: steps, checks, approvals, changed gates, two sessions at once, crashes, restarts, promotion,
# dumps, and databases that come and go.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = new_node('primary', allows_streaming => 1);
$node->append_conf('postgresql.conf', 'max_worker_processes = 16');
$node->start;

my $setup = <<'SQL';
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text);
INSERT INTO shop.users SELECT i, 'user ' || i FROM generate_series(1, 100) AS i;
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
ALTER TABLE shop.users ADD COLUMN share int NOT NULL DEFAULT 1;
SELECT strata.publish('shop', 'v2');
SELECT strata.publish('shop', 'v3');
ALTER TABLE shop.users ADD COLUMN part int NOT NULL DEFAULT 1;
SELECT strata.replace_column('shop.users', 'share', '100 / part');
SELECT strata.set_gate('shop', 'v1', unit => 'setting');
CREATE TABLE verdict (said bool);
INSERT INTO verdict VALUES (NULL);
SQL
$node->safe_psql('postgres', $setup);
$node->safe_psql('postgres', 'CREATE ROLE approver LOGIN; GRANT strata_approver TO approver;');

sub sql
{
	my ($sql, %options) = @_;
	return ($options{node} // $node)->safe_psql($options{database} // 'postgres', $sql, extra_params => [ '-U', $options{role} // $ENV{USER} // 'postgres' ]);
}

sub start
{
	my ($steps, %options) = @_;
	return sql("SELECT strata.start_rollout('shop', '" . ($options{candidate} // 'v2') . "', '$steps')", %options);
}

my $newest = q{FROM strata.rollouts ORDER BY rollout_id DESC LIMIT 1};

# Waits until the newest rollout is there; returns whether it came to that.
sub reaches
{
	my ($condition, $what, %options) = @_;
	my $there = ($options{node} // $node)->poll_query_until($options{database} // 'postgres', "SELECT $condition $newest");
	diag(sql("SELECT phase, step, reason, waits_for, measurements $newest", %options)) unless $there;
	ok($there, $what);
	return;
}

sub newest { my ($columns, %options) = @_; return sql("SELECT $columns $newest", %options); }

# Statements of a version: that many, of which some fail.
sub use_version
{
	my ($version, $good, $bad) = @_;
	my $script = "SELECT count(*) FROM shop_$version.users;\n" x $good . "SELECT 1 / (id - id) FROM shop_$version.users;\n" x $bad;
	$node->psql('postgres', $script, on_error_die => 0, on_error_stop => 0);
	return;
}

# By time alone.
start('[{"weight_ppm": 10000, "bake": "1 s", "interval": "200 ms", "checks": []}, {"weight_ppm": 500000}, {"weight_ppm": 1000000}]');
is(newest('phase, step, weight_ppm'), 'running|1|10000', 'the first step begins at once');
reaches(q{phase = 'completed'}, 'steps without checks go on by themselves');
is(sql('SELECT stable, candidate, weight_ppm FROM strata.gates'), 'v2||0', 'the candidate is the stable version now');
is(sql(q{SELECT string_agg(concat_ws(' ', arguments ->> 'phase', arguments ->> 'step'), ', ' ORDER BY change_id) FROM strata.changes
         WHERE command = 'strata.move_rollout'}), 'running 2, running 3, completed 3', 'each transition is recorded');
is(sql(q{SELECT count(*) FROM strata.verify_provenance()}), '0', 'and the chain holds');
sql(q{SELECT strata.set_gate('shop', 'v1', unit => 'setting')});

# Too few samples: it waits, longer than it bakes; then it goes on.
my $careful = '"interval": "200 ms", "checks": [{"check": "error_ratio", "max_increase": 0.1, "min_samples": 20}]';
start(qq([{"weight_ppm": 10000, "bake": "0 s", $careful}, {"weight_ppm": 500000, "bake": "1 day"}]));
reaches(q{waits_for LIKE '%0 of at least 20 statements%'}, 'a step without samples waits');
use_version('v2', 15, 0);
reaches(q{waits_for LIKE '%15 of at least 20 statements%'}, 'until there are enough');
use_version('v2', 10, 0);
reaches(q{step = 2}, 'and goes on then');

# A candidate with errors is rolled back; stable's own errors are allowed for.
use_version('v1', 10, 15);
use_version('v2', 15, 10);
reaches(q{measurements -> 0 ->> 'passed' = '1'}, 'what stable has of errors is no fault of the candidate');
use_version('v1', 30, 0);
use_version('v2', 15, 10);
reaches(q{phase = 'rolled_back'}, 'errors above those of stable roll it back');
like(newest('reason'), qr/^Check "error_ratio" failed: \d+ of \d+ statements of the candidate failed/, 'and it says why');
is(sql('SELECT stable, candidate, weight_ppm FROM strata.gates'), 'v1||0', 'the gate is closed to it');
is(sql("SELECT strata.route('shop', 'any')"), 'v1', 'and everybody gets the stable version');
is(sql(q{SELECT (arguments -> 'checks' -> 0 ->> 'failed') FROM strata.changes WHERE command = 'strata.move_rollout'
         ORDER BY change_id DESC LIMIT 1}), '1', 'what was measured is recorded with it');

# Halted instead, by a query; resumed; a query without an answer holds it up.
my $asks = '"interval": "200 ms", "checks": [{"check": "sql", "name": "verdict", "sql": "SELECT said FROM public.verdict"}]';
start(qq([{"weight_ppm": 10000, "bake": "0 s", "on_failure": "halt", $asks}, {"weight_ppm": 1000000, "bake": "1 day"}]));
reaches(q{waits_for LIKE '%verdict%NULL%'}, 'a query that says NULL holds it up');
sql('UPDATE verdict SET said = false');
reaches(q{phase = 'halted'}, 'one that says false halts it');
is(newest('weight_ppm'), '10000', 'with its weight');
sql('ALTER TABLE verdict RENAME TO elsewhere');
sql(q{SELECT strata.resume_rollout('shop')});
reaches(q{waits_for LIKE '%The query failed: relation "public.verdict" does not exist%'}, 'one that fails is no answer');
sql('ALTER TABLE elsewhere RENAME TO verdict; UPDATE verdict SET said = true');
reaches(q{step = 2 AND phase = 'running'}, 'one that says true lets it go on');

# Somebody changes the gate: it is theirs.
sql(q{SELECT strata.set_gate('shop', 'v1', 'v2', 20000, 'setting')});
reaches(q{phase = 'paused'}, 'a gate that somebody changes pauses it');
is(newest('reason'), 'The gate gives the candidate 20000 ppm now, not 1000000.', 'which it says');
is(sql('SELECT weight_ppm FROM strata.gates'), '20000', 'and the gate stays');
sql(q{SELECT strata.resume_rollout('shop')});
is(sql('SELECT weight_ppm FROM strata.gates'), '1000000', 'resumed, it has its weight again');
sql(q{SELECT strata.set_gate('shop', 'v1', unit => 'setting', enabled => false)});
reaches(q{phase = 'paused' AND reason = 'The gate was switched off.'}, 'the kill switch pauses it');
like((sub { my ($r, $o, $e) = $node->psql('postgres', q{SELECT strata.resume_rollout('shop')}); return $e })->(),
	qr/the gate of schema "shop" is switched off/, 'and it is not resumed behind it');
sql(q{SELECT strata.abort_rollout('shop', 'enough')});
sql(q{SELECT strata.set_gate('shop', 'v1', unit => 'setting')});

# The base schema is renamed, again and again, while it is looked at.
start('[{"weight_ppm": 10000, "bake": "1 day", "interval": "100 ms", "checks": []}]');
sql('ALTER SCHEMA shop RENAME TO shop_renamed; ALTER SCHEMA shop_renamed RENAME TO shop') for 1 .. 150;
is(newest('phase || reason LIKE \'runningStarted by %\''), 't', 'renaming the base schema does not halt it');

# One that was broken by hand is stopped, once.
sql('UPDATE strata.rollout SET step = 7 WHERE ended_at IS NULL');
reaches(q{phase = 'halted' AND reason = 'It has no step 7.'}, 'one that has no such step halts');
sql(q{SELECT strata.abort_rollout('shop')});

# Approvals.
start('[{"weight_ppm": 10000, "bake": "0 s", "interval": "200 ms", "checks": []}, {"weight_ppm": 1000000, "bake": "1 day", "approval": true}]');
reaches(q{phase = 'awaiting_approval' AND step = 2}, 'a step that asks for approval waits');
is(newest('weight_ppm'), '10000', 'at the weight of the step before');
my $proposal = newest('proposal_id');
like((sub { my ($r, $o, $e) = $node->psql('postgres', "SELECT strata.approve($proposal)"); return $e })->(),
	qr/strata_approver|your own proposal/, 'who started it does not approve');
sql("SELECT strata.reject($proposal, 'not on a Friday')", role => 'approver');
reaches(q{phase = 'halted'}, 'rejected, it halts');
is(newest('reason'), "Proposal $proposal is rejected.", 'and says why');
sql(q{SELECT strata.resume_rollout('shop')});
reaches(q{phase = 'awaiting_approval'}, 'resumed, it asks again');
my $second = newest('proposal_id');
isnt($second, $proposal, 'with another proposal');
sql("SELECT strata.approve($second)", role => 'approver');
reaches(q{phase = 'running' AND step = 2 AND weight_ppm = 1000000}, 'approved, it goes on');
is(sql("SELECT state FROM strata.proposals WHERE proposal_id = $second"), 'applied', 'and the proposal is used');

# While a session has it in its hands, nothing happens; what it does counts.
my $busy = $node->background_psql('postgres', on_error_die => 1);
$busy->query_safe('BEGIN');
$busy->query_safe(q{SELECT strata.pause_rollout('shop')});
is(newest('phase'), 'running', 'not committed');
$busy->query_safe('COMMIT');
$busy->quit;
is(newest('phase'), 'paused', 'paused');

# A prepared transaction is committed by whoever, who knows nothing of it.
like((sub { my ($r, $o, $e) = $node->psql('postgres', q{BEGIN; SELECT strata.abort_rollout('shop'); PREPARE TRANSACTION 'late'}); return $e })->(),
	qr/cannot PREPARE a transaction that has changed a rollout/, 'not in a prepared transaction');
is(newest('phase'), 'paused', 'which is rolled back');
sql(q{SELECT strata.abort_rollout('shop')});

# It goes on where it stood: after a crash, and after a restart.
sql('UPDATE verdict SET said = NULL');
start(qq([{"weight_ppm": 10000, "bake": "0 s", $asks}, {"weight_ppm": 500000, "bake": "1 day"}]));
my $began = newest('step_began_at');
$node->stop('immediate');
$node->start;
is(newest('step || phase'), '1running', 'after a crash it is where it was');
is(newest('step_began_at'), $began, 'and its step began when it began');
# While the database is restored nobody decides anything.
sql('SELECT strata.pre_restore(); UPDATE verdict SET said = true');
sleep 1;    # five times the interval
is(newest('step || phase'), '1running', 'a restore is waited for');
sql('SELECT strata.post_restore()');
reaches(q{step = 2}, 'then it goes on by itself');
sql(q{SELECT strata.abort_rollout('shop')});
start('[{"weight_ppm": 10000, "bake": "3 s", "interval": "200 ms", "checks": []}, {"weight_ppm": 500000, "bake": "1 day"}]');
$node->restart;
reaches(q{step = 2}, 'after a restart too');
is(sql(q{SELECT count(*) FROM strata.verify_provenance()}), '0', 'the chain holds');
sql(q{SELECT strata.abort_rollout('shop')});

# The launcher dies: another one takes over.
start('[{"weight_ppm": 10000, "bake": "2 s", "interval": "200 ms", "checks": []}, {"weight_ppm": 500000, "bake": "1 day"}]');
sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_strata launcher'});
reaches(q{step = 2}, 'without its launcher it goes on with the next one');
sql(q{SELECT strata.abort_rollout('shop')});

# What an interrupted DROP DATABASE leaves is not visited.
$node->safe_psql('postgres', q{CREATE DATABASE invalid});
$node->safe_psql('postgres', q{UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'invalid'});
$node->restart;
start('[{"weight_ppm": 10000, "bake": "1 s", "interval": "200 ms", "checks": []}, {"weight_ppm": 500000, "bake": "1 day"}]');
reaches(q{step = 2}, 'a database that is not valid does not matter');
sql(q{SELECT strata.abort_rollout('shop')});
unlike(slurp_file($node->logfile), qr/cannot connect to invalid database/, 'and nobody tries to connect to it');
sql('DROP DATABASE invalid');

# Two databases at once, and one that is dropped while its rollout goes on.
$node->safe_psql('postgres', 'CREATE DATABASE second');
$node->safe_psql('second',   $setup);
my $endless = '[{"weight_ppm": 10000, "bake": "1 day", "interval": "100 ms", "checks": []}]';
start($endless);
start($endless, database => 'second');
reaches('looked_at IS NOT NULL', 'one in the first database', database => 'postgres');
reaches('looked_at IS NOT NULL', 'one in the second', database => 'second');
is((sub { my ($r, $o, $e) = $node->psql('postgres', 'DROP DATABASE second'); return $e })->(), '', 'the second one is dropped');
sql(q{SELECT strata.abort_rollout('shop')});

# A copy of the database does nothing by itself.
start($endless);
my $dump = $node->basedir . '/rollout.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, '-p', $node->port, 'postgres' ], 'a dump');
$node->safe_psql('postgres', 'CREATE DATABASE copied');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-p', $node->port, '-f', $dump, 'copied' ], 'is restored');
reaches(q{phase = 'paused'}, 'in a copy it is paused', database => 'copied');
like(newest('reason', database => 'copied'), qr/another database/, 'and says why');
is(newest('phase'), 'running', 'not so where it began');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump.c", '-p', $node->port, 'postgres' ], 'a dump for several jobs');
$node->safe_psql('postgres', 'CREATE DATABASE copied_by_jobs');
$node->command_ok([ 'pg_restore', '-j', '4', '-p', $node->port, '-d', 'copied_by_jobs', "$dump.c" ], 'is restored');
reaches(q{phase = 'paused'}, 'there too', database => 'copied_by_jobs');
is(sql('SELECT count(*) FROM strata.verify_provenance()', database => 'copied_by_jobs'), '0', 'and its chain holds');
sql(q{SELECT strata.resume_rollout('shop')}, database => 'copied');
is(newest('phase', database => 'copied'), 'running', 'until somebody resumes it');
sql(q{SELECT strata.abort_rollout('shop')}, database => 'copied');
sql(q{SELECT strata.abort_rollout('shop')});

# A standby only looks; promoted, it goes on.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
start('[{"weight_ppm": 10000, "bake": "3 s", "interval": "200 ms", "checks": []}, {"weight_ppm": 500000, "bake": "1 day"}]');
$node->wait_for_catchup($standby);
is(newest('phase', node => $standby), 'running', 'the standby shows it');
like((sub { my ($r, $o, $e) = $standby->psql('postgres', q{SELECT strata.pause_rollout('shop')}); return $e })->(),
	qr/read-only|recovery/, 'and changes nothing');
$node->stop('immediate');
$standby->promote;
reaches(q{step = 2}, 'promoted, it goes on', node => $standby);
is(sql(q{SELECT count(*) FROM strata.verify_provenance()}, node => $standby), '0', 'and the chain holds');

# A look gives up after a second where somebody holds the lock of the schema, and comes again.
my @complaints = grep { !/lock timeout/ } grep { /pg_strata could not look at|PANIC|terminated by signal/ } split /\n/, slurp_file($node->logfile);
is_deeply(\@complaints, [], 'nothing went wrong behind anybody');

done_testing();
