-- Rollouts: who may start them, what is refused, and what people do with them. What they do by themselves is in
-- tests/t/023_rollouts.pl: here no step is ever over.
SET client_min_messages = warning;
CREATE ROLE regress_rollout_owner;
CREATE SCHEMA "Rolled out" AUTHORIZATION regress_rollout_owner;
CREATE TABLE "Rolled out".users (id int PRIMARY KEY, name text);
ALTER TABLE "Rolled out".users OWNER TO regress_rollout_owner;
SELECT strata.track('"Rolled out"', 'regress_rollout_owner');
SELECT strata.publish('"Rolled out"', 'v1');
SELECT strata.publish('"Rolled out"', 'v2');
SELECT strata.publish('"Rolled out"', 'v3');
CREATE VIEW pg_temp.state AS
SELECT r.candidate, r.phase, r.step, r.step_count, r.weight_ppm, r.reason, r.ended_at IS NOT NULL AS ended,
       g.stable, g.candidate AS gate_candidate
FROM strata.rollouts AS r LEFT JOIN strata.gates AS g USING (base) ORDER BY r.rollout_id DESC LIMIT 1;

-- without a gate; not tracked; not live
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000, "bake": "1 day"}]');
SELECT strata.start_rollout('pg_catalog', 'v2', '[{"weight_ppm": 10000, "bake": "1 day"}]');
SELECT strata.start_rollout('"Rolled out"', 'v9', '[{"weight_ppm": 10000, "bake": "1 day"}]');
SELECT strata.pause_rollout('"Rolled out"');
-- no schema at all
SELECT strata.start_rollout('-', 'v2', '[{"weight_ppm": 10000, "bake": "1 day"}]');
SELECT strata.abort_rollout('-');
SELECT strata.set_gate('-', 'v1');
SELECT strata.drop_gate('-');
SELECT strata.add_rule('-', 1, '{}', 'v1');
SELECT strata.drop_rule('-', 1);
SELECT strata.set_gate('"Rolled out"', 'v1', unit => 'setting');

-- steps that are none
SELECT strata.start_rollout('"Rolled out"', 'v2', NULL);
SELECT strata.start_rollout('"Rolled out"', 'v2', '{}');
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000}]');
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000, "bake": "1 month"}]');
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000, "bake": "-1 s"}]');
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000, "bake": "213503983 days"}]');
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000, "bake": "1 s", "interval": "106751991 days"}]');
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 s", "checks": [{"check": "error_ratio", "max_increase": 1e400}]}]');
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000, "bake": "1 day", "speed": 3}]');
SELECT strata.start_rollout('"Rolled out"', 'v1', '[{"weight_ppm": 10000, "bake": "1 day"}]');

-- checks that cannot be asked
CREATE SEQUENCE public.rollout_number;
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "sql": "SELECT true; SELECT false"}]}]');
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "sql": "DELETE FROM users"}]}]');
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "sql": "SELECT true FROM users"}]}]');
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "sql": "SELECT true, false"}]}]');
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "sql": "SELECT 7"}]}]');
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "sql": "SELECT nextval(''public.rollout_number'') > 0"}]}]');
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "sql": "SELECT true FROM generate_series(1, 3)"}]}]');
-- the check's own timeout counts where the statement's is longer, which goes on to count
SET statement_timeout = '1h';
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "timeout": "100 ms", "sql": "SELECT pg_sleep(3) IS NOT NULL"}]}]');
SET statement_timeout = '5s';
DO $$ BEGIN
    PERFORM strata.start_rollout('"Rolled out"', 'v2',
        '[{"weight_ppm": 10000, "bake": "1 day", "checks": [{"check": "sql", "timeout": "1 s", "sql": "SELECT true"}]}]');
    PERFORM pg_sleep(60);
END $$;
RESET statement_timeout;

-- only who may set up the guard; the owner of the base sees it
SET ROLE regress_rollout_owner;
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000, "bake": "1 day"}]');
SELECT strata.pause_rollout('"Rolled out"');
SELECT strata.move_rollout('"Rolled out"', 'completed', 1);
RESET ROLE;

-- a rollout, and what people do with it
BEGIN;
SELECT strata.start_rollout('"Rolled out"', 'v2', '[{"weight_ppm": 10000, "bake": "1 day"}]') > 0 AS started;
SELECT * FROM pg_temp.state;
ROLLBACK;
SELECT * FROM pg_temp.state;
SELECT strata.start_rollout('"Rolled out"', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "interval": "1 day"}, {"weight_ppm": 1000000}]') > 0 AS started;
SELECT * FROM pg_temp.state;
SELECT strata.route('"Rolled out"', 'unit 1'), strata.route('"Rolled out"', 'unit 13');
SELECT strata.start_rollout('"Rolled out"', 'v3', '[{"weight_ppm": 10000, "bake": "1 day"}]');
SELECT strata.resume_rollout('"Rolled out"');
SELECT strata.pause_rollout('"Rolled out"');
SELECT strata.pause_rollout('"Rolled out"');
SELECT * FROM pg_temp.state;
SELECT strata.resume_rollout('"Rolled out"');
SELECT * FROM pg_temp.state;
SET ROLE regress_rollout_owner;
SELECT base, candidate, phase FROM strata.rollouts;
RESET ROLE;
CREATE ROLE regress_rollout_other;
SET ROLE regress_rollout_other;
SELECT base, candidate, phase FROM strata.rollouts;
SELECT * FROM strata.rollout;
RESET ROLE;
DROP ROLE regress_rollout_other;
-- one that was broken by hand can only be ended
BEGIN;
UPDATE strata.rollout SET step = 7, phase = 'halted' WHERE ended_at IS NULL;
SAVEPOINT broken;
SELECT strata.resume_rollout('"Rolled out"');
ROLLBACK TO broken;
SELECT strata.abort_rollout('"Rolled out"');
SELECT phase, step, gate_candidate FROM pg_temp.state;
ROLLBACK;

-- the base schema is renamed; aborted; started again, and promoted
ALTER SCHEMA "Rolled out" RENAME TO rolled;
SELECT base, phase FROM strata.rollouts;
SELECT strata.abort_rollout('rolled', 'Too few users.');
SELECT * FROM pg_temp.state;
SELECT strata.abort_rollout('rolled');
SELECT strata.start_rollout('rolled', 'v2',
    '[{"weight_ppm": 10000, "bake": "1 day", "interval": "1 day"}]') > 0 AS started;
SELECT strata.promote_rollout('rolled');
SELECT * FROM pg_temp.state;

-- a gate that gives another version something
SELECT strata.set_gate('rolled', 'v1', 'v3', 500000, 'setting');
SELECT strata.start_rollout('rolled', 'v2', '[{"weight_ppm": 10000, "bake": "1 day"}]');
SELECT strata.set_gate('rolled', 'v1', enabled => false, unit => 'setting');
SELECT strata.start_rollout('rolled', 'v2', '[{"weight_ppm": 10000, "bake": "1 day"}]');
SELECT strata.set_gate('rolled', 'v1', unit => 'setting');

-- a step that somebody has to approve: the gate is closed until then
SELECT strata.start_rollout('rolled', 'v2',
    '[{"weight_ppm": 20000, "bake": "1 day", "interval": "1 day", "approval": true}]') > 0 AS started;
SELECT phase, step, weight_ppm, regexp_replace(reason, '\d+\.$', 'N.') AS reason, gate_candidate FROM pg_temp.state;
SELECT p.base, p.state, p.needed, regexp_replace(p.title, 'Rollout \d+', 'Rollout N') AS title, p.ddl, p.risk
FROM strata.proposals AS p JOIN strata.rollouts AS r ON r.proposal_id = p.proposal_id AND r.ended_at IS NULL;
SELECT strata.pause_rollout('rolled');
SELECT strata.resume_rollout('rolled');
SELECT phase, weight_ppm FROM pg_temp.state;
SELECT count(*) AS proposals FROM strata.proposal WHERE base = 'rolled';
SELECT strata.abort_rollout('rolled');
SELECT p.state, regexp_replace(p.closed_comment, 'by .*', 'by somebody') AS why FROM strata.proposals AS p WHERE p.base = 'rolled'::regnamespace;

-- it is recorded
SELECT command, array_agg(arguments ->> 'candidate' ORDER BY change_id) FROM strata.changes
WHERE command LIKE 'strata.%\_rollout' GROUP BY 1 ORDER BY 1;
SELECT * FROM strata.verify_provenance();

-- it goes with the base
SELECT strata.drop_gate('rolled');
SELECT strata.retire('rolled', v.version) FROM strata.versions AS v WHERE v.base = 'rolled'::regnamespace;
SELECT strata.untrack('rolled');
SELECT count(*) FROM strata.rollout;
DROP SCHEMA rolled CASCADE;
DROP ROLE regress_rollout_owner;
DROP SEQUENCE public.rollout_number;
