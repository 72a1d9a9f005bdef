# Open cursors and suspended portals of a session that then runs DDL: what happens with a version is what
# happens with a plain table, and nothing is left half done.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = start_node('portals');
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA s;
CREATE SCHEMA plain;
CREATE TABLE s.t (id int PRIMARY KEY, a text);
INSERT INTO s.t SELECT i, 'row ' || i FROM generate_series(1, 5) i;
CREATE TABLE plain.t AS SELECT * FROM s.t;
ALTER TABLE plain.t ADD PRIMARY KEY (id);
SELECT strata.track('s');
SELECT strata.publish('s', 'v1');
SQL

# Cursors: the DDL fails or not as it does without versions, and the cursor goes on.
my %names = (
	add      => 'ALTER TABLE %s.t ADD COLUMN n int',
	retype   => 'ALTER TABLE %s.t ALTER COLUMN id TYPE bigint',
	rename   => 'ALTER TABLE %s.t RENAME COLUMN a TO b',
	table    => 'ALTER TABLE %s.t RENAME TO u',
	index    => 'CREATE INDEX ON %s.t (a)',
	truncate => 'TRUNCATE %s.t',
	default  => "ALTER TABLE %s.t ALTER COLUMN a SET DEFAULT 'x'");
for my $what (sort keys %names)
{
	my %outcome;
	for my $schema ('plain', 's')
	{
		my $from = $schema eq 's' ? 's_v1' : 'plain';
		my $ddl  = sprintf $names{$what}, $schema;
		my ($out, $err);
		$node->psql('postgres', <<SQL, stdout => \$out, stderr => \$err, on_error_stop => 0);
\\set VERBOSITY sqlstate
SET client_min_messages = error;
BEGIN;
DECLARE c CURSOR FOR SELECT id, a FROM $from.t;
FETCH 2 FROM c;
SAVEPOINT here;
$ddl;
ROLLBACK TO here;
FETCH 2 FROM c;
ROLLBACK;
SQL
		$err =~ s/^psql:<stdin>:\d+: //mg;
		$outcome{$schema} = "$out\n$err";
	}
	is($outcome{s}, $outcome{plain}, "cursor, $what: as on a plain table");
	like($outcome{s}, qr/^1\|row 1\n2\|row 2\n3\|row 3\n4\|row 4/, "cursor, $what: it goes on");
}
like($node->safe_psql('postgres', 'SELECT 1'), qr/1/, 'the server is there');

# A portal suspended by the row limit of Execute, and DDL in the same implicit transaction: only
# the wire protocol can do that.
sub message
{
	my ($type, $body) = @_;
	return $type . pack('N', 4 + length $body) . $body;
}

sub receive
{
	my ($socket, $length) = @_;
	my $data = '';
	while (length $data < $length)
	{
		my $got = sysread($socket, $data, $length - length $data, length $data);
		die "connection lost" unless $got;
	}
	return $data;
}

# Reads messages up to ReadyForQuery; returns them as text.
sub answers
{
	my ($socket) = @_;
	my @all;
	while (1)
	{
		my ($type, $length) = unpack 'aN', receive($socket, 5);
		my $body = receive($socket, $length - 4);
		if ($type eq 'E') { $body =~ /C(\w{5})\0/ and push @all, "error $1" }
		elsif ($type eq 'C') { push @all, substr($body, 0, -1) }
		elsif ($type eq 'D') { push @all, 'row ' . unpack('x2 N/a*', $body) }
		elsif ($type eq 's') { push @all, 'suspended' }
		elsif ($type eq 'Z') { return join(', ', @all) }
	}
}

sub pipeline
{
	my ($from, $ddl) = @_;
	my $socket  = $node->raw_connect;
	my $startup = pack('N', 196608)
	  . join("\0", 'user', scalar(getpwuid $<), 'database', 'postgres', '', '');
	syswrite $socket, pack('N', 4 + length $startup) . $startup;
	answers($socket);
	my $select = "SELECT id FROM $from.t";
	syswrite $socket,
	    message('P', "s\0$select\0" . pack('n', 0))
	  . message('B', "p\0s\0" . pack('nnn', 0, 0, 0))
	  . message('E', "p\0" . pack('N', 2))
	  . message('P', "\0$ddl\0" . pack('n', 0))
	  . message('B', "\0\0" . pack('nnn', 0, 0, 0))
	  . message('E', "\0" . pack('N', 0))
	  . message('E', "p\0" . pack('N', 2))
	  . message('S', '');
	my $pipelined = answers($socket);
	# The same connection, the same prepared statement, afterwards.
	syswrite $socket,
	    message('B', "\0s\0" . pack('nnn', 0, 0, 0))
	  . message('E', "\0" . pack('N', 0))
	  . message('S', '');
	my $after = answers($socket);
	syswrite $socket, message('X', '');
	close $socket;
	return ($pipelined, $after);
}

my ($pipelined, $after) = pipeline('s_v1', 'ALTER TABLE s.t ALTER COLUMN id TYPE bigint');
is($pipelined, 'row 1, row 2, suspended, error 55006', 'DDL under a suspended portal: object in use');
is( $after,
	'row 1, row 2, row 3, row 4, row 5, SELECT 5',
	'and its prepared statement reads on');
is_deeply(
	[ pipeline('plain', 'ALTER TABLE plain.t ALTER COLUMN id TYPE bigint') ],
	[ $pipelined, $after ],
	'as on a plain table');
($pipelined, $after) = pipeline('s_v1', 'ALTER TABLE s.t DROP COLUMN a');
like($pipelined, qr/^row 1, row 2, suspended, error ST004$/, 'a refusal leaves the connection well');
is($after, 'row 1, row 2, row 3, row 4, row 5, SELECT 5', 'and its prepared statement reads on');
($pipelined, $after) = pipeline('s_v1', 'ALTER TABLE s.t RENAME COLUMN a TO b');
is( $pipelined,
	'row 1, row 2, suspended, ALTER TABLE, row 3, row 4, suspended',
	'a rename passes, as on a plain table, and the portal goes on');
($pipelined, $after) = pipeline('s_v1', 'ALTER TABLE s.t ALTER COLUMN b SET STATISTICS 7');
like($pipelined, qr/suspended, error 55006$/, 'any ALTER TABLE meets the same rule of the server');

# What changes only version views does not disturb a portal on one.
($pipelined, $after) = pipeline('s_v1', q(SELECT strata.publish('s', 'v2')));
is($pipelined, 'row 1, row 2, suspended, row s_v2, SELECT 1, row 3, row 4, suspended',
	'publish under a suspended portal')
  or note($pipelined);
is($node->safe_psql('postgres', 'SELECT * FROM strata.verify()'), '', 'verify has no rows');
$node->stop;
done_testing();
