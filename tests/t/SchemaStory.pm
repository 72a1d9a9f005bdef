# A schema as a test knows it that makes all changes itself: what its tables and columns are called and
# what became of each, and random statements that work on it. Nothing here asks the server.
#
# A story is plain data, so that a transaction works on a copy of it, which counts when it commits.
package SchemaStory;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(new_story shown_type table_named column_named columns_of create_table drop_table rename_table
  add_column drop_column rename_column retype_column replace_column touch take_place publish retire random_statement);

# As a definition shows a type.
my %shown = (int => 'integer', text => 'pg_catalog.text', date => 'pg_catalog.date', timestamptz => 'timestamp with time zone',
	jsonb => 'pg_catalog.jsonb', 'varchar(20)' => 'character varying(20)');

sub shown_type { return $shown{ $_[0] } // $_[0] }

sub new_story { return { tables => {}, columns => {}, live => {}, tick => 0, next => 0, taken => {} } }

sub table_named
{
	my ($s, $name) = @_;
	my ($found) = grep { $_->{name} eq $name } values %{ $s->{tables} };
	return $found // die "no table $name";
}

sub columns_of { my ($s, $t) = @_; return map { $s->{columns}{$_} } @{ $t->{columns} } }

sub column_named
{
	my ($s, $t, $name) = @_;
	my ($found) = grep { $_->{name} eq $name } columns_of($s, $t);
	return $found // die "no column $name of $t->{name}";
}

sub happened
{
	my ($s, $column, $event, $old, $new, $old_type, $new_type) = @_;
	push @{ $column->{life} },
	  [ ++$s->{tick}, $event, $old // '', $new // '', map { defined ? shown_type($_) : '' } $old_type, $new_type ];
	return;
}

# What a statement is to the log: the tables it is about, versions that show them then, and what it drops.
sub touch
{
	my ($s, $t, $sql, @dropped) = @_;
	my @versions = grep { $t->{shown}{$_} } sort keys %{ $s->{live} };
	return { sql => $sql, table => $t->{id}, versions => \@versions, dropped => \@dropped };
}

sub new_column
{
	my ($s, $t, $name, $type, $event) = @_;
	my $column = { id => ++$s->{next}, name => $name, type => $type, table => $t->{id}, life => [], shown => {} };
	$s->{columns}{ $column->{id} } = $column;
	push @{ $t->{columns} }, $column->{id};
	happened($s, $column, $event, undef, $name, undef, $type);
	return $column;
}

# Columns are [name, type, what else is said of it]. $event: of its columns.
sub create_table
{
	my ($s, $name, $columns, %options) = @_;
	my $t = { id => ++$s->{next}, name => $name, columns => [], shown => {}, rows => $options{rows}, fixed => $options{fixed} };
	$s->{tables}{ $t->{id} } = $t;
	$s->{taken}{$name} = 1;
	new_column($s, $t, $_->[0], $_->[1], $options{event} // 'created') for @$columns;
	my $list = join ', ', map { join ' ', grep { defined } @$_ } @$columns;
	return touch($s, $t, $options{sql} // "CREATE TABLE shop.$name ($list)");
}

sub drop_table
{
	my ($s, $t) = @_;
	my $step = touch($s, $t, "DROP TABLE shop.$t->{name}", "table shop.$t->{name}");
	happened($s, $_, 'dropped', $_->{name}, undef, $_->{type}) for columns_of($s, $t);
	delete $s->{columns}{$_} for @{ $t->{columns} };
	delete $s->{tables}{ $t->{id} };
	return $step;
}

sub rename_table
{
	my ($s, $t, $new) = @_;
	my $old = $t->{name};
	$t->{name} = $new;
	$s->{taken}{$new} = 1;
	happened($s, $_, 'table renamed', "shop.$old", "shop.$new", $_->{type}, $_->{type}) for columns_of($s, $t);
	return touch($s, $t, "ALTER TABLE shop.$old RENAME TO $new");
}

# The columns of a copy go on with the lives of those whose place they took.
sub take_place
{
	my ($s, $heir, $old) = @_;
	for my $column (columns_of($s, $heir))
	{
		my ($was) = grep { $_->{name} eq $column->{name} } columns_of($s, $old);
		$column->{life} = [ sort { $a->[0] <=> $b->[0] } @{ $was->{life} }, @{ $column->{life} } ] if $was;
	}
	return;
}

sub add_column
{
	my ($s, $t, $name, $type, $more) = @_;
	new_column($s, $t, $name, $type, 'added');
	return touch($s, $t, join ' ', "ALTER TABLE shop.$t->{name} ADD COLUMN $name $type", $more // ());
}

sub drop_column
{
	my ($s, $t, $column) = @_;
	happened($s, $column, 'dropped', $column->{name}, undef, $column->{type});
	@{ $t->{columns} } = grep { $_ != $column->{id} } @{ $t->{columns} };
	delete $s->{columns}{ $column->{id} };
	push @{ $s->{gone} }, { %$column, place => $t->{id} };
	return touch($s, $t, "ALTER TABLE shop.$t->{name} DROP COLUMN $column->{name}",
		"table column shop.$t->{name}.$column->{name}");
}

sub rename_column
{
	my ($s, $t, $column, $new) = @_;
	my $old = $column->{name};
	$column->{name} = $new;
	happened($s, $column, 'renamed', $old, $new, $column->{type}, $column->{type});
	return touch($s, $t, "ALTER TABLE shop.$t->{name} RENAME COLUMN $old TO $new");
}

sub retype_column
{
	my ($s, $t, $column, $type) = @_;
	happened($s, $column, 'retyped', $column->{name}, $column->{name}, $column->{type}, $type);
	$column->{type} = $type;
	return touch($s, $t, "ALTER TABLE shop.$t->{name} ALTER COLUMN $column->{name} TYPE $type");
}

# A call of strata.replace_column; it is recorded under its name.
sub replace_column
{
	my ($s, $t, $column, $read_as, $write_as) = @_;
	my @by = sort keys %$write_as;
	happened($s, $column, 'replaced', $column->{name}, join ', ', @by);
	happened($s, column_named($s, $t, $_), 'replaces', $column->{name}, $_) for @by;
	my $json = join ', ', map { my $e = $write_as->{$_} =~ s/"/\\"/gr; qq("$_": "$e") } @by;
	my $step = touch($s, $t,
		"SELECT strata.replace_column('shop.$t->{name}', '$column->{name}', \$read\$$read_as\$read\$, \$write\${$json}\$write\$)");
	return { %$step, call => 'strata.replace_column' };
}

sub publish
{
	my ($s, $version) = @_;
	$s->{live}{$version} = 1;
	$_->{shown}{$version} = 1 for values %{ $s->{tables} }, values %{ $s->{columns} };
	return { sql => "SELECT strata.publish('shop', '$version')", call => 'strata.publish', versions => [$version], dropped => [] };
}

sub retire
{
	my ($s, $version) = @_;
	delete $s->{live}{$version};
	return { sql => "SELECT strata.retire('shop', '$version')", call => 'strata.retire', versions => [$version], dropped => [] };
}

sub one_of { return $_[ int rand @_ ] }

my @words = qw(amber birch cedar delta ember fjord grove haven inlet jetty knoll larch maple north ocean
  plain quartz ridge stone thorn umber vale wharf yew zinc);
my @types = ('int', 'bigint', 'text', 'numeric(10,2)', 'varchar(20)', 'date', 'timestamptz', 'jsonb', 'shop.mood');
my %wider = (int => 'bigint', 'numeric(10,2)' => 'numeric(14,2)', 'varchar(20)' => 'text');

# Names come again once what had them is gone, but not those of tables: who takes one becomes an heir.
sub free_name
{
	my ($s, $t) = @_;
	my %used = map { $_->{name} => 1 } columns_of($s, $t);
	for (1 .. 50)
	{
		my $name = one_of(@words);
		return $name unless $used{$name};
	}
	return 'note_' . ++$s->{next};
}

sub free_table
{
	my ($s) = @_;
	for (1 .. 50)
	{
		my $name = one_of(@words) . 's';
		return $name unless $s->{taken}{$name};
	}
	return 'more_' . ++$s->{next};
}

sub is_shown { my ($s, $what) = @_; return grep { $what->{shown}{$_} } keys %{ $s->{live} } }

# Forms that work at any time and that no policy stops; undef where there is nothing to do it with.
my @forms = (
	([ add => sub { my ($s, $t) = @_; add_column($s, $t, free_name($s, $t), one_of(@types), one_of(undef, undef, 'UNIQUE')) } ]) x 5,
	[ add => sub { my ($s, $t) = @_; add_column($s, $t, free_name($s, $t), 'int', 'NOT NULL DEFAULT ' . int rand 100) } ],
	([ rename => sub { my ($s, $t, $c) = @_; $c && rename_column($s, $t, $c, free_name($s, $t)) } ]) x 4,
	([ retype => sub { my ($s, $t, $c) = @_; $c && $wider{ $c->{type} } && retype_column($s, $t, $c, $wider{ $c->{type} }) } ]) x 6,
	([ drop => sub { my ($s, $t, $c) = @_; $c && !$t->{rows} && !is_shown($s, $c) && drop_column($s, $t, $c) } ]) x 4,
	[ create => sub {
			my ($s) = @_;
			my @columns = map { [ $_, one_of(@types) ] } 'amount', 'label';
			create_table($s, free_table($s), [ [ 'id', 'int', 'GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY' ], @columns ]);
		} ],
	[ rename_table => sub { my ($s, $t) = @_; rename_table($s, $t, free_table($s)) } ],
	[ drop_table => sub { my ($s, $t) = @_; !$t->{rows} && !is_shown($s, $t) && drop_table($s, $t) } ],
	[ default => sub { my ($s, $t, $c) = @_; $c && $c->{type} =~ /int/ && touch($s, $t, "ALTER TABLE shop.$t->{name} ALTER COLUMN $c->{name} SET DEFAULT " . ++$s->{next}) } ],
	[ index => sub { my ($s, $t, $c) = @_; $c && $c->{type} ne 'jsonb' && touch($s, $t, "CREATE INDEX i_" . ++$s->{next} . " ON shop.$t->{name} ($c->{name})") } ],
	[ check => sub { my ($s, $t, $c) = @_; $c && $c->{type} eq 'text' && touch($s, $t, "ALTER TABLE shop.$t->{name} ADD CONSTRAINT c_" . ++$s->{next} . " CHECK (length($c->{name}) < 1000)") } ],
	[ trigger => sub { my ($s, $t) = @_; touch($s, $t, "CREATE TRIGGER t_" . ++$s->{next} . " BEFORE UPDATE ON shop.$t->{name} FOR EACH ROW EXECUTE FUNCTION shop.note()") } ],
	[ comment => sub { my ($s, $t, $c) = @_; $c && touch($s, $t, "COMMENT ON COLUMN shop.$t->{name}.$c->{name} IS 'said as " . ++$s->{next} . "'") } ]);

# Returns a random statement, done to the story; $only: the number of the table it must be about.
sub random_statement
{
	my ($s, $only) = @_;
	while (1)
	{
		my ($name, $form) = @{ one_of(@forms) };
		my @tables = grep { !$_->{fixed} } map { $s->{tables}{$_} } sort { $a <=> $b } keys %{ $s->{tables} };
		my $t = $only ? $s->{tables}{$only} : one_of(@tables);
		next if $only && $name =~ /create|drop_table|rename_table/;
		next if $name eq 'rename_table' && $t->{known};
		my $c = one_of(grep { $_->{name} !~ /^(id|name|born|remark|first_name|last_name|backdoor)$/ } columns_of($s, $t));
		my $step = $form->($s, $t, $c);
		return $step if $step;
	}
}

1;
