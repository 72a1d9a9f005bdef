# A session keeps the definitions it has read as long as they hold. Here everything that has a say in
# the definition of a table is changed, by another session and by its own, between two statements:
# one that changes nothing must record no difference, and what one records that changes something
# must be what a session finds that has read nothing before.
use strict;
use warnings;
use PostgreSQL::Test::Utils;
use Test::More;
use StrataTest;

my $node = new_node('known');
$node->append_conf('postgresql.conf', 'allow_in_place_tablespaces = on');
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_strata;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
CREATE EXTENSION postgres_fdw;
CREATE ROLE reader;
CREATE TABLESPACE place LOCATION '';
CREATE SCHEMA shop;
CREATE SCHEMA aside;
CREATE TYPE aside.mood AS ENUM ('sad', 'glad');
CREATE DOMAIN aside.small AS int CHECK (VALUE < 1000);
CREATE COLLATION aside.plain (LOCALE = 'C');
CREATE OPERATOR CLASS aside.ints FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);
CREATE FUNCTION aside.one() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION aside.fine(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION aside.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE SEQUENCE aside.numbers;
CREATE TYPE aside.pair AS (x int, y int);
CREATE TYPE aside.named AS (what regclass);
CREATE TABLE aside.other (id int PRIMARY KEY);
CREATE TABLE shop.t (
    id int PRIMARY KEY,
    b int NOT NULL,
    feeling aside.mood DEFAULT 'glad',
    feelings aside.mood[],
    few aside.small,
    one int DEFAULT aside.one(),
    number bigint DEFAULT nextval('aside.numbers'),
    name text COLLATE aside.plain DEFAULT 'x',
    pair aside.pair DEFAULT ROW(1, 2)::aside.pair CONSTRAINT positive CHECK ((pair).x > 0),
    x int GENERATED ALWAYS AS ((pair).x) STORED,
    places regclass[] DEFAULT '{aside.numbers}'::regclass[],
    named aside.named DEFAULT '(aside.numbers)'::aside.named,
    twice int GENERATED ALWAYS AS (b * 2) STORED,
    other int CONSTRAINT others REFERENCES aside.other,
    CONSTRAINT fine CHECK (aside.fine(b)),
    CONSTRAINT simple CHECK (b > 0) NOT VALID);
CREATE INDEX by_b ON shop.t (b aside.ints) TABLESPACE place;
CREATE INDEX by_fine ON shop.t (aside.fine(b)) WHERE one > aside.one();
CREATE STATISTICS shop.together ON b, one FROM shop.t;
CREATE TRIGGER fires BEFORE INSERT ON shop.t FOR EACH ROW WHEN (NEW.one = aside.one()) EXECUTE FUNCTION aside.fire();
GRANT SELECT ON shop.t TO reader;
SELECT strata.track('shop');
SQL

# Each with what undoes it.
my @changes = (
	["COMMENT ON TABLE shop.t IS 'x'", "COMMENT ON TABLE shop.t IS NULL"],
	["COMMENT ON COLUMN shop.t.b IS 'x'", "COMMENT ON COLUMN shop.t.b IS NULL"],
	["COMMENT ON CONSTRAINT simple ON shop.t IS 'x'", "COMMENT ON CONSTRAINT simple ON shop.t IS NULL"],
	["COMMENT ON INDEX shop.by_b IS 'x'", "COMMENT ON INDEX shop.by_b IS NULL"],
	["COMMENT ON TRIGGER fires ON shop.t IS 'x'", "COMMENT ON TRIGGER fires ON shop.t IS NULL"],
	["COMMENT ON STATISTICS shop.together IS 'x'", "COMMENT ON STATISTICS shop.together IS NULL"],
	["ALTER ROLE reader RENAME TO readers", "ALTER ROLE readers RENAME TO reader"],
	["ALTER TABLESPACE place RENAME TO places", "ALTER TABLESPACE places RENAME TO place"],
	["ALTER SCHEMA aside RENAME TO beside", "ALTER SCHEMA beside RENAME TO aside"],
	["ALTER TYPE aside.mood RENAME TO moods", "ALTER TYPE aside.moods RENAME TO mood"],
	["ALTER TYPE aside.mood RENAME VALUE 'glad' TO 'happy'", "ALTER TYPE aside.mood RENAME VALUE 'happy' TO 'glad'"],
	["ALTER TYPE aside.pair RENAME ATTRIBUTE x TO z", "ALTER TYPE aside.pair RENAME ATTRIBUTE z TO x"],
	["ALTER DOMAIN aside.small RENAME TO smaller", "ALTER DOMAIN aside.smaller RENAME TO small"],
	["ALTER COLLATION aside.plain RENAME TO plainer", "ALTER COLLATION aside.plainer RENAME TO plain"],
	["ALTER OPERATOR CLASS aside.ints USING btree RENAME TO integers", "ALTER OPERATOR CLASS aside.integers USING btree RENAME TO ints"],
	["ALTER FUNCTION aside.one() RENAME TO uno", "ALTER FUNCTION aside.uno() RENAME TO one"],
	["ALTER FUNCTION aside.fine(int) RENAME TO good", "ALTER FUNCTION aside.good(int) RENAME TO fine"],
	["ALTER FUNCTION aside.fire() RENAME TO fires", "ALTER FUNCTION aside.fires() RENAME TO fire"],
	["ALTER SEQUENCE aside.numbers RENAME TO counts", "ALTER SEQUENCE aside.counts RENAME TO numbers"],
	["ALTER TABLE aside.other RENAME TO others", "ALTER TABLE aside.others RENAME TO other"],
	["ALTER TABLE aside.other RENAME COLUMN id TO key", "ALTER TABLE aside.other RENAME COLUMN key TO id"],
	["ALTER INDEX shop.by_b RENAME TO on_b", "ALTER INDEX shop.on_b RENAME TO by_b"],
	["ALTER INDEX shop.by_b SET (fillfactor = 50)", "ALTER INDEX shop.by_b RESET (fillfactor)"],
	["ALTER INDEX shop.by_b SET TABLESPACE pg_default", "ALTER INDEX shop.by_b SET TABLESPACE place"],
	["ALTER INDEX shop.by_fine ALTER COLUMN 1 SET STATISTICS 7", "ALTER INDEX shop.by_fine ALTER COLUMN 1 SET STATISTICS -1"],
	["ALTER STATISTICS shop.together RENAME TO apart", "ALTER STATISTICS shop.apart RENAME TO together"],
	["ALTER STATISTICS shop.together SET STATISTICS 7", "ALTER STATISTICS shop.together SET STATISTICS -1"],
	["ALTER TRIGGER fires ON shop.t RENAME TO fired", "ALTER TRIGGER fired ON shop.t RENAME TO fires"],
	["ALTER TABLE shop.t DISABLE TRIGGER fires", "ALTER TABLE shop.t ENABLE TRIGGER fires"],
	["ALTER TABLE shop.t RENAME CONSTRAINT simple TO simpler", "ALTER TABLE shop.t RENAME CONSTRAINT simpler TO simple"],
	["ALTER TABLE shop.t ALTER CONSTRAINT others DEFERRABLE", "ALTER TABLE shop.t ALTER CONSTRAINT others NOT DEFERRABLE"],
	["ALTER TABLE shop.t RENAME COLUMN b TO c; ALTER TABLE shop.t RENAME COLUMN one TO b; ALTER TABLE shop.t RENAME COLUMN c TO one",
		"ALTER TABLE shop.t RENAME COLUMN b TO c; ALTER TABLE shop.t RENAME COLUMN one TO b; ALTER TABLE shop.t RENAME COLUMN c TO one"],
	["ALTER TABLE shop.t ALTER name SET DEFAULT 'y'", "ALTER TABLE shop.t ALTER name SET DEFAULT 'x'"],
	["ALTER TABLE shop.t SET (toast.autovacuum_enabled = off)", "ALTER TABLE shop.t RESET (toast.autovacuum_enabled)"],
	["ALTER TABLE shop.t CLUSTER ON by_b", "ALTER TABLE shop.t SET WITHOUT CLUSTER"],
	["ALTER TABLE shop.t REPLICA IDENTITY USING INDEX t_pkey", "ALTER TABLE shop.t REPLICA IDENTITY DEFAULT"],
	["ALTER TABLE shop.t ENABLE ROW LEVEL SECURITY", "ALTER TABLE shop.t DISABLE ROW LEVEL SECURITY"],
	["CREATE POLICY p ON shop.t USING (b > (SELECT max(id) FROM aside.other))", "DROP POLICY p ON shop.t"],
	["CREATE RULE r AS ON DELETE TO shop.t DO ALSO NOTIFY gone", "DROP RULE r ON shop.t"],
	["CREATE TABLE shop.child () INHERITS (shop.t)", "DROP TABLE shop.child"],
	["GRANT INSERT (b) ON shop.t TO reader", "REVOKE INSERT (b) ON shop.t FROM reader"],
	["CREATE INDEX again ON shop.t (one)", "DROP INDEX shop.again"],
	["ALTER EXTENSION postgres_fdw ADD TABLE shop.t", "ALTER EXTENSION postgres_fdw DROP TABLE shop.t"],
	["ALTER TABLE shop.t VALIDATE CONSTRAINT simple", "SELECT"]);

my $session;

sub last_change
{
	return $node->safe_psql('postgres', 'SELECT max(change_id) FROM strata.change');
}

# What the session's statement finds is what it leaves.
sub nothing_changes
{
	my ($what) = @_;
	my $last = last_change();
	$session->query_safe('ALTER TABLE ONLY shop.t ALTER feeling SET STATISTICS 10');
	is( $node->safe_psql('postgres', "SELECT before, after FROM strata.change WHERE change_id > $last AND coalesce(before::text, after::text) IS NOT NULL"),
		'', "$what: found as it is");
}

# What it records is what a new session reads.
sub is_recorded
{
	my ($what) = @_;
	$session->query_safe('ALTER TABLE ONLY shop.t ALTER feeling SET STATISTICS 20');
	is($node->safe_psql('postgres', "SELECT expected, found FROM strata.drift('shop') WHERE object = 'table shop.t'"),
		'', "$what: recorded as it is");
	$session->query_safe('ALTER TABLE ONLY shop.t ALTER feeling SET STATISTICS 10');
}

for my $change (@changes)
{
	my ($do, $undo) = @$change;
	# One for each: all that one does has to be done in the time that a test may take.
	$session = $node->background_psql('postgres', on_error_stop => 1);
	$session->query_safe('ALTER TABLE ONLY shop.t ALTER feeling SET STATISTICS 10');
	for my $statement ($do, $undo)
	{
		nothing_changes("before $statement");
		$node->safe_psql('postgres', $statement);
		is($node->safe_psql('postgres', "SELECT object FROM strata.drift('shop')"), '', "$statement: is recorded");
		nothing_changes("others $statement");
		is_recorded("others $statement");
	}
	if ($undo eq 'SELECT')
	{
		$session->quit;
		next;
	}
	for my $statement ($do, $undo)
	{
		$session->query_safe($statement);
		nothing_changes("own $statement");
		is_recorded("own $statement");
		# Rolled back, and all at once with what is found.
		$session->query_safe("BEGIN; " . ($statement eq $do ? $undo : $do) . "; ROLLBACK");
		nothing_changes("rolled back, after $statement");
		# The same when the definition was read in between.
		$session->query_safe("BEGIN; " . ($statement eq $do ? $undo : $do) .
			"; ALTER TABLE ONLY shop.t ALTER feeling SET STATISTICS 20; ROLLBACK");
		nothing_changes("read and rolled back, after $statement");
		is_recorded("read and rolled back, after $statement");
	}
	$session->query_safe("BEGIN; $do; ALTER TABLE ONLY shop.t ALTER feeling SET STATISTICS 20; $undo; COMMIT");
	$session->query_safe('ALTER TABLE ONLY shop.t ALTER feeling SET STATISTICS 10');
	is_recorded("in one transaction, $do");
	$session->quit;
}
is($node->safe_psql('postgres', 'SELECT * FROM strata.verify_provenance()'), '', 'the chain is intact');
$node->stop;
done_testing();
