# Sessions that do things to a tracked schema, and a log of what they did and what became of it, for tests that ask the
# record about it. In the log is what committed, in that order; besides what was tried; and what was there at times.
package IncidentSessions;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Utils;
use Storable qw(dclone);
use Test::More;
use MigrationTools;
use PastShapes;
use SchemaStory;
use StrataTest;

our @EXPORT = qw($node $story @log @tried @points $step connection now_there step_done run_as committed by_hand by_tool refused
  call named at_the_same_time begin_history);

our $node;
our $story = new_story();
our @log;       # what committed, in that order
our @tried;     # what did not
our @points;    # times, with what was there
our $step = 0;

# The server of ci is another machine.
sub connection
{
	my ($role) = @_;
	my $host = $role eq 'ci' ? '127.0.0.1' : $node->host;
	return "host=$host port=" . $node->port . " dbname=postgres user=$role";
}

sub now_there { return $node->safe_psql('postgres', 'SELECT clock_timestamp()') }

# The columns of all tables as the catalogs have them.
sub columns_there
{
	my %tables;
	for (split /\n/, $node->safe_psql('postgres', q(SELECT concat_ws('|', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
			a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), ''))
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
		WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum)))
	{
		my ($table, $name, $type, $not_null, $default) = split /\|/, $_, 5;
		push @{ $tables{$table} }, { column_name => $name, type => shown_type($type), not_null => $not_null eq 't' ? 1 : 0, default => $default };
	}
	return \%tables;
}

# Every tenth step is followed by a look at all there is.
sub step_done
{
	$step++;
	return if $step % 10 != 0;
	push @points, { step => $step, at => now_there(), commits => scalar @log, tried => scalar @tried, story => dclone($story),
		dump => dump_of_schema($node, 'postgres', 'shop'), columns => columns_there(), seq => $node->safe_psql('postgres', 'SELECT max(seq) FROM strata.provenance_entry') };
	return;
}

sub run_as
{
	my ($role, $app, $sql) = @_;
	my ($out, $err) = ('', '');
	my $status = $node->psql('postgres', "SET application_name = '$app';\n$sql", connstr => connection($role),
		stdout => \$out, stderr => \$err, extra_params => [ '-v', 'VERBOSITY=verbose' ], on_error_stop => 1);
	return ($status, $out, $err);
}

# Something was committed: by whom, with what.
sub committed
{
	my ($by, @done) = @_;
	my $effective = $by->{role} =~ /^(ci|ann|nina)$/ ? 'shop_owner' : $by->{role};
	push @log, map { { step => $step, effective => $effective, %$by, %$_ } } grep { !$_->{silent} } @done;
	return;
}

# Runs statements that must work, as one transaction by hand.
sub by_hand
{
	my ($role, $after, @done) = @_;
	my %said = ref $after ? %$after : ();
	my $set = join '', map { "SET pg_strata.$_ = '$said{$_}';\n" } sort keys %said;
	my ($status, $out, $err) = run_as($role, 'psql', $set . join "\n", 'BEGIN;', (map { "$_->{sql};" } @done), 'COMMIT;');
	is($status, 0, "step $step: by hand") or BAIL_OUT($err . join "\n", map { $_->{sql} } @done);
	committed({ role => $role, app => 'psql', %said }, @done);
	step_done();
	return $out;
}

# A tool's step of these statements. %more: wrong => SQL that fails in the midst, code => how; proposal.
sub by_tool
{
	my ($tool, $done, %more) = @_;
	my $wrong = $more{wrong};
	my @sql = map { $_->{sql} } @$done;
	my $does = migration($tool, $step, @sql, $wrong // ());
	my ($status, $out, $err) = run_as($does->{role}, $does->{app},
		join '', map { "$_;\n" } map { ref $_ ? ($wrong ? () : @$_) : $_ } @{ $does->{sql} });
	if ($wrong)
	{
		like($err, qr/$more{code}/, "step $step: $tool fails with $more{code}") or diag($wrong);
		isnt($status, 0, "step $step: and stops");
		push @tried, { role => $does->{role}, app => $does->{app}, code => $more{code}, sql => $wrong } unless $more{unnoticed};
		# Without a transaction around them the others have happened.
		committed({ %$does, %more }, @$done) if $does->{single};
	}
	else
	{
		is($status, 0, "step $step: $tool") or BAIL_OUT($err . join "\n", @sql);
		committed({ %$does, %more }, @$done);
		run_as($does->{role}, 'sqitch', $does->{after}) if $does->{after};
	}
	step_done();
	return;
}

# One statement that must not work.
sub refused
{
	my ($role, $code, $sql) = @_;
	my ($status, $out, $err) = run_as($role, 'psql', "$sql;");
	like($err, qr/ERROR:  \Q$code\E:/, "step $step: refused with $code") or diag($sql);
	push @tried, { role => $role, app => 'psql', code => $code, sql => $sql };
	step_done();
	return;
}

# A call whose result is wanted, recorded under its name.
sub call
{
	my ($role, $sql, %facts) = @_;
	my ($name) = $sql =~ /(strata\.\w+)/;
	my ($status, $out, $err) = run_as($role, 'psql', "SELECT $sql;");
	is($status, 0, "step $step: $name") or BAIL_OUT("$sql: $err");
	my $id = $out =~ /^(\d+)$/ ? $1 : undef;
	committed({ role => $role, app => 'psql', effective => $role =~ /^(ci|ann|nina)$/ ? 'shop_owner' : $role },
		{ call => $name, sql => $sql, versions => [], dropped => [], %facts, $name =~ /propose/ ? (proposal => $id) : $name =~ /break/ ? (override => $id) : () });
	step_done();
	return $id;
}

sub named { return table_named($story, $_[0]) }

# Two sessions at the same time; who begins first commits last.
sub at_the_same_time
{
	my ($same, $by_hand) = @_;
	my ($one, $two) = map { $node->background_psql('postgres', extra_params => [ '-U', $_ ], on_error_stop => 1) } 'ann', 'nina';
	my @tables = grep { !$_->{fixed} } map { $story->{tables}{$_} } sort keys %{ $story->{tables} };
	my ($first) = statements_for_table($tables[0], 1);
	my ($second) = $by_hand ? touch($story, $tables[0], sprintf $by_hand, $tables[0]{name}) : statements_for_table($tables[ $same ? 0 : 1 ], 1);
	$_->query_safe("SET application_name = 'psql'") for $one, $two;
	$one->query_safe("BEGIN; $first->{sql}");
	if ($same)
	{
		$two->query_until(qr/begun/, "\\echo begun\n$second->{sql};\n");
		wait_for_lock($node);
		$one->query_safe('COMMIT');
		$two->query_safe('SELECT 1');
	}
	else
	{
		$two->query_safe("BEGIN; $second->{sql}; COMMIT");
		$one->query_safe('COMMIT');
	}
	$_->quit for $one, $two;
	my @commits = ([ 'ann', $first ], [ 'nina', $second ]);
	committed({ role => $_->[0], app => 'psql' }, $_->[1]) for $same ? @commits : reverse @commits;
	step_done();
	return;
}

sub statements_for_table { my ($t, $n) = @_; return map { random_statement($story, $t->{id}) } 1 .. $n }

# Makes what is there before the schema is tracked, and tracks it.
sub begin_history
{
	$node->safe_psql('postgres', <<'SQL' . history_tables() . <<'SQL');
CREATE EXTENSION pg_strata;
CREATE ROLE shop_owner;
CREATE ROLE ci LOGIN IN ROLE shop_owner;
CREATE ROLE ann LOGIN IN ROLE shop_owner;
CREATE ROLE nina LOGIN IN ROLE shop_owner;
CREATE ROLE ben LOGIN;
CREATE ROLE cleo LOGIN;
CREATE ROLE oscar LOGIN;
CREATE ROLE auditor LOGIN;
ALTER ROLE ci SET role = 'shop_owner';
ALTER ROLE ann SET role = 'shop_owner';
ALTER ROLE nina SET role = 'shop_owner';
GRANT strata_approver TO ben, cleo;
GRANT strata_breakglass TO nina;
GRANT strata_reader TO auditor;
GRANT CREATE ON DATABASE postgres TO shop_owner;
CREATE SCHEMA shop AUTHORIZATION shop_owner;
GRANT USAGE ON SCHEMA shop TO auditor;
SET SESSION AUTHORIZATION shop_owner;
CREATE TYPE shop.mood AS ENUM ('sad', 'glad');
CREATE FUNCTION shop.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE shop.users (id int PRIMARY KEY, name text, born text);
CREATE TABLE shop.orders (id serial PRIMARY KEY, user_id int REFERENCES shop.users, total numeric(10,2), remark text);
CREATE TABLE shop.visits (at date NOT NULL, page text) PARTITION BY RANGE (at);
CREATE TABLE shop.visits_2029 PARTITION OF shop.visits FOR VALUES FROM ('2029-01-01') TO ('2030-01-01');
CREATE VIEW shop.user_ids AS SELECT id FROM shop.users;
INSERT INTO shop.users VALUES (1, 'Ada Lovelace', '1815-12-10'), (2, 'Alan Turing', '1912-06-23');
INSERT INTO shop.orders (user_id, total, remark) VALUES (1, 10, 'fragile'), (2, 20, NULL);
INSERT INTO shop.visits VALUES ('2029-02-02', '/');
GRANT SELECT, UPDATE (remark) ON shop.orders TO oscar;
GRANT SELECT, REFERENCES ON shop.users TO oscar;
RESET SESSION AUTHORIZATION;
SQL
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO shop_owner;
GRANT ALL ON ALL TABLES IN SCHEMA public TO shop_owner;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO shop_owner;
GRANT ALL ON SCHEMA sqitch TO shop_owner;
GRANT ALL ON ALL TABLES IN SCHEMA sqitch TO shop_owner;
DO $$ BEGIN PERFORM strata.drop_policy(p.hazard) FROM (SELECT DISTINCT hazard FROM strata.policies) AS p; END $$;
ALTER TABLE strata.base_schema ALTER COLUMN retire_after_idle SET DEFAULT '0';
SELECT strata.set_policy('DATA_LOSS', 'approval');
SELECT strata.set_policy('INTEGRITY_LOSS', 'window');
SELECT strata.set_policy('EXPOSURE', 'refuse');
SQL
	my %known = (rows => 1, event => 'tracked');
	create_table($story, 'users', [ [ 'id', 'int' ], [ 'name', 'text' ], [ 'born', 'text' ] ], %known);
	create_table($story, 'orders', [ [ 'id', 'int' ], [ 'user_id', 'int' ], [ 'total', 'numeric(10,2)' ], [ 'remark', 'text' ] ], %known);
	create_table($story, 'visits', [ [ 'at', 'date' ], [ 'page', 'text' ] ], %known, fixed => 1);
	create_table($story, 'visits_2029', [ [ 'at', 'date' ], [ 'page', 'text' ] ], %known, fixed => 1);
	named($_)->{known} = 1 for 'users', 'orders';
	$node->safe_psql('postgres', "SELECT strata.track('shop', 'shop_owner')");
	return;
}

1;
