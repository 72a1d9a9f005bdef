-- What is counted of cursors that outlive what began them, of statements that could not be planned, and for whom.
SET client_min_messages = warning;
CREATE ROLE regress_corner;
CREATE SCHEMA corner;
CREATE TABLE corner.t (id int PRIMARY KEY, a text);
INSERT INTO corner.t SELECT i, 'a' FROM generate_series(1, 10) AS i;
GRANT USAGE ON SCHEMA corner TO regress_corner;
GRANT SELECT ON corner.t TO regress_corner;
SELECT strata.track('corner');
SELECT strata.publish('corner', 'v1');
SELECT strata.publish('corner', 'v2');
CREATE VIEW public.counts AS
SELECT version, operation, CASE role WHEN 'regress_corner' THEN 'client' ELSE 'owner' END AS role, error_class AS error,
       sum(calls) AS calls, sum(rows) AS rows
FROM strata.usage_now() WHERE base = 'corner' AND relation = '' GROUP BY 1, 2, 3, 4 HAVING sum(calls) > 0
ORDER BY 1, 2, 3, 4;
CREATE FUNCTION public.anew() RETURNS void LANGUAGE sql AS $$ SELECT strata.reset_stats('corner') $$;

-- A cursor WITH HOLD runs again from its beginning when its transaction commits, if it scrolls; else from where it is.
BEGIN;
DECLARE held SCROLL CURSOR WITH HOLD FOR SELECT id FROM corner_v1.t;
FETCH 2 FROM held;
FETCH 2 FROM held;
COMMIT;
FETCH 2 FROM held;
CLOSE held;
SELECT * FROM public.counts;
SELECT public.anew();
BEGIN;
DECLARE held NO SCROLL CURSOR WITH HOLD FOR SELECT id FROM corner_v1.t;
FETCH 2 FROM held;
FETCH 2 FROM held;
COMMIT;
CLOSE held;
SELECT * FROM public.counts;

-- An open cursor of a plan that is kept is the client's who opened it, whoever uses the plan meanwhile.
SELECT public.anew();
SET plan_cache_mode = force_generic_plan;
CREATE FUNCTION public.opened(c refcursor) RETURNS refcursor LANGUAGE plpgsql AS $$
BEGIN OPEN c FOR SELECT id FROM corner_v1.t; RETURN c; END $$;
BEGIN;
SET LOCAL ROLE regress_corner;
SELECT public.opened('one');
FETCH 3 FROM one;
RESET ROLE;
SELECT public.opened('two');
FETCH 1 FROM two;
SELECT public.opened('three');
CLOSE one;
CLOSE two;
CLOSE three;
COMMIT;
RESET plan_cache_mode;
SELECT * FROM public.counts;

-- A FETCH that fails has failed when its savepoint is rolled back.
SELECT public.anew();
BEGIN;
DECLARE failing CURSOR FOR SELECT 1 / (id - 3) FROM corner_v1.t;
FETCH 1 FROM failing;
SAVEPOINT s;
FETCH 5 FROM failing;
ROLLBACK TO s;
SELECT * FROM public.counts;
COMMIT;
SELECT * FROM public.counts;
-- What goes on outside of a savepoint does not.
SELECT public.anew();
CREATE FUNCTION public.catches(id int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN RETURN 1 / (id - 3); EXCEPTION WHEN division_by_zero THEN RETURN 0; END $$;
SELECT sum(public.catches(id)) FROM corner_v1.t;
SELECT * FROM public.counts;

-- Planning fails: also in what stands in an expression; not where nothing was to be run.
SELECT public.anew();
SELECT (SELECT a FROM corner_v1.t WHERE id = 1 / 0);
SELECT count(*) FROM corner.t AS b WHERE b.id IN (SELECT id FROM corner_v1.t WHERE id = b.id LIMIT 1 / 0);
UPDATE corner_v2.t SET a = (SELECT a FROM corner_v1.t WHERE id = 1 / 0) WHERE id = 1;
SELECT * FROM public.counts;
SELECT public.anew();
EXPLAIN (COSTS OFF) SELECT a FROM corner_v1.t WHERE id = 1 / 0;
EXPLAIN (COSTS OFF, ANALYZE off) SELECT (SELECT a FROM corner_v1.t WHERE id = 1 / 0);
EXPLAIN (ANALYZE maybe) SELECT a FROM corner_v1.t;
SELECT * FROM public.counts;
EXPLAIN (ANALYZE) SELECT a FROM corner_v1.t WHERE id = 1 / 0;
SELECT a FROM corner_v1.t WHERE id = 1 / 0;
SELECT * FROM public.counts;

SELECT strata.retire('corner', version) FROM unnest(ARRAY['v1', 'v2']) AS version;
SELECT strata.untrack('corner');
DROP VIEW public.counts;
DROP FUNCTION public.anew, public.opened, public.catches;
DROP SCHEMA corner CASCADE;
DROP ROLE regress_corner;
