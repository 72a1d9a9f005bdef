-- The examples of docs/rollouts.md. No step is ever over here; tests/t/023_rollouts.pl is about those that are.
-- script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
CREATE SCHEMA desk;
CREATE TABLE desk.jobs (id int PRIMARY KEY, note text);
SELECT strata.track('desk');
SELECT strata.publish('desk', 'v1');
SELECT strata.publish('desk', 'v2');

SELECT strata.set_gate('desk', 'v1', unit => 'setting');
SELECT strata.start_rollout('desk', 'v2', '[
  {"weight_ppm": 10000, "bake": "1 hour", "interval": "10 s",
   "checks": [{"check": "error_ratio", "max_increase": 0.005, "min_samples": 200},
              {"check": "latency", "max_ratio": 1.5, "floor": "1 ms", "min_samples": 200},
              {"check": "sql", "name": "no backlog", "sql": "SELECT count(*) < 1000 FROM desk.jobs"}]},
  {"weight_ppm": 100000},
  {"weight_ppm": 500000, "bake": "6 hours"},
  {"weight_ppm": 1000000, "bake": "1 day", "approval": true}]') > 0 AS started;
SELECT base, stable, candidate, phase, step, step_count, weight_ppm FROM strata.rollouts;

SELECT strata.pause_rollout('desk');
SELECT phase, reason LIKE 'Paused by %' AS by_somebody, weight_ppm FROM strata.rollouts;
SELECT strata.resume_rollout('desk');
SELECT strata.abort_rollout('desk', 'The till does not print.');
SELECT phase, weight_ppm FROM strata.rollouts;
SELECT stable, candidate, weight_ppm FROM strata.gates WHERE base = 'desk'::regnamespace;

SELECT strata.drop_gate('desk');
SELECT strata.retire('desk', version) FROM (VALUES ('v1'), ('v2')) AS v (version);
SELECT strata.untrack('desk');
DROP SCHEMA desk CASCADE;
