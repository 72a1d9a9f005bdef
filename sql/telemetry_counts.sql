-- What is counted of statements that use versions: src/telemetry/.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_strata;
SELECT count(*) FILTER (WHERE strata.drop_policy(hazard) IS NULL) >= 0 AS without_policies FROM strata.policies;
CREATE ROLE regress_counted;
CREATE SCHEMA counted;
CREATE TABLE counted.users (id int PRIMARY KEY, name text, phone text, born date);
CREATE TABLE counted.orders (id int PRIMARY KEY, customer int, total numeric);
INSERT INTO counted.users SELECT i, 'user ' || i, '555-' || i FROM generate_series(1, 10) AS i;
INSERT INTO counted.orders SELECT i, i, i * 10 FROM generate_series(1, 10) AS i;
CREATE VIEW counted.buyers AS SELECT u.id, u.name, o.total FROM counted.users AS u JOIN counted.orders AS o ON o.customer = u.id;
CREATE MATERIALIZED VIEW counted.sums AS SELECT customer, sum(total) AS total FROM counted.orders GROUP BY customer;
GRANT USAGE ON SCHEMA counted TO regress_counted;
GRANT SELECT ON counted.users TO regress_counted;
SELECT strata.track('counted');
SELECT strata.publish('counted', 'v1');
ALTER TABLE counted.users RENAME COLUMN phone TO telephone;
SELECT strata.publish('counted', 'v2');
SET application_name = 'shop';

-- What was counted since the last look; a statement as a whole has no relation, a relation as a
-- whole no column.
CREATE VIEW public.counts AS
SELECT version, relation, column_name, operation, CASE role WHEN 'regress_counted' THEN 'client' ELSE 'owner' END AS role,
       application_name AS app, error_class AS error, sum(calls) AS calls, sum(rows) AS rows
FROM strata.usage_now() WHERE base = 'counted'
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY version, relation, column_name, operation, 5, app, error;
CREATE FUNCTION public.anew() RETURNS void LANGUAGE sql AS $$ SELECT strata.reset_stats('counted') $$;

-- Each kind of statement; the columns are those it names.
SELECT name FROM counted_v1.users WHERE id <= 3 ORDER BY id;
INSERT INTO counted_v1.users (id, name) VALUES (11, 'x') RETURNING id;
UPDATE counted_v1.users SET phone = '1' WHERE id = 11;
DELETE FROM counted_v1.users WHERE id = 11;
SELECT * FROM public.counts;

SELECT public.anew();
SELECT count(*) FROM counted_v1.users;
SELECT u FROM counted_v1.users AS u WHERE false;
SELECT id FROM counted_v1.users WHERE id = 1 FOR UPDATE;
INSERT INTO counted_v1.users (id, name) VALUES (1, 'y') ON CONFLICT (id) DO UPDATE SET born = '2000-01-01';
SELECT * FROM public.counts;

-- COPY, both ways.
SELECT public.anew();
COPY counted_v1.users (id, name) FROM stdin;
21	a
22	b
\.
COPY counted_v1.users (phone) TO '/dev/null';
COPY (SELECT born FROM counted_v2.users WHERE id = 21) TO stdout;
SELECT * FROM public.counts;

-- Views of versions, materialized views, two versions in one statement, a write in WITH.
SELECT public.anew();
SELECT name, total FROM counted_v1.buyers WHERE id = 2;
SELECT total FROM counted_v1.sums WHERE customer = 2;
SELECT * FROM public.counts;
SELECT public.anew();
WITH gone AS (DELETE FROM counted_v1.users WHERE id = 21 RETURNING name)
SELECT g.name, n.telephone FROM gone AS g, counted_v2.users AS n WHERE n.id = 1;
SELECT * FROM public.counts;

-- Prepared statements: one plan, used again, by another role and another application as well.
SELECT public.anew();
SET plan_cache_mode = force_generic_plan;
PREPARE one(int) AS SELECT phone FROM counted_v1.users WHERE id = $1;
EXECUTE one(1);
EXECUTE one(2);
SET application_name = 'other';
EXECUTE one(3);
SET ROLE regress_counted;
SELECT phone FROM counted_v1.users WHERE id = 3;
RESET ROLE;
SET application_name = 'shop';
RESET plan_cache_mode;
SELECT * FROM public.counts;
SELECT version, role = current_user AS mine, application_name, calls, errors, sessions FROM strata.stat_clients
WHERE base = 'counted'::regnamespace ORDER BY 1, 2, 3;

-- Cursors: rows over several fetches; those that nobody closes.
SELECT public.anew();
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM counted_v1.users ORDER BY id;
FETCH 2 FROM c;
FETCH 3 FROM c;
CLOSE c;
SELECT calls, rows FROM public.counts WHERE relation = '';
DECLARE d CURSOR WITH HOLD FOR SELECT id FROM counted_v1.users ORDER BY id;
FETCH 1 FROM d;
DECLARE e CURSOR FOR SELECT id FROM counted_v1.users ORDER BY id;
FETCH 1 FROM e;
ROLLBACK;
SELECT calls, rows FROM public.counts WHERE relation = '';

-- Functions: what they do is counted, for who called them.
SELECT public.anew();
CREATE FUNCTION public.name_of(int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE out text;
BEGIN
    SELECT name INTO out FROM counted_v1.users WHERE id = $1;
    RETURN out;
END $$;
CREATE FUNCTION public.rename_user(int) RETURNS void LANGUAGE sql AS $$ UPDATE counted_v1.users SET name = 'r' WHERE id = $1 $$;
SELECT public.name_of(id) FROM counted_v2.users WHERE id IN (3, 4) ORDER BY id;
SELECT public.rename_user(3);
DO $$ BEGIN FOR i IN 1 .. 5 LOOP PERFORM FROM counted_v1.orders WHERE id = i; END LOOP; END $$;
SET ROLE regress_counted;
SELECT public.name_of(4);
RESET ROLE;
SELECT * FROM public.counts;
SELECT role, calls FROM strata.stat_clients WHERE base = 'counted'::regnamespace AND role = 'regress_counted';

-- Failed statements are counted as failed, with their class: while running, at the start, in planning,
-- at the end, inside a function that goes on.
SELECT public.anew();
SELECT id / (id - 1) FROM counted_v1.users;
SELECT 1 / 0 FROM counted_v1.users;
SET ROLE regress_counted;
SELECT id FROM counted_v1.orders;
RESET ROLE;
INSERT INTO counted_v1.users (id) VALUES (1);
ALTER TABLE counted.orders ADD FOREIGN KEY (customer) REFERENCES counted.users;
INSERT INTO counted_v1.orders (id, customer) VALUES (30, 999);
CREATE FUNCTION public.tries() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count(*) FROM counted_v2.users WHERE id / (id - 1) = 1;
    RETURN 'no error';
EXCEPTION WHEN division_by_zero THEN
    RETURN 'caught';
END $$;
SELECT public.tries() FROM counted_v1.orders WHERE id = 1;
SELECT * FROM public.counts;
SELECT version, calls, reads, writes, errors, sessions
FROM strata.stat_versions WHERE base = 'counted'::regnamespace ORDER BY 1;

-- What fails for the transaction alone was no statement; neither is EXPLAIN without ANALYZE.
SELECT public.anew();
DO $$ BEGIN
    EXECUTE 'EXPLAIN SELECT name FROM counted_v1.buyers WHERE false';
    EXECUTE 'EXPLAIN ANALYZE SELECT name FROM counted_v1.users WHERE false';
END $$;
BEGIN;
SAVEPOINT s;
SELECT name FROM counted_v2.users WHERE id = 1;
ROLLBACK TO s;
ROLLBACK;
SELECT * FROM public.counts;

-- A failed statement is counted with the savepoint, not only at the end of the transaction; so are those of
-- procedures that commit, and of parallel workers once.
SELECT public.anew();
BEGIN;
SAVEPOINT s;
SELECT id / (id - 1) FROM counted_v2.users;
ROLLBACK TO s;
SELECT version, operation, error, calls FROM public.counts WHERE relation = '';
COMMIT;
SELECT public.anew();
CREATE PROCEDURE public.in_turn() LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
    FOR i IN 1 .. 3 LOOP
        UPDATE counted_v1.users SET name = 'turn ' || i WHERE id = i;
        IF i % 2 = 0 THEN ROLLBACK; ELSE COMMIT; END IF;
    END LOOP;
    FOR one IN SELECT id FROM counted_v2.users WHERE id < 4 ORDER BY id LOOP
        COMMIT;
    END LOOP;
END $$;
CALL public.in_turn();
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM counted_v1.orders;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT version, operation, error, calls, rows FROM public.counts WHERE relation = '';
DROP PROCEDURE public.in_turn;

-- More columns than a session notes at a time.
CREATE SCHEMA wide;
DO $$ BEGIN
    EXECUTE 'CREATE TABLE wide.t (' || (SELECT string_agg('c' || i || ' int', ', ') FROM generate_series(1, 500) AS i) || ')';
END $$;
SELECT strata.track('wide');
SELECT strata.publish('wide', 'v1');
SELECT count(*) FROM (SELECT * FROM wide_v1.t OFFSET 0) AS x;
INSERT INTO wide_v1.t SELECT * FROM wide_v1.t;
SELECT operation, relation <> '' AS of_relation, count(*) FILTER (WHERE column_name <> '') AS columns, min(calls), max(calls)
FROM strata.usage_now() WHERE base = 'wide' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT strata.retire('wide', 'v1');
SELECT strata.untrack('wide');
DROP SCHEMA wide CASCADE;

-- Rules make several statements of one; the client's is counted. Nothing is when it is off.
SELECT public.anew();
CREATE TABLE counted.log (what text);
CREATE RULE noted AS ON INSERT TO counted.orders DO ALSO INSERT INTO counted.log VALUES ('new');
INSERT INTO counted_v1.orders (id, customer) VALUES (31, 1);
SET pg_strata.telemetry = off;
SELECT id FROM counted_v1.orders WHERE id = 31;
RESET pg_strata.telemetry;
SELECT * FROM public.counts;

RESET application_name;
SELECT strata.retire('counted', 'v1');
SELECT strata.retire('counted', 'v2');
SELECT strata.untrack('counted');
DROP VIEW public.counts;
DROP FUNCTION public.anew, public.name_of, public.rename_user, public.tries;
DROP SCHEMA counted CASCADE;
DROP ROLE regress_counted;
