# pg_upgrade keeps versions: same contracts, and DDL on the new server is followed.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $old = start_node('old');
$old->safe_psql('postgres', everything());
# A version published with nothing in it, and one that is retired, come along too.
my $before = snapshot($old);
# So do refused statements, and their numbers go on. A worker in the old or new server would be in
# the way of pg_upgrade.
my $attempts = 'SELECT attempt_id, statement, sqlstate FROM strata.attempts ORDER BY 1';
$old->psql('postgres', 'DROP TABLE shop.users', on_error_stop => 0);
$old->poll_query_until('postgres', 'SELECT count(*) = 1 FROM strata.attempts');
my $refused = $old->safe_psql('postgres', $attempts);
my $kept = $old->safe_psql('postgres', 'SELECT strata.checkpoint_provenance()');
my $last = $old->safe_psql('postgres', 'SELECT max(seq) FROM strata.provenance_entry');
# So does what clients used, as far as it was written, and the gates.
$old->safe_psql('postgres', "SELECT strata.set_gate('shop', 'v2')");
$old->safe_psql('postgres', 'SELECT count(*) FROM shop_v1.users');
$old->safe_psql('postgres', 'SELECT strata.flush_stats()');
$before = snapshot($old);
$old->safe_psql('postgres', 'SELECT strata.flush_stats()');
my $usage = q(SELECT base, version, calls, last_used_at FROM strata.stat_versions ORDER BY base::text, version);
my $used = $old->safe_psql('postgres', $usage);
$last = $old->safe_psql('postgres', 'SELECT max(seq) FROM strata.provenance_entry');
$old->stop;

my $new = new_node('new');
my $bin = $old->config_data('--bindir');
chdir($new->basedir);
command_ok(
	[
		'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir,
		'-b', $bin, '-B', $bin, '-s', $new->host, '-p', $old->port, '-P', $new->port
	],
	'pg_upgrade');
$new->start;
is($new->safe_psql('postgres', $usage), $used, 'what clients used is there');
(my $after = snapshot($new)) =~ s/^problem\|.*do not find the gates.*\n//m;
is($after, $before, 'everything is as it was');
is($new->safe_psql('postgres', $attempts), $refused, 'so are the refused statements');
my $copy = q(SELECT count(*) FROM strata.verify() WHERE problem ~ 'do not find the gates');
is($new->safe_psql('postgres', $copy), 1, 'the copy of the gates is of the old server');
is($new->safe_psql('postgres', q(SELECT strata.route('shop'))), 'v2', 'which are followed all the same');
my $problems = "SELECT string_agg(seq || ' ' || problem, ', ') FROM strata.verify_provenance('$kept')";
is($new->safe_psql('postgres', $problems), '', 'the record verifies, also with a checkpoint of the old server');
is($new->safe_psql('postgres', 'SELECT max(seq) FROM strata.provenance_entry'),
	$last, 'the upgrade itself records nothing');
$new->safe_psql('postgres', 'SELECT * FROM strata.post_restore()');
is($new->safe_psql('postgres', $copy), 0, 'post_restore writes the copy anew');
still_followed($new, 'upgraded');
is($new->safe_psql('postgres', $problems), '', 'the record goes on');
ok( $new->safe_psql('postgres', "SELECT max(seq) > $last FROM strata.provenance_entry") eq 't',
	'behind what was there');
ok( $new->poll_query_until('postgres', 'SELECT count(*) > 1 FROM strata.attempts'),
	'the new server keeps its own after them');
is($new->safe_psql('postgres', "SELECT strata.publish('shop', 'v3')"),
	'shop_v3', 'another version can be published');
healthy($new, 'with another version');
$new->stop;
done_testing();
