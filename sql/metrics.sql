-- strata.metrics: the shape of the view, what its numbers say, who sees which of them; strata.run_checks().
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_strata;
SELECT count(*) FILTER (WHERE strata.drop_policy(hazard) IS NULL) >= 0 AS without_policies FROM strata.policies;
CREATE ROLE regress_metrics_owner;
CREATE ROLE regress_metrics_client;
CREATE ROLE regress_metrics_monitor IN ROLE pg_monitor;
CREATE ROLE regress_metrics_reader IN ROLE strata_reader;

-- Names of the families: one word each for prefix and unit, counters in _total, base units.
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = 'strata.metrics'::regclass AND attnum > 0 ORDER BY attnum;
SELECT name FROM strata.metric_families
WHERE name !~ '^strata(_[a-z]+)+$' OR type NOT IN ('counter', 'gauge') OR (type = 'counter') <> (name ~ '_total$')
   OR COALESCE(help, '') !~ '\.$' OR name ~ '_(count|sum|bucket|milliseconds|minutes|hours|days|kilobytes|percent)(_|$)'
   OR name ~ 'timestamp' AND name !~ '_timestamp_seconds$' OR name ~ '_info$' AND labels = '{}'
   OR EXISTS (SELECT FROM unnest(labels) AS l (label) WHERE label !~ '^[a-z_]+$' OR label IN ('name', 'value', 'server', 'datname', 'job', 'instance'))
ORDER BY name;
SELECT name FROM strata.metric_families GROUP BY name HAVING count(*) > 1;
SELECT f.part FROM strata.metric_families AS f
WHERE to_regprocedure(format('strata.%I()', f.part || '_metrics')) IS NULL GROUP BY 1;

-- A story that gives every family a value; the schema's name needs quotes.
CREATE SCHEMA "Me""ter" AUTHORIZATION regress_metrics_owner;
CREATE TABLE "Me""ter"."us ers" (id int PRIMARY KEY, name text);
ALTER TABLE "Me""ter"."us ers" OWNER TO regress_metrics_owner;
INSERT INTO "Me""ter"."us ers" VALUES (1, 'one');
GRANT USAGE ON SCHEMA "Me""ter" TO regress_metrics_client;
GRANT SELECT ON "Me""ter"."us ers" TO regress_metrics_client;
SELECT strata.track('"Me""ter"', owner => 'regress_metrics_owner');
SELECT strata.publish('"Me""ter"', 'v1', 'meter_1');
SELECT strata.publish('"Me""ter"', 'v 2', 'meter_2');
SELECT strata.publish('"Me""ter"', 'gone', 'meter_gone');
SELECT strata.retire('"Me""ter"', 'gone');
SELECT strata.deprecate('"Me""ter"', 'v1', '2101-01-01 00:00+00');
CREATE SCHEMA other_meter;
SELECT strata.track('other_meter');
SELECT strata.publish('other_meter', 'v1');
SELECT strata.deprecate('other_meter', 'v1', 'infinity');
SET ROLE regress_metrics_client;
SELECT name FROM meter_1."us ers";
SELECT name FROM meter_2."us ers" WHERE 1 / id > 0;
SELECT name FROM meter_2."us ers" WHERE 1 / (id - 1) > 0;
RESET ROLE;
INSERT INTO meter_2."us ers" VALUES (2, 'two'), (3, 'three');
SELECT strata.set_gate('"Me""ter"', 'v1', 'v 2', 250000);
SELECT strata.start_rollout('"Me""ter"', 'v 2', '[{"weight_ppm": 250000, "bake": "1 day", "interval": "1 day"}]') > 0 AS started;
SELECT strata.add_rule('"Me""ter"', 1, '{"role": "somebody"}', 'v 2');
SELECT strata.add_window('regress_metrics', '2100-01-02 00:00', '1 hour', base => '"Me""ter"');
SELECT strata.set_policy('DATA_LOSS', 'refuse', '"Me""ter"');
DROP TABLE "Me""ter"."us ers";
ALTER TABLE "Me""ter"."us ers" ALTER COLUMN name TYPE int;
ALTER TABLE "Me""ter"."us ers" ADD COLUMN name text;
SELECT strata.checkpoint_provenance() IS NOT NULL AS checkpoint;
-- What is shown is what workers have written.
SELECT strata.flush_stats();
DO $$ BEGIN
    FOR i IN 1..600 LOOP
        EXIT WHEN (SELECT count(*) FROM strata.attempt_counts WHERE base = 'Me"ter') = 3;
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;

SELECT name, labels, value FROM strata.metrics
WHERE labels ->> 'base' = 'Me"ter' AND name !~ 'timestamp' AND name <> 'strata_usage_execution_seconds_total'
  AND (name <> 'strata_refused_statements_total' OR value <> 0) AND (name !~ '^strata_usage' OR value <> 0)
ORDER BY name, labels::text;
SELECT name, labels ->> 'version' AS version, to_timestamp(value) AT TIME ZONE 'UTC' AS at FROM strata.metrics
WHERE name IN ('strata_version_sunset_timestamp_seconds', 'strata_change_window_next_start_timestamp_seconds') ORDER BY 1, 2;
-- Each operation of each live version is there before it is first used, and each code before it is first raised.
SELECT name, labels ->> 'version' AS version, count(*) FROM strata.metrics
WHERE name ~ '^strata_usage' AND labels ->> 'base' = 'Me"ter' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT string_agg(labels ->> 'sqlstate', ' ' ORDER BY labels ->> 'sqlstate') AS sqlstates FROM strata.metrics
WHERE name = 'strata_refused_statements_total' AND labels ->> 'base' = 'other_meter';
-- Sums are what the other views say.
SELECT v.version, v.calls = sum(m.value) FILTER (WHERE m.name = 'strata_usage_statements_total') AS calls,
       v.errors = sum(m.value) FILTER (WHERE m.name = 'strata_usage_errors_total') AS errors,
       v.rows = sum(m.value) FILTER (WHERE m.name = 'strata_usage_rows_total') AS rows,
       v.sessions = sum(m.value) FILTER (WHERE m.name = 'strata_client_sessions_total') AS sessions,
       extract(epoch FROM v.total_time)::numeric(20, 6) = sum(m.value) FILTER (WHERE m.name = 'strata_usage_execution_seconds_total')::numeric(20, 6) AS time,
       extract(epoch FROM v.last_used_at)::numeric(20, 3) = sum(m.value) FILTER (WHERE m.name = 'strata_client_last_seen_timestamp_seconds')::numeric(20, 3) AS last
FROM strata.stat_versions AS v JOIN strata.metrics AS m ON m.labels ->> 'version' = v.version AND m.labels ->> 'base' = 'Me"ter'
WHERE v.base = '"Me""ter"'::regnamespace AND v.state <> 'retired' GROUP BY v.version, v.calls, v.errors, v.rows, v.sessions, v.total_time, v.last_used_at ORDER BY 1;

-- What the checks find is kept; before, nobody knows.
SELECT name, value FROM strata.metrics
WHERE name ~ '_check_' AND COALESCE(labels ->> 'base', 'Me"ter') IN ('Me"ter', 'other_meter') ORDER BY name, labels::text;
SELECT * FROM strata.run_checks() WHERE base IS NULL OR base IN ('Me"ter', 'other_meter');
SET pg_strata.mode = off;
ALTER TABLE "Me""ter"."us ers" ADD COLUMN hidden int;
ALTER VIEW meter_1."us ers" RESET (security_invoker);
RESET pg_strata.mode;
SELECT * FROM strata.run_checks() WHERE base IS NULL OR base IN ('Me"ter', 'other_meter');
SELECT name, labels, value FROM strata.metrics WHERE name ~ 'problems|_objects|check_failed' AND COALESCE(NULLIF(labels ->> 'base', ''), 'Me"ter') IN ('Me"ter', 'other_meter') ORDER BY name, labels::text;
SELECT count(*) FROM strata.repair('"Me""ter"');
SELECT * FROM strata.run_checks() WHERE base IS NULL OR base IN ('Me"ter', 'other_meter');
SELECT name, labels, value FROM strata.metrics WHERE name ~ 'problems|_objects' AND COALESCE(labels ->> 'base', 'Me"ter') IN ('Me"ter', 'other_meter') ORDER BY name, labels::text;
SELECT labels ->> 'base' AS base, value > 0 AS found FROM strata.metrics
WHERE name = 'strata_drift_last_found_timestamp_seconds' AND labels ->> 'base' IN ('Me"ter', 'other_meter') ORDER BY 1;
-- What another call of strata.drift() found, it has recorded, and the checks see that.
CREATE TEMP TABLE before AS SELECT value FROM strata.metrics
WHERE name = 'strata_drift_last_found_timestamp_seconds' AND labels ->> 'base' = 'Me"ter';
SET pg_strata.mode = off;
ALTER TABLE "Me""ter"."us ers" DROP COLUMN hidden;
RESET pg_strata.mode;
SELECT object FROM strata.drift('"Me""ter"');
SELECT * FROM strata.run_checks() WHERE base IS NULL OR base IN ('Me"ter', 'other_meter');
SELECT m.value > b.value AS later FROM strata.metrics AS m, before AS b
WHERE m.name = 'strata_drift_last_found_timestamp_seconds' AND m.labels ->> 'base' = 'Me"ter';
-- Where nothing may be written they tell, and keep nothing.
CREATE TEMP TABLE ran AS SELECT * FROM strata.check_run;
BEGIN READ ONLY;
SELECT * FROM strata.run_checks() WHERE base IS NULL OR base IN ('Me"ter', 'other_meter');
COMMIT;
SELECT * FROM strata.check_run EXCEPT SELECT * FROM ran;

-- One that fails is told of, and hides nothing of the others.
BEGIN;
SET LOCAL pg_strata.mode = off;
CREATE OR REPLACE FUNCTION strata.recorded_shapes(base oid, up_to bigint) RETURNS TABLE (object text, shape json)
    LANGUAGE sql STABLE AS $$ SELECT (1 / count(*) FILTER (WHERE false))::text, '{}'::json $$;
SELECT topic, base, problem FROM strata.run_checks() WHERE base IN ('Me"ter', 'other_meter');
SELECT labels, value FROM strata.metrics WHERE name = 'strata_check_failed' AND labels ->> 'base' IN ('', 'Me"ter', 'other_meter') ORDER BY labels::text;
ROLLBACK;

-- Every family has had a value, with its labels and nothing else.
SELECT f.name FROM strata.metric_families AS f WHERE NOT EXISTS (SELECT FROM strata.metrics AS m WHERE m.name = f.name) ORDER BY 1;
SELECT DISTINCT m.name FROM strata.metrics AS m LEFT JOIN strata.metric_families AS f ON f.name = m.name
WHERE f.name IS NULL OR m.help IS DISTINCT FROM f.help OR m.type IS DISTINCT FROM f.type OR m.value IS NULL
   OR ARRAY(SELECT jsonb_object_keys(m.labels) ORDER BY 1) <> ARRAY(SELECT unnest(f.labels) ORDER BY 1)
   OR EXISTS (SELECT FROM jsonb_each(m.labels) AS l WHERE jsonb_typeof(l.value) <> 'string');
SELECT name, labels FROM strata.metrics GROUP BY 1, 2 HAVING count(*) > 1;
-- `always` is what it says: no other set of labels in its part is without it.
SELECT f.name, f.labels FROM strata.metric_families AS f JOIN strata.metric_families AS g ON g.part = f.part AND g.labels = f.labels
JOIN strata.metrics AS m ON m.name = g.name
WHERE f.always AND g.always AND NOT EXISTS (SELECT FROM strata.metrics AS n WHERE n.name = f.name AND n.labels = m.labels)
  AND split_part(f.name, '_', 2) = split_part(g.name, '_', 2) GROUP BY 1, 2;

-- Who sees what: monitoring all, the owner what is about the base, others what everybody may know.
CREATE TEMP TABLE whole AS SELECT DISTINCT name, labels FROM strata.metrics
WHERE COALESCE(labels ->> 'base', '') IN ('', 'Me"ter', 'other_meter')
  AND (name <> 'strata_failed_statements_total' OR labels ->> 'base' = 'Me"ter');
GRANT SELECT ON whole TO PUBLIC;
SET ROLE regress_metrics_monitor;
SELECT count(*) FROM (SELECT name, labels FROM whole EXCEPT SELECT name, labels FROM strata.metrics) AS missing;
SELECT * FROM strata.run_checks() WHERE base IS NULL OR base IN ('Me"ter', 'other_meter');
SELECT * FROM strata.check_run;
SET ROLE regress_metrics_reader;
SELECT count(*) FROM (SELECT name, labels FROM whole EXCEPT SELECT name, labels FROM strata.metrics) AS missing;
SELECT * FROM strata.run_checks() WHERE base IS NULL OR base IN ('Me"ter', 'other_meter');
UPDATE strata.check_run SET failed = false;
SET ROLE regress_metrics_owner;
SELECT DISTINCT name FROM (SELECT name, labels FROM whole EXCEPT SELECT name, labels FROM strata.metrics) AS missing
WHERE labels ->> 'base' = 'Me"ter';
SELECT DISTINCT name FROM (SELECT name, labels FROM whole EXCEPT SELECT name, labels FROM strata.metrics) AS missing ORDER BY 1;
SET ROLE regress_metrics_client;
SELECT DISTINCT name FROM strata.metrics ORDER BY 1;
-- Nothing that is found through the caller's path gets into it.
CREATE TEMP TABLE pg_settings (name text);
CREATE FUNCTION pg_temp.count() RETURNS bigint LANGUAGE sql AS 'SELECT 7::bigint';
SET search_path = pg_temp, pg_catalog;
SELECT value FROM strata.metrics WHERE name = 'strata_extension_loaded';
RESET search_path;
RESET ROLE;
DROP TABLE pg_temp.pg_settings;
DROP FUNCTION pg_temp.count();

-- Reset counters begin at 0.
SELECT strata.reset_stats('"Me""ter"', 'v1');
SELECT labels ->> 'version' AS version, name, sum(value) FROM strata.metrics
WHERE name IN ('strata_usage_statements_total', 'strata_client_sessions_total', 'strata_client_last_seen_timestamp_seconds')
  AND labels ->> 'base' = 'Me"ter' AND (name !~ 'last_seen' OR labels ->> 'version' = 'v1') GROUP BY 1, 2 ORDER BY 1, 2;
-- Neither dumps nor other databases get what was counted and found here.
SELECT c.oid::regclass::text AS dumped FROM pg_extension AS e CROSS JOIN unnest(e.extconfig) AS c (oid)
WHERE e.extname = 'pg_strata' AND c.oid IN ('strata.check_run'::regclass, 'strata.attempt_count'::regclass, 'strata.usage_total'::regclass);

SELECT strata.reset_stats('"Me""ter"');
SELECT strata.abort_rollout('"Me""ter"');
SELECT strata.drop_gate('"Me""ter"');
SELECT strata.drop_window('regress_metrics');
SELECT strata.drop_policy('DATA_LOSS', base => '"Me""ter"');
SELECT strata.retire('"Me""ter"', version) FROM (VALUES ('v1'), ('v 2')) AS v (version);
SELECT strata.retire('other_meter', 'v1');
SELECT strata.untrack('"Me""ter"'), strata.untrack('other_meter');
SELECT name, labels FROM strata.metrics WHERE labels ->> 'base' IN ('Me"ter', 'other_meter') AND name !~ '_statements_total$';
SELECT * FROM strata.run_checks() WHERE base IS NULL OR base IN ('Me"ter', 'other_meter');
SELECT topic, base FROM strata.check_run WHERE base IN ('', 'Me"ter', 'other_meter');
DROP SCHEMA "Me""ter" CASCADE;
DROP SCHEMA other_meter;
DROP ROLE regress_metrics_owner, regress_metrics_client, regress_metrics_monitor, regress_metrics_reader;
