-- Ways round the guard that an owner of tables may think of: other verbs, other names, other
-- wrappings, other owners. The numbers are those of docs/security.md. The role owns all of it.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_strata;
CREATE ROLE regress_owner;
CREATE ROLE regress_heir;
GRANT regress_heir TO regress_owner;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_owner, regress_heir', current_database()) \gexec
CREATE FOREIGN DATA WRAPPER regress_wrapper;
GRANT USAGE ON FOREIGN DATA WRAPPER regress_wrapper TO regress_owner;
CREATE SCHEMA held AUTHORIZATION regress_owner;
CREATE SCHEMA loose AUTHORIZATION regress_owner;
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE held.t (id int PRIMARY KEY, a text, b text);
INSERT INTO held.t SELECT n, 'a', 'b' FROM generate_series(1, 10) AS n;
CREATE INDEX t_a ON held.t (a);
CREATE TABLE held.p (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE held.p1 PARTITION OF held.p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO held.p VALUES (1, '2020-05-05');
CREATE TABLE held.alone (n int);
INSERT INTO held.alone VALUES (1);
CREATE TABLE held.base (n int);
CREATE TABLE held.heir () INHERITS (held.base);
INSERT INTO held.heir VALUES (1);
CREATE VIEW held.v AS SELECT id, a FROM held.t;
CREATE MATERIALIZED VIEW held.m AS SELECT id FROM held.t;
CREATE TYPE held.mood AS ENUM ('sad', 'ok');
CREATE DOMAIN held.pos AS int CHECK (VALUE > 0);
CREATE SEQUENCE held.s;
CREATE FUNCTION held.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
CREATE TABLE held.typed (id serial, mood held.mood, pos held.pos, n int, doubled int GENERATED ALWAYS AS (held.twice(n)) STORED);
INSERT INTO held.typed (mood, pos, n) VALUES ('ok', 1, 1);
CREATE FUNCTION held.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION loose.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER keep BEFORE INSERT ON held.t FOR EACH ROW EXECUTE FUNCTION held.keep();
ALTER TABLE held.typed ENABLE ROW LEVEL SECURITY;
CREATE PUBLICATION regress_held FOR TABLE held.t;
CREATE OPERATOR held.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TEXT SEARCH CONFIGURATION held.words (COPY = simple);
CREATE SERVER regress_server FOREIGN DATA WRAPPER regress_wrapper;
CREATE USER MAPPING FOR regress_owner SERVER regress_server;
CREATE FOREIGN TABLE held.far (id int) SERVER regress_server OPTIONS (what 'this');
RESET SESSION AUTHORIZATION;
SELECT strata.track('held', 'regress_owner');
SET SESSION AUTHORIZATION regress_owner;
\set VERBOSITY sqlstate

-- 10: another name, schema or owner first.
ALTER TABLE held.t RENAME TO junk;
ALTER TABLE held.t RENAME a TO junk;
ALTER VIEW held.v RENAME TO junk;
ALTER TABLE held.t SET SCHEMA loose;
ALTER TABLE held.t OWNER TO regress_heir;
ALTER SCHEMA held RENAME TO junk;
ALTER SCHEMA held OWNER TO regress_heir;
REASSIGN OWNED BY regress_owner TO regress_heir;
BEGIN;
ALTER SCHEMA loose RENAME TO swapped;
ALTER SCHEMA held RENAME TO loose;
ROLLBACK;
-- 11: taken out of its family, or into one of ours that is then dropped, emptied or changed.
ALTER TABLE held.p DETACH PARTITION held.p1;
ALTER TABLE held.p DETACH PARTITION held.p1 CONCURRENTLY;
ALTER TABLE held.heir NO INHERIT held.base;
BEGIN;
CREATE TABLE loose.parent (n int) PARTITION BY RANGE (n);
ALTER TABLE loose.parent ATTACH PARTITION held.alone FOR VALUES FROM (0) TO (10);
SAVEPOINT attached;
DROP TABLE loose.parent;
ROLLBACK TO attached;
DROP TABLE loose.parent CASCADE;
ROLLBACK TO attached;
TRUNCATE loose.parent;
ROLLBACK TO attached;
ALTER TABLE loose.parent RENAME n TO m;
ROLLBACK TO attached;
DROP SCHEMA loose CASCADE;
ROLLBACK;
BEGIN;
CREATE TABLE loose.parent (n int);
ALTER TABLE held.alone INHERIT loose.parent;
ROLLBACK;
-- 12: the same name, something else behind it.
CREATE OR REPLACE VIEW held.v AS SELECT id, a FROM held.t WHERE false;
CREATE OR REPLACE VIEW held.v AS SELECT id, b AS a FROM held.t;
CREATE OR REPLACE VIEW held.v AS SELECT id, a FROM held.t LIMIT 0;
CREATE OR REPLACE VIEW held.v AS SELECT id, a, generate_series(1, 0) FROM held.t;
CREATE OR REPLACE VIEW held.v WITH (security_barrier) AS SELECT id, a FROM held.t;
CREATE OR REPLACE VIEW held.v AS SELECT id, a, b FROM held.t;
CREATE OR REPLACE FUNCTION held.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0';
CREATE OR REPLACE FUNCTION held.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE OR REPLACE TRIGGER keep BEFORE INSERT ON held.t FOR EACH ROW EXECUTE FUNCTION loose.nothing();
CREATE RULE gone AS ON INSERT TO held.t DO INSTEAD NOTHING;
CREATE OR REPLACE RULE "_RETURN" AS ON SELECT TO held.v DO INSTEAD SELECT id, a FROM held.t WHERE false;
ALTER FUNCTION held.twice(int) RENAME TO thrice;
-- 13: TRUNCATE, with others, with what refers to it, by a trigger.
TRUNCATE held.t;
TRUNCATE loose.none, held.p1;
TRUNCATE ONLY held.t, held.alone RESTART IDENTITY CASCADE;
CREATE TABLE loose.bell (n int);
CREATE FUNCTION loose.ring() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN TRUNCATE held.alone; RETURN NULL; END';
CREATE TRIGGER ring AFTER INSERT ON loose.bell EXECUTE FUNCTION loose.ring();
INSERT INTO loose.bell VALUES (1);
-- 15: in blocks, functions, procedures, SQL bodies, one in the other.
DO 'BEGIN DROP TABLE held.alone; END';
DO $$ BEGIN EXECUTE format('DROP %s held.%I', 'TABLE', 'alone'); END $$;
DO $$ BEGIN EXECUTE $x$ DO 'BEGIN DROP TABLE held.alone; END' $x$; END $$;
CREATE FUNCTION loose.by_sql() RETURNS void LANGUAGE sql AS 'DROP TABLE held.alone';
CREATE FUNCTION loose.by_plpgsql() RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM loose.by_sql(); RETURN 1; END';
CREATE PROCEDURE loose.by_procedure() LANGUAGE plpgsql AS 'BEGIN COMMIT; DROP TABLE held.alone; END';
CREATE FUNCTION loose.by_definer() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DROP TABLE held.alone; END';
SELECT loose.by_sql();
SELECT loose.by_plpgsql();
CALL loose.by_procedure();
SELECT loose.by_definer();
CREATE TABLE loose.copy AS SELECT loose.by_plpgsql();
CREATE TABLE loose.defaults (n int DEFAULT loose.by_plpgsql());
INSERT INTO loose.defaults DEFAULT VALUES;
SELECT query_to_xml('SELECT loose.by_plpgsql()', true, false, '');
-- 17: in statements around statements.
PREPARE call AS SELECT loose.by_plpgsql();
EXECUTE call;
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT loose.by_plpgsql();
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) EXECUTE call;
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) CREATE TABLE loose.made AS EXECUTE call;
CREATE TABLE loose.made AS EXECUTE call;
SELECT loose.by_plpgsql() INTO loose.made;
BEGIN;
DECLARE c CURSOR FOR SELECT loose.by_plpgsql();
FETCH c;
ROLLBACK;
COPY (SELECT loose.by_plpgsql()) TO STDOUT;
DEALLOCATE call;
-- 18: kept today, lost later.
ALTER TABLE held.t SET UNLOGGED;
ALTER TABLE loose.bell ADD UNIQUE (n);
ALTER TABLE held.alone ADD FOREIGN KEY (n) REFERENCES loose.bell (n) ON DELETE CASCADE;
ALTER SEQUENCE held.s OWNED BY loose.bell.n;
-- 29: names that mean something else.
CREATE TEMP TABLE alone (n int);
SET search_path = held;
DROP TABLE alone;
DROP TABLE alone;
SET search_path = loose, held;
CREATE TABLE t (n int);
DROP TABLE t;
DROP TABLE t;
RESET search_path;
-- By what it is made of, or hangs on.
DROP TYPE held.mood CASCADE;
DROP DOMAIN held.pos CASCADE;
DROP FUNCTION held.twice CASCADE;
DROP SEQUENCE held.typed_id_seq CASCADE;
DROP SEQUENCE held.s;
DROP VIEW held.v;
DROP MATERIALIZED VIEW held.m;
REFRESH MATERIALIZED VIEW held.m WITH NO DATA;
DROP FUNCTION held.keep CASCADE;
DROP SCHEMA loose, held CASCADE;
DROP OWNED BY regress_owner CASCADE;
ALTER TYPE held.mood RENAME VALUE 'ok' TO 'fine';
ALTER TYPE held.mood SET SCHEMA loose;
ALTER DOMAIN held.pos DROP CONSTRAINT pos_check;
ALTER SEQUENCE held.s RESTART;
ALTER TABLE held.typed ALTER doubled DROP EXPRESSION, DROP COLUMN doubled;
ALTER TABLE held.t DROP CONSTRAINT t_pkey;
ALTER TABLE held.t DISABLE TRIGGER ALL;
ALTER TABLE held.t ENABLE REPLICA TRIGGER keep;
DROP OPERATOR held.=== (int, int);
DROP TEXT SEARCH CONFIGURATION held.words;
ALTER FOREIGN TABLE held.far OPTIONS (SET what 'that');
ALTER SERVER regress_server OPTIONS (ADD host 'elsewhere');
ALTER USER MAPPING FOR regress_owner SERVER regress_server OPTIONS (ADD "user" 'nobody');
DROP USER MAPPING FOR regress_owner SERVER regress_server;
DROP SERVER regress_server CASCADE;
ALTER TABLE held.t REPLICA IDENTITY NOTHING;
-- Who sees and does what.
GRANT ALL ON held.t TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA held TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA held GRANT ALL ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
ALTER TABLE held.typed DISABLE ROW LEVEL SECURITY;
CREATE POLICY open ON held.typed USING (true);
ALTER FUNCTION held.twice(int) SECURITY DEFINER;
ALTER VIEW held.v SET (security_invoker = true);
ALTER VIEW held.v SET (security_barrier = false);
-- Who is sent what.
DROP PUBLICATION regress_held;
ALTER PUBLICATION regress_held DROP TABLE held.t;
ALTER PUBLICATION regress_held SET TABLE loose.bell;
ALTER PUBLICATION regress_held SET (publish = 'insert');
ALTER PUBLICATION regress_held RENAME TO regress_gone;
-- 30: each step small. Nothing is counted: each is refused, because none of it may.
BEGIN;
ALTER TABLE held.t DROP COLUMN a;
ROLLBACK;
BEGIN;
ALTER TABLE held.t DROP COLUMN b;
ROLLBACK;
-- And what is no hazard still passes: nothing of all this was forbidden by its verb.
COPY held.alone FROM STDIN;
2
\.
ALTER TABLE held.t SET (autovacuum_enabled = off), RESET (autovacuum_enabled);
DROP INDEX held.t_a;
REINDEX TABLE held.t;
CLUSTER held.t USING t_pkey;
-- 14: rows are not the guard's business: whoever may delete them may.
BEGIN;
DELETE FROM held.alone;
ROLLBACK;
SELECT (SELECT count(*) FROM held.t), (SELECT count(*) FROM held.p), (SELECT count(*) FROM held.alone), (SELECT count(*) FROM held.typed);

RESET SESSION AUTHORIZATION;
\set VERBOSITY default
SELECT strata.untrack('held');
DROP OWNED BY regress_owner, regress_heir CASCADE;
DROP FOREIGN DATA WRAPPER regress_wrapper;
DROP ROLE regress_owner, regress_heir;
