-- Versions change hands with their base, and what an author wrote runs with the rights of who owns the table now,
-- never with those of the role that published, listed or repaired.
SET client_min_messages = warning;
CREATE ROLE regress_app;
CREATE ROLE regress_squatter;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_app', current_database()) \gexec
CREATE SCHEMA helper;
GRANT USAGE ON SCHEMA helper TO PUBLIC;
CREATE TABLE helper.seen (who name);
GRANT INSERT ON helper.seen TO PUBLIC;
-- The input function of an array of the domain asks its CHECK, so parsing a constant calls it.
CREATE FUNCTION helper.note(int) RETURNS bool LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO helper.seen VALUES (current_user); RETURN true; END $$;
CREATE DOMAIN helper.checked AS int CHECK (helper.note(value));

-- a superuser makes table and versions, then hands both over
CREATE SCHEMA own;
CREATE TABLE own.t (id int PRIMARY KEY, a int, b int);
CREATE TABLE own."Other ""t""" (id int);
CREATE VIEW own.both_owners AS SELECT t.id, t.a FROM own.t;
INSERT INTO own.t VALUES (1, 2, 3);
SELECT strata.track('own', 'regress_app');
SELECT strata.publish('own', 'v1');
SELECT strata.publish('own', 'o1', security => 'owner');
ALTER SCHEMA own OWNER TO regress_app;
ALTER TABLE own.t OWNER TO regress_app;
ALTER TABLE own."Other ""t""" OWNER TO regress_app;
SELECT nspname, nspowner::regrole FROM pg_namespace WHERE nspname LIKE 'own%' ORDER BY nspname COLLATE "C";
SELECT relnamespace::regnamespace, relname, relowner::regrole FROM pg_class
WHERE relnamespace::regnamespace::text LIKE 'own%' AND relkind IN ('v', 'r') AND relname <> 'both_owners'
ORDER BY relnamespace::regnamespace::text COLLATE "C", relname COLLATE "C";
-- the version with the owner's rights goes on reading
GRANT USAGE ON SCHEMA own_o1 TO regress_squatter;
GRANT SELECT ON own_o1.t TO regress_squatter;
SET ROLE regress_squatter;
SELECT * FROM own_o1.t;
RESET ROLE;

-- the new owner's write direction, fill and default are parsed with his rights, whoever looks
SET ROLE regress_app;
ALTER TABLE own.t ADD COLUMN c int, ADD COLUMN d int, ADD COLUMN e int;
SELECT strata.replace_column('own.t', 'a', 'c', '{"c": "a + (''{1}''::helper.checked[])[1]"}');
SELECT strata.fill_column('own.t', 'd', '(''{1}''::helper.checked[])[1]');
RESET ROLE;
SELECT DISTINCT who FROM helper.seen ORDER BY who;
SELECT relation, column_name, lossless FROM strata.contract('own', 'v1') WHERE relation = 't' ORDER BY "position";
ALTER TABLE own.t ALTER COLUMN d TYPE bigint;
SELECT DISTINCT who FROM helper.seen ORDER BY who;
SELECT strata.retire('own', 'v1');
SELECT strata.retire('own', 'o1');
SELECT strata.untrack('own');
DROP SCHEMA own CASCADE;
DELETE FROM helper.seen;

-- DROP OWNED leaves a version to the extension's owner; it goes back with the table
SET ROLE regress_app;
CREATE SCHEMA own;
SELECT strata.track('own');
CREATE TABLE own.t (id int PRIMARY KEY, a int DEFAULT ('{1}'::helper.checked[])[1]);
SELECT strata.publish('own', 'v1');
SELECT strata.set_option('own', 'on_break', 'follow');
DROP OWNED BY regress_app CASCADE;
RESET ROLE;
SELECT c.relowner = e.extowner AS passed FROM pg_class AS c, pg_extension AS e
WHERE c.oid = 'own_v1.t'::regclass AND e.extname = 'pg_strata';
SELECT format('GRANT CREATE ON DATABASE %I TO regress_app', current_database()) \gexec
SET ROLE regress_app;
CREATE SCHEMA own;
CREATE TABLE own.t (id int PRIMARY KEY, a int);
RESET ROLE;
SELECT relowner::regrole FROM pg_class WHERE oid = 'own_v1.t'::regclass;
SELECT DISTINCT who FROM helper.seen ORDER BY who;

-- the place of a lost table is not for everybody who may create tables in the schema
INSERT INTO own.t VALUES (1, 1);
GRANT USAGE, CREATE ON SCHEMA own TO regress_squatter;
SET ROLE regress_app;
DROP TABLE own.t;
RESET ROLE;
SET ROLE regress_squatter;
CREATE TABLE own.t (id int PRIMARY KEY, a int);
INSERT INTO own.t VALUES (666, 666);
CREATE TABLE own.another (id int);
RESET ROLE;
SELECT * FROM own_v1.t;
CREATE TABLE own.third (id int);
SELECT version, relation, problem, repaired FROM strata.repair('own');
SELECT * FROM own_v1.t;
-- ... nor when the view is gone too
SET pg_strata.mode = off;
DROP VIEW own_v1.t;
RESET pg_strata.mode;
SELECT version, relation, problem, repaired FROM strata.repair('own');
-- the role that is accountable for the schema may
ALTER TABLE own.t OWNER TO regress_app;
SELECT version, relation, problem, repaired FROM strata.repair('own');
SELECT * FROM own_v1.t;
SELECT relowner::regrole FROM pg_class WHERE oid = 'own_v1.t'::regclass;

-- policies of a table that is to be read with the owner's rights would not hold
CREATE TABLE own.guarded (id int);
SELECT strata.publish('own', 'g1', security => 'owner');
CREATE TABLE own.guarded_next (id int);
ALTER TABLE own.guarded_next ENABLE ROW LEVEL SECURITY;
SELECT strata.repoint('own.guarded', 'own.guarded_next');
DROP TABLE own.guarded;
ALTER TABLE own.guarded_next RENAME TO guarded;
SELECT relation, problem, hint, repaired FROM strata.repair('own');
ALTER TABLE own.guarded DISABLE ROW LEVEL SECURITY;
SELECT relation, problem, repaired FROM strata.repair('own');
SELECT strata.retire('own', 'g1');
-- who is accountable as owner of the schema changes with it
SELECT owner FROM strata.base_schema WHERE base = 'own';
ALTER SCHEMA own OWNER TO regress_squatter;
SELECT owner FROM strata.base_schema WHERE base = 'own';
ALTER SCHEMA own OWNER TO regress_app;
GRANT USAGE, CREATE ON SCHEMA own TO regress_squatter;

-- a swap wants the owner of both, as strata.repoint() does
GRANT regress_squatter TO regress_app;
SET client_min_messages = notice;
SET ROLE regress_app;
BEGIN;
ALTER TABLE own.t RENAME TO t_old;
SET LOCAL ROLE regress_squatter;
CREATE TABLE own.t (id int PRIMARY KEY, a int);
COMMIT;
RESET ROLE;
SELECT * FROM own_v1.t;
SET ROLE regress_app;
DROP TABLE own.t;
ALTER TABLE own.t_old RENAME TO t;
-- a name it bore only in passing is anybody's
BEGIN;
ALTER TABLE own.t RENAME TO passing;
ALTER TABLE own.passing RENAME TO t_final;
CREATE TABLE own.passing (id int PRIMARY KEY, a int);
COMMIT;
RESET ROLE;
SELECT * FROM own_v1.t;
SET client_min_messages = warning;
SELECT strata.retire('own', 'v1');
SELECT strata.untrack('own');
DROP SCHEMA own, helper CASCADE;
DROP OWNED BY regress_app, regress_squatter;
DROP ROLE regress_app, regress_squatter;
