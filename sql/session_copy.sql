-- A session's copy of the registry follows what happens to the registry: in the session that creates
-- the extension, under renamed and new schemas, and for inverse views. And the short ways that spare
-- a statement the walk over dependencies end where a version is concerned.
\set VERBOSITY terse
\set home :DBNAME
SET client_min_messages = warning;
CREATE DATABASE regress_session_copy;
\c regress_session_copy
SET client_min_messages = warning;

-- created, tracked and published in one session
CREATE EXTENSION pg_strata;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text, score int);
CREATE TABLE shop.notes (id int PRIMARY KEY, note text);
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
ALTER TABLE shop.users DROP COLUMN score;

-- another schema, and a session's first temporary table, change nothing
CREATE SCHEMA elsewhere;
CREATE TEMP TABLE scratch (id int);
ALTER TABLE shop.users DROP COLUMN score;
DROP SCHEMA shop_v1 CASCADE;

-- a base schema under a new name is still tracked, one under the old name is not
ALTER SCHEMA shop RENAME TO store;
CREATE SCHEMA shop;
SELECT strata.publish('shop', 'v2');
SELECT strata.publish('store', 'v2', schema => 'store_v2');
ALTER SCHEMA shop_v1 RENAME TO gone;

-- a renamed column keeps its number, so that what was said about it holds
ALTER TABLE store.users RENAME COLUMN name TO full_name;
SELECT column_id, column_name FROM strata.base_column
WHERE relation = 'store.users'::regclass ORDER BY column_id;
SELECT relation, column_name, kind, read_as FROM strata.contract('store', 'v1')
WHERE column_name = 'name';

-- a prepared type change is found, used and forgotten
SELECT strata.prepare_type_change('store.users', 'score', 'text', 'score::int', 'score::text');
ALTER TABLE store.users ALTER COLUMN score TYPE text;
SELECT count(*) FROM strata.type_change;
-- the inverse view that it needs is protected
SELECT count(*) FROM strata.published_relation WHERE inverse IS NOT NULL;
DO $$
DECLARE inverse regclass := (SELECT r.inverse FROM strata.published_relation AS r
                             WHERE r.inverse IS NOT NULL ORDER BY r.relation_id LIMIT 1);
BEGIN
  EXECUTE format('DROP VIEW %s', inverse);
EXCEPTION WHEN SQLSTATE 'ST009' THEN
  RAISE WARNING 'refused: an inverse view';
END $$;

-- tables and indexes no version reads go by the short way; those of a version do not
CREATE TABLE elsewhere.plain (id int PRIMARY KEY, note text);
CREATE INDEX plain_note ON elsewhere.plain (note);
DROP INDEX elsewhere.plain_note;
DROP TABLE elsewhere.plain;
DROP TABLE store.notes;
CREATE TABLE elsewhere.rows (id int);
ALTER TABLE store.notes ADD COLUMN origin elsewhere.rows;
SELECT strata.publish('store', 'v3');
ALTER TABLE store.notes RENAME COLUMN origin TO source;
DROP TABLE elsewhere.rows;

-- the check of inserts is skipped only for what cannot make them fail
ALTER TABLE store.notes ALTER COLUMN note SET STATISTICS 10, ADD COLUMN must int NOT NULL;
ALTER TABLE store.notes ALTER COLUMN note SET STATISTICS 10, ADD COLUMN may int;
ALTER TABLE store.notes ALTER COLUMN note SET NOT NULL;
ALTER TABLE store.notes ADD CHECK (may IS NOT NULL);
SELECT * FROM strata.verify();

\c :home
DROP DATABASE regress_session_copy;
