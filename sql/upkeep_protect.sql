-- Version views, their columns, rules, triggers and schemas cannot be renamed, altered or dropped.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text);
CREATE VIEW shop.names AS SELECT id, name FROM shop.users;
INSERT INTO shop.users VALUES (1, 'Ann');
CREATE FUNCTION public.upkeep_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE ROLE regress_upkeep_reader;
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');

\set VERBOSITY default
ALTER VIEW shop_v1.users RENAME TO people;
ALTER VIEW shop_v1.users RENAME COLUMN name TO label;
ALTER SCHEMA shop_v1 RENAME TO other;
DROP VIEW shop_v1.users;
DROP SCHEMA shop_v1 CASCADE;
\set VERBOSITY sqlstate
ALTER TABLE shop_v1.users RENAME TO people;
ALTER TABLE shop_v1.users RENAME name TO label;
ALTER VIEW IF EXISTS shop_v1.users RENAME TO people;
ALTER VIEW shop_v1.names RENAME TO people;
ALTER VIEW shop_v1.users SET SCHEMA public;
ALTER TABLE shop_v1.users SET SCHEMA public;
ALTER VIEW shop_v1.users ALTER COLUMN name SET DEFAULT 'x';
ALTER VIEW shop_v1.users ALTER name DROP DEFAULT;
ALTER TABLE shop_v1.users ALTER COLUMN name SET DEFAULT 'x';
ALTER VIEW shop_v1.users SET (security_invoker = false);
ALTER VIEW shop_v1.users RESET (security_invoker);
ALTER VIEW shop_v1.users SET (security_barrier = true);
ALTER TABLE shop_v1.users ADD COLUMN x int;
ALTER TABLE shop_v1.users DROP COLUMN name;
ALTER TABLE shop_v1.users ALTER COLUMN name TYPE varchar;
ALTER TABLE shop_v1.users DISABLE RULE "_RETURN";
CREATE OR REPLACE VIEW shop_v1.users AS SELECT 1 AS id, 'x'::text AS name;
CREATE OR REPLACE VIEW shop_v1.names AS SELECT 1 AS id, 'x'::text AS name;
CREATE RULE r AS ON INSERT TO shop_v1.users DO INSTEAD NOTHING;
CREATE OR REPLACE RULE "_RETURN" AS ON SELECT TO shop_v1.users DO INSTEAD SELECT 1 AS id, 'x'::text AS name;
CREATE TRIGGER t INSTEAD OF INSERT ON shop_v1.users FOR EACH ROW EXECUTE FUNCTION public.upkeep_trigger();
CREATE OR REPLACE TRIGGER t INSTEAD OF INSERT ON shop_v1.users FOR EACH ROW EXECUTE FUNCTION public.upkeep_trigger();
CREATE TRIGGER t AFTER INSERT ON shop_v1.users FOR EACH STATEMENT EXECUTE FUNCTION public.upkeep_trigger();
DROP RULE "_RETURN" ON shop_v1.users;
ALTER RULE "_RETURN" ON shop_v1.users RENAME TO other;
DROP VIEW shop_v1.users CASCADE;
DROP VIEW IF EXISTS shop_v1.nothing, shop_v1.users;
DROP VIEW shop_v1.names;
DROP SCHEMA shop_v1;
DROP SCHEMA IF EXISTS shop_v1 CASCADE;
DROP SCHEMA shop_v1, shop CASCADE;
DROP TABLE shop_v1.users; -- core: not a table
TRUNCATE shop_v1.users;
DO $$ BEGIN EXECUTE 'DROP VIEW shop_v1.users'; END $$;
\set VERBOSITY terse

-- what changes no contract is allowed
COMMENT ON VIEW shop_v1.users IS 'people';
COMMENT ON COLUMN shop_v1.users.name IS 'their name';
COMMENT ON SCHEMA shop_v1 IS 'first';
GRANT USAGE ON SCHEMA shop_v1 TO regress_upkeep_reader;
GRANT SELECT ON shop_v1.users TO regress_upkeep_reader;
GRANT UPDATE (name) ON shop_v1.users TO regress_upkeep_reader;
REVOKE ALL ON shop_v1.users FROM regress_upkeep_reader;
REVOKE ALL ON SCHEMA shop_v1 FROM regress_upkeep_reader;
ALTER VIEW shop_v1.users OWNER TO regress_upkeep_reader;
ALTER VIEW shop_v1.users OWNER TO CURRENT_USER;
BEGIN;
LOCK TABLE shop_v1.users IN ACCESS SHARE MODE;
COMMIT;

-- other things in a version schema are nobody's business, nor are views of the same name elsewhere
CREATE VIEW shop_v1.extra AS SELECT 1 AS x;
CREATE OR REPLACE VIEW shop_v1.extra AS SELECT 2 AS x;
ALTER VIEW shop_v1.extra RENAME TO more;
DROP VIEW shop_v1.more;
SET search_path = public, shop_v1;
CREATE OR REPLACE VIEW names AS SELECT 1 AS one;
CREATE OR REPLACE TEMP VIEW users AS SELECT 1 AS one;
DROP VIEW public.names, pg_temp.users;

-- a client that has the version first in its search_path is told to name the base table
\set VERBOSITY default
SET search_path = shop_v1, shop;
ALTER TABLE users ADD COLUMN age int;
DROP VIEW users;
ALTER TABLE users RENAME name TO label;
SET search_path = shop;
ALTER TABLE users ADD COLUMN age int;
\set VERBOSITY terse
RESET search_path;

SELECT * FROM shop_v1.users;
SELECT * FROM strata.verify();
SELECT strata.retire('shop', 'v1');
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
DROP FUNCTION public.upkeep_trigger();
DROP ROLE regress_upkeep_reader;
