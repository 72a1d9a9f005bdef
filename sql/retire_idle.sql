-- A version goes when nobody has used it for retire_after_idle, and it is known that nobody has; or by force, with the
-- approval that a drop needs.
CREATE ROLE regress_idle_owner;
CREATE ROLE regress_idle_app;
CREATE ROLE regress_idle_boss;
GRANT strata_approver TO regress_idle_boss;
CREATE SCHEMA "Idle" AUTHORIZATION regress_idle_owner;
CREATE TABLE "Idle".t (id int PRIMARY KEY, a text);
INSERT INTO "Idle".t VALUES (1, 'one');
ALTER TABLE "Idle".t OWNER TO regress_idle_owner;
GRANT CREATE ON DATABASE contrib_regression TO regress_idle_owner;
GRANT USAGE ON SCHEMA "Idle" TO regress_idle_app;
GRANT SELECT ON "Idle".t TO regress_idle_app;
SELECT strata.track('"Idle"', 'regress_idle_owner');

-- What retire says, without times.
CREATE FUNCTION public.told(version text, force bool DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text; state text;
BEGIN
    PERFORM strata.retire('"Idle"', version, force);
    RETURN 'retired';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
    RETURN state || ': ' || message || E'\n' || regexp_replace(detail, '\d{4}-\d\d-\d\d [0-9:.]+\+00', 'TIME', 'g') || E'\n' || hint;
END $$;

-- the option
SELECT strata.set_option('"Idle"', 'retire_after_idle', 'soon');
SELECT strata.set_option('"Idle"', 'retire_after_idle', '-1 day');
-- who needs an approval to force it must not shorten the time instead
SET ROLE regress_idle_owner;
SELECT strata.set_option('"Idle"', 'retire_after_idle', '8 days');
SELECT strata.set_option('"Idle"', 'retire_after_idle', '0');
RESET ROLE;
SELECT strata.set_option('"Idle"', 'retire_after_idle', '7 days');
SELECT retire_after_idle = '7 days' AS week FROM strata.base_schema WHERE base = 'Idle';

-- never used: it may go at once
SELECT strata.publish('"Idle"', 'v1');
SELECT public.told('v1');

-- nor can others have used what they do not see yet
BEGIN;
SELECT strata.publish('"Idle"', 'v1');
SELECT a FROM "_dle_v1".t;
SELECT public.told('v1');
COMMIT;

-- used, in memory and in the table
SELECT strata.publish('"Idle"', 'v1');
SELECT strata.publish('"Idle"', 'v2');
SET ROLE regress_idle_app;
SET application_name = 'nightly';
SELECT a FROM "_dle_v1".t;
RESET ROLE;
SELECT public.told('v1');
SELECT strata.flush_stats();
SELECT public.told('v1');
SET ROLE regress_idle_app;
SELECT a FROM "_dle_v1".t;
SELECT 1 / (id - 1) FROM "_dle_v1".t;
RESET ROLE;
SELECT public.told('v1');
SELECT state FROM strata.versions WHERE base = '"Idle"'::regnamespace AND version = 'v1' AND state <> 'retired';

-- who has no rights learns nothing of it; the owner of the base does
SET ROLE regress_idle_app;
SELECT public.told('v1');
SET ROLE regress_idle_owner;
SELECT public.told('v1');
RESET ROLE;

-- of many, those that used it last
DO $$
BEGIN
    FOR i IN 1 .. 7 LOOP
        PERFORM set_config('application_name', 'instance ' || i, false);
        PERFORM a FROM "_dle_v1".t;
        PERFORM pg_sleep(0.001);
    END LOOP;
END $$;
SET application_name = '';
SELECT regexp_replace(public.told('v1'), 'role "[a-z]+" as "instance \d"', 'ROLE AS INSTANCE', 'g');
SET application_name = 'tests';

-- longer ago than that
SELECT strata.set_option('"Idle"', 'retire_after_idle', '1 microsecond');
BEGIN;
SELECT public.told('v1');
ROLLBACK;
SELECT strata.set_option('"Idle"', 'retire_after_idle', '7 days');

-- not known: the counters do not reach back that far
SELECT strata.reset_stats('"Idle"', 'v1');
SELECT public.told('v1');
SET pg_strata.telemetry = off;
SELECT public.told('v2');
RESET pg_strata.telemetry;
BEGIN;
UPDATE strata.settled SET since = clock_timestamp();
SELECT public.told('v2');
DELETE FROM strata.settled;
SELECT public.told('v2');
ROLLBACK;
-- What was counted is said where some of it is.
SELECT a FROM "_dle_v1".t;
SELECT regexp_replace(public.told('v1'), 'role "[a-z]+"', 'ROLE');
-- 0: whoever used it
BEGIN;
SELECT strata.set_option('"Idle"', 'retire_after_idle', '0');
SELECT public.told('v1');
ROLLBACK;

-- Statements that pg_strata refused are no use.
SELECT strata.deprecate('"Idle"', 'v2', sunset => '2001-01-01');
SELECT a FROM "_dle_v2".t;
BEGIN;
SELECT public.told('v2');
ROLLBACK;

-- the modes
BEGIN;
SET LOCAL pg_strata.mode = record;
\set VERBOSITY terse
SELECT public.told('v1');
ROLLBACK;
BEGIN;
SET LOCAL pg_strata.mode = off;
SELECT public.told('v1');
ROLLBACK;
\set VERBOSITY default

-- By force: as policies have it for a drop.
SELECT strata.set_policy('BREAKS_READERS', 'approval', '"Idle"');
SELECT command, object, lock_mode, hazards, risk, breaks_versions, verdict
FROM strata.assess($$SELECT strata.retire('"Idle"', 'v1', force => true); SELECT strata.retire('"Idle"', 'v1')$$);
SET ROLE regress_idle_owner;
SELECT public.told('v1', true);
RESET ROLE;
-- Nobody could say what is approved.
SELECT strata.propose('v1 goes', $$SELECT strata.retire(base, version, true) FROM strata.versions$$, '"Idle"');
SELECT strata.propose('v1 goes', $$SELECT strata.retire('"Idle"', 'v1')$$, '"Idle"');
SELECT strata.propose('v3 goes', $$SELECT strata.retire('"Idle"', 'v3', true)$$, '"Idle"');
CREATE SCHEMA other;
SELECT strata.track('other');
SELECT strata.propose('v1 goes', $$SELECT strata.retire('"Idle"', 'v1', true)$$, 'other');
SET SESSION AUTHORIZATION regress_idle_owner;
SELECT strata.propose('v1 goes', $$
    SELECT strata.retire(version => 'v1'::text, force => true, base => '"Idle"'::regnamespace)$$, '"Idle"') AS proposal \gset
SELECT public.told('v1', true) ~ 'is proposed, with 0 of 1' AS waits;
SET SESSION AUTHORIZATION regress_idle_boss;
SELECT strata.approve(:proposal);
SET SESSION AUTHORIZATION regress_idle_owner;
-- It is for this version.
SELECT public.told('v2', true);
SELECT command, state, approvals, needed FROM strata.find_proposal($$SELECT strata.retire('"Idle"', 'v1', TRUE)$$, '"Idle"');
-- What has come to depend on it was not seen by who approved.
RESET SESSION AUTHORIZATION;
CREATE VIEW public.over_idle AS SELECT a FROM "_dle_v1".t;
SELECT state FROM strata.proposals WHERE proposal_id = :proposal;
SELECT public.told('v1', true) ~ 'is stale' AS stale;
DROP VIEW public.over_idle;
-- A gate stays in the way.
SELECT strata.set_gate('"Idle"', 'v1');
SELECT public.told('v1', true);
SELECT strata.set_gate('"Idle"', 'v2', unit => 'client_addr', enabled => false);
SELECT strata.add_rule('"Idle"', 7, '{"role": "regress_idle_app"}', 'v1');
SELECT public.told('v1', true);
SELECT strata.drop_rule('"Idle"', 7);
SELECT public.told('v2');
SELECT strata.drop_gate('"Idle"');
-- The approval is for one use, which a rollback gives back.
SET SESSION AUTHORIZATION regress_idle_owner;
BEGIN;
SELECT public.told('v1', true);
ROLLBACK;
SELECT strata.retire('"Idle"', 'v1', force => true);
RESET SESSION AUTHORIZATION;
SELECT state FROM strata.proposals WHERE proposal_id = :proposal;
SELECT c.command, c.object, c.statement, c.hazards, c.versions_affected, m.risk, m.proposal_id = :proposal AS approved
FROM strata.changes AS c JOIN strata.migrations AS m USING (migration_id) ORDER BY c.change_id DESC LIMIT 1;
SELECT count(*) FROM strata.verify_provenance();
SELECT strata.publish('"Idle"', 'v1');
SELECT a FROM "_dle_v1".t;
SELECT public.told('v1', true) ~ 'needs an approved proposal' AS again;

-- In a window: the settings that bind it to that are gone afterwards.
SELECT strata.set_policy('BREAKS_READERS', 'window', '"Idle"');
SELECT left(public.told('v1', true), 64);
SELECT strata.add_window('long', '2020-01-01', '20000 days', base => '"Idle"', cutoff => '1 hour');
SET lock_timeout = '10min';
SET search_path = pg_temp, public;
SELECT public.told('v1', true);
SHOW lock_timeout;
SHOW search_path;
RESET lock_timeout;
RESET search_path;
SELECT c.command, c."window" FROM strata.change AS c ORDER BY c.change_id DESC LIMIT 1;
SELECT strata.drop_window('long');
SELECT strata.publish('"Idle"', 'v1');
SELECT a FROM "_dle_v1".t;

-- Broken glass lets it pass.
GRANT strata_breakglass TO regress_idle_owner;
SET SESSION AUTHORIZATION regress_idle_owner;
SET client_min_messages = warning;
SELECT strata.break_glass('v1 leaks', base => '"Idle"') > 0 AS broken;
SELECT public.told('v1', true);
RESET client_min_messages;
RESET SESSION AUTHORIZATION;
SELECT c.command, c.override_id IS NOT NULL AS by_override FROM strata.change AS c ORDER BY c.change_id DESC LIMIT 1;

SELECT strata.drop_policy('BREAKS_READERS', base => '"Idle"');
RESET application_name;
SELECT strata.retire('"Idle"', 'v2', force => true);
SELECT strata.untrack('"Idle"');
SELECT strata.untrack('other');
DROP SCHEMA "Idle", other CASCADE;
DROP FUNCTION public.told;
REVOKE CREATE ON DATABASE contrib_regression FROM regress_idle_owner;
DROP ROLE regress_idle_owner, regress_idle_app, regress_idle_boss;
