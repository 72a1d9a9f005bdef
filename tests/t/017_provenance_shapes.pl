# What a tracked schema looked like at any time is in what was recorded, and nowhere else is it needed:
# all forms of DDL in random order, through all ways a statement can come, and after each step the shape
# is rebuilt from strata.changes alone and held against what pg_dump says. Two times have the same dump
# if and only if they have the same rebuilt shape.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use PostgreSQL::Test::Utils;
use Test::More;
use PastShapes;
use ShapeHistory;
use StrataTest;

my $steps = $ENV{SHAPE_STEPS} || 600;
srand($ENV{SHAPE_SEED} || 5);

my $node = start_node('shapes');
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE EXTENSION postgres_fdw;
CREATE SERVER nowhere FOREIGN DATA WRAPPER postgres_fdw;
SQL
$node->safe_psql('postgres', beginning());
$node->safe_psql('postgres', "SELECT strata.track('shop')");

# Folds the changes up to one: a name stands for what the last change that has it says after it.
# OIDs and numbers of columns are no part of a shape.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION public.rebuilt(upto bigint) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    WITH named AS (
        SELECT DISTINCT ON (k.name) k.name, c.after -> k.name AS shape
        FROM strata.changes AS c,
             LATERAL (SELECT jsonb_object_keys(c.before) UNION SELECT jsonb_object_keys(c.after)) AS k (name)
        WHERE c.seq <= upto ORDER BY k.name, c.seq DESC)
    SELECT name || ' ' || regexp_replace(shape::text, '"(oid|attnum)": [0-9]+,? ?', '', 'g')
    FROM named
    WHERE CASE shape ->> 'kind' WHEN 'schema' THEN shape ->> 'name' ELSE shape ->> 'schema' END
          IN ('shop', 'store') AND shape ->> 'extension' IS NULL
    ORDER BY name COLLATE "C" $$;
SQL

# The ways a statement can come. Some forms cannot be run in all of them.
my @ways = (
	sub { "$_[0];" },
	sub { "$_[0];" },
	sub { "BEGIN; $_[0]; COMMIT;" },
	sub { "BEGIN; SAVEPOINT s; $_[0]; ROLLBACK TO s; $_[0]; RELEASE s; COMMIT;" },
	sub { "BEGIN; SAVEPOINT s; $_[0]; ROLLBACK TO s; COMMIT;" },
	sub { "BEGIN; $_[0]; ROLLBACK;" },
	sub { "DO \$way\$ BEGIN $_[0]; END \$way\$;" },
	sub { "DO \$way\$ BEGIN BEGIN $_[0]; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END; END \$way\$;" },
	sub { "SET ROLE NONE; SET search_path = shop, pg_catalog; $_[0];" },
	sub { "BEGIN; $_[0]; PREPARE TRANSACTION 'p'; COMMIT PREPARED 'p';" },
	sub { "BEGIN; $_[0]; PREPARE TRANSACTION 'p'; ROLLBACK PREPARED 'p';" });

my (%shape_of_dump, %dump_of_shape, @times, %done);
my @forms = forms();
my @order = @forms;
my $commits = 4;    # of the ways, those that end in a commit of all
my $wrong = 0;

for my $step (1 .. $steps)
{
	# All of them in their order, then a few in a row from anywhere: most need one before them.
	if (!@order)
	{
		my $from = int(rand(@forms));
		@order = map { $forms[ ($from + $_) % @forms ] } 0 .. int(rand(8));
	}
	my $form = shift @order;
	my $way = int(rand($step < @forms ? $commits : @ways));
	my ($code, $out, $err) = $node->psql('postgres', $ways[$way]->($form), on_error_stop => 1);
	$done{$form}++ if $code == 0;
	$node->psql('postgres', "ROLLBACK PREPARED 'p'") if $code != 0 && $way >= 9;
	# What was prepared is in the chain once somebody commits after it.
	my $schema = $node->safe_psql('postgres', 'SELECT base FROM strata.base_schema');
	my $dump = dump_of_schema($node, 'postgres', $schema);
	my $last = $node->safe_psql('postgres', 'SELECT coalesce(max(seq), 0) FROM strata.provenance_entry');
	my $shape = $node->safe_psql('postgres', "SELECT public.rebuilt($last)");
	push @times, [ $last, $shape ];
	my ($d, $s) = (sha256_hex($dump), sha256_hex($shape));
	my $problem;
	if (exists $shape_of_dump{$d} && $shape_of_dump{$d}[0] ne $s)
	{
		$problem = "recorded a difference that there is not";
		note_difference($shape_of_dump{$d}[1], $shape);
	}
	elsif (exists $dump_of_shape{$s} && $dump_of_shape{$s}[0] ne $d)
	{
		$problem = "recorded no difference where there is one";
		note_difference($dump_of_shape{$s}[1], $dump);
	}
	if ($problem)
	{
		$wrong++;
		diag("step $step, way $way, $form: $problem");
		last if $ENV{SHAPE_STOP};
		# One fault is to be told once.
		(%shape_of_dump, %dump_of_shape) = ();
	}
	$shape_of_dump{$d} = [ $s, $shape ];
	$dump_of_shape{$s} = [ $d, $dump ];
}

sub note_difference
{
	my ($was, $is) = @_;
	my %was = map { $_ => 1 } split /\n/, $was;
	my %is = map { $_ => 1 } split /\n/, $is;
	diag("  - $_") for grep { !$is{$_} } sort keys %was;
	diag("  + $_") for grep { !$was{$_} } sort keys %is;
}

is($wrong, 0, "$steps steps are recorded as pg_dump shows them");
my @never = grep { !$done{$_} } @forms;
diag("never done: $_") for $ENV{SHAPE_NEVER} ? @never : ();
cmp_ok(scalar(keys %done), '>', $steps / 4, 'many forms were run');
my @other = grep { $node->safe_psql('postgres', "SELECT public.rebuilt($_->[0])") ne $_->[1] } @times[ map { $_ * 7 } 0 .. $#times / 7 ];
is(scalar(@other), 0, 'each past shape can still be rebuilt');
is($node->safe_psql('postgres', 'SELECT * FROM strata.verify_provenance()'), '', 'and the chain verifies');

# After a restore all numbers are others, and the record goes on.
$node->safe_psql('postgres', 'CREATE DATABASE before_it');
$node->safe_psql('before_it', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, junk int, born text);
ALTER TABLE shop.users DROP junk;
SELECT strata.track('shop');
ALTER TABLE shop.users RENAME born TO birthday;
SELECT strata.publish('shop', 'v1');
ALTER TABLE shop.users RENAME TO people;
SQL
my $file = PostgreSQL::Test::Utils::tempdir() . '/before_it.dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $node->connstr('before_it') ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE after_it');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('after_it'), $file ], 'pg_restore');
is($node->safe_psql('after_it', "SELECT object FROM strata.drift('shop')"), '', 'a restore is no drift');
$node->safe_psql('after_it', 'ALTER TABLE shop.people RENAME birthday TO born_on');
is($node->safe_psql('after_it', "SELECT event, new_name FROM strata.lineage('shop.people', 'born_on')"),
	"tracked|born\nrenamed|birthday\npublished|birthday\ntable renamed|shop.people\nrenamed|born_on",
	'a life goes through a restore');
is($node->safe_psql('after_it', 'SELECT * FROM strata.verify_provenance()'), '', 'the chain verifies there');

done_testing();
