# The life of schema "shop": what happens for sure at certain steps, and at random in between.
package IncidentHistory;

use strict;
use warnings;

use Exporter 'import';
use Storable qw(dclone);
use Test::More;
use IncidentSessions;
use MigrationTools;
use SchemaStory;

our @EXPORT = qw(tell %approved %broken $kept);

our (%approved, %broken);    # numbers of proposals and overrides, by what they are called here
our $kept;                   # a checkpoint

sub statements { my ($s, $n) = @_; return map { random_statement($s) } 1 .. $n }

# Something that the server does not take.
sub wrong_statement
{
	my ($s) = @_;
	my ($t) = (grep { $_->{rows} && !$_->{fixed} } map { $s->{tables}{$_} } sort keys %{ $s->{tables} })[ int rand 2 ];
	my @wrong = ([ '42701', "ALTER TABLE shop.$t->{name} ADD COLUMN id int" ],
		[ '42703', "ALTER TABLE shop.$t->{name} RENAME COLUMN nowhere TO somewhere" ],
		[ '42P01', 'ALTER TABLE shop.nowhere ADD COLUMN x int' ],
		[ 'ST003', "TRUNCATE shop.$t->{name}" ],
		[ 'ST001', "GRANT ALL ON shop.$t->{name} TO PUBLIC" ]);
	return @{ $wrong[ int rand @wrong ] };
}

my @tools = tool_names();
my @chances = (
	([ 'a tool' => sub {
			my $tool = $tools[ int rand @tools ];
			by_tool($tool, [ statements($story, 1 + int rand 3) ]);
		} ]) x 10,
	[ 'a tool that fails' => sub {
			my $tool = $tools[ int rand @tools ];
			my $s = dclone($story);
			my @done = statements($s, 1 + int rand 2);
			my ($code, $sql) = wrong_statement($s);
			# Prisma has no transaction around its steps.
			$story = $s if $tool eq 'Prisma';
			by_tool($tool, \@done, wrong => $sql, code => $code);
		} ],
	([ 'by hand' => sub { by_hand('ann', {}, statements($story, 1 + int rand 2)) } ]) x 2,
	[ 'by hand, and said why' => sub {
			by_hand('ann', { ticket => "OPS-$step", rationale => "asked for in step $step", migration => "by hand $step" }, statements($story, 1));
		} ],
	[ 'rolled back' => sub {
			run_as('ann', 'psql', join '', 'BEGIN;', (map { "$_->{sql};\n" } statements(dclone($story), 2)), 'ROLLBACK;');
			step_done();
		} ],
	[ 'a savepoint' => sub {
			my ($first, @never) = (random_statement($story), statements(dclone($story), 2));
			my ($last) = statements($story, 1);
			my ($status, $out, $err) = run_as('ann', 'psql', join ";\n", 'BEGIN', $first->{sql}, 'SAVEPOINT s',
				(map { $_->{sql} } @never), 'ROLLBACK TO s', $last->{sql}, 'RELEASE s', "COMMIT;");
			is($status, 0, "step $step: a savepoint") or BAIL_OUT($err);
			committed({ role => 'ann', app => 'psql' }, $first, $last);
			step_done();
		} ],
	[ 'prepared' => sub {
			my $s = dclone($story);
			my @done = statements($s, 2);
			my ($status, $out, $err) = run_as('ann', 'psql', join ";\n", 'BEGIN', (map { $_->{sql} } @done), "PREPARE TRANSACTION 'p';");
			is($status, 0, "step $step: prepared") or BAIL_OUT($err);
			my $end = rand() < 0.6 ? 'COMMIT' : 'ROLLBACK';
			($status, $out, $err) = run_as('postgres', 'coordinator', "$end PREPARED 'p';");
			is($status, 0, "step $step: $end prepared") or BAIL_OUT($err);
			if ($end eq 'COMMIT') { $story = $s; committed({ role => 'ann', app => 'psql' }, @done); }
			step_done();
		} ],
	[ 'caught in a function' => sub {
			my ($code, $sql) = wrong_statement($story);
			run_as('ann', 'psql', "DO \$\$ BEGIN $sql; EXCEPTION WHEN OTHERS THEN NULL; END \$\$;");
			push @tried, { role => 'ann', app => 'psql', code => $code, sql => $sql };
			step_done();
		} ],
	[ 'refused' => sub { refused('ann', wrong_statement($story)) } ],
	[ 'not allowed' => sub { refused('oscar', '42501', 'ALTER TABLE shop.orders ADD COLUMN mine int') } ]);

sub proposed
{
	my ($key, $title, @sql) = @_;
	my $text = join '; ', @sql;
	$approved{$key} = { title => $title, id => call('ann', "strata.propose('$title', \$ddl\$$text\$ddl\$, 'shop', rationale => 'see $key', ticket => 'SHOP-$key')") };
	return $approved{$key}{id};
}

sub approve
{
	my ($key, $who, $comment) = @_;
	call($who, "strata.approve($approved{$key}{id}, '$comment')", proposal => $approved{$key}{id});
	push @{ $approved{$key}{by} }, [ $who, $comment ];
	return;
}

# At step => what.
my @sure = (
	[ 5, sub { by_hand('ann', {}, publish($story, 'v1')) } ],
	[ 12, sub {
			my $part = create_table($story, 'visits_2030', [ [ 'at', 'date' ], [ 'page', 'text' ] ], fixed => 1,
				sql => "CREATE TABLE shop.visits_2030 PARTITION OF shop.visits FOR VALUES FROM ('2030-01-01') TO ('2031-01-01')");
			by_hand('ann', {}, { %$part, versions => ['v1'] });
			by_hand('ann', { ticket => 'SEC-1' }, touch($story, named('orders'), 'REVOKE SELECT ON shop.orders FROM oscar'),
				touch($story, named('users'), 'REVOKE REFERENCES ON shop.users FROM oscar'));
		} ],
	# A column becomes two, and goes: proposed, refused, approved by one, refused, approved, done.
	[ 30, sub {
			my $t = named('users');
			by_tool('Flyway', [ add_column($story, $t, 'first_name', 'text'), add_column($story, $t, 'last_name', 'text'),
				replace_column($story, $t, column_named($story, $t, 'name'), q(first_name || ' ' || last_name),
					{ first_name => q(split_part(name, ' ', 1)), last_name => q(split_part(name, ' ', 2)) }) ]);
			my $drop = 'ALTER TABLE shop.users DROP COLUMN name';
			proposed(split => 'drop the name', $drop);
			refused('ann', 'ST003', $drop);
			approve(split => 'ben', 'both are filled');
			by_tool('Flyway', [], wrong => $drop, code => 'ST003');
			approve(split => 'cleo', 'yes');
			by_tool('Flyway', [ drop_column($story, $t, column_named($story, $t, 'name')) ], proposal => $approved{split}{id});
		} ],
	[ 50, sub {
			by_hand('ann', {}, publish($story, 'v2'));
			call('ann', "strata.deprecate('shop', 'v1', reason => 'v2 has two names')", versions => ['v1']);
		} ],
	[ 60, sub { at_the_same_time(0); at_the_same_time(1);
			# No hook tells when this has what it waited for.
			at_the_same_time(1, q(COMMENT ON TABLE shop.%s IS 'said at the same time')) } ],
	# A type that must be said how it is read.
	[ 70, sub {
			my $t = named('users');
			my $prepared = { %{ touch($story, $t, q(SELECT strata.prepare_type_change('shop.users', 'born', 'date', 'born::text', 'born::date'))) },
				call => 'strata.prepare_type_change' };
			my $retyped = retype_column($story, $t, column_named($story, $t, 'born'), 'date');
			$retyped->{sql} .= ' USING born::date';
			proposed(retype => 'dates are dates', $retyped->{sql});
			approve(retype => 'cleo', '');
			approve(retype => 'ben', 'checked all of them');
			by_tool('Knex', [ $prepared, { %$retyped, proposal => $approved{retype}{id} } ]);
			by_hand('ann', {}, touch($story, $t, q(COMMENT ON TABLE shop.users IS 'who''s who')));
		} ],
	# A copy takes the place of a table.
	[ 85, sub { swap('orders', 'Alembic') } ],
	# A constraint goes, in a window.
	[ 100, sub {
			my $t = named('users');
			by_hand('ann', {}, touch($story, $t, 'ALTER TABLE shop.users ADD CONSTRAINT grown CHECK (id > 0)'));
			my $drop = 'ALTER TABLE shop.users DROP CONSTRAINT grown';
			refused('ann', 'ST002', $drop);
			call('postgres', "strata.add_window('now', '2020-01-01', '1 day', 'FREQ=DAILY', base => 'shop')");
			by_tool('Rails', [ touch($story, $t, $drop) ]);
			call('postgres', "strata.drop_window('now')");
			refused('ann', 'ST002', 'ALTER TABLE shop.users DROP CONSTRAINT users_pkey CASCADE');
		} ],
	# The glass is broken, and somebody looks at it.
	[ 115, sub {
			$kept = $node->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
			broken(first => 'orders are stuck', 'INC-1');
			my $t = named('orders');
			by_hand('nina', { ticket => 'INC-1' }, { %{ touch($story, $t, 'TRUNCATE shop.orders RESTART IDENTITY') }, override => $broken{first} },
				{ sql => 'INSERT INTO shop.orders (id) VALUES (1)', silent => 1 });
			by_hand('nina', {}, touch($story, $t, 'ALTER TABLE shop.orders SET (fillfactor = 70)'), touch($story, $t, 'ALTER TABLE shop.orders RESET (fillfactor)'));
			call('ben', "strata.review_override($broken{first}, 'seen')", override => $broken{first});
			by_hand('ann', {}, { %{ touch($story, $t, "COMMENT ON TABLE shop.orders IS 'emptied in INC-1'") } });
		} ],
	# Without the library nobody sees it.
	[ 130, sub {
			$node->safe_psql('postgres', 'SET pg_strata.mode = off; ALTER TABLE shop.users ADD COLUMN backdoor text; GRANT SELECT ON shop.users TO oscar');
			my $t = named('users');
			add_column($story, $t, 'backdoor', 'text');
			my ($status, $out, $err) = run_as('auditor', 'psql', q(SELECT count(*) FROM strata.drift('shop');));
			is($out, 1, 'drift is found');
			committed({ role => 'auditor', app => 'psql' }, { call => 'strata.drift', sql => '', versions => [], dropped => [] });
			step_done();
		} ],
	[ 145, sub {
			my $t = named('users');
			call('postgres', "strata.drop_policy('EXPOSURE')");
			by_hand('ann', {}, touch($story, $t, 'ALTER TABLE shop.users ENABLE ROW LEVEL SECURITY'),
				touch($story, $t, 'CREATE POLICY everyone ON shop.users USING (true)'),
				touch($story, $t, 'CREATE POLICY readers ON shop.users AS RESTRICTIVE FOR SELECT TO auditor USING (id > 0)'));
			call('postgres', "strata.set_policy('EXPOSURE', 'refuse')");
			by_hand('ann', {}, rename_table($story, $t, 'people'));
		} ],
	[ 160, sub { at_the_same_time(1); at_the_same_time(0) } ],
	# Proposed, and rejected; and one that nobody approved.
	[ 170, sub {
			my $drop = 'ALTER TABLE shop.people DROP COLUMN backdoor';
			my $id = proposed(rejected => 'drop what nobody knows', $drop);
			call('cleo', "strata.reject($id, 'ask security first')", proposal => $id);
			refused('ann', 'ST003', $drop);
			proposed(backdoor => 'drop the backdoor', $drop);
			approve(backdoor => 'cleo', 'security knows');
			approve(backdoor => 'ben', 'gone at last');
			by_tool('sqitch', [ drop_column($story, named('people'), column_named($story, named('people'), 'backdoor')) ], proposal => $approved{backdoor}{id});
		} ],
	[ 190, sub {
			retired('v1');
			by_hand('ann', {}, publish($story, 'v3'));
			refused_by_version('remark');
		} ],
	# The glass is broken again, and nobody has looked yet.
	[ 215, sub {
			broken(second => 'no room for orders', 'INC-2');
			my $t = create_table($story, 'spare', [ [ 'id', 'int' ], [ 'what', 'text' ] ], fixed => 1);
			by_hand('nina', {}, $t, { sql => 'INSERT INTO shop.spare VALUES (1)', silent => 1 });
			by_hand('nina', { ticket => 'INC-2' }, { %{ drop_column($story, named('spare'), column_named($story, named('spare'), 'what')) }, override => $broken{second} });
			by_hand('nina', {}, { %{ drop_table($story, named('spare')) }, override => $broken{second} });
		} ],
	[ 235, sub { swap('people', 'Liquibase') } ],
	[ 255, sub {
			my $t = named('people');
			by_hand('ann', {}, rename_column($story, $t, column_named($story, $t, 'born'), 'birthday'));
			by_hand('ann', {}, touch($story, $t, "ALTER TYPE shop.mood ADD VALUE 'calm'"));
			$log[-1]{versions} = [];
			at_the_same_time(0);
		} ],
	[ 275, sub { by_hand('ann', {}, publish($story, 'v4')); retired('v2') } ]);

# Indexes that only the version needed go with it, and that changes their tables.
sub retired
{
	my ($version) = @_;
	my $indexes = q(SELECT i.indexrelid, c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
		WHERE c.relnamespace = 'shop'::regnamespace);
	my %was = map { split /\|/ } split /\n/, $node->safe_psql('postgres', $indexes);
	my $retired = retire($story, $version);
	by_hand('ann', {}, $retired);
	delete $was{ (split /\|/)[0] } for split /\n/, $node->safe_psql('postgres', $indexes);
	my %affected = map { $_ => 1 } $version, map { my $t = named($_); grep { $t->{shown}{$_} } keys %{ $story->{live} } } values %was;
	$log[-1]{versions} = [ sort keys %affected ];
	return;
}

sub broken
{
	my ($key, $reason, $ticket) = @_;
	$broken{$key} = call('nina', "strata.break_glass('$reason', '$ticket', base => 'shop')");
	return;
}

sub refused_by_version
{
	my ($column) = @_;
	my $sql = "ALTER TABLE shop.orders DROP COLUMN $column";
	proposed(shown => 'drop what is shown', $sql);
	approve(shown => 'ben', 'I see');
	approve(shown => 'cleo', 'so do I');
	refused('ann', 'ST004', $sql);
	return;
}

sub swap
{
	my ($name, $tool) = @_;
	my $old = named($name);
	my @columns = map { [ $_->{name}, $_->{type} ] } columns_of($story, $old);
	my $made = create_table($story, "${name}_new", \@columns, rows => 1, sql => "CREATE TABLE shop.${name}_new (LIKE shop.$name INCLUDING ALL)");
	my $new = named("${name}_new");
	my @done = ($made, { sql => "INSERT INTO shop.${name}_new SELECT * FROM shop.$name", silent => 1 }, rename_table($story, $old, "${name}_old"), rename_table($story, $new, $name));
	take_place($story, $new, $old);
	$new->{known} = 1;
	# Its versions show the heir from then on.
	$new->{shown} = { %{ $old->{shown} } };
	$old->{shown} = {};
	$done[-1]{versions} = $done[-2]{versions};
	my %shown = map { $_->{name} => $_->{shown} } columns_of($story, $old);
	$_->{shown} = { %{ $shown{ $_->{name} } } } for columns_of($story, $new);
	by_tool($tool, \@done);
	return;
}

# Goes on for so many steps.
sub tell
{
	my ($steps) = @_;
	while ($step < $steps)
	{
		if (@sure && $step >= $sure[0][0]) { (shift @sure)->[1]->() }
		else { $chances[ int rand @chances ][1]->() }
	}
	return is(scalar @sure, 0, 'the whole story was told') if $steps >= 300;
}

1;
