-- strata.assess: what statements would do, without running or locking anything; statements on what earlier ones make;
-- what it tells whom; which versions a statement breaks.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_strata;
CREATE SCHEMA as_a;
CREATE TABLE as_a.parent (id int PRIMARY KEY, name text);
CREATE TABLE as_a.child (id int PRIMARY KEY, parent_id int REFERENCES as_a.parent, note varchar(10), amount int);
CREATE TABLE as_a.empty (id int);
CREATE VIEW as_a.seen AS SELECT id, note FROM as_a.child;
CREATE FUNCTION as_a.ten(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 10';
CREATE FUNCTION as_a.unknown() RETURNS void LANGUAGE plpgsql AS 'BEGIN DROP TABLE as_a.child; END';
CREATE TABLE as_a.computed (id int, tens int GENERATED ALWAYS AS (as_a.ten(id)) STORED);
INSERT INTO as_a.parent SELECT i, 'p' FROM generate_series(1, 5) i;
INSERT INTO as_a.child SELECT i, i, 'n', i FROM generate_series(1, 5) i;
INSERT INTO as_a.computed VALUES (1);
SET lock_timeout = '2s';

-- One row per statement, in order.
SELECT statement_no, command, object, lock_mode, rewrites, scans, risk
  FROM strata.assess($$
    ALTER TABLE as_a.child ADD COLUMN extra int;
    ALTER TABLE as_a.child ADD COLUMN token uuid DEFAULT gen_random_uuid();
    ALTER TABLE as_a.child ALTER COLUMN amount SET NOT NULL;
    CREATE INDEX ON as_a.child (amount);
    CREATE INDEX CONCURRENTLY ON as_a.child (amount);
    ALTER TABLE as_a.child VALIDATE CONSTRAINT child_parent_id_fkey;
    TRUNCATE as_a.parent CASCADE;
    VACUUM FULL as_a.child;
    SELECT 1
  $$) ORDER BY statement_no;

-- What it is about, as the statement names it, also where that is no relation.
SELECT statement_no, command, object
  FROM strata.assess($$
    ALTER FUNCTION as_a.ten(int) VOLATILE;
    ALTER FUNCTION ten(int) RENAME TO "Ten";
    ALTER TYPE as_a."No type" SET SCHEMA public;
    ALTER SCHEMA as_a OWNER TO CURRENT_USER;
    ALTER OPERATOR CLASS as_a.ops USING btree RENAME TO others;
    GRANT USAGE ON SCHEMA as_a, public TO PUBLIC;
    GRANT SELECT ON ALL TABLES IN SCHEMA as_a TO PUBLIC;
    CREATE FUNCTION as_a.eleven() RETURNS int LANGUAGE sql AS 'SELECT 11';
    CREATE OR REPLACE FUNCTION as_a.ten(int) RETURNS int LANGUAGE sql AS 'SELECT 10'
  $$) ORDER BY statement_no;

-- The closure of a drop, not its verb, decides.
SELECT statement_no, drops, hazards
  FROM strata.assess($$
    DROP FUNCTION as_a.ten(int) CASCADE;
    ALTER TABLE as_a.child DROP COLUMN note CASCADE;
    DROP TABLE as_a.child CASCADE;
    DROP TABLE as_a.empty
  $$) ORDER BY statement_no;

-- What is rewritten counts by its size; what is rewritten without rows does not count.
SELECT statement_no, bytes > 0 AS has_bytes, hazards, risk
  FROM strata.assess($$
    ALTER TABLE as_a.child ALTER COLUMN amount TYPE bigint;
    ALTER TABLE as_a.empty ALTER COLUMN id TYPE bigint
  $$) ORDER BY statement_no;

-- A schema's name is known by who knows something in it.
CREATE SCHEMA as_e CREATE TABLE nothing (n int);
SELECT statement_no, hazards FROM strata.assess('ALTER SCHEMA as_a RENAME TO as_c; ALTER SCHEMA as_e RENAME TO as_d') ORDER BY 1;
DROP SCHEMA as_e CASCADE;

-- Values are lost on any step of the way.
SELECT statement_no, 'DATA_LOSS' = ANY (hazards) AS loses
  FROM strata.assess($$
    ALTER TABLE as_a.child ALTER COLUMN note TYPE varchar(9);
    ALTER TABLE as_a.child ALTER COLUMN note TYPE varchar(9) USING note::varchar(9);
    ALTER TABLE as_a.child ALTER COLUMN note TYPE text USING note::date::text;
    ALTER TABLE as_a.child ALTER COLUMN amount TYPE text USING amount::bigint::text;
    ALTER TABLE as_a.child ALTER COLUMN amount TYPE int USING amount::numeric(3)::int
  $$) ORDER BY statement_no;

-- An earlier statement's table is new to the later ones, also under its next name.
SELECT statement_no, command, object, lock_mode, drops, hazards, risk
  FROM strata.assess($$
    CREATE SCHEMA as_b;
    CREATE TABLE as_b.made (id int);
    ALTER TABLE as_b.made ADD COLUMN n int NOT NULL;
    CREATE INDEX ON as_b.made (n);
    ALTER TABLE as_b.made RENAME TO made_later;
    GRANT SELECT ON as_b.made_later TO PUBLIC;
    DROP TABLE as_b.made_later;
    ALTER TABLE as_a.empty RENAME TO void;
    ALTER TABLE as_a.void ADD COLUMN x int;
    DROP TABLE as_a.empty;
    ALTER TABLE as_a.child RENAME COLUMN amount TO total;
    ALTER TABLE as_a.child DROP COLUMN amount;
    ALTER TABLE as_a.child DROP COLUMN total;
    ALTER TABLE as_a.child ADD COLUMN total int DEFAULT random()
  $$) ORDER BY statement_no;

-- The safe way to NOT NULL reads the table under a lock that stops nobody, also in one text.
SELECT statement_no, lock_mode, scans, hazards
  FROM strata.assess($$
    ALTER TABLE as_a.child ADD CONSTRAINT given CHECK (amount IS NOT NULL) NOT VALID;
    ALTER TABLE as_a.child VALIDATE CONSTRAINT given;
    ALTER TABLE as_a.child ALTER COLUMN amount SET NOT NULL;
    ALTER TABLE as_a.child DROP CONSTRAINT given
  $$) ORDER BY statement_no;

-- What is there already is not new because a statement would make it if it were not.
SELECT statement_no, drops, hazards
  FROM strata.assess($$
    CREATE SCHEMA IF NOT EXISTS as_a;
    CREATE TABLE IF NOT EXISTS as_a.computed (id int);
    DROP TABLE as_a.computed;
    SET search_path = as_a;
    DROP TABLE parent CASCADE
  $$) ORDER BY statement_no;
SHOW search_path;

-- In a transaction, what it made itself is new.
BEGIN;
CREATE TABLE as_a.fresh AS SELECT 1 AS id;
SELECT lock_mode, drops, hazards FROM strata.assess('DROP TABLE as_a.fresh');
ROLLBACK;

-- lock_timeout, in the session or in the text.
RESET lock_timeout;
SELECT statement_no, hazards
  FROM strata.assess($$
    ALTER TABLE as_a.child ADD COLUMN extra int;
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE as_a.child ADD COLUMN extra int
  $$) ORDER BY statement_no;
SET lock_timeout = '2s';

-- Nothing ran, nothing is locked.
BEGIN;
SELECT count(*) FROM strata.assess('DROP TABLE as_a.child CASCADE; TRUNCATE as_a.parent; ALTER TABLE as_a.computed ADD x int');
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'
  AND relation::regclass::text LIKE 'as\_a.%';
COMMIT;
SELECT count(*) FROM as_a.child;

-- Wrappers.
PREPARE to_be AS SELECT 1;
SELECT statement_no, command, hazards
  FROM strata.assess($$
    DO 'BEGIN DROP TABLE as_a.child; END';
    EXPLAIN ANALYZE CREATE TABLE as_a.made AS SELECT 1;
    EXECUTE to_be;
    DELETE FROM as_a.child;
    SELECT setval('as_a.nowhere', 1);
    SELECT as_a.unknown();
    CREATE TABLE as_a.made AS SELECT random() AS r
  $$) ORDER BY statement_no;

-- What guards is guarded, in whatever way it goes.
SELECT statement_no, command, 'CONTROL_PLANE' = ANY (hazards) AS control_plane, risk
  FROM strata.assess($$
    ALTER SYSTEM SET pg_strata.flush_interval = '1s';
    DROP EXTENSION pg_strata;
    DROP TABLE strata.base_schema;
    TRUNCATE strata.published_version;
    SET session_replication_role = replica;
    SET work_mem = '1MB';
    ALTER DATABASE postgres SET work_mem = '1MB';
    ALTER ROLE postgres SET row_security = off;
    ALTER ROLE postgres RESET ALL;
    DROP SCHEMA strata CASCADE
  $$) ORDER BY statement_no;
DEALLOCATE to_be;

-- The safer way, with the statement's own names.
SELECT advice FROM strata.assess('ALTER TABLE as_a.child ALTER amount SET NOT NULL');
SELECT advice FROM strata.assess('ALTER TABLE as_a.child ADD CHECK (amount > 0)');
SELECT advice FROM strata.assess('ALTER TABLE as_a.child ADD CONSTRAINT k FOREIGN KEY (amount) REFERENCES as_a.parent ;');
SELECT advice FROM strata.assess('CREATE UNIQUE INDEX i ON as_a.child (amount)');
SELECT advice FROM strata.assess('ALTER TABLE as_a.child ADD UNIQUE (amount)');
SELECT advice FROM strata.assess($$ALTER TABLE as_a.child ADD COLUMN token uuid DEFAULT gen_random_uuid() NOT NULL$$);
SELECT advice FROM strata.assess('ALTER TABLE as_a.child ALTER amount TYPE bigint');
SELECT advice FROM strata.assess('DROP TABLE as_a.child CASCADE');
SELECT advice FROM strata.assess('DROP INDEX as_a.child_pkey');
SELECT advice FROM strata.assess('ALTER TABLE as_a.child ADD COLUMN plain int');

-- What the advice says can be pasted.
DO $$
DECLARE
  step text;
BEGIN
  FOR step IN SELECT s FROM strata.assess('ALTER TABLE as_a.child ALTER amount SET NOT NULL') a,
      regexp_split_to_table(a.advice, E'\n') WITH ORDINALITY x (s, n) ORDER BY n LOOP
    EXECUTE step;
  END LOOP;
END $$;
SELECT statement_no, lock_mode, scans, hazards
  FROM strata.assess('ALTER TABLE as_a.child ALTER amount SET NOT NULL') ORDER BY statement_no;

-- Whoever may not look into a schema is not told what is in it, only that there is something.
CREATE SCHEMA as_secret;
CREATE VIEW as_secret.hidden AS SELECT * FROM as_a.parent;
CREATE ROLE regress_assess;
GRANT USAGE ON SCHEMA as_a TO regress_assess;
SET ROLE regress_assess;
SELECT drops, bytes FROM strata.assess('DROP TABLE as_a.parent CASCADE');
SELECT drops, bytes FROM strata.assess('DROP VIEW as_secret.hidden');
RESET ROLE;

-- Published versions: renames and conversions that they follow break nobody; what takes their columns breaks them.
SELECT strata.track('as_a');
SELECT strata.publish('as_a', 'v1');
SELECT statement_no, hazards, breaks_versions
  FROM strata.assess($$
    ALTER TABLE as_a.parent RENAME COLUMN name TO title;
    ALTER TABLE as_a.parent RENAME TO parents;
    ALTER TABLE as_a.parents DROP COLUMN title;
    ALTER TABLE as_a.empty ADD COLUMN must int NOT NULL
  $$) ORDER BY statement_no;
SELECT strata.retire('as_a', 'v1');
SELECT strata.untrack('as_a');

-- Errors are the parser's.
SELECT * FROM strata.assess('ALTER TABL x');
SELECT * FROM strata.assess(NULL);
SELECT count(*) FROM strata.assess('');

DROP SCHEMA as_secret, as_a CASCADE;
DROP ROLE regress_assess;
