# A session that once could not find out whether the extension is there asks again: the error of one
# statement does not leave it without protection.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = start_node('look_up');
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, a text);
SELECT strata.track('s');
SELECT strata.publish('s', 'v1');
SQL

my $blocker = $node->background_psql('postgres');
$blocker->query_safe('BEGIN');
$blocker->query_safe('LOCK TABLE pg_catalog.pg_extension IN ACCESS EXCLUSIVE MODE');

# The session's first look at pg_extension meets the lock.
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query("SET lock_timeout = '100ms'");
$session->query('DROP VIEW s_v1.t');
like($session->{stderr}, qr/lock timeout/, 'the look-up fails');

$blocker->query_safe('COMMIT');
$blocker->quit;

$session->{stderr} = '';
$session->query('DROP VIEW s_v1.t');
like($session->{stderr}, qr/cannot drop version view s_v1\.t/, 'the version view is protected');
$session->quit;
is($node->safe_psql('postgres', 'SELECT count(*) FROM strata.verify()'), '0', 'nothing is broken');

$node->stop;
done_testing();
