-- A deprecated version warns each session once, is refused during brownouts and after its sunset,
-- whatever way it is used, and served again when that is extended.
SET TimeZone = 'UTC';
-- Names that need quotes.
CREATE SCHEMA "Sun ""Set";
CREATE TABLE "Sun ""Set".t ();
SELECT strata.track('"Sun ""Set"');
SELECT strata.publish('"Sun ""Set"', 'v1');
SELECT strata.publish('"Sun ""Set"', 'v2');
SELECT strata.deprecate('"Sun ""Set"', 'v1', sunset => '2001-01-01 00:00:00+00');
SELECT * FROM "_un___et_v1".t;
SELECT strata.add_brownout('"Sun ""Set"', 'v1', now(), '1 hour') > 0 AS added;
SELECT strata.drop_brownout(brownout_id) FROM strata.brownouts;
SELECT strata.retire('"Sun ""Set"', version) FROM (VALUES ('v1'), ('v2')) AS v (version);
SELECT strata.untrack('"Sun ""Set"');
DROP SCHEMA "Sun ""Set" CASCADE;

CREATE SCHEMA sunset;
CREATE TABLE sunset.t (id int PRIMARY KEY, a text);
INSERT INTO sunset.t VALUES (1, 'one');
SELECT strata.track('sunset');
SELECT strata.publish('sunset', 'v1');
SELECT strata.publish('sunset', 'v2');
CREATE VIEW public.over_sunset AS SELECT * FROM sunset_v1.t;
CREATE FUNCTION public.in_sunset() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM sunset_v1.t';
PREPARE reads AS SELECT count(*) FROM sunset_v1.t;
PREPARE writes AS UPDATE sunset_v1.t SET a = 'two' WHERE id = 1;
EXECUTE reads;

-- Only what is deprecated has brownouts.
SELECT strata.add_brownout('sunset', 'v1', now(), '5 minutes');
SELECT strata.add_brownout('sunset', 'v3', now(), '5 minutes');

-- Once in a session, for each version.
SELECT strata.deprecate('sunset', 'v1', sunset => '2199-01-01 00:00:00+00', reason => 'names are split');
SET TimeZone = 'UTC';
\set VERBOSITY sqlstate
EXECUTE reads;
\set VERBOSITY default
EXECUTE reads;
EXECUTE writes;
SELECT count(*) FROM sunset_v2.t;
\c -
SET TimeZone = 'UTC';
INSERT INTO sunset_v1.t VALUES (2, 'three');
SELECT count(*) FROM sunset_v1.t;

-- A brownout refuses every use, and nothing else.
PREPARE reads AS SELECT count(*) FROM sunset_v1.t;
PREPARE writes AS UPDATE sunset_v1.t SET a = 'two' WHERE id = 1;
SELECT strata.add_brownout('sunset', 'v1', now() - interval '1 day', '2 days') > 0 AS added;
\set VERBOSITY terse
EXECUTE reads;
EXECUTE writes;
INSERT INTO sunset_v1.t VALUES (3, 'four');
DELETE FROM sunset_v1.t;
COPY sunset_v1.t FROM '/dev/null';
COPY (SELECT * FROM sunset_v1.t) TO stdout;
COPY sunset_v1.t TO stdout;
SELECT * FROM public.over_sunset;
SELECT public.in_sunset();
WITH gone AS (DELETE FROM sunset_v1.t RETURNING id) SELECT count(*) FROM gone;
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM sunset_v1.t;
ROLLBACK;
CREATE TABLE public.copied AS SELECT * FROM sunset_v1.t;
DO $$ BEGIN PERFORM * FROM sunset_v1.t; END $$;
EXPLAIN UPDATE sunset_v1.t SET a = 'x' WHERE false \g /dev/null
-- To look it up is no use.
SELECT relname, pg_get_viewdef('sunset_v1.t'::regclass) IS NOT NULL AS shown FROM pg_class WHERE oid = 'sunset_v1.t'::regclass;
SELECT count(*) FROM sunset_v2.t;
SELECT count(*) FROM sunset.t;
\set VERBOSITY default

-- The modes that refuse nothing.
SET pg_strata.mode = record;
SELECT count(*) FROM sunset_v1.t;
RESET pg_strata.mode;

-- A rule repeats it at the same hour of the session's zone. Only owners say so.
SET TimeZone = 'Europe/Berlin';
SELECT strata.add_brownout('sunset', 'v1', '2199-03-01 10:00', '10 minutes', 'FREQ=DAILY') > 0 AS added;
SET TimeZone = 'UTC';
SELECT base, version, CASE WHEN rrule IS NOT NULL THEN starts END AS starts, duration, rrule,
       CASE WHEN rrule IS NOT NULL THEN time_zone END AS time_zone
FROM strata.brownouts ORDER BY brownout_id;
SELECT strata.add_brownout('sunset', 'v1', now(), '-1 hour');
SELECT strata.add_brownout('sunset', 'v1', now(), '1 hour', 'FREQ=SOMETIMES');
SELECT strata.add_brownout('sunset', 'v1', 'infinity', '1 hour');
SELECT strata.add_brownout('sunset', 'v1', NULL, '1 hour');
CREATE ROLE regress_sunset;
SET ROLE regress_sunset;
SELECT strata.add_brownout('sunset', 'v1', now(), '1 hour');
SELECT strata.drop_brownout(min(brownout_id)) FROM strata.brownouts;
RESET ROLE;
DROP ROLE regress_sunset;
SELECT strata.drop_brownout(brownout_id) FROM strata.brownouts WHERE rrule IS NULL;
SELECT count(*) FROM sunset_v1.t;
SELECT strata.drop_brownout(0);

-- After the sunset; a transaction that began before it may end.
BEGIN;
SELECT count(*) FROM sunset_v1.t;
SELECT strata.deprecate('sunset', 'v1', sunset => clock_timestamp());
SELECT count(*) FROM sunset_v1.t;
COMMIT;
SELECT strata.deprecate('sunset', 'v1', sunset => '2001-01-01 00:00:00+00', reason => 'names are split');
SELECT count(*) FROM sunset_v1.t;
SELECT count(*) FROM sunset_v2.t;
SELECT strata.deprecate('sunset', 'v1', sunset => '2199-01-01 00:00:00+00');
SELECT count(*) FROM sunset_v1.t;
SELECT command, object FROM strata.change WHERE base = 'sunset' AND command LIKE '%brownout' ORDER BY change_id;

-- It goes past its sunset as at any time, and its brownouts with it.
SELECT strata.deprecate('sunset', 'v1', sunset => '2001-01-01 00:00:00+00');
DROP VIEW public.over_sunset;
SELECT strata.retire('sunset', 'v1');
SELECT count(*) FROM strata.brownout;
SELECT strata.retire('sunset', 'v2');
SELECT strata.untrack('sunset');
DROP FUNCTION public.in_sunset();
DROP SCHEMA sunset CASCADE;
