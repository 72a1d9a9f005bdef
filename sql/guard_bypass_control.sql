-- Ways to switch the guard off, or to change what it is made of, as a superuser who runs a migration:
-- refused like any other hazard, so that it takes a decision. The numbers are those of
-- docs/security.md, which also says what a superuser can do all the same.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_strata;
CREATE ROLE regress_owner;
CREATE SCHEMA held AUTHORIZATION regress_owner;
CREATE SCHEMA loose;
SET SESSION AUTHORIZATION regress_owner;
CREATE TABLE held.t (id int PRIMARY KEY, a text);
INSERT INTO held.t VALUES (1, 'a');
RESET SESSION AUTHORIZATION;
SELECT strata.track('held', 'regress_owner');
CREATE FUNCTION loose.none() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION loose.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
SELECT current_database() AS db \gset
\set VERBOSITY sqlstate

-- 1: superusers are judged like others.
DROP TABLE held.t;
-- 2: triggers off. By set_config they can be switched off; the guard uses none.
SET session_replication_role = replica;
SET LOCAL session_replication_role = replica;
BEGIN;
SELECT set_config('session_replication_role', 'replica', true);
DROP TABLE held.t;
ROLLBACK;
-- What shows, and nobody sets, needs no approval to be refused.
SET pg_strata.serving = 'held=v1';
-- 3: event triggers off; the setting is there from 17 on.
SET event_triggers = off;
-- 4: event triggers, and what the guard's own triggers and functions are.
CREATE EVENT TRIGGER regress_watch ON sql_drop EXECUTE FUNCTION loose.watch();
ALTER EVENT TRIGGER regress_watch DISABLE;
DROP FUNCTION strata.rows_changed CASCADE;
DROP TRIGGER rows_changed ON strata.guard_policy;
ALTER TABLE strata.guard_policy DISABLE TRIGGER ALL;
CREATE OR REPLACE FUNCTION strata.rows_changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
ALTER FUNCTION strata.break_glass(text, text, interval, regnamespace) RENAME TO brake_glass;
ALTER FUNCTION strata.rows_changed() OWNER TO regress_owner;
CREATE OR REPLACE VIEW strata.policies AS SELECT * FROM strata.policies;
CREATE RULE none AS ON INSERT TO strata.attempt DO INSTEAD NOTHING;
CREATE TRIGGER none BEFORE INSERT ON strata.proposal_approval EXECUTE FUNCTION strata.rows_changed();
DROP SCHEMA strata CASCADE;
ALTER SCHEMA strata RENAME TO gone;
ALTER SCHEMA strata OWNER TO regress_owner;
ALTER SCHEMA strata_inverse OWNER TO regress_owner;
DROP TABLE strata.guard_policy CASCADE;
TRUNCATE strata.guard_policy;
ALTER TABLE strata.guard_policy ADD COLUMN more int;
ALTER TABLE strata.guard_policy RENAME TO gone;
ALTER TABLE strata.guard_policy SET SCHEMA loose;
ALTER TABLE strata.guard_policy OWNER TO regress_owner;
ALTER TABLE strata.guard_policy ENABLE ROW LEVEL SECURITY;
GRANT ALL ON strata.proposal_approval TO regress_owner;
GRANT EXECUTE ON FUNCTION strata.pre_restore() TO regress_owner;
GRANT CREATE ON SCHEMA strata TO regress_owner;
LOCK TABLE strata.guard_policy;
-- 5: the extension as a whole.
DROP EXTENSION pg_strata;
DROP EXTENSION pg_strata CASCADE;
ALTER EXTENSION pg_strata UPDATE;
ALTER EXTENSION pg_strata DROP TABLE strata.guard_policy;
ALTER EXTENSION pg_strata ADD TABLE held.t;
ALTER EXTENSION pg_strata SET SCHEMA loose;
-- 7: settings that outlive the session.
ALTER SYSTEM SET shared_preload_libraries = '';
ALTER SYSTEM SET pg_strata.mode = off;
ALTER SYSTEM RESET ALL;
ALTER DATABASE :"db" SET pg_strata.mode = off;
ALTER DATABASE :"db" SET pg_strata.restoring = on;
ALTER ROLE regress_owner SET pg_strata.mode = off;
ALTER ROLE ALL SET pg_strata.mode = off;
ALTER ROLE regress_owner IN DATABASE :"db" SET pg_strata.mode = off;
GRANT SET ON PARAMETER pg_strata.mode TO regress_owner;
GRANT ALTER SYSTEM ON PARAMETER pg_strata.restoring TO regress_owner;
GRANT SET ON PARAMETER session_replication_role TO regress_owner;
-- 8: the guard's own settings, by whatever way they are set.
SET pg_strata.mode = off;
SET LOCAL pg_strata.mode = record;
SET SESSION pg_strata.restoring = on;
SELECT set_config('pg_strata.mode', 'off', false);
SELECT set_config('pg_strata.mode', 'record', true);
SELECT set_config('pg_strata.restoring', 'on', false);
UPDATE pg_settings SET setting = 'off' WHERE name = 'pg_strata.mode';
CREATE FUNCTION loose.off() RETURNS int LANGUAGE sql SET pg_strata.mode = off AS 'SELECT 1';
ALTER FUNCTION loose.none() SET pg_strata.mode = off;
SELECT loose.none();
ALTER FUNCTION loose.none() RESET ALL;
DO $$ BEGIN PERFORM set_config('pg_strata.mode', 'off', false); EXCEPTION WHEN SQLSTATE 'ST001' THEN NULL; END $$;
SELECT strata.pre_restore();
SHOW pg_strata.mode;
SHOW pg_strata.restoring;
-- Anybody else cannot set them at all.
SET SESSION AUTHORIZATION regress_owner;
SELECT set_config('pg_strata.mode', 'off', false);
SELECT strata.pre_restore();
INSERT INTO strata.guard_policy (hazard, action) VALUES ('DATA_LOSS', 'allow');
DELETE FROM strata.base_schema;
SELECT strata.drop_policy('DATA_LOSS');
SELECT strata.untrack('held');
RESET SESSION AUTHORIZATION;
-- 21: catalogs by hand.
SET allow_system_table_mods = on;
UPDATE pg_extension SET extname = 'other' WHERE extname = 'pg_strata';
UPDATE pg_namespace SET nspname = 'other' WHERE nspname = 'held';
DELETE FROM pg_class WHERE oid = 'held.t'::regclass;
WITH gone AS (DELETE FROM pg_attribute WHERE attrelid = 'held.t'::regclass RETURNING 1) SELECT count(*) FROM gone;
INSERT INTO pg_auth_members SELECT * FROM pg_auth_members;
PREPARE unhook AS DELETE FROM pg_trigger WHERE tgrelid = 'strata.guard_policy'::regclass;
EXECUTE unhook;
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) EXECUTE unhook;
DEALLOCATE unhook;
DO $$ BEGIN UPDATE pg_namespace SET nspname = 'other' WHERE nspname = 'held'; END $$;
COPY pg_auth_members FROM '/dev/null';
-- 25: code the server does not look into.
LOAD 'plpgsql';
CREATE FUNCTION held.c() RETURNS int LANGUAGE internal AS 'int4pl';
CREATE OR REPLACE FUNCTION strata.attempts_queue() RETURNS record LANGUAGE internal AS 'int4pl';
-- 27, 28: what only a client says is no right: names, roles taken, functions of others.
SET application_name = 'strata_breakglass';
DROP TABLE held.t;
CREATE FUNCTION loose.as_superuser() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DROP TABLE held.t; END';
SET SESSION AUTHORIZATION regress_owner;
DROP TABLE held.t;
SET strata.override = 'yes';
DROP TABLE held.t;
RESET SESSION AUTHORIZATION;
SELECT loose.as_superuser();
SET ROLE regress_owner;
DROP TABLE held.t;
RESET ROLE;
-- 32: the session's clock is its own.
SET TimeZone = 'Pacific/Kiritimati';
DROP TABLE held.t;
RESET TimeZone;
-- What is needed every day passes.
SET work_mem = '5MB';
SET lock_timeout = '1s';
RESET lock_timeout;
RESET work_mem;
SELECT set_config('search_path', 'pg_catalog', true) AS path;
CREATE ROLE regress_more;
DROP ROLE regress_more;
ANALYZE;
SELECT count(*) FROM held.t;

\set VERBOSITY default
-- Decided by a policy, each of them passes.
SELECT strata.drop_policy('CONTROL_PLANE');
BEGIN;
SELECT set_config('pg_strata.mode', 'off', true) AS mode;
ROLLBACK;
SET pg_strata.mode = record;
RESET pg_strata.mode;
SELECT strata.set_policy('CONTROL_PLANE', 'warn');
SELECT set_config('pg_strata.mode', 'record', false) AS mode;
RESET pg_strata.mode;
SET client_min_messages = warning;
SET pg_strata.mode = record;
RESET pg_strata.mode;
SELECT set_config('pg_strata.mode', 'record', false) AS mode;
RESET pg_strata.mode;
DELETE FROM strata.guard_policy WHERE NOT installed;
SELECT strata.untrack('held');
DROP SCHEMA held, loose CASCADE;
DROP ROLE regress_owner;
