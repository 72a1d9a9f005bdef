# Dump and restore: versions come back with their contracts, mappings and grants, whichever way.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = start_node('dump');
my $dir  = $node->basedir;
my ($err, $out);

sub clone
{
	my ($db) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0");
	return;
}

$node->safe_psql('postgres', everything());
healthy($node, 'before any dump');
my $before = snapshot($node);
unlike($before, qr/^$/, 'there is something to compare');

$node->command_ok([ 'pg_dump', '-f', "$dir/plain.sql", $node->connstr('postgres') ],
	'plain dump');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/custom", $node->connstr('postgres') ],
	'custom dump');

# Plain, by psql.
clone('plain');
$node->command_ok(
	[ 'psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', "$dir/plain.sql", $node->connstr('plain') ],
	'plain restore');
is(snapshot($node, 'plain'), $before, 'plain: everything is as it was');
still_followed($node, 'plain', 'plain');

# Custom, two jobs.
clone('custom');
$node->command_ok(
	[ 'pg_restore', '-j2', '-e', '-d', $node->connstr('custom'), "$dir/custom" ],
	'custom restore with two jobs');
is(snapshot($node, 'custom'), $before, 'custom: everything is as it was');
# A dump of the restored database restores too.
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/again", $node->connstr('custom') ],
	'dump of what was restored');
clone('again');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('again'), "$dir/again" ],
	'restored again');
is(snapshot($node, 'again'), $before, 'again: everything is as it was');
still_followed($node, 'custom', 'custom');

$node->stop;
done_testing();
