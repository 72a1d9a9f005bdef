# The chain verifies after crashes, dumps and promotions; a fork after a recovery to a point in time
# is called one; and what a superuser can do to it shows, some of it only by a checkpoint that was kept.
use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $verifier = dirname(__FILE__) . '/../provenance/verify.py';

my $node = new_node('chain', allows_streaming => 1, has_archiving => 1);
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA shop;
SELECT strata.track('shop');
CREATE TABLE shop.a (id int);
CREATE TABLE shop.b (id int);
CREATE TABLE shop.c (id int);
SQL

# Returns what strata.verify_provenance() says: kinds with their entries, or '' when all is well.
sub problems
{
	my ($on, $db, $kept) = @_;
	my $argument = $kept ? "'$kept'" : '';
	return $on->safe_psql($db,
		"SELECT string_agg(DISTINCT concat_ws(' ', kind, seq), ', ' ORDER BY concat_ws(' ', kind, seq))"
		  . " FROM strata.verify_provenance($argument)");
}

sub kinds
{
	my ($on, $db, $kept) = @_;
	my $argument = $kept ? "'$kept'" : '';
	return $on->safe_psql($db,
		"SELECT string_agg(DISTINCT kind, ', ' ORDER BY kind) FROM strata.verify_provenance($argument)");
}

# Runs the verifier that has only the export; returns its exit code and what it says.
sub verify_export
{
	my ($on, $db, $kept, @proofs) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/chain.jsonl';
	append_to_file($file, $on->safe_psql($db, 'SELECT strata.export_provenance()') . "\n");
	my @command = ('python3', $verifier, $file);
	for my $given ($kept ? [ '--checkpoint', $kept ] : (), @proofs)
	{
		my $name = PostgreSQL::Test::Utils::tempdir() . '/given.json';
		append_to_file($name, $given->[1]);
		push @command, $given->[0], $name;
	}
	my $out = '';
	IPC::Run::run(\@command, '>', \$out, '2>&1');
	return ($? >> 8, $out);
}

# kill -9 while three sessions change the schema.
for my $round (1 .. 3)
{
	my @sessions;
	for my $table ('a', 'b', 'c')
	{
		my $script = join("\n",
			map { "BEGIN; ALTER TABLE shop.$table ADD k${round}_$_ int; SAVEPOINT s;"
				  . " ALTER TABLE shop.$table ADD never int; ROLLBACK TO s; COMMIT;" } 1 .. 500);
		my $file = PostgreSQL::Test::Utils::tempdir() . '/ddl.sql';
		append_to_file($file, $script);
		push @sessions,
		  IPC::Run::start([ 'psql', '-Xq', '-f', $file, $node->connstr('postgres') ], '<', \undef, '>', '/dev/null',
			'2>', '/dev/null');
	}
	$node->poll_query_until('postgres',
		"SELECT count(*) > 5 FROM pg_attribute WHERE attname LIKE 'k${round}\\_%'");
	$node->stop('immediate');
	$_->finish for @sessions;
	$node->start;
	is(problems($node, 'postgres'), '', "killed, round $round: the chain verifies");
	is( $node->safe_psql('postgres', <<"SQL"), 't', "killed, round $round: what is there is recorded");
SELECT (SELECT count(*) FROM pg_attribute WHERE attname LIKE 'k${round}\\_%' AND NOT attisdropped) =
       (SELECT count(*) FROM strata.changes WHERE seq IS NOT NULL AND statement LIKE '%k${round}\\_%')
SQL
}

# A prepared transaction that is committed where nobody of ours is there.
$node->safe_psql('postgres',
	"BEGIN; ALTER TABLE shop.a ADD prepared int; PREPARE TRANSACTION 'two'");
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
$node->safe_psql('postgres', "COMMIT PREPARED 'two'");
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_strata'");
$node->restart;
is(problems($node, 'postgres'), 'pending', 'prepared and committed: pending');
is($node->safe_psql('postgres', 'SELECT count(*) FROM strata.provenance_pending'), '2', 'two rows wait');
$node->safe_psql('postgres', 'ALTER TABLE shop.b ADD after_it int');
is(problems($node, 'postgres'), '', 'and linked by the next commit');
is( $node->safe_psql('postgres', q(SELECT string_agg(coalesce(c.statement, e.kind), ', ' ORDER BY e.seq)
		FROM (SELECT * FROM strata.provenance_entry ORDER BY seq DESC LIMIT 4) AS e
		LEFT JOIN strata.change AS c ON e.source = 'change' AND c.change_id = e.ref)),
	'ALTER TABLE shop.a ADD prepared int, migration, ALTER TABLE shop.b ADD after_it int, migration',
	'before what that commit did');

# Refused and failed statements are in the chain, too.
$node->psql('postgres', 'ALTER TABLE shop.a ADD id int');
ok($node->poll_query_until('postgres', q(SELECT count(*) = 1 FROM strata.provenance_entry AS e
	JOIN strata.attempt AS a ON e.source = 'attempt' AND a.attempt_id = e.ref WHERE a.statement LIKE '%ADD id int')),
	'a failed statement is an entry');
is(problems($node, 'postgres'), '', 'which verifies');

my $kept = $node->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
my ($status, $out) = verify_export($node, 'postgres', $kept,
	[ '--inclusion', $node->safe_psql('postgres', 'SELECT strata.provenance_inclusion(3)') ],
	[ '--consistency', $node->safe_psql('postgres', 'SELECT strata.provenance_consistency(5)') ]);
is($status, 0, 'the export verifies without the server') or diag($out);

# Dump and restore, into the same cluster and in parallel.
my $dump = $node->backup_dir . '/dump';
$node->command_ok([ 'pg_dump', '-Fd', '-f', $dump, $node->connstr('postgres') ], 'dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '-j2', '-d', $node->connstr('restored'), $dump ], 'restored');
is(problems($node, 'restored', $kept), '', 'a restored dump verifies, with the checkpoint');
$node->safe_psql('restored', 'ALTER TABLE shop.a ADD restored int');
is(problems($node, 'restored', $kept), '', 'and goes on');
($status, $out) = verify_export($node, 'restored', $kept);
is($status, 0, 'also outside') or diag($out);

# A standby verifies; promoted, it goes on.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('chain_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
# Its new timeline is not for the archive, from which others recover.
$standby->append_conf('postgresql.conf', 'archive_mode = off');
$standby->start;
$node->safe_psql('postgres', 'ALTER TABLE shop.c ADD streamed int');
$kept = $node->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
$node->wait_for_catchup($standby);
is(problems($standby, 'postgres', $kept), '', 'a standby verifies');
$standby->promote;
$standby->safe_psql('postgres', 'ALTER TABLE shop.c ADD promoted int');
is(problems($standby, 'postgres', $kept), '', 'promoted, it goes on');
is($standby->safe_psql('postgres', 'SELECT max(timeline) FROM strata.provenance_entry'), '2', 'on a new timeline');
# The old primary goes on, too: what is kept of it is of another branch.
$node->safe_psql('postgres', 'ALTER TABLE shop.c ADD split_brain int');
my $other = $node->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
is(kinds($standby, 'postgres', $other), 'forked', 'a checkpoint of the old primary after that is of another branch');
$standby->stop;

# Recovery to a point in time.
$node->safe_psql('postgres', "SELECT pg_create_restore_point('before_it')");
$node->safe_psql('postgres', 'ALTER TABLE shop.a ADD regretted int');
my $later = $node->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
$node->safe_psql('postgres', 'SELECT pg_switch_wal()');
my $past = PostgreSQL::Test::Cluster->new('chain_past');
$past->init_from_backup($node, 'base', has_restoring => 1);
$past->append_conf('postgresql.conf', <<'CONF');
recovery_target_name = 'before_it'
recovery_target_action = promote
archive_mode = off
CONF
$past->start;
$past->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()');
is(problems($past, 'postgres', $other), '', 'recovered: what was before verifies');
is(kinds($past, 'postgres', $later), 'forked', 'a later checkpoint: a fork, the chain is shorter');
$past->safe_psql('postgres', "ALTER TABLE shop.b ADD other_life_$_ int") for 1 .. 5;
is(kinds($past, 'postgres', $later), 'forked', 'and a fork when it went on otherwise');
is(problems($past, 'postgres', $other), '', 'still right with what was before');
# That excuses nothing that was before the fork.
$past->safe_psql('postgres', 'ALTER TABLE strata.change DISABLE TRIGGER append_only;'
	  . ' UPDATE strata.change SET effective_role = $$nobody$$ WHERE change_id = 1;'
	  . ' ALTER TABLE strata.change ENABLE ALWAYS TRIGGER append_only');
like(kinds($past, 'postgres', $later), qr/altered/, 'an edit is no fork');
$past->stop;

# What a superuser can do, and how it shows. Each in a copy.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION open_up() RETURNS void LANGUAGE sql AS $$
    ALTER TABLE strata.change DISABLE TRIGGER append_only;
    ALTER TABLE strata.migration DISABLE TRIGGER append_only;
    ALTER TABLE strata.provenance_event DISABLE TRIGGER append_only;
    ALTER TABLE strata.provenance_entry DISABLE TRIGGER append_only $$;
CREATE FUNCTION close_again() RETURNS void LANGUAGE sql AS $$
    ALTER TABLE strata.change ENABLE ALWAYS TRIGGER append_only;
    ALTER TABLE strata.migration ENABLE ALWAYS TRIGGER append_only;
    ALTER TABLE strata.provenance_event ENABLE ALWAYS TRIGGER append_only;
    ALTER TABLE strata.provenance_entry ENABLE ALWAYS TRIGGER append_only $$;
CREATE FUNCTION part(t text) RETURNS text LANGUAGE sql AS $$ SELECT octet_length(t) || ':' || t $$;
-- Makes the chain right again from an entry on, after entries were taken out.
CREATE FUNCTION rechain(start bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    e strata.provenance_entry;
    n bigint := start;
    prev bytea := (SELECT hash FROM strata.provenance_entry WHERE seq = start - 1);
BEGIN
    FOR e IN SELECT * FROM strata.provenance_entry WHERE seq >= start ORDER BY seq LOOP
        UPDATE strata.provenance_entry SET seq = n, prev_hash = prev, hash = sha256('\x00'::bytea || convert_to(
            part('pg_strata.entry.1') || part(n::text) || part(kind) || part(source) || part(ref::text)
            || part(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
            || part(system_identifier::text) || part(timeline::text), 'UTF8') || digest || prev)
        WHERE seq = e.seq RETURNING hash INTO prev;
        n := n + 1;
    END LOOP;
END $$;
SQL
$kept = $node->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
$node->safe_psql('postgres', "ALTER TABLE shop.b ADD end_$_ int") for 1 .. 3;
my $last = $node->safe_psql('postgres', 'SELECT max(seq) FROM strata.provenance_entry');
my $end = $node->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
is(problems($node, 'postgres', "[$kept, $end]"), '', 'nothing was done yet');
my $id = $node->safe_psql("postgres", "SELECT change_id FROM strata.changes ORDER BY seq OFFSET 9 LIMIT 1");
my $seq = $node->safe_psql('postgres', "SELECT seq FROM strata.changes WHERE change_id = $id");

# [what, how, kinds found without, kinds found with the kept checkpoint, the verifier's words]
my @attacks = (
	[ 'an edited row', "UPDATE strata.change SET statement = 'SELECT 1' WHERE change_id = $id",
		"altered $seq", "altered $seq", qr/^$seq: the row is not the one that was recorded/m ],
	[ 'an edited entry', "UPDATE strata.provenance_entry SET at = at - interval '1 day' WHERE seq = $seq",
		qr/altered $seq/, qr/altered $seq/, qr/^$seq: the entry was edited/m ],
	[ 'a deleted row', "DELETE FROM strata.change WHERE change_id = $id",
		"missing $seq", "missing $seq", qr/^$seq: the row of the entry is missing/m ],
	[ 'a deleted entry', "DELETE FROM strata.provenance_entry WHERE seq = $seq",
		qr/missing $seq.*unrecorded/, qr/missing $seq.*unrecorded/, qr/entry $seq was expected here/ ],
	[ 'both deleted', "DELETE FROM strata.provenance_entry WHERE seq = $seq; DELETE FROM strata.change WHERE change_id = $id",
		qr/missing $seq/, qr/missing $seq/, qr/entry $seq was expected here/ ],
	[ 'a row put in', "INSERT INTO strata.change SELECT (jsonb_populate_record(c, '{\"change_id\": 100000}')).* FROM strata.change AS c WHERE change_id = $id",
		'unrecorded', 'unrecorded', undef ],
	[ 'a row put in as if it waited', "INSERT INTO strata.provenance_event (event_id, kind, at, body) VALUES (900000, 'forged', '2026-01-01Z', '{}');"
		  . "INSERT INTO strata.provenance_pending SELECT 'provenance_event', 900000, 'forged', sha256(convert_to(part('pg_strata.row.1')"
		  . " || part('at') || part('2026-01-01T00:00:00.000000Z') || part('body') || part('{}') || part('event_id') || part('900000')"
		  . " || part('kind') || part('forged'), 'UTF8')); ALTER TABLE shop.b ADD forged int",
		'', '', undef ],
	[ 'two entries swapped', "UPDATE strata.provenance_entry SET seq = -1 WHERE seq = $seq;"
		  . "UPDATE strata.provenance_entry SET seq = $seq WHERE seq = $seq + 5;"
		  . "UPDATE strata.provenance_entry SET seq = $seq + 5 WHERE seq = -1",
		qr/reordered $seq, reordered @{[ $seq + 5 ]}/, qr/reordered $seq, reordered @{[ $seq + 5 ]}/, qr/^$seq: the entry was edited/m ],
	[ 'a new chain from the middle', "DELETE FROM strata.provenance_entry WHERE seq = $seq; DELETE FROM strata.change WHERE change_id = $id; SELECT rechain($seq)",
		qr/altered/, qr/altered/, qr/are not those of the checkpoint/ ],
	[ 'a new chain, without the checkpoints in it', "DELETE FROM strata.provenance_entry WHERE seq = $seq; DELETE FROM strata.change WHERE change_id = $id;"
		  . "DELETE FROM strata.provenance_entry WHERE kind = 'checkpoint'; DELETE FROM strata.provenance_event WHERE kind = 'checkpoint'; SELECT rechain($seq)",
		'', qr/altered/, qr/are not those of the checkpoint/ ],
	[ 'the end cut off', "DELETE FROM strata.change WHERE change_id IN (SELECT ref FROM strata.provenance_entry WHERE seq >= $last - 1 AND source = 'change');"
		  . "DELETE FROM strata.migration WHERE migration_id IN (SELECT ref FROM strata.provenance_entry WHERE seq >= $last - 1 AND source = 'migration');"
		  . "DELETE FROM strata.provenance_event WHERE event_id IN (SELECT ref FROM strata.provenance_entry WHERE seq >= $last - 1 AND source = 'provenance_event');"
		  . "DELETE FROM strata.provenance_entry WHERE seq >= $last - 1",
		'', qr/missing/, undef ],
	[ 'all of it gone', 'TRUNCATE strata.provenance_entry, strata.change, strata.migration, strata.provenance_event',
		qr/unrecorded/, qr/missing 1/, qr/the export does not have/ ],
	[ 'a tombstone for what nobody pruned', "INSERT INTO strata.provenance_event (kind, at, body) SELECT 'tombstone', now(), json_build_object('seq', $seq,"
		  . "'root', repeat('0', 64), 'last_hash', encode(hash, 'hex'), 'subtrees', repeat('0', 640)) FROM strata.provenance_entry WHERE seq = $seq;"
		  . "DELETE FROM strata.provenance_entry WHERE seq <= $seq",
		qr/altered $seq/, qr/altered $seq/, undef ],
);
for my $attack (@attacks)
{
	my ($what, $how, $alone, $with_kept, $outside) = @$attack;
	$node->safe_psql('template1', 'DROP DATABASE IF EXISTS attacked');
	$node->safe_psql('template1', 'CREATE DATABASE attacked TEMPLATE postgres');
	$node->safe_psql('attacked', "SELECT open_up(); $how; SELECT close_again();");
	my $found = problems($node, 'attacked');
	ref $alone ? like($found, $alone, $what) : is($found, $alone, $what);
	$found = problems($node, 'attacked', "[$kept, $end]");
	ref $with_kept
	  ? like($found, $with_kept, "$what, with kept checkpoints")
	  : is($found, $with_kept, "$what, with kept checkpoints");
	next unless $outside;
	($status, $out) = verify_export($node, 'attacked', $kept);
	is($status, 1, "$what: the verifier outside refuses it");
	like($out, $outside, "$what: and says why");
}
$node->safe_psql('attacked', 'SELECT open_up()');
like(problems($node, 'attacked'), qr/unguarded/, 'triggers that were left disabled are seen');

# A database without an encoding has bytes that are no text.
{
	local $ENV{PGCLIENTENCODING} = 'SQL_ASCII';
	$node->safe_psql('postgres', "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
	$node->safe_psql('bytes', "CREATE EXTENSION pg_strata; CREATE SCHEMA shop; SELECT strata.track('shop');"
		  . " CREATE TABLE shop.cafes (id int); COMMENT ON TABLE shop.cafes IS E'caf\\xe9'");
	is(problems($node, 'bytes'), '', 'bytes verify');
	($status, $out) = verify_export($node, 'bytes');
	is($status, 0, 'also outside') or diag($out);
	like($out, qr/^intact: 6 entries/, 'all of them');
}

# Pruned, the rest verifies, also outside.
$node->safe_psql('postgres', 'SELECT strata.prune_provenance(now())');
is(problems($node, 'postgres', $end), '', 'pruned up to a checkpoint');
($status, $out) = verify_export($node, 'postgres', $end);
is($status, 0, 'also outside') or diag($out);
$node->safe_psql('postgres', 'ALTER TABLE shop.b ADD after_pruning int');
is(problems($node, 'postgres', $end), '', 'and goes on');
($status, $out) = verify_export($node, 'postgres', $end,
	[ '--consistency', $node->safe_psql('postgres', "SELECT strata.provenance_consistency(('$end'::jsonb ->> 'seq')::bigint)") ]);
is($status, 0, 'with a proof that it is the same chain') or diag($out);

$node->stop;
done_testing();
