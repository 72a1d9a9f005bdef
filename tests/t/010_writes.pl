# Writes that tools for versions are known to get wrong: values that an old version cannot represent,
# increments by many clients, values that are not the same when computed twice, and plans made before
# a mapping changed. Each through the rewriting and through what stored queries go by, the trigger.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = new_node('writes');
$node->append_conf('postgresql.conf', "fsync = off\ndeadlock_timeout = '200ms'\nautovacuum = off");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA s;
CREATE TABLE s.users (
    id    int PRIMARY KEY,
    name  text,
    email text,
    age   int DEFAULT 0,
    hits  int NOT NULL DEFAULT 0,
    loud  text);
SELECT strata.track('s');
SELECT strata.publish('s', 'v1');
-- Bodies that the server keeps analyzed, from before the base was reshaped and from after.
CREATE FUNCTION s.bump(int) RETURNS void LANGUAGE sql
    BEGIN ATOMIC UPDATE s_v1.users SET age = age + 1, hits = hits + 1 WHERE id = $1; END;
ALTER TABLE s.users ADD first text, ADD last text, ADD tens int, ADD ones int, ADD quiet text;
SELECT strata.replace_column('s.users', 'name', $$first || ' ' || last$$,
    $${"first": "split_part(name, ' ', 1)", "last": "substr(name, strpos(name, ' ') + 1)"}$$);
ALTER TABLE s.users DROP name;
SELECT strata.replace_column('s.users', 'hits', 'tens * 10 + ones', '{"tens": "hits / 10", "ones": "hits % 10"}');
ALTER TABLE s.users DROP hits;
-- A mapping whose author wants every write to compute.
SELECT strata.replace_column('s.users', 'loud', 'upper(quiet)', '{"quiet": "lower(loud)"}', keep_unchanged => false);
ALTER TABLE s.users DROP loud;
ALTER TABLE s.users ALTER age TYPE bigint;
ALTER TABLE s.users RENAME email TO mail;
SELECT strata.publish('s', 'v2');
CREATE FUNCTION s.save(int, text, text, int) RETURNS void LANGUAGE sql
    BEGIN ATOMIC UPDATE s_v1.users SET id = $1, name = $2, email = $3, age = $4 WHERE id = $1; END;
CREATE FUNCTION s.mail(int, text) RETURNS void LANGUAGE sql
    BEGIN ATOMIC UPDATE s_v1.users SET email = $2 WHERE id = $1; END;
SQL

sub query { return $node->safe_psql('postgres', join(";\n", @_)) }

# Returns the SQLSTATE of what fails, '' of what does not.
sub state_of
{
	my ($sql) = @_;
	my $err;
	$node->psql('postgres', "\\set VERBOSITY sqlstate\n$sql", stderr => \$err);
	return $err =~ /ERROR:\s+(\w{5})/ ? $1 : $err;
}

# 1. The new application stores what the old version cannot say: two first names.
sub mary
{
	query(q(DELETE FROM s.users WHERE id = 1),
		q(INSERT INTO s_v2.users (id, first, last, mail, age, tens, ones, quiet)
		  VALUES (1, 'Mary Ann', 'Lee', 'm@x', 7, 0, 0, 'MiXed')));
	return;
}
my $kept = 'Mary Ann|Lee|new@x|7';
my $stored = 'SELECT first, last, mail, age FROM s.users WHERE id = 1';
my %writes = (
	'one column' => q(UPDATE s_v1.users SET email = 'new@x' WHERE id = 1),
	'all columns, as read' =>
	  q(UPDATE s_v1.users SET id = 1, name = 'Mary Ann Lee', email = 'new@x', age = 7, hits = 0 WHERE id = 1),
	'all columns, by parameters' =>
	  q(PREPARE p (int, text, text, int) AS UPDATE s_v1.users SET id = $1, name = $2, email = $3, age = $4 WHERE id = $1;
		EXECUTE p (1, 'Mary Ann Lee', 'new@x', 7)),
	'all columns, from themselves' =>
	  q(UPDATE s_v1.users AS u SET (id, name, email, age) = (SELECT u.id, u.name, 'new@x', u.age) WHERE id = 1),
	'from a join with itself' =>
	  q(UPDATE s_v1.users AS u SET name = o.name, email = 'new@x', age = o.age FROM s_v1.users AS o WHERE o.id = u.id AND u.id = 1),
	'on conflict' =>
	  q(INSERT INTO s_v1.users (id, name, email, age) VALUES (1, 'Mary Ann Lee', 'new@x', 7)
		ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email, age = EXCLUDED.age),
	'stored, one column'             => q(SELECT s.mail(1, 'new@x')),
	'stored, all columns, as read'   => q(SELECT s.save(1, 'Mary Ann Lee', 'new@x', 7)));
for my $what (sort keys %writes)
{
	mary();
	query($writes{$what});
	is(query($stored), $kept, "lossy round trip: $what");
}
mary();
query(q(SELECT s.save(1, 'Mary Bee', 'new@x', 8)));
is(query($stored), 'Mary|Bee|new@x|8', 'a stored write of another name is stored');
query(q(UPDATE s_v1.users SET name = 'Zoe Day' WHERE id = 1));
is(query($stored), 'Zoe|Day|new@x|8', 'and a rewritten one');
mary();
query(q(UPDATE s_v1.users SET email = 'other@x' WHERE id = 1));
is(query('SELECT quiet FROM s.users WHERE id = 1'), 'MiXed', 'keep_unchanged off: not assigned, not computed');
query(q(UPDATE s_v1.users SET loud = loud WHERE id = 1));
is(query('SELECT quiet FROM s.users WHERE id = 1'), 'mixed', 'assigned, computed');

# 2. Four clients, 200 increments each, of one row: of a cast column, of one computed from two.
sub count_by
{
	my ($what, $expected, $mode, %scripts) = @_;
	query('DELETE FROM s.users', 'INSERT INTO s.users (id, age, tens, ones) VALUES (1, 0, 0, 0)');
	my @files;
	for my $name (sort keys %scripts)
	{
		my $file = $node->basedir . "/$name.sql";
		unlink $file;
		append_to_file($file, $scripts{$name});
		push @files, '-f', $file;
	}
	my ($out, $err);
	my $done = IPC::Run::run(
		[
			'pgbench', '-n', '-M', $mode, '-c', '4', '-j', '2', '-t', '200', '--max-tries=10000', @files,
			$node->connstr('postgres')
		],
		'<', \undef, '>', \$out, '2>', \$err);
	ok($done, "$what: no client fails") or diag($err);
	is(query('SELECT age, tens * 10 + ones FROM s.users'), $expected, "$what: nothing is lost");
	return $out;
}
my $old = 'UPDATE s_v1.users SET age = age + 1, hits = hits + 1 WHERE id = 1;';
my $new = 'UPDATE s_v2.users SET age = age + 1, (tens, ones) = ((tens * 10 + ones + 1) / 10, (ones + 1) % 10) WHERE id = 1;';
my $stored_bump = 'SELECT s.bump(1);';
for my $mode ('simple', 'extended', 'prepared')
{
	count_by("800 increments, rewritten, $mode", '800|800', $mode, old => $old);
}
count_by('through the old and the new version', '800|800', 'prepared', old => $old, new => $new);
my $out = count_by('800 increments, stored', '800|800', 'simple', stored => $stored_bump);
like($out, qr/number of transactions retried: [1-9]/, 'clients did meet, and were told to try again');
count_by('stored, rewritten and new ones', '800|800', 'prepared', stored => $stored_bump, old => $old, new => $new);

# 3. A value that differs each time it is computed is computed once for each row.
query(<<'SQL');
CREATE SEQUENCE s.ticks;
CREATE FUNCTION s.tick() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT n || ' ' || n FROM nextval('s.ticks') AS n $$;
CREATE FUNCTION s.stored_insert(int) RETURNS void LANGUAGE sql
    BEGIN ATOMIC INSERT INTO s_v1.users (id, name) VALUES ($1, s.tick()); END;
CREATE FUNCTION s.stored_update() RETURNS void LANGUAGE sql
    BEGIN ATOMIC UPDATE s_v1.users SET name = s.tick(); END;
SQL
my $merge = $node->pg_version >= 17;
my @volatile = (
	[ 'INSERT', 1, q(INSERT INTO s_v1.users (id, name) VALUES (11, s.tick())) ],
	[ 'INSERT of several rows', 3, q(INSERT INTO s_v1.users (id, name) VALUES (11, s.tick()), (12, s.tick()), (13, s.tick())) ],
	[ 'INSERT SELECT', 3, q(INSERT INTO s_v1.users (id, name) SELECT i, s.tick() FROM generate_series(11, 13) i) ],
	[ 'INSERT in a CTE', 1, q(WITH w AS (INSERT INTO s_v1.users (id, name) VALUES (11, s.tick()) RETURNING *) SELECT * FROM w) ],
	[ 'prepared INSERT', 2, q(PREPARE p (int) AS INSERT INTO s_v1.users (id, name) VALUES ($1, s.tick()); EXECUTE p (11); EXECUTE p (12)) ],
	[ 'UPDATE', 2, q(UPDATE s_v1.users SET name = s.tick()), 2 ],
	[ 'UPDATE of several columns', 2, q(UPDATE s_v1.users SET (name, email) = (s.tick(), 'x')), 2 ],
	[ 'UPDATE from a subquery', 2, q(UPDATE s_v1.users SET (name, email) = (SELECT s.tick(), 'x' WHERE users.id > 0)), 2 ],
	[ 'UPDATE FROM', 2, q(UPDATE s_v1.users AS u SET name = s.tick() FROM (VALUES (1), (2)) AS v (k) WHERE k = u.id), 2 ],
	[ 'ON CONFLICT', 1, q(INSERT INTO s_v1.users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = s.tick()), 2 ],
	[ 'ON CONFLICT, EXCLUDED', 1,
		q(INSERT INTO s_v1.users (id, name) VALUES (1, s.tick()) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name), 2 ],
	[ 'stored INSERT', 1, q(SELECT s.stored_insert(11)) ],
	[ 'stored UPDATE', 2, q(SELECT s.stored_update()), 2 ]);
push @volatile,
  [ 'MERGE', 1, q(MERGE INTO s_v1.users AS u USING (SELECT 11 AS k, s.tick() AS t OFFSET 0) AS v ON u.id = v.k
	WHEN NOT MATCHED THEN INSERT (id, name) VALUES (k, t)) ]
  if $merge;
for my $case (@volatile)
{
	my ($what, $ticks, $sql, $rows) = @$case;
	query('DELETE FROM s.users', q(ALTER SEQUENCE s.ticks RESTART));
	query(q(INSERT INTO s.users (id, first, last) VALUES (1, 'a', 'b'), (2, 'a', 'b'))) if $rows;
	query($sql);
	is(query('SELECT last_value FROM s.ticks'), $ticks, "volatile value, $what: as many as rows");
	is(query(q(SELECT count(*) FROM s.users WHERE first ~ '^\d+$' AND first = last)), $ticks, 'and stored as one');
}

# 4. A value the old type cannot hold belongs to the new application: the old one goes on with the rest.
my $big = q(DELETE FROM s.users; INSERT INTO s_v2.users (id, mail, age, tens, ones) VALUES (1, 'a@x', 5000000000, 0, 0), (2, 'b@x', 2, 0, 0));
query($big);
is(state_of('SELECT age FROM s_v1.users WHERE id = 1'), '22003', 'the old version cannot show it');
is(query('SELECT id, email FROM s_v1.users ORDER BY id'), "1|a\@x\n2|b\@x", 'but the rest of the row');
is(state_of(q(UPDATE s_v1.users SET email = 'c@x' WHERE id = 1)), '', 'and can write the rest');
is(state_of(q(UPDATE s_v1.users SET age = age + 1)), '22003', 'no arithmetic with it');
is(query('SELECT mail, age FROM s.users ORDER BY id'), "c\@x|5000000000\nb\@x|2", 'nothing happened to it');
is(state_of('UPDATE s_v1.users SET age = 30 WHERE id = 1'), '', 'it can be replaced by one that fits');
is(query('SELECT age FROM s.users WHERE id = 1'), '30', 'and is');
query($big);
is(state_of(q(INSERT INTO s_v1.users (id, age) VALUES (1, 9) ON CONFLICT (id) DO UPDATE SET age = EXCLUDED.age)), '', 'also by ON CONFLICT');
is(state_of(q(UPDATE s_v1.users SET age = 5000000000 WHERE id = 2)), '22003', 'the old type still checks what it is given');
query($big);
is(state_of('DELETE FROM s_v1.users WHERE id = 1'), '', 'the row can be deleted');
query($big);
my $answer = state_of(q(SELECT s.mail(1, 'd@x')));
is($answer, '22003', 'stored writes read the whole row: refused');
is(query('SELECT mail, age FROM s.users WHERE id = 1'), 'a@x|5000000000', 'and nothing is damaged');

# 5. Plans made before a mapping changed: of one session, by each way a mapping can change.
my @changes = (
	[ 'rename', 'ALTER TABLE s.users RENAME first TO given', q(given || '+' || last) ],
	[ 'rename to where a name was', 'ALTER TABLE s.users RENAME last TO first', q(given || '+' || first) ],
	[ 'type change', 'ALTER TABLE s.users ALTER first TYPE varchar(60)', q(given || '+' || first) ],
	[ 'another mapping', q(ALTER TABLE s.users ADD whole text;
		UPDATE s.users SET whole = given;
		SELECT strata.replace_column('s.users', 'given', 'lower(whole)', '{"whole": "upper(given)"}');
		ALTER TABLE s.users DROP given), q(lower(whole) || '+' || first) ],
	[ 'table renamed', 'ALTER TABLE s.users RENAME TO people', q(lower(whole) || '+' || first) ],
	[ 'fill', q(ALTER TABLE s.people ADD origin text; SELECT strata.fill_column('s.people', 'origin', $$'old'$$)),
		q(lower(whole) || '+' || first || coalesce(origin, '')) ]);
my ($script, $expected, $number) = ('', '', 1);
query('DELETE FROM s.users', q(INSERT INTO s.users (id, first, last, tens, ones) VALUES (0, 'a', 'b', 0, 0)));
$script .= <<'SQL';
SET client_min_messages = error;
PREPARE ins (int, text) AS INSERT INTO s_v1.users (id, name) VALUES ($1, $2) RETURNING name;
PREPARE upd (int, text) AS UPDATE s_v1.users SET name = $2 WHERE id = $1 RETURNING name;
PREPARE up2 (int, text) AS UPDATE s_v2.users SET first = $2 WHERE id = $1 RETURNING first;
SET plan_cache_mode = force_generic_plan;
EXECUTE ins (1, 'x y'); EXECUTE upd (0, 'x y'); EXECUTE up2 (0, 'x');
SQL
$expected = "x y\nx y\nx\n";
for my $change (@changes)
{
	my ($what, $ddl, $shown) = @$change;
	$number++;
	my $table = $ddl =~ /RENAME TO (\w+)/ ? $1 : $ddl =~ /people/ ? 'people' : 'users';
	$ddl =~ s/SELECT strata/SELECT 0 FROM strata/g;
	$script .= "\\echo $what\n$ddl \\g /dev/null\n" unless $ddl =~ /;/;
	$script .= "\\echo $what\n\\o /dev/null\n$ddl;\n\\o\n" if $ddl =~ /;/;
	$script .= "EXECUTE ins ($number, 'n$number m'); EXECUTE upd (1, 'u$number w'); EXECUTE up2 (0, 'z$number');\n";
	$script .= "SELECT $shown FROM s.$table WHERE id IN (0, 1, $number) ORDER BY id;\n";
	my $origin = $what eq 'fill' ? 'old' : '';
	$expected .= "$what\nn$number m\nu$number w\nz$number\nz$number+y\nu$number+w\nn$number+m$origin\n";
}
is(query($script) . "\n", $expected, 'prepared writes follow every change of their mapping');
is(query(q(SELECT * FROM strata.verify('s'))), '', 'verify has no rows');

# The same for sessions whose plans are older than what others do: what is written is what is read back.
query('DELETE FROM s.people', 'INSERT INTO s.people (id, whole, first, tens, ones) SELECT i, $$A$$, $$b$$, 0, 0 FROM generate_series(1, 8) i');
my $file = $node->basedir . '/follow.sql';
append_to_file($file, <<'SQL');
\set r random(1, 1000000)
UPDATE s_v1.users SET name = 'n' || :r || ' m', age = :r, hits = :r, email = 'e' || :r WHERE id = :client_id + 1;
SELECT 1 / (name = 'n' || :r || ' m' AND age = :r AND hits = :r AND email = 'e' || :r)::int FROM s_v1.users WHERE id = :client_id + 1;
SQL
my ($load_out, $load_err) = ('', '');
my $load = IPC::Run::start(
	[ 'pgbench', '-n', '-M', 'prepared', '-c', '4', '-j', '2', '-T', '6', '-f', $file, $node->connstr('postgres') ],
	'<', \undef, '>', \$load_out, '2>', \$load_err);
my $rounds = 0;
my $end    = time + 5;
while (time < $end)
{
	query('SET client_min_messages = error;', 'ALTER TABLE s.people RENAME first TO final;', 'ALTER TABLE s.people ALTER age TYPE numeric;',
		'ALTER TABLE s.people ADD number int;', 'ALTER TABLE s.people RENAME tens TO decades;', 'ALTER TABLE s.people DROP number;',
		'ALTER TABLE s.people RENAME decades TO tens;',
		'ALTER TABLE s.people ALTER age TYPE bigint;', 'ALTER TABLE s.people RENAME final TO first;');
	$rounds++;
}
IPC::Run::finish($load);
unlike($load_err, qr/ERROR|aborted/, "writes of other sessions while their mapping changes, $rounds rounds")
  or diag($load_err);
like($load_out, qr/number of failed transactions: 0 /, 'none failed') or diag($load_out);
cmp_ok($rounds, '>', 2, 'the mapping did change');
$node->stop;
done_testing();
