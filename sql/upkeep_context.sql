-- DDL keeps versions right wherever it runs: functions, caught errors, savepoints, two-phase commit, caches, replica role.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA shop;
CREATE TABLE shop.t (id int PRIMARY KEY, name text DEFAULT 'n', qty int, gone text);
INSERT INTO shop.t VALUES (1, 'Ann', 3, 'g');
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
CREATE FUNCTION public.state() RETURNS TABLE (column_name name, kind text, read_as text) LANGUAGE sql AS
  $$ SELECT column_name, kind, read_as FROM strata.contract('shop', 'v1') WHERE kind <> 'direct' ORDER BY position $$;

-- DO and functions; a refused and a failing statement caught, and more DDL after it
DO $$ BEGIN
  ALTER TABLE shop.t RENAME name TO label;
  ALTER TABLE shop.t ALTER COLUMN qty TYPE bigint;
END $$;
DO $$ BEGIN
  BEGIN
    ALTER TABLE shop.t DROP COLUMN gone;
  EXCEPTION WHEN SQLSTATE 'ST004' THEN RAISE WARNING 'caught: %', SQLERRM;
  END;
  BEGIN
    ALTER TABLE shop.t ALTER COLUMN qty TYPE int, ADD CONSTRAINT no CHECK (qty > 100);
  EXCEPTION WHEN check_violation THEN RAISE WARNING 'caught: %', SQLERRM;
  END;
  ALTER TABLE shop.t RENAME label TO title;
END $$;
SELECT * FROM public.state();
SELECT * FROM shop_v1.t;

-- the same function twice, with cached plans; EXECUTE; an exception handler around it
CREATE FUNCTION public.retype(big bool) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  IF big THEN ALTER TABLE shop.t ALTER COLUMN qty TYPE numeric;
  ELSE ALTER TABLE shop.t ALTER COLUMN qty TYPE int; END IF;
END $$;
CREATE FUNCTION public.swap_names() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  ALTER TABLE shop.t RENAME title TO tmp; ALTER TABLE shop.t RENAME gone TO title; ALTER TABLE shop.t RENAME tmp TO gone;
END $$;
SELECT public.retype(true), public.retype(false), public.retype(true), public.retype(false);
SELECT public.swap_names(), public.swap_names();
SELECT * FROM public.state();
SELECT * FROM shop_v1.t;
-- a USING function that runs DDL of its own
CREATE FUNCTION public.with_ddl(int) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE 'CREATE TEMP TABLE IF NOT EXISTS scratch (x int)'; RETURN $1; END $$;
SELECT strata.prepare_type_change('shop.t', 'qty', 'bigint', 'qty::int', 'qty::bigint');
ALTER TABLE shop.t ALTER COLUMN qty TYPE bigint USING public.with_ddl(qty);
SELECT * FROM public.state();
ALTER TABLE shop.t ALTER COLUMN qty TYPE int;

-- savepoints and rollback
BEGIN;
ALTER TABLE shop.t ALTER COLUMN qty TYPE bigint;
SAVEPOINT a;
ALTER TABLE shop.t RENAME TO other;
ALTER TABLE shop.other DROP COLUMN gone;
ROLLBACK TO a;
ALTER TABLE shop.t RENAME title TO name;
SAVEPOINT b;
ALTER TABLE shop.t ALTER COLUMN qty TYPE numeric;
RELEASE b;
SELECT * FROM public.state();
ROLLBACK;
SELECT * FROM public.state();
BEGIN;
SELECT 1 / 0;
LOCK TABLE shop.t;
ALTER TABLE shop.t DROP COLUMN gone;
ROLLBACK;
SELECT * FROM shop_v1.t;

-- two-phase commit
BEGIN;
ALTER TABLE shop.t RENAME title TO name;
ALTER TABLE shop.t ALTER COLUMN qty TYPE bigint;
PREPARE TRANSACTION 'upkeep';
ROLLBACK PREPARED 'upkeep';
SELECT * FROM public.state();
BEGIN;
ALTER TABLE shop.t RENAME title TO name;
ALTER TABLE shop.t ALTER COLUMN qty TYPE bigint;
ALTER SCHEMA shop RENAME TO store;
PREPARE TRANSACTION 'upkeep';
COMMIT PREPARED 'upkeep';
SELECT column_name, kind, read_as FROM strata.contract('store', 'v1') ORDER BY position;
SELECT * FROM shop_v1.t;
ALTER SCHEMA store RENAME TO shop;

-- refusals come before any lock: a prepared transaction holds them all, and nothing waits
BEGIN;
LOCK TABLE shop.t IN ACCESS EXCLUSIVE MODE;
PREPARE TRANSACTION 'upkeep';
SET lock_timeout = '50ms';
ALTER TABLE shop.t DROP COLUMN gone;
DROP TABLE shop.t;
DROP SCHEMA shop CASCADE;
DROP VIEW shop_v1.t;
ALTER VIEW shop_v1.t RENAME TO u;
ALTER SCHEMA shop_v1 RENAME TO u;
ALTER TABLE shop.t ADD COLUMN x int; -- this one waits
RESET lock_timeout;
ROLLBACK PREPARED 'upkeep';

-- replica role, event triggers
SET session_replication_role = replica;
ALTER TABLE shop.t ALTER COLUMN qty TYPE int;
ALTER TABLE shop.t DROP COLUMN gone CASCADE;
DROP VIEW shop_v1.t;
RESET session_replication_role;
CREATE FUNCTION public.say() RETURNS event_trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE WARNING '% %', TG_EVENT, TG_TAG; END $$;
CREATE EVENT TRIGGER upkeep_start ON ddl_command_start EXECUTE FUNCTION public.say();
CREATE EVENT TRIGGER upkeep_end ON ddl_command_end EXECUTE FUNCTION public.say();
CREATE EVENT TRIGGER upkeep_drop ON sql_drop EXECUTE FUNCTION public.say();
ALTER TABLE shop.t ALTER COLUMN qty TYPE bigint;
ALTER TABLE shop.t DROP COLUMN gone;
DROP EVENT TRIGGER upkeep_start;
DROP EVENT TRIGGER upkeep_end;
DROP EVENT TRIGGER upkeep_drop;

-- extension scripts, CREATE SCHEMA with elements, temporary tables
CREATE SCHEMA elements CREATE TABLE t (id int) CREATE VIEW v AS SELECT * FROM t;
DROP SCHEMA elements CASCADE;
BEGIN;
CREATE TEMP TABLE t (id int) ON COMMIT DROP;
ALTER TABLE t ADD COLUMN x int;
COMMIT;
CREATE EXTENSION hstore SCHEMA shop;
ALTER TABLE shop.t ADD COLUMN h shop.hstore;
SELECT strata.publish('shop', 'v2');
DROP EXTENSION hstore CASCADE;
SELECT strata.retire('shop', 'v2');
DROP EXTENSION hstore CASCADE;
SELECT * FROM strata.verify();

-- what changes no shape passes, in its version views' order of locks
TRUNCATE shop.t;
BEGIN; LOCK TABLE shop.t; LOCK TABLE shop.t IN SHARE MODE NOWAIT; COMMIT;
INSERT INTO shop_v1.t (id) VALUES (9);
CLUSTER shop.t USING t_pkey;
CLUSTER shop.t;
VACUUM FULL shop.t;
VACUUM shop.t;
ANALYZE shop.t;
REINDEX TABLE shop.t;
REINDEX TABLE CONCURRENTLY shop.t;
CREATE INDEX t_name ON shop.t (name);
CREATE INDEX CONCURRENTLY t_gone ON shop.t (gone);
DROP INDEX shop.t_name;
DROP INDEX CONCURRENTLY shop.t_gone;
CREATE POLICY p ON shop.t USING (true);
ALTER POLICY p ON shop.t RENAME TO q;
DROP POLICY q ON shop.t;
CREATE FUNCTION public.nop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER nop BEFORE INSERT ON shop.t FOR EACH ROW EXECUTE FUNCTION public.nop();
ALTER TRIGGER nop ON shop.t RENAME TO nop2;
ALTER TABLE shop.t DISABLE TRIGGER nop2;
DROP TRIGGER nop2 ON shop.t;
CREATE RULE nop AS ON DELETE TO shop.t DO INSTEAD NOTHING;
DROP RULE nop ON shop.t;
CREATE STATISTICS shop.st ON id, qty FROM shop.t;
ALTER TABLE shop.t ALTER qty SET STATISTICS 10, SET (fillfactor = 90), REPLICA IDENTITY FULL;
ALTER TABLE shop.t SET UNLOGGED;
ALTER TABLE shop.t SET LOGGED;
ALTER TABLE ALL IN TABLESPACE pg_default OWNED BY CURRENT_USER SET TABLESPACE pg_default;
ALTER TABLE IF EXISTS shop.missing ADD COLUMN x int;
ALTER TABLE IF EXISTS shop.missing RENAME TO x;
ALTER TABLE shop.missing ADD COLUMN x int;
COMMENT ON TABLE shop.t IS 'x';
SELECT * FROM shop_v1.t;
SELECT * FROM strata.verify();

DROP FUNCTION public.state(), public.retype(bool), public.swap_names(), public.with_ddl(int), public.say(), public.nop();
DROP TABLE IF EXISTS scratch;
SELECT strata.retire('shop', 'v1');
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
