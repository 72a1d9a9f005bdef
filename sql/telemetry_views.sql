-- What is shown of usage, to whom, what is written down, and what is forgotten.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_strata;
SELECT count(*) FILTER (WHERE strata.drop_policy(hazard) IS NULL) >= 0 AS without_policies FROM strata.policies;
CREATE ROLE regress_use_owner;
CREATE ROLE regress_use_client;
CREATE ROLE regress_use_stats IN ROLE pg_read_all_stats;
CREATE ROLE regress_use_reader IN ROLE strata_reader;
CREATE SCHEMA "Use""d" AUTHORIZATION regress_use_owner;
CREATE TABLE "Use""d"."Us ers" ("Id" int PRIMARY KEY, "na""me" text, phone text);
ALTER TABLE "Use""d"."Us ers" OWNER TO regress_use_owner;
INSERT INTO "Use""d"."Us ers" VALUES (1, 'one', '555');
CREATE SCHEMA mine;
CREATE TABLE mine.t (a int, b int);
GRANT USAGE ON SCHEMA "Use""d" TO regress_use_client;
GRANT SELECT ON "Use""d"."Us ers" TO regress_use_client;
SELECT strata.track('"Use""d"', owner => 'regress_use_owner');
SELECT strata.track('mine');
SELECT strata.publish('"Use""d"', 'v1', 'used_v1');
SELECT strata.publish('"Use""d"', 'v2', 'used_v2');
SELECT strata.publish('mine', 'v1');
CREATE TEMP TABLE here AS SELECT version_id FROM strata.published_version WHERE base IN ('mine', 'Use"d');
GRANT SELECT ON here TO PUBLIC;

-- Versions and columns that nobody uses are shown as such.
SELECT base, version, calls, rows, reads, writes, errors, total_time, first_used_at, last_used_at, sessions
FROM strata.stat_versions ORDER BY base::text, version;
SELECT base, version, relation, column_name, reads, writes, last_used_at IS NULL AS never
FROM strata.stat_columns ORDER BY base::text, version, relation, column_name;
SELECT version, relation, column_name, last_used_at, watched_since <= now() AS watched
FROM strata.unused_columns('"Use""d"', '1 day') ORDER BY version, relation, column_name;

SET ROLE regress_use_client;
SET application_name = 'a "shop"';
SELECT "na""me" FROM used_v1."Us ers" WHERE "Id" = 1;
RESET ROLE;
RESET application_name;
UPDATE used_v2."Us ers" SET phone = '556' WHERE "Id" = 1;
SELECT a FROM mine_v1.t;

SELECT base, version, calls, rows, reads, writes, errors, sessions, last_used_at = first_used_at AS once
FROM strata.stat_versions ORDER BY base::text, version;
SELECT version, relation, column_name, reads, writes FROM strata.stat_columns
WHERE last_used_at IS NOT NULL ORDER BY base::text, version, relation, column_name;
SELECT version, role = 'regress_use_client' AS client, application_name = 'a "shop"' AS shop, calls, errors
FROM strata.stat_clients ORDER BY base::text, version;
SELECT version, column_name, last_used_at IS NULL AS never FROM strata.unused_columns('"Use""d"', '1 day') ORDER BY 1, 2;
SELECT version, column_name, last_used_at IS NULL AS never FROM strata.unused_columns('"Use""d"', '-1 day') ORDER BY 1, 2;

-- Written down, the same is shown.
SELECT strata.flush_stats();
SELECT period, count(*) FROM strata.usage JOIN here USING (version_id) GROUP BY 1 ORDER BY 1;
SELECT base, version, calls, rows, reads, writes, errors, sessions FROM strata.stat_versions ORDER BY base::text, version;
SELECT "na""me" FROM used_v1."Us ers" WHERE "Id" = 1;
SELECT version, calls, sessions FROM strata.stat_versions WHERE base = '"Use""d"'::regnamespace ORDER BY version;
SELECT strata.flush_stats();
SELECT version, calls, sessions FROM strata.stat_versions WHERE base = '"Use""d"'::regnamespace ORDER BY version;
SELECT version, period, relation, column_name, operation, sum(calls) AS calls FROM strata.stat_history
WHERE base = '"Use""d"'::regnamespace GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;
SELECT counters >= 0 AS counters, capacity > 0 AS capacity, evicted >= 0 AS evicted, bytes > 0 AS bytes FROM strata.stat_memory();

-- Hours and days that are old go with the next flush, and what was not used since.
INSERT INTO strata.usage
SELECT p.period, p.starts_at, version_id, 'old', '', 'select', 'r', 'a', '', 1, 1, 1, 1, '2001-01-01', '2001-01-01'
FROM strata.published_version, (VALUES ('hour', timestamptz '2001-01-01'), ('day', '2001-01-01'), ('ever', '-infinity')) AS p(period, starts_at)
WHERE base = 'mine';
SELECT a FROM mine_v1.t;
SELECT strata.flush_stats();
SELECT count(*) FROM strata.usage WHERE relation = 'old';

-- The owner of the base sees its usage, readers and pg_read_all_stats all, others none.
SET ROLE regress_use_owner;
SELECT base, version FROM strata.stat_versions ORDER BY base::text, version;
SELECT count(*) > 0 AS columns FROM strata.stat_columns;
SELECT count(*) > 0 AS clients FROM strata.stat_clients;
SELECT count(*) > 0 AS history FROM strata.stat_history;
SELECT count(*) FROM strata.unused_columns('"Use""d"', '1 day');
SELECT strata.unused_columns('mine', '1 day');
SELECT strata.reset_stats('mine');
SELECT strata.reset_stats();
SELECT strata.flush_stats();
SELECT strata.forget_counters(NULL);
SELECT count(*) FROM strata.usage;
SET ROLE regress_use_stats;
SELECT base, version FROM strata.stat_versions ORDER BY base::text, version;
SELECT count(DISTINCT base) FROM strata.stat_clients WHERE base IN ('mine'::regnamespace, '"Use""d"'::regnamespace);
SELECT count(DISTINCT base) FROM strata.stat_history WHERE base IN ('mine'::regnamespace, '"Use""d"'::regnamespace);
SET ROLE regress_use_reader;
SELECT count(DISTINCT base) FROM strata.stat_clients WHERE base IN ('mine'::regnamespace, '"Use""d"'::regnamespace);
SELECT strata.flush_stats();
SET ROLE regress_use_client;
SELECT base, version FROM strata.stat_versions;
SELECT * FROM strata.stat_columns;
SELECT * FROM strata.stat_clients;
SELECT * FROM strata.stat_history;
SELECT * FROM strata.usage_now();
SELECT strata.unused_columns('"Use""d"', '1 day');
SET pg_strata.telemetry = off;
RESET ROLE;
SELECT strata.unused_columns('public', '1 day');

-- Forgetting one version, one base, all.
SET ROLE regress_use_owner;
SELECT strata.reset_stats('"Use""d"', 'v1');
SELECT version, calls FROM strata.stat_versions ORDER BY 1;
SELECT DISTINCT u.version, u.watched_since > v.published_at AS since_reset FROM strata.unused_columns('"Use""d"', '1 day') AS u
JOIN strata.versions AS v ON v.base = '"Use""d"'::regnamespace AND v.version = u.version ORDER BY 1;
SELECT strata.reset_stats('"Use""d"', 'v9');
SELECT strata.reset_stats('"Use""d"');
SELECT version, calls FROM strata.stat_versions ORDER BY 1;
RESET ROLE;
SELECT strata.reset_stats(NULL, 'v1');
SELECT base, calls FROM strata.stat_versions ORDER BY base::text, version;
SELECT strata.reset_stats();
SELECT base, calls FROM strata.stat_versions ORDER BY base::text, version;
SELECT count(*) FROM strata.usage;

-- A session counts itself anew after that.
SELECT a FROM mine_v1.t;
SELECT calls, sessions FROM strata.stat_versions WHERE base = 'mine'::regnamespace;

-- What was used of a version is still shown when it is retired, and not taken for that of a later one.
SELECT strata.flush_stats();
SELECT strata.retire('mine', 'v1');
SELECT version, state, calls FROM strata.stat_versions WHERE base = 'mine'::regnamespace;
SELECT strata.publish('mine', 'v1');
SELECT version, state, calls FROM strata.stat_versions WHERE base = 'mine'::regnamespace ORDER BY state;
SELECT count(*) FROM strata.unused_columns('mine', '1 day');
-- Whoever used it is named, though the version and the role are gone.
SET ROLE regress_use_client;
SELECT phone FROM used_v1."Us ers";
RESET ROLE;
SELECT strata.retire('"Use""d"', version) FROM unnest(ARRAY['v1', 'v2']) AS version;
SELECT strata.retire('mine', 'v1');
DROP OWNED BY regress_use_client;
DROP ROLE regress_use_client;
SELECT version, role <> '' AS named, calls FROM strata.stat_clients WHERE base = '"Use""d"'::regnamespace ORDER BY version;

-- Nothing is left of a base that is not tracked any more.
SELECT strata.flush_stats();
SELECT count(*) > 0 AS kept FROM strata.usage JOIN here USING (version_id);
SELECT strata.untrack(base) FROM unnest(ARRAY['mine', '"Use""d"']::regnamespace[]) AS base;
SELECT count(*) > 0 AS kept FROM strata.usage JOIN here USING (version_id);
SELECT count(*) > 0 AS kept FROM strata.usage_reset JOIN here USING (version_id);
DROP SCHEMA mine, "Use""d" CASCADE;
DROP ROLE regress_use_owner, regress_use_stats, regress_use_reader;
