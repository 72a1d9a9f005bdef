# Ways round the guard that take more than one session, or more than SQL: the numbers are those of
# docs/security.md. The ways inside one session are sql/guard_bypass_*.sql.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = new_node('bypass', allows_streaming => 'logical');
$node->start;
$node->safe_psql('postgres', <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
CREATE ROLE dev LOGIN;
CREATE ROLE lax LOGIN;
CREATE ROLE apart LOGIN SUPERUSER;
CREATE SCHEMA s AUTHORIZATION dev;
GRANT CREATE ON DATABASE postgres TO dev;
SET SESSION AUTHORIZATION dev;
CREATE SCHEMA loose;
CREATE TABLE s.t (id int PRIMARY KEY, a text);
INSERT INTO s.t SELECT n, 'a' FROM generate_series(1, 10) AS n;
RESET SESSION AUTHORIZATION;
SQL
my ($out, $err);
my $drop = 'DROP TABLE s.t';

sub refused
{
	my ($sql, $what, %options) = @_;
	isnt($node->psql('postgres', $sql, stderr => \$err, %options), 0, "$what: refused") or diag($sql);
	like($err, qr/needs an approved proposal|is refused by policy|may run only in a change window/, "$what: by the guard");
	return;
}

# 16: scripts of extensions, when they come and when they go. Types of citext and hstore make columns.
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION citext SCHEMA loose;
CREATE TABLE s.words (word loose.citext);
INSERT INTO s.words VALUES ('a');
SELECT strata.track('s', 'dev');
SQL
refused('DROP EXTENSION citext CASCADE', '16, an extension whose type a table uses');
refused('CREATE EXTENSION dblink SCHEMA s', '16, code that nobody looks into, into the tracked schema');
is($node->psql('postgres', 'CREATE EXTENSION dblink SCHEMA loose', stderr => \$err), 0,
	'16, elsewhere an extension may come') or diag($err);
is($node->psql('postgres', 'ALTER EXTENSION dblink SET SCHEMA public; DROP EXTENSION dblink; CREATE EXTENSION dblink', stderr => \$err), 0,
	'16, and go') or diag($err);

# 26: the same database once more, by dblink, as another role.
my $self = "host=" . $node->host . " port=" . $node->port . " dbname=postgres";
refused("SELECT dblink_exec('$self user=apart', '$drop')", '26, dblink as another role');
refused("SELECT dblink_exec('$self user=apart options=-cpg_strata.mode=enforce', 'TRUNCATE s.t')", '26, with options');

# 1, 8: no role is exempt; what a session brings along as options is
# for superusers, who are logged.
refused($drop, '1, a superuser', extra_params => [ '-U', 'apart' ]);
isnt($node->psql('postgres', undef, stderr => \$err, extra_params => [ '-c', $drop ],
		connstr => $node->connstr('postgres') . " user=dev options='-c pg_strata.mode=off'"),
	0, '8, options of the connection');
like($err, qr/permission denied to set parameter|must be superuser/, '8, they are not for all');
my $log_at = -s $node->logfile;
is($node->psql('postgres', 'SHOW pg_strata.mode', stdout => \$out,
		connstr => $node->connstr('postgres') . " user=apart options='-c pg_strata.mode=off'"),
	0, '8, a superuser can');
is($out, 'off', '8, and has it off');
ok($node->log_contains('pg_strata.mode is set by the options of the connection', $log_at), '8, the log says so');

# 15: DDL in a background process: a trigger runs it where the server applies what a publisher sends.
# 22: what a publisher sends is applied; TRUNCATE is sent unless the publication leaves it out.
$node->safe_psql('postgres', 'CREATE DATABASE publisher');
$node->safe_psql('publisher', <<'SQL');
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, a text);
CREATE PUBLICATION pub FOR TABLE s.t WITH (publish = 'insert, update, delete');
SELECT pg_create_logical_replication_slot('sub', 'pgoutput');
SQL
$node->safe_psql('postgres', <<"SQL");
CREATE FUNCTION loose.strike() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN TRUNCATE s.t; RETURN NULL; END';
CREATE TABLE loose.bell (id int PRIMARY KEY, a text);
SELECT strata.drop_policy('BREAKS_WRITERS');
CREATE SUBSCRIPTION sub CONNECTION '$self dbname=publisher' PUBLICATION pub
  WITH (create_slot = false, slot_name = 'sub', copy_data = false);
DELETE FROM strata.guard_policy WHERE NOT installed;
SQL
$node->safe_psql('publisher', "INSERT INTO s.t VALUES (100, 'sent'); TRUNCATE s.t; INSERT INTO s.t VALUES (101, 'sent')");
ok($node->poll_query_until('postgres', 'SELECT count(*) = 12 FROM s.t'),
	'22, rows arrive; a TRUNCATE that is not published does not');
$node->safe_psql('publisher', q(
CREATE SCHEMA loose;
CREATE TABLE loose.bell (id int PRIMARY KEY, a text);
ALTER PUBLICATION pub ADD TABLE loose.bell));
$node->safe_psql('postgres', <<'SQL');
CREATE TRIGGER strike AFTER INSERT ON loose.bell FOR EACH ROW EXECUTE FUNCTION loose.strike();
ALTER TABLE loose.bell ENABLE ALWAYS TRIGGER strike;
SELECT strata.drop_policy('BREAKS_READERS');
ALTER SUBSCRIPTION sub REFRESH PUBLICATION WITH (copy_data = false);
DELETE FROM strata.guard_policy WHERE NOT installed;
SQL
$log_at = -s $node->logfile;
$node->safe_psql('publisher', "INSERT INTO loose.bell VALUES (1, 'ring')");
ok($node->wait_for_log(qr/TRUNCATE TABLE of s.t needs an approved proposal/, $log_at), '15, DDL in a background worker: refused');
is($node->safe_psql('postgres', 'SELECT count(*) FROM s.t'), 12, '15, and nothing is lost');
$node->safe_psql('postgres', <<'SQL');
SELECT strata.drop_policy(hazard) FROM strata.policies;
ALTER SUBSCRIPTION sub DISABLE;
DROP TABLE loose.bell;
ALTER SUBSCRIPTION sub SET (slot_name = NONE);
DROP SUBSCRIPTION sub;
DELETE FROM strata.guard_policy WHERE NOT installed;
SQL

# 33: killed between decision and commit: neither is there.
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe(q(
CREATE ROLE ann; CREATE ROLE ben; GRANT strata_approver TO ann, ben;
SELECT strata.add_window('always', '2020-01-01', '1 day', 'FREQ=DAILY');
SET SESSION AUTHORIZATION dev; SELECT strata.propose('drop', 'DROP TABLE s.t', 's');
SET SESSION AUTHORIZATION ann; SELECT strata.approve(1);
SET SESSION AUTHORIZATION ben; SELECT strata.approve(1);
RESET SESSION AUTHORIZATION));
$session->query_safe("BEGIN; $drop");
$node->stop('immediate');
eval { $session->quit };
$node->start;
is($node->safe_psql('postgres', 'SELECT count(*) FROM s.t'), 12, '33, after a crash the table is there');
is($node->safe_psql('postgres', 'SELECT state FROM strata.proposals'), 'approved', '33, and the approval is not used up');

# A standby refuses nothing of its own: it cannot run DDL. Promoted, it guards.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
isnt($standby->psql('postgres', $drop, stderr => \$err), 0, 'a standby runs no DDL');
like($err, qr/read-only transaction/, 'and says so in the words of the server');
for my $query (
	'SELECT count(*) FROM strata.policies', 'SELECT count(*) FROM strata.windows WHERE is_open',
	q(SELECT count(*) FROM strata.assess('DROP TABLE s.t')), 'SELECT count(*) FROM strata.proposals',
	q(SELECT set_config('pg_strata.mode', 'record', false)), q(SET pg_strata.mode = off))
{
	is($standby->psql('postgres', $query, stderr => \$err), 0, "on a standby: $query") or diag($err);
}
for my $query (q(SELECT strata.break_glass('x')), q(SELECT strata.propose('x', 'DROP TABLE s.t', 's')), 'SELECT strata.approve(1)')
{
	isnt($standby->psql('postgres', $query, stderr => \$err), 0, "not on a standby: $query");
	unlike($err, qr/server closed|internal error/, 'in words');
}
$standby->promote;
isnt($standby->psql('postgres', 'ALTER TABLE s.t DROP COLUMN a', stderr => \$err), 0, 'a promoted standby refuses');
like($err, qr/needs an approved proposal/, 'like any other server');
$standby->stop;

# 6, 7: a server without connections, and one without the library.
$node->stop;
my @single = ('postgres', '--single', '-D', $node->data_dir, 'postgres');
IPC::Run::run([@single], '<', \"ALTER TABLE s.t DROP COLUMN a\n", '>', \$out, '2>', \$err);
like($err, qr/needs an approved proposal/, '6, single-user mode: refused');
IPC::Run::run([ 'postgres', '--single', '-c', 'pg_strata.mode=off', '-D', $node->data_dir, 'postgres' ],
	'<', \"ALTER TABLE s.t ADD COLUMN single int\n", '>', \$out, '2>', \$err);
unlike($err, qr/ERROR/, '6, who starts it may say that the guard is off');
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->start;
is($node->psql('postgres', 'ALTER TABLE s.t DROP COLUMN a', stderr => \$err), 0,
	'7, without the library nothing is guarded: who can start the server can do that');
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_strata'");
$node->restart;
refused('ALTER TABLE s.t DROP COLUMN id', '7, with it again');
$node->stop;
done_testing();
