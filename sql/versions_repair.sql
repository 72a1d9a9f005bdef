-- What a superuser can break with pg_strata.mode = off, or in the catalogs, strata.verify() reports
-- and strata.repair() mends as far as the contract says how; strata.retire() works in every state.
SET client_min_messages = warning;
CREATE ROLE regress_mender;
CREATE ROLE regress_user;
CREATE SCHEMA store AUTHORIZATION regress_mender;
GRANT USAGE ON SCHEMA store TO regress_user;
COMMENT ON SCHEMA store IS 'the store';
SET search_path = store;
CREATE SEQUENCE numbers;
CREATE FUNCTION new_name() RETURNS text LANGUAGE sql AS 'SELECT ''new''::text';
CREATE TABLE item (id int PRIMARY KEY DEFAULT nextval('numbers'), name text DEFAULT new_name(), price numeric(8,2) DEFAULT 1, stock int);
COMMENT ON TABLE item IS 'things';
COMMENT ON COLUMN item.name IS 'what it is called';
GRANT SELECT, UPDATE (price) ON item TO regress_user;
GRANT INSERT ON item TO PUBLIC;
GRANT USAGE ON SEQUENCE numbers TO regress_user;
ALTER TABLE item OWNER TO regress_mender;
CREATE TABLE shelf (id int, item_id int);
CREATE VIEW cheap AS SELECT id, name FROM item WHERE price < 10;
INSERT INTO item (name, stock) VALUES ('a', 1);
SELECT strata.track('store');
SELECT strata.publish('store', 'v1');
SELECT * FROM strata.repair('store');
-- what the view must have again
CREATE VIEW public.facts AS
SELECT c.relname, c.relowner::regrole, c.reloptions, COALESCE(c.relacl, acldefault('r', c.relowner)) AS acl, a.attname, a.attacl, pg_get_expr(d.adbin, d.adrelid) AS def, obj_description(c.oid, 'pg_class') AS of_table, col_description(c.oid, a.attnum) AS of_column
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname = 'store_v1' AND c.relname IN ('item', 'shelf');
CREATE TABLE public.facts_before AS SELECT * FROM public.facts;

-- a view dropped by hand, while its table was renamed and got default privileges in its way
ALTER TABLE item RENAME TO article;
ALTER TABLE article RENAME COLUMN name TO title;
ALTER TABLE article RENAME COLUMN price TO amount;
ALTER TABLE article ALTER COLUMN stock TYPE bigint;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_user;
SET pg_strata.mode = off;
DROP VIEW store_v1.item, store_v1.shelf;
RESET pg_strata.mode;
SELECT * FROM strata.verify('store');
SELECT * FROM strata.verify();
SELECT count(*) FROM strata.contract('store', 'v1') WHERE kind IS NULL;
SET ROLE regress_user;
SELECT * FROM strata.repair('store');
SET ROLE regress_mender;
SELECT * FROM strata.repair('store');
RESET ROLE;
SELECT * FROM strata.verify('store');
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM regress_user;
(TABLE public.facts EXCEPT TABLE public.facts_before) UNION ALL (TABLE public.facts_before EXCEPT TABLE public.facts);
SELECT column_name, type, column_default, kind, read_as FROM strata.contract('store', 'v1') WHERE relation = 'item' ORDER BY position;
SET ROLE regress_user;
INSERT INTO store_v1.item (price) VALUES (2);
SELECT * FROM store_v1.item ORDER BY id;
RESET ROLE;
ALTER TABLE article RENAME COLUMN amount TO cost;
SELECT name, price FROM store_v1.item ORDER BY id;

-- views that were renamed or moved by hand, two of them to each other's names
SET pg_strata.mode = off;
ALTER VIEW store_v1.item RENAME TO swapped;
ALTER VIEW store_v1.shelf RENAME TO item;
ALTER VIEW store_v1.swapped RENAME TO shelf;
ALTER VIEW store_v1.cheap SET SCHEMA public;
RESET pg_strata.mode;
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT * FROM strata.verify('store');
SELECT c.relname, c.relnamespace::regnamespace FROM strata.published_relation AS r JOIN pg_class AS c ON c.oid = r.view WHERE r.kind <> 'twin' ORDER BY 1;

-- a default that cannot be had any more
ALTER FUNCTION new_name() RENAME TO newer_name;
SET pg_strata.mode = off;
DROP VIEW store_v1.item;
RESET pg_strata.mode;
SET client_min_messages = notice;
SELECT relation, problem, repaired FROM strata.repair('store');
SET client_min_messages = warning;
INSERT INTO store_v1.item (price) VALUES (3) RETURNING name;
-- names taken by something else
SET pg_strata.mode = off;
DROP VIEW store_v1.shelf;
CREATE TABLE store_v1.shelf (id int, item_id int);
RESET pg_strata.mode;
SELECT relation, problem, hint, repaired FROM strata.repair('store');
DROP TABLE store_v1.shelf;
SELECT relation, problem, repaired FROM strata.repair('store');

-- options and column names
SET pg_strata.mode = off;
ALTER VIEW store_v1.item SET (security_invoker = false);
ALTER VIEW store_v1.item RENAME COLUMN price TO name_;
ALTER VIEW store_v1.item RENAME COLUMN name TO price;
ALTER VIEW store_v1.item RENAME COLUMN name_ TO name;
ALTER VIEW store_v1.shelf SET (security_invoker = on);
ALTER VIEW store_v1.cheap RENAME COLUMN id TO no;
RESET pg_strata.mode;
SELECT relation, problem, hint FROM strata.verify('store');
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT * FROM strata.verify('store');
SELECT * FROM store_v1.item ORDER BY id LIMIT 1;
SELECT id FROM store_v1.cheap ORDER BY id LIMIT 1;
SET pg_strata.mode = off;
CREATE OR REPLACE VIEW store_v1.shelf WITH (security_invoker) AS SELECT id, item_id, 1 AS more FROM shelf;
RESET pg_strata.mode;
SELECT relation, problem, hint, repaired FROM strata.repair('store');
SET pg_strata.mode = off;
DROP VIEW store_v1.shelf;
RESET pg_strata.mode;
SELECT relation, problem, repaired FROM strata.repair('store');

-- the registry edited by hand
BEGIN;
UPDATE strata.contract_column SET type = 'bigint' FROM strata.published_relation r WHERE r.relation_id = contract_column.relation_id AND r.name = 'shelf' AND column_name = 'id';
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT strata.retire('store', 'v1');
ROLLBACK;
BEGIN;
DELETE FROM strata.contract_column USING strata.published_relation r WHERE r.relation_id = contract_column.relation_id AND r.name = 'shelf' AND column_name = 'id';
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT strata.retire('store', 'v1');
ROLLBACK;
BEGIN;
UPDATE strata.published_relation SET base = 'article' WHERE name = 'shelf';
SELECT relation, column_name, kind FROM strata.contract('store', 'v1') WHERE relation = 'shelf' ORDER BY position;
SELECT unreadable_columns FROM strata.versions WHERE schema = 'store_v1';
ALTER TABLE article ALTER COLUMN stock TYPE int;
ROLLBACK;
BEGIN;
UPDATE strata.published_relation SET base = 'article' WHERE name = 'shelf';
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT * FROM strata.verify('store');
SELECT base FROM strata.published_relation WHERE name = 'shelf' AND kind = 'table';
ROLLBACK;
BEGIN;
UPDATE strata.published_relation SET base = 4294967290 WHERE name = 'shelf';
SELECT relation, problem, repaired FROM strata.repair('store');
ROLLBACK;
BEGIN;
UPDATE strata.published_relation SET view = 'article' WHERE name = 'shelf';
SELECT relation, problem FROM strata.verify('store');
SAVEPOINT s;
SELECT strata.retire('store', 'v1');
ROLLBACK TO s;
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT * FROM strata.verify('store');
ROLLBACK;
BEGIN;
DELETE FROM strata.published_relation WHERE name = 'shelf';
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT strata.retire('store', 'v1');
ROLLBACK;
BEGIN;
DELETE FROM strata.published_relation WHERE name = 'shelf';
DROP VIEW store_v1.shelf;
SELECT strata.retire('store', 'v1');
ROLLBACK;

-- a view that no longer fits its table: the dependency was deleted from the catalogs
BEGIN;
SET LOCAL allow_system_table_mods = on;
SET LOCAL pg_strata.mode = off;
DELETE FROM pg_depend d USING pg_rewrite w WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND w.ev_class IN ('store_v1.shelf'::regclass);
ALTER TABLE shelf ALTER COLUMN item_id TYPE bigint;
SELECT relation, problem FROM strata.verify('store');
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT * FROM strata.verify('store');
SELECT * FROM store_v1.shelf;
DELETE FROM pg_depend d USING pg_rewrite w WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND w.ev_class IN ('store_v1.shelf'::regclass);
ALTER TABLE shelf DROP COLUMN item_id;
SELECT relation, problem, hint, repaired FROM strata.repair('store');
SELECT strata.retire('store', 'v1');
ROLLBACK;

-- the version's schema dropped by hand
GRANT CREATE ON SCHEMA store TO regress_user;
SET pg_strata.mode = off;
DROP SCHEMA store_v1 CASCADE;
RESET pg_strata.mode;
SELECT version, state, tables, unreadable_columns FROM strata.versions WHERE schema = 'store_v1';
SELECT * FROM strata.verify('store');
SELECT relation, problem, hint, repaired FROM strata.repair('store');
SELECT relation, problem, hint FROM strata.verify('store');
SELECT nspowner::regrole, nspacl, obj_description(oid) FROM pg_namespace WHERE nspname = 'store_v1';
SELECT * FROM store_v1.item ORDER BY id LIMIT 1;
SELECT strata.retire('store', 'v1');
SELECT count(*) FROM pg_class WHERE relnamespace = 'strata_inverse'::regnamespace;
-- and retired without a repair
SELECT strata.publish('store', 'v2');
SET pg_strata.mode = off;
DROP SCHEMA store_v2 CASCADE;
RESET pg_strata.mode;
SELECT strata.retire('store', 'v2');
-- the base dropped by hand
SELECT strata.publish('store', 'v3');
SET pg_strata.mode = off;
DROP TABLE shelf CASCADE;
RESET pg_strata.mode;
SELECT relation, problem, repaired FROM strata.repair('store');
CREATE TABLE shelf (item_id int, id int);
INSERT INTO shelf VALUES (7, 8);
SELECT relation, problem, repaired FROM strata.repair('store');
SELECT * FROM store_v3.shelf;
SET pg_strata.mode = off;
DROP SCHEMA store CASCADE;
RESET pg_strata.mode;
SELECT base, version, problem, hint FROM strata.verify() ORDER BY problem, relation;
SELECT version, problem, repaired FROM strata.repair() ORDER BY problem, relation;
SELECT base, version, schema, state FROM strata.versions WHERE version = 'v3' AND schema = 'store_v3';
CREATE SCHEMA store;
SELECT strata.retire('store', 'v3');

-- a mapping whose inverse view went
CREATE TABLE store.person (name text);
SELECT strata.publish('store', 'v4');
ALTER TABLE store.person ADD COLUMN first text, ADD COLUMN last text;
SELECT strata.replace_column('store.person', 'name', $$first || ' ' || last$$, '{"first": "split_part(name, '' '', 1)", "last": "split_part(name, '' '', 2)"}');
SELECT * FROM strata.verify('store');
SET pg_strata.mode = off;
DO $$ BEGIN EXECUTE (SELECT 'DROP VIEW ' || inverse::regclass FROM strata.published_relation WHERE inverse IS NOT NULL); END $$;
RESET pg_strata.mode;
SELECT relation, problem, hint FROM strata.verify('store');
SELECT column_name, kind FROM strata.contract('store', 'v4') ORDER BY position;
SELECT strata.retire('store', 'v4');

-- a mapping whose outputs the base does not take, or whose fill it does not take, after changes without the library
SELECT strata.publish('store', 'v6');
ALTER TABLE store.person ADD COLUMN born int, ADD COLUMN known date;
SELECT strata.replace_column('store.person', 'last', $$born::text$$, '{"born": "length(last)"}');
SELECT strata.fill_column('store.person', 'known', $$'2000-01-01'$$);
SELECT * FROM strata.verify('store');
SET pg_strata.mode = off;
ALTER TABLE store.person RENAME born TO was_born;
RESET pg_strata.mode;
SELECT relation, problem, hint FROM strata.verify('store');
INSERT INTO store_v6.person (name, first) VALUES ('Ann Lee', 'Ann');
SET pg_strata.mode = off;
ALTER TABLE store.person RENAME was_born TO born;
ALTER TABLE store.person ALTER COLUMN known TYPE int USING NULL;
RESET pg_strata.mode;
SELECT relation, problem, hint, repaired FROM strata.repair('store');
SELECT strata.fill_column('store.person', 'known', '1');
SELECT * FROM strata.verify('store');
SELECT strata.retire('store', 'v6');
-- a materialized view without data keeps its contract: when it is filled is its owner's business
CREATE MATERIALIZED VIEW store.later AS SELECT name FROM store.person WITH NO DATA;
SELECT strata.publish('store', 'v7');
SELECT * FROM strata.verify('store');
SELECT * FROM store_v7.later;
REFRESH MATERIALIZED VIEW store.later;
SELECT * FROM store_v7.later;
SELECT strata.retire('store', 'v7');
DROP MATERIALIZED VIEW store.later;

-- pre_restore and post_restore
SELECT strata.publish('store', 'v5');
SELECT strata.pre_restore();
SHOW pg_strata.restoring;
DROP VIEW store_v5.person;
SELECT relation, problem, repaired FROM strata.post_restore();
SHOW pg_strata.restoring;
SELECT * FROM strata.verify();
DROP VIEW store_v5.person;
\c -
SHOW pg_strata.restoring;
SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database() AND s.setconfig::text ~ 'strata';
SET client_min_messages = warning;
SELECT strata.retire('store', 'v5');
SELECT strata.untrack('store');
DROP VIEW public.facts;
DROP TABLE public.facts_before;
DROP SCHEMA store CASCADE;
DROP ROLE regress_mender, regress_user;
