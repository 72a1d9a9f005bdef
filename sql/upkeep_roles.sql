-- Who may run DDL is core's to say: an owner without rights on the registry may, others get core's own errors and no lock.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE ROLE regress_upkeep_owner;
CREATE ROLE regress_upkeep_other;
CREATE ROLE regress_upkeep_heir;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_upkeep_owner', current_database()) \gexec
CREATE SCHEMA shop AUTHORIZATION regress_upkeep_owner;
SET ROLE regress_upkeep_owner;
CREATE TYPE shop.mood AS ENUM ('sad', 'ok');
CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE shop.t (id int PRIMARY KEY, name text, v varchar(10) DEFAULT 'v', x int, m shop.mood);
INSERT INTO shop.t VALUES (1, 'n', 'v', 3, 'ok');
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');

-- the owner of the tables, who can only read the registry
SELECT has_table_privilege('strata.published_relation', 'UPDATE') AS may_write_registry;
ALTER TABLE shop.t RENAME name TO label;
ALTER TABLE shop.t ALTER v TYPE text, ALTER x TYPE bigint;
ALTER TABLE shop.t ALTER v TYPE varchar(10), ALTER x TYPE int;
SELECT strata.replace_column('shop.t', 'x', 'length(label)');
ALTER TABLE shop.t DROP COLUMN x;
ALTER SCHEMA shop RENAME TO store;
ALTER SCHEMA store RENAME TO shop;
SELECT strata.set_option('shop', 'on_break', 'follow');
ALTER TABLE shop.t DROP COLUMN v;
INSERT INTO shop_v1.t (id) VALUES (2);
SELECT * FROM shop_v1.t ORDER BY id;
DROP TABLE shop.t;
CREATE TABLE shop.t (id int PRIMARY KEY, name text, v varchar(10), x int, m shop.mood);
INSERT INTO shop_v1.t (id) VALUES (3);
SELECT * FROM shop_v1.t ORDER BY id;
SELECT strata.set_option('shop', 'on_break', 'refuse');
RESET ROLE;

-- roles without rights; a prepared transaction holds the locks, so that a lock would time out
GRANT USAGE ON SCHEMA shop, shop_v1 TO regress_upkeep_other;
BEGIN;
LOCK TABLE shop.t IN ACCESS EXCLUSIVE MODE;
PREPARE TRANSACTION 'upkeep';
SET lock_timeout = '50ms';
SET ROLE regress_upkeep_other;
ALTER TABLE shop.t DROP COLUMN id;
ALTER TABLE shop.t ALTER COLUMN id TYPE point;
ALTER TABLE shop.t ALTER COLUMN id TYPE nothing;
ALTER TABLE shop.t RENAME id TO i;
ALTER TABLE shop.t RENAME TO i;
ALTER TABLE shop.t SET SCHEMA public;
DROP TABLE shop.t;
DROP TABLE shop.t CASCADE;
TRUNCATE shop.t;
BEGIN;
LOCK TABLE shop.t;
ROLLBACK;
CREATE INDEX ON shop.t (id);
CREATE POLICY p ON shop.t;
DROP SCHEMA shop CASCADE;
ALTER SCHEMA shop RENAME TO store;
DROP TYPE shop.mood CASCADE;
ALTER TYPE shop.mood RENAME VALUE 'ok' TO 'fine';
DROP FUNCTION shop.f() CASCADE;
DROP OWNED BY regress_upkeep_owner;
ALTER VIEW shop_v1.t RENAME TO u;
DROP VIEW shop_v1.t;
CREATE OR REPLACE VIEW shop_v1.t AS SELECT 1;
DROP SCHEMA shop_v1 CASCADE;
ALTER SCHEMA shop_v1 RENAME TO x;
DROP EXTENSION pg_strata;
ALTER EXTENSION pg_strata DROP VIEW strata.versions;
RESET ROLE;
RESET lock_timeout;
ROLLBACK PREPARED 'upkeep';
SET ROLE regress_upkeep_other;
-- core locks the table for these two before it asks
CREATE TRIGGER t BEFORE INSERT ON shop.t FOR EACH ROW EXECUTE FUNCTION shop.f();
CREATE RULE r AS ON DELETE TO shop.t DO INSTEAD NOTHING;
RESET ROLE;

-- the extension stays whole while versions live
\set VERBOSITY sqlstate
DROP EXTENSION pg_strata;
DROP EXTENSION pg_strata CASCADE;
ALTER EXTENSION pg_strata DROP VIEW strata.versions;
ALTER SCHEMA strata RENAME TO something;
ALTER SCHEMA strata_inverse RENAME TO something;
\set VERBOSITY terse

-- DROP OWNED and REASSIGN OWNED
SET ROLE regress_upkeep_owner;
DROP OWNED BY regress_upkeep_owner;
DROP OWNED BY regress_upkeep_owner CASCADE;
RESET ROLE;
ALTER TYPE shop.mood OWNER TO CURRENT_USER;
SET client_min_messages = notice;
REASSIGN OWNED BY regress_upkeep_owner TO regress_upkeep_heir;
SELECT relnamespace::regnamespace AS schema, relname, relowner::regrole AS owner FROM pg_class
WHERE relname = 't' AND relnamespace IN ('shop'::regnamespace, 'shop_v1'::regnamespace) ORDER BY relnamespace::regnamespace::text;
DROP OWNED BY regress_upkeep_owner;
SET client_min_messages = warning;
-- the schema stays, because the type in it has another owner
ALTER SCHEMA shop OWNER TO CURRENT_USER;
DROP OWNED BY regress_upkeep_heir;
SELECT strata.set_option('shop', 'on_break', 'follow');
DROP OWNED BY regress_upkeep_heir;
-- the version has passed to the owner of the extension
SELECT n.nspowner = e.extowner AS schema_passed, c.relowner = e.extowner AS view_passed
FROM pg_namespace AS n JOIN pg_class AS c ON c.relnamespace = n.oid, pg_extension AS e
WHERE n.nspname = 'shop_v1' AND c.relname = 't' AND e.extname = 'pg_strata';
SELECT * FROM shop_v1.t;
SELECT version, relation, problem FROM strata.verify();
CREATE TABLE shop.t (id int PRIMARY KEY, name text, v varchar(10), x int, m shop.mood);
SELECT * FROM shop_v1.t;
SELECT * FROM strata.verify();

SELECT strata.retire('shop', 'v1');
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
DROP OWNED BY regress_upkeep_owner;
DROP ROLE regress_upkeep_owner, regress_upkeep_other, regress_upkeep_heir;
