-- CREATE EXTENSION and the functions of versions are transactional: a rolled back publish leaves
-- nothing, and publish, DDL and retire go together in one transaction.
SET client_min_messages = warning;
-- in a schema of its own choosing only; everything is described
SELECT extrelocatable FROM pg_extension WHERE extname = 'pg_strata';
SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'strata'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL;
SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'strata'::regnamespace AND c.relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL;
SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'strata'::regnamespace AND p.proconfig IS NULL AND p.proname !~ '^(narrow|(write_through|assess|propose|find_proposal)$)';
-- dropped and made again while nothing is published
CREATE EXTENSION pg_strata;
CREATE SCHEMA tx;
CREATE TABLE tx.t (id int PRIMARY KEY, a text);
CREATE VIEW tx.v AS SELECT id, a FROM tx.t;
SELECT strata.track('tx');
DROP EXTENSION pg_strata;
ALTER TABLE tx.t ADD COLUMN b int;
CREATE EXTENSION pg_strata;
SELECT count(*) FROM strata.base_schema;
BEGIN;
DROP EXTENSION pg_strata;
CREATE EXTENSION pg_strata;
SELECT strata.track('tx');
SELECT strata.publish('tx', 'v1');
ALTER TABLE tx.t RENAME COLUMN a TO aa;
SELECT * FROM tx_v1.v;
ROLLBACK;
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
ALTER TABLE strata.base_schema ALTER COLUMN retire_after_idle SET DEFAULT '0';
SELECT strata.track('tx');

CREATE FUNCTION pg_temp.left_over() RETURNS SETOF text LANGUAGE sql AS $$
SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^tx_'
UNION ALL SELECT relname::text FROM pg_class WHERE relnamespace = 'strata_inverse'::regnamespace
UNION ALL SELECT version FROM strata.published_version UNION ALL SELECT name::text FROM strata.published_relation
UNION ALL SELECT column_name::text FROM strata.contract_column UNION ALL SELECT column_name::text FROM strata.base_column $$;
BEGIN;
SELECT strata.publish('tx', 'v1');
ROLLBACK;
SELECT pg_temp.left_over();
-- fails half way: a name in the new schema cannot be had
CREATE VIEW tx.w AS SELECT 1 AS one;
CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'tx_v1.w') THEN RAISE 'not w'; END IF; END $$;
CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION public.refuse();
SELECT strata.publish('tx', 'v1');
SELECT pg_temp.left_over();
DO $$ BEGIN PERFORM strata.publish('tx', 'v1'); EXCEPTION WHEN raise_exception THEN RAISE WARNING 'caught: %', SQLERRM; END $$;
SELECT pg_temp.left_over();
DROP EVENT TRIGGER refuse;
DROP FUNCTION public.refuse();
DROP VIEW tx.w;
-- after that the session goes on as ever
BEGIN;
SAVEPOINT a;
SELECT strata.publish('tx', 'v1');
ROLLBACK TO a;
SELECT strata.publish('tx', 'v1', schema => 'tx_other');
SAVEPOINT b;
ALTER TABLE tx.t RENAME COLUMN a TO aa;
SELECT * FROM tx_other.t;
ROLLBACK TO b;
INSERT INTO tx_other.t (a) VALUES ('x');
ROLLBACK TO b;
SELECT strata.retire('tx', 'v1');
ROLLBACK TO b;
INSERT INTO tx_other.t (id, a) VALUES (1, 'x');
SELECT strata.retire('tx', 'v1');
RELEASE a;
COMMIT;
SELECT version, schema, state FROM strata.versions WHERE base = 'tx'::regnamespace;
-- publish, use, change and retire in one go, and the client's settings stay what they were
SET search_path = public;
BEGIN;
SET LOCAL client_min_messages = notice;
SELECT strata.publish('tx', 'v2');
ALTER TABLE tx.t RENAME COLUMN a TO aa;
ALTER TABLE tx.t ALTER COLUMN id TYPE bigint;
ALTER TABLE tx.t DROP COLUMN aa;
ROLLBACK;
BEGIN;
SET LOCAL client_min_messages = notice;
SELECT strata.publish('tx', 'v2');
DROP VIEW tx.v;
ALTER TABLE tx.t RENAME COLUMN a TO aa;
ALTER TABLE tx.t ALTER COLUMN id TYPE bigint;
SELECT pg_typeof(id), a FROM tx_v2.v;
SELECT strata.retire('tx', 'v2');
SHOW client_min_messages;
SHOW search_path;
COMMIT;
SHOW client_min_messages;
-- in functions and DO blocks, twice with the same cached plans
CREATE FUNCTION tx.publish_and_retire(v text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
    PERFORM strata.publish('tx', v);
    EXECUTE format('SELECT count(*) FROM tx_%s.t', v) INTO n;
    PERFORM strata.retire('tx', v);
    RETURN n;
END $$;
SELECT tx.publish_and_retire('v3'), tx.publish_and_retire('v4');
SELECT tx.publish_and_retire('v3');
-- a read only transaction refuses
BEGIN READ ONLY;
SELECT strata.publish('tx', 'v5');
ROLLBACK;
-- temporary tables and objects of others sessions' temp schemas are no part of it
CREATE TEMP VIEW passing AS SELECT * FROM tx.t;
SELECT strata.publish('tx', 'v5', description => 'the fifth');
SELECT relname FROM pg_class WHERE relnamespace = 'tx_v5'::regnamespace ORDER BY 1;
SELECT obj_description('tx_v5'::regnamespace, 'pg_namespace');
SELECT strata.deprecate('tx', 'v5', sunset => '2031-01-01 00:00:00+00', reason => 'old');
SELECT version, state, description, sunset = '2031-01-01 00:00:00+00' AS sunset FROM strata.versions WHERE base = 'tx'::regnamespace AND state <> 'retired';
SELECT deprecated_at IS NOT NULL AS at, reason FROM strata.published_version WHERE version = 'v5';
-- the base schema renamed: the version stays with it
ALTER SCHEMA tx RENAME TO tx_renamed;
SELECT base, version FROM strata.versions WHERE version = 'v5';
INSERT INTO tx_v5.t (id) VALUES (5);
SELECT * FROM strata.verify('tx_renamed');
SELECT strata.set_option('tx_renamed', 'on_break', 'follow');
SELECT strata.set_option('tx_renamed', 'on_break', 'refuse');
SELECT strata.retire('tx_renamed', 'v5');
SELECT strata.untrack('tx_renamed');
SELECT count(*) FROM strata.versions;
RESET search_path;
DROP SCHEMA tx_renamed CASCADE;
