# 300 steps of a schema's life, by eight migration tools and by hand, under five roles, with what goes wrong on the way:
# failures, refusals, rollbacks, two-phase commits, sessions at the same time. Then the questions of
# docs/incident-review.md, as they stand there, against what this test did; and every past shape of the schema,
# made again from the record alone.
#
# INCIDENT_SEED: another history. INCIDENT_STEPS: its length.
use strict;
use warnings;
use File::Basename;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use IncidentHistory;
use IncidentSessions;
use PastShapes;
use SchemaStory;
use StrataTest;

my $seed = $ENV{INCIDENT_SEED} || 5;
my $steps = $ENV{INCIDENT_STEPS} || 300;
srand($seed);
note("INCIDENT_SEED=$seed INCIDENT_STEPS=$steps");

$node = new_node('incident');
$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'\npg_strata.flush_interval = 200ms");
$node->start;

begin_history();
my $begun = now_there();
tell($steps);
$node->poll_query_until('postgres', 'SELECT waiting = 0 FROM strata.attempts_queue()') or die 'attempts wait';
my $end = now_there();
note(scalar(@log) . ' changes committed, ' . scalar(@tried) . ' tried, ' . scalar(@points) . ' points');

#
# The questions
#

my %query;
{
	my $page = slurp_file(dirname(__FILE__) . '/../../docs/incident-review.md');
	$query{$1} = $2 while $page =~ /^## ([^\n]*)\n(?:(?!^## ).)*?^```sql\n(.*?);\n```$/gms;
}
my %asked;

# Asks a question of the page, as a member of strata_reader; returns the rows as hashes.
sub ask
{
	my ($question, %values) = @_;
	$asked{$question}++;
	my $sql = $query{$question} // die "no such question: $question";
	my ($out, $err);
	my $status = $node->psql('postgres', "SELECT coalesce(json_agg(q), '[]') FROM ($sql) AS q;",
		connstr => connection('auditor'), stdout => \$out, stderr => \$err, on_error_stop => 1,
		extra_params => [ map { ('-v', "$_=$values{$_}") } sort keys %values ]);
	is($status, 0, "asked: $question") or BAIL_OUT($err);
	return @{ decode_json($out) };
}

# Compares row by row the members that are named.
sub same_rows
{
	my ($what, $got, $expected) = @_;
	my @lines = map {
		my $rows = $_;
		[ map { my $r = $_; join '|', map { $_ . '=' . ($r->{$_} // '') } sort keys %{ $expected->[0] // {} } } @$rows ]
	} $got, $expected;
	is_deeply($lines[0], $lines[1], $what) or diag('expected ' . @$expected . ' rows, got ' . @$got);
	return;
}

sub what_was_done { my ($l) = @_; return $l->{call} // $l->{sql} }

# What the log says of an entry, under the names of the answers.
sub as_recorded
{
	my ($l) = @_;
	return { session_role => $l->{role}, effective_role => $l->{effective}, application_name => $l->{app},
		tool => $l->{tool}, label => $l->{label}, migration => $l->{name} // $l->{migration}, ticket => $l->{ticket},
		client_addr => $l->{role} eq 'ci' ? '127.0.0.1' : undef, done => what_was_done($l) };
}

sub with_done { return map { { %$_, done => $_->{command} =~ /^strata\./ ? $_->{command} : $_->{statement} } } @_ }

# Between some pairs of times, and all of it.
my @ends = ({ at => $begun, commits => 0, tried => 0 }, @points);
my @spans = ([ 0, $#ends ], map { my ($x, $y) = sort { $a <=> $b } map { int rand @ends } 1, 2; $x < $y ? [ $x, $y ] : () } 1 .. 8);
for my $span (@spans)
{
	my ($from, $to) = map { $ends[$_] } @$span;
	my %times = (from => $from->{at}, to => $to->{at});
	my $what = "steps " . ($from->{step} // 0) . " to $to->{step}";
	my @done = @log[ $from->{commits} .. $to->{commits} - 1 ];
	same_rows("$what: what was changed",
		[ map { +{ %$_, versions => join ' ', @{ $_->{versions_affected} } } } with_done(ask('What was changed between two times?', %times)) ],
		[ map { +{ %{ as_recorded($_) }, versions => join ' ', @{ $_->{versions} } } } @done ]);
	same_rows("$what: what was tried", [ ask('What was tried, and refused or failed?', %times) ],
		[ map { { session_role => $_->{role}, application_name => $_->{app}, sqlstate => $_->{code}, statement => $_->{sql},
				outcome => $_->{code} =~ /^ST/ ? 'refused' : 'failed', lost => 0 } } @tried[ $from->{tried} .. $to->{tried} - 1 ] ]);
	my %changes;
	$changes{$_}++ for map { @{ $_->{versions} } } @done;
	same_rows("$what: which versions were affected", [ ask('Which versions were affected?', %times) ],
		[ map { { version => $_, changes => $changes{$_} } } sort keys %changes ]);
}

# All that was dropped.
my %dropped;
for my $l (@log) { push @{ $dropped{$_} }, $l for @{ $l->{dropped} } }
cmp_ok(scalar(keys %dropped), '>', 5, 'things were dropped');
for my $name (sort keys %dropped)
{
	my ($table, $column) = $name =~ /^table (?:column )?(shop\.\w+)(?:\.(\w+))?$/;
	my @by = grep { my $l = $_; grep { $_ eq $name || $_ eq "table $table" } @{ $l->{dropped} } } @log;
	same_rows("who dropped $name", [ with_done(map { +{ %$_, command => '' } } ask('Who dropped this column?', table => $table, column => $column // 'any')) ],
		[ map { +{ %{ as_recorded($_) }, rationale => $_->{rationale}, proposal_id => $_->{proposal}, override_id => $_->{override} } }
			map { +{ %$_, name => undef, migration => undef } } @by ]);
}

# Which approvals, for all that needed some and a few that did not.
my @entries = ask('What was changed between two times?', from => $begun, to => $end);
is(scalar @entries, scalar @log, 'entries and log go together');
for my $i (0 .. $#log)
{
	my $l = $log[$i];
	next if $l->{call} || !$l->{proposal} && $i % 50 != 0;
	my ($key) = grep { $approved{$_}{id} == ($l->{proposal} // 0) } keys %approved;
	same_rows("which approvals covered $l->{sql}", [ ask('Which approvals covered it?', seq => $entries[$i]{seq}) ],
		$key ? [ { command => 'strata.propose', who => 'ann', title => $approved{$key}{title}, said => "see $key", ticket => "SHOP-$key" },
			map { { command => 'strata.approve', who => $_->[0], title => undef, said => $_->[1], ticket => undef } } @{ $approved{$key}{by} } ] : []);
}

same_rows('what happened under break glass', [ ask('What happened under break glass, and nobody has reviewed it?') ],
	[ map { { override_id => $broken{second}, role => 'nina', reason => 'no room for orders', ticket => 'INC-2', statement => $_->{sql} } }
		grep { !$_->{call} && ($_->{override} // 0) == $broken{second} } @log ]);

# What a deployment did.
my %deployment;
push @{ $deployment{"$_->{tool}|$_->{label}"} }, what_was_done($_) for grep { $_->{label} } @log;
my @some = sort keys %deployment;
cmp_ok(scalar @some, '>', 50, 'there were deployments');
for my $which (map { $some[ int rand @some ] } 1 .. 15)
{
	my ($tool, $label) = split /\|/, $which;
	same_rows("what $tool did in $label", [ map { { done => $_->{statement} =~ /^(strata\.\w+)/ ? $1 : $_->{statement} } }
			ask('What did this deployment do?', tool => $tool, label => $label) ],
		[ map { { done => $_ } } @{ $deployment{$which} } ]);
}

# What came from outside.
my ($drift, @more) = ask('What changed outside of the record?');
is($drift->{object}, 'table shop.users', 'what changed outside');
is(scalar @more, 0, 'and nothing else');
is_deeply([ map { $_->{name} } @{ $drift->{found}{columns} } ], [ (map { $_->{name} } @{ $drift->{recorded}{columns} }), 'backdoor' ], 'a column was added');
is($node->safe_psql('postgres', q(SELECT object FROM strata.drift('shop'))), '', 'all else is as recorded');

#
# The past
#

# What tables looked like.
my %was_table;
$was_table{$_} = 1 for map { keys %{ $_->{columns} } } @points;
my @names = sort keys %was_table;
for my $point (@points)
{
	for my $table (map { $names[ int rand @names ] } 1 .. 2)
	{
		same_rows("$table after step $point->{step}",
			[ map { +{ %$_, not_null => $_->{not_null} ? 1 : 0 } } ask('What did this table look like on that day?', table => "shop.$table", at => $point->{at}) ],
			$point->{columns}{$table} // []);
	}
}

# The lives of columns, of those that are there and those that are gone.
my %life_event = map { $_ => 1 } qw(tracked created added renamed retyped dropped replaced replaces), 'table renamed';
my (@lives, %name_taken);
for my $column (map { $story->{columns}{$_} } sort { $a <=> $b } keys %{ $story->{columns} })
{
	my $table = $story->{tables}{ $column->{table} }{name};
	$name_taken{"$table.$column->{name}"} = 1;
	push @lives, [ $table, $column ];
}
for my $column (reverse @{ $story->{gone} })
{
	my $table = $story->{tables}{ $column->{table} } or next;
	push @lives, [ $table->{name}, $column ] unless $name_taken{"$table->{name}.$column->{name}"}++;
}
# All of them take long.
for (grep { $_->[0] =~ /^(orders|people|users)/ || rand() < 0.3 } @lives)
{
	my ($table, $column) = @$_;
	my @life = grep { $life_event{ $_->{event} } } ask('What became of this column?', table => "shop.$table", column => $column->{name});
	my @expected = map { my $e = $_; my %e; @e{qw(tick event old_name new_name old_type new_type)} = @$e; delete $e{tick}; \%e } @{ $column->{life} };
	same_rows("the life of $table.$column->{name}", \@life, \@expected);
}

# Every shape, made again of what is recorded.
my $page = slurp_file(dirname(__FILE__) . '/../../docs/provenance.md');
my ($shapes) = $page =~ /^## Definitions\n(?:(?!^## ).)*?^```sql\n(.*?);\n```$/ms;
like($shapes, qr/\b1042\b/, 'the query of the page has a number');
$node->safe_psql('postgres', 'CREATE DATABASE again');
$node->safe_psql('again', 'CREATE EXTENSION pg_strata');
for my $point (@points)
{
	my $query = $shapes =~ s/\b1042\b/$point->{seq}/r;
	my ($out, $err) = ('', '');
	$node->psql('postgres', "SELECT json_object_agg(q.name, q.definition) FROM ($query) AS q WHERE q.definition IS NOT NULL;",
		connstr => connection('auditor'), stdout => \$out, stderr => \$err, on_error_stop => 1);
	my $sql = statements_for(decode_json($out));
	$node->psql('again', "SET client_min_messages = warning;\nDROP SCHEMA IF EXISTS shop CASCADE;\n$sql", stderr => \$err, on_error_stop => 1);
	my $again = dump_of_schema($node, 'again', 'shop');
	my ($is, $was) = map { my %lines = map { $_ => 1 } split /\n/; \%lines } $again, $point->{dump};
	ok($again eq $point->{dump}, "the shape after step $point->{step}")
	  or diag(join "\n", $err, (map { "- $_" } grep { !$is->{$_} } sort keys %$was), map { "+ $_" } grep { !$was->{$_} } sort keys %$is);
}

is_deeply([ grep { !$asked{$_} && !/unedited/ } sort keys %query ], [], 'all questions were asked');
is(scalar(ask('Is the record itself unedited?', kept => $kept)), 0, 'nobody edited the record');
$node->safe_psql('postgres', q(ALTER TABLE strata.change DISABLE TRIGGER append_only;
	UPDATE strata.change SET effective_role = 'oscar' WHERE change_id = (SELECT max(change_id) FROM strata.change);
	ALTER TABLE strata.change ENABLE ALWAYS TRIGGER append_only));
same_rows('until somebody does', [ ask('Is the record itself unedited?', kept => $kept) ], [ { kind => 'altered' } ]);

done_testing();
