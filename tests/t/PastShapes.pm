# What a schema looked like: as pg_dump says it at the time, and as recorded definitions say it later, made
# into statements again. Knows the kinds of objects that tests/t/018_incident_review.pl makes.
package PastShapes;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Utils;

our @EXPORT = qw(dump_of_schema statements_for);

# Returns the dump without what differs between two dumps of the same.
sub dump_of_schema
{
	my ($node, $db, $schema) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'pg_dump', '--schema-only', '-n', $schema, '-d', $node->connstr($db) ],
		'>', \$out, '2>', \$err) or die $err;
	return join("\n", grep { !/^(--|SET |SELECT pg_catalog.set_config|\\(un)?restrict|$)/ } split(/\n/, $out));
}

sub literal { return q(') . ($_[0] =~ s/'/''/gr) . q(') }

sub items { return @{ $_[0] // [] } }

sub qualified { return "$_[0]{schema}.$_[0]{name}" }

# The grants as they are stored: in what order they were given is part of a dump.
sub grants
{
	my ($shape, $catalog, $column, $where) = @_;
	return () unless $shape->{acl};
	my $list = join ', ', map { literal($_) } items($shape->{acl});
	return "UPDATE pg_catalog.$catalog SET $column = ARRAY[$list]::pg_catalog.aclitem[] WHERE $where";
}

sub of_relation
{
	my ($shape) = @_;
	return "oid = '" . qualified($shape) . "'::regclass";
}

sub column_sql
{
	my ($shape, $c, $not_null, $sequences) = @_;
	my @sql = ($c->{name}, $c->{type});
	push @sql, "COLLATE $c->{collation}" if $c->{collation};
	push @sql, $not_null->{ $c->{name} } // 'NOT NULL' if $c->{not_null};
	push @sql, "GENERATED ALWAYS AS ($c->{generated_as}) STORED" if defined $c->{generated_as};
	push @sql, "DEFAULT $c->{default}" if defined $c->{default};
	if ($c->{identity})
	{
		my $sequence = $sequences->{ qualified($shape) . ".$c->{name}" };
		push @sql, 'GENERATED ' . ($c->{identity} eq 'a' ? 'ALWAYS' : 'BY DEFAULT')
		  . " AS IDENTITY (SEQUENCE NAME $sequence)";
	}
	return join ' ', @sql;
}

sub table_sql
{
	my ($shape, $sequences) = @_;
	return 'CREATE TABLE ' . qualified($shape) . " PARTITION OF $shape->{parents}[0] $shape->{bound}" if $shape->{bound};
	# From PostgreSQL 18 on they have names.
	my %not_null = map { $_->{definition} =~ /^NOT NULL (\S+)/ ? ($1 => "CONSTRAINT $_->{name} NOT NULL") : () }
	  items($shape->{constraints});
	my $columns = join ', ', map { column_sql($shape, $_, \%not_null, $sequences) } items($shape->{columns});
	my $sql = 'CREATE TABLE ' . qualified($shape) . " ($columns)";
	$sql .= " PARTITION BY $shape->{partition_key}" if $shape->{partition_key};
	return $sql;
}

sub is_foreign { return $_[0]{definition} =~ /^FOREIGN/ }

sub constraint_sql { return "ALTER TABLE $_[0] ADD CONSTRAINT $_[1]{name} $_[1]{definition}" }

# What stands beside a table, once all tables are there.
sub parts_sql
{
	my ($shape) = @_;
	my $table = qualified($shape);
	my @constraints = grep { $_->{definition} !~ /^NOT NULL/ } items($shape->{constraints});
	my %of_constraint = map { $_->{name} => 1 } @constraints;
	my @sql = map { $_->{definition} } grep { !$of_constraint{ $_->{name} } } items($shape->{indexes});
	push @sql, map { constraint_sql($table, $_) } grep { !is_foreign($_) } @constraints;
	push @sql, map { "COMMENT ON INDEX $shape->{schema}.$_->{name} IS " . literal($_->{comment}) }
	  grep { defined $_->{comment} } items($shape->{indexes});
	for my $trigger (items($shape->{triggers}))
	{
		push @sql, $trigger->{definition};
		push @sql, "ALTER TABLE $table DISABLE TRIGGER $trigger->{name}" if ($trigger->{enabled} // '') eq 'D';
	}
	my %command = (r => 'SELECT', a => 'INSERT', w => 'UPDATE', d => 'DELETE');
	for my $policy (items($shape->{policies}))
	{
		push @sql, join ' ', "CREATE POLICY $policy->{name} ON $table",
		  ($policy->{restrictive} ? 'AS RESTRICTIVE' : ()),
		  ($policy->{command} ? "FOR $command{ $policy->{command} }" : ()),
		  'TO ' . join(', ', items($policy->{roles})),
		  (defined $policy->{using} ? "USING ($policy->{using})" : ()),
		  (defined $policy->{with_check} ? "WITH CHECK ($policy->{with_check})" : ());
	}
	push @sql, "ALTER TABLE $table ENABLE ROW LEVEL SECURITY" if $shape->{row_security};
	for my $c (items($shape->{columns}))
	{
		push @sql, "COMMENT ON COLUMN $table.$c->{name} IS " . literal($c->{comment}) if defined $c->{comment};
		push @sql, grants($c, 'pg_attribute', 'attacl', "attrelid = '$table'::regclass AND attname = '$c->{name}'");
	}
	push @sql, "COMMENT ON TABLE $table IS " . literal($shape->{comment}) if defined $shape->{comment};
	return @sql;
}

# Returns the statements that make a schema of recorded definitions, a hash by the names they have in the record.
sub statements_for
{
	my ($recorded) = @_;
	my %by_kind;
	push @{ $by_kind{ $recorded->{$_}{kind} } }, $recorded->{$_} for sort keys %$recorded;
	my @tables = items($by_kind{table});
	my %has_identity = map { my $t = $_; map { $_->{identity} ? (qualified($t) . ".$_->{name}" => 1) : () } items($t->{columns}) } @tables;
	my %sequences = map { $_->{owned_by} ? ($_->{owned_by} => qualified($_)) : () } items($by_kind{sequence});
	my @free = grep { !$_->{owned_by} || !$has_identity{ $_->{owned_by} } } items($by_kind{sequence});

	my @sql = ('SET client_min_messages = warning', 'SET check_function_bodies = off', 'SET search_path = pg_catalog', 'SET allow_system_table_mods = on');
	for my $schema (items($by_kind{schema}))
	{
		push @sql, "CREATE SCHEMA $schema->{name} AUTHORIZATION $schema->{owner}";
		push @sql, grants($schema, 'pg_namespace', 'nspacl', "nspname = '$schema->{name}'");
	}
	for my $type (items($by_kind{enum}))
	{
		push @sql, 'CREATE TYPE ' . qualified($type) . ' AS ENUM (' . join(', ', map { literal($_) } items($type->{labels})) . ')';
		push @sql, 'ALTER TYPE ' . qualified($type) . " OWNER TO $type->{owner}";
	}
	for my $function (items($by_kind{function}))
	{
		push @sql, $function->{definition};
		push @sql, 'ALTER FUNCTION ' . qualified($function) . "($function->{arguments}) OWNER TO $function->{owner}";
	}
	push @sql, map { 'CREATE SEQUENCE ' . qualified($_) . " AS $_->{type}" } @free;
	push @sql, map { table_sql($_, \%sequences) } (grep { !$_->{bound} } @tables), grep { $_->{bound} } @tables;
	push @sql, map { parts_sql($_) } @tables;
	for my $t (@tables)
	{
		push @sql, map { constraint_sql(qualified($t), $_) } grep { is_foreign($_) } items($t->{constraints});
	}
	push @sql, map { 'CREATE VIEW ' . qualified($_) . " AS $_->{definition}" } items($by_kind{view});
	push @sql, map { 'ALTER TABLE ' . qualified($_) . " OWNER TO $_->{owner}" } @tables, items($by_kind{view}), @free;
	push @sql, map { 'ALTER SEQUENCE ' . qualified($_) . " OWNED BY $_->{owned_by}" } grep { $_->{owned_by} } @free;
	push @sql, map { grants($_, 'pg_class', 'relacl', of_relation($_)) } @tables, items($by_kind{view}), items($by_kind{sequence});
	return join '', map { s/;?\s*$/;\n/r } @sql;
}

1;
