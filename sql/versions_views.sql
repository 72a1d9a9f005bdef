-- Views of the base schema are published as copies over the version's own views: whatever DDL then
-- does to the base tables and to the base views, a copy answers as on the day it was published.
SET client_min_messages = warning;
CREATE ROLE regress_reports;
CREATE ROLE regress_clerk;
CREATE SCHEMA sales;
GRANT USAGE ON SCHEMA sales TO regress_reports, regress_clerk;
SET search_path = sales;
-- columns in front are dropped, so that numbers differ between the base and its version views
CREATE TABLE customer (gone int, id int PRIMARY KEY, name text, region text);
ALTER TABLE customer DROP COLUMN gone;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, gone int, total numeric, placed date, id2 int);
ALTER TABLE orders DROP COLUMN gone;
INSERT INTO customer VALUES (1, 'Ann', 'north'), (2, 'Bob', 'south'), (3, 'Cid', 'north');
INSERT INTO orders VALUES (1, 1, 10, '2024-01-01', 1), (2, 1, 20, '2024-01-02', 2), (3, 2, 5, '2024-01-03', 3);
CREATE TABLE tree (id int, up int);
INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2);

CREATE VIEW v_join AS SELECT c.name, o.total FROM customer c JOIN orders o ON o.customer_id = c.id;
CREATE VIEW v_using AS SELECT * FROM customer JOIN orders USING (id);
CREATE VIEW v_natural AS SELECT a.id, b.name FROM orders a(id, x, y) FULL JOIN customer b USING (id);
CREATE VIEW v_alias AS SELECT j.k, j.n, o.c FROM (customer AS x(k, n) LEFT JOIN tree AS t(k, q) USING (k)) AS j JOIN orders AS o(a, c) ON o.a = j.k;
CREATE VIEW v_renamed (client, amount) AS SELECT * FROM v_join;
CREATE VIEW v_cte AS WITH big AS (SELECT * FROM orders WHERE total > 5) SELECT b.id, (SELECT c.name FROM customer c WHERE c.id = b.customer_id) AS who FROM big b;
CREATE VIEW v_recursive AS WITH RECURSIVE up(id, depth) AS (SELECT id, 0 FROM tree WHERE up IS NULL UNION ALL SELECT t.id, u.depth + 1 FROM tree t JOIN up u ON t.up = u.id) SELECT * FROM up;
CREATE VIEW v_sub AS SELECT id, (SELECT sum(total) FROM orders o WHERE o.customer_id = c.id) AS spent, EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id) AS buys, ARRAY(SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY 1) AS list FROM customer c;
CREATE VIEW v_union AS SELECT id, name AS label FROM customer UNION ALL SELECT id, placed::text FROM orders EXCEPT SELECT 0, 'x' ORDER BY 2;
CREATE VIEW v_agg AS SELECT region, count(*) AS n, array_agg(name ORDER BY name DESC) FILTER (WHERE name <> 'Bob') AS names FROM customer GROUP BY GROUPING SETS ((region), ()) HAVING count(*) > 0;
CREATE VIEW v_group AS SELECT region || '!' AS r, count(*) FROM customer GROUP BY region || '!';
CREATE VIEW v_window AS SELECT id, sum(total) OVER w AS running FROM orders WINDOW w AS (PARTITION BY customer_id ORDER BY placed);
CREATE VIEW v_lateral AS SELECT c.id, l.total FROM customer c CROSS JOIN LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id ORDER BY total DESC LIMIT 1) l;
CREATE VIEW v_distinct AS SELECT DISTINCT ON (region) region, name FROM customer ORDER BY region, name DESC;
CREATE VIEW v_values AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(i, t);
CREATE VIEW v_srf AS SELECT c.id, g FROM customer c, generate_series(1, c.id) AS g;
CREATE VIEW v_mat_source AS SELECT region, count(*) AS n FROM customer GROUP BY region;
CREATE MATERIALIZED VIEW m_region AS SELECT * FROM v_mat_source;
CREATE VIEW v_over_mat AS SELECT n, region FROM m_region;
CREATE VIEW v_barrier WITH (security_barrier, security_invoker = yes) AS SELECT id, name FROM customer WHERE region = 'north';
CREATE VIEW v_checked WITH (check_option = local, security_barrier = true) AS SELECT id, name, region FROM customer WHERE region = 'north';
CREATE VIEW v_cascaded AS SELECT id, name, region FROM v_checked WHERE id < 100 WITH CASCADED CHECK OPTION;
CREATE VIEW v_default AS SELECT id, name, region FROM customer;
ALTER VIEW v_default ALTER COLUMN region SET DEFAULT 'east';
COMMENT ON VIEW v_default IS 'with a default';
-- these fall back to reading the base view
CREATE VIEW f_primary_key AS SELECT id, name, region FROM customer GROUP BY id;
CREATE VIEW f_whole_row AS SELECT c FROM customer c;
CREATE VIEW f_system AS SELECT tableoid::regclass AS t, id FROM customer;
CREATE VIEW f_sample AS SELECT id FROM customer TABLESAMPLE SYSTEM (100);
CREATE VIEW f_trigger AS SELECT count(*) AS n FROM tree;
CREATE FUNCTION grow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO sales.tree VALUES (NEW.n, NULL); RETURN NEW; END';
CREATE TRIGGER grow INSTEAD OF INSERT ON f_trigger FOR EACH ROW EXECUTE FUNCTION grow();
CREATE VIEW f_rule AS SELECT id FROM tree;
CREATE RULE grow AS ON INSERT TO f_rule DO INSTEAD INSERT INTO tree VALUES (NEW.id, -1);
CREATE VIEW v_over_fallback AS SELECT n + 1 AS more FROM f_trigger;
-- rights: the clerk may read the views only, the first with their owner's rights, the second with his own
ALTER VIEW v_join OWNER TO regress_reports;
GRANT SELECT ON customer, orders TO regress_reports;
GRANT SELECT ON v_join, v_barrier TO regress_clerk;
GRANT SELECT, INSERT ON v_renamed TO regress_clerk;
GRANT UPDATE (name) ON v_default TO regress_clerk;

SELECT strata.track('sales');
SET client_min_messages = notice;
SELECT strata.publish('sales', 'v1');
SET client_min_messages = warning;
SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'sales_v1'::regnamespace AND relname ~ '^[vfm]_' ORDER BY relname;
-- what each view answered when it was published, in the base and in the version
CREATE TABLE public.answers (relation text, side text, rows text);
CREATE FUNCTION public.ask(side text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record; answer text;
BEGIN
    FOR r IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = side::regnamespace AND c.relkind IN ('v', 'm') AND c.relname ~ '^[vfm]_' AND c.relname <> 'f_whole_row' LOOP
        EXECUTE format('SELECT string_agg(t::text, '' '' ORDER BY t::text COLLATE "C") FROM %I.%I t', side, r.relname) INTO answer;
        INSERT INTO public.answers VALUES (r.relname, side, answer);
    END LOOP;
END $$;
SELECT public.ask('sales'), public.ask('sales_v1');
SELECT relation, rows FROM public.answers WHERE side = 'sales' ORDER BY relation;
SELECT a.relation, a.rows, b.rows FROM public.answers a FULL JOIN public.answers b ON b.relation = a.relation AND b.side = 'sales_v1'
WHERE a.side = 'sales' AND a.rows IS DISTINCT FROM b.rows;
-- the copies are views a dump can repeat: their own text makes the same view again
DO $$
DECLARE r record;
BEGIN
    CREATE SCHEMA again;
    FOR r IN SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace = 'sales_v1'::regnamespace AND c.relname ~ '^v_' LOOP
        EXECUTE format('CREATE VIEW again.%I AS %s', r.relname, pg_get_viewdef(r.oid));
    END LOOP;
END $$;
SELECT public.ask('again');
SELECT a.relation, a.rows, b.rows FROM public.answers a JOIN public.answers b ON b.relation = a.relation AND b.side = 'sales_v1'
WHERE a.side = 'again' AND a.rows IS DISTINCT FROM b.rows;
DROP SCHEMA again CASCADE;
-- no copy reads the base
SELECT DISTINCT r.ev_class::regclass FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
JOIN pg_class v ON v.oid = r.ev_class AND v.relnamespace = 'sales_v1'::regnamespace AND v.relname ~ '^[vfm]_'
JOIN pg_class b ON b.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass AND b.relnamespace = 'sales'::regnamespace ORDER BY 1;

-- rights
SET ROLE regress_clerk;
SELECT * FROM sales_v1.v_join ORDER BY total;
SELECT * FROM sales_v1.v_renamed ORDER BY amount;
SELECT * FROM sales_v1.v_barrier;
SELECT * FROM sales_v1.customer;
SELECT * FROM sales_v1.v_cte;
BEGIN;
UPDATE sales_v1.v_default SET name = 'Ann';
ROLLBACK;
UPDATE sales_v1.v_default SET id = 1;
RESET ROLE;
GRANT SELECT ON sales_v1.customer, customer TO regress_clerk;
SET ROLE regress_clerk;
SELECT * FROM sales_v1.v_barrier ORDER BY id;
RESET ROLE;
SELECT relname, relowner::regrole FROM pg_class WHERE relnamespace = 'sales_v1'::regnamespace AND relname IN ('v_join', 'v_cte') ORDER BY 1;

-- writes: the check option holds, a default of the view is used, triggers and rules are reached
INSERT INTO sales_v1.v_checked VALUES (10, 'Dan', 'north');
INSERT INTO sales_v1.v_checked VALUES (11, 'Eve', 'south');
UPDATE sales_v1.v_checked SET region = 'south' WHERE id = 10;
INSERT INTO sales_v1.v_cascaded VALUES (12, 'Eve', 'south');
INSERT INTO sales_v1.v_cascaded VALUES (100, 'Eve', 'north');
INSERT INTO sales_v1.v_default (id, name) VALUES (13, 'Fay');
INSERT INTO sales_v1.f_trigger VALUES (4);
INSERT INTO sales_v1.f_rule VALUES (5);
SELECT * FROM sales.customer WHERE id >= 10 ORDER BY id;
SELECT * FROM sales.tree WHERE id >= 4 ORDER BY id;
DELETE FROM sales_v1.customer WHERE id >= 10;
DELETE FROM sales_v1.tree WHERE id >= 4;
SELECT relation, column_name, type, column_default, kind, read_as FROM strata.contract('sales', 'v1') WHERE relation IN ('v_default', 'v_renamed') ORDER BY relation, position;

-- DDL on the base, under the copies; the base views that are in the way go, as migrations do
DROP VIEW f_primary_key;
BEGIN;
DROP MATERIALIZED VIEW m_region CASCADE;
ROLLBACK;
DROP VIEW v_renamed, v_join, v_using, v_natural, v_alias, v_cte, v_sub, v_union, v_agg, v_group, v_window, v_lateral, v_distinct, v_srf, v_recursive;
DROP VIEW v_cascaded, v_checked, v_default, v_barrier, v_values;
ALTER TABLE orders ALTER COLUMN total TYPE float8, ALTER COLUMN id TYPE bigint;
ALTER TABLE orders RENAME COLUMN total TO amount;
ALTER TABLE orders RENAME COLUMN customer_id TO total;
ALTER TABLE customer RENAME COLUMN name TO full_name;
ALTER TABLE customer ADD COLUMN name text DEFAULT 'wrong';
ALTER TABLE customer RENAME TO client;
ALTER TABLE tree RENAME COLUMN up TO parent;
CREATE TABLE customer (id int, name int, region int);
CREATE VIEW v_join AS SELECT 'new' AS unlike;
CREATE VIEW v_checked AS SELECT full_name FROM client;
CREATE OR REPLACE VIEW v_mat_source AS SELECT 'none'::text AS region, 0::bigint AS n;
SELECT public.ask('sales_v1');
SELECT a.relation, a.side, a.rows FROM public.answers a WHERE side = 'sales_v1'
AND (SELECT count(DISTINCT b.rows) FROM public.answers b WHERE b.relation = a.relation AND b.side = 'sales_v1') > 1 ORDER BY a.relation, a.rows;
INSERT INTO sales_v1.v_checked VALUES (11, 'Eve', 'south');
INSERT INTO sales_v1.v_cascaded VALUES (10, 'Dan', 'north');
SELECT * FROM client WHERE id >= 10;
SET ROLE regress_clerk;
SELECT * FROM sales_v1.v_join ORDER BY total;
RESET ROLE;
SELECT * FROM strata.verify('sales');
-- a version of the new shape, next to it
SELECT strata.publish('sales', 'v2');
SELECT * FROM sales_v2.v_join;
SELECT * FROM sales_v2.v_checked ORDER BY 1;

-- a view older than a column its tables lost: the join still lists the column
CREATE TABLE left_t (id int, dropped int, a text);
CREATE TABLE right_t (id int, dropped_too int, b text);
CREATE VIEW v_old AS SELECT j.id, j.a, j.b FROM (left_t JOIN right_t USING (id)) j;
CREATE VIEW v_old_full AS SELECT id, a, b FROM left_t FULL JOIN right_t USING (id);
ALTER TABLE left_t DROP COLUMN dropped;
ALTER TABLE right_t DROP COLUMN dropped_too;
INSERT INTO left_t VALUES (1, 'a'), (2, 'aa');
INSERT INTO right_t VALUES (1, 'b'), (3, 'bb');
SELECT strata.publish('sales', 'v3');
ALTER TABLE left_t RENAME COLUMN a TO aaa;
SELECT * FROM sales_v3.v_old;
SELECT * FROM sales_v3.v_old_full ORDER BY id;
SELECT pg_get_viewdef('sales_v3.v_old_full'::regclass) ~ 'FULL JOIN .* USING \(id\)' AS text;
SELECT * FROM strata.verify('sales');

-- views versus security => 'owner'
SELECT strata.publish('sales', 'v4', security => 'owner');
SELECT count(*) FROM sales_v4.v_old_full;
SELECT count(*) FROM strata.published_relation r JOIN strata.published_version v USING (version_id) WHERE v.schema = 'sales_v4' AND r.kind = 'twin';

SELECT strata.retire('sales', v) FROM unnest('{v1,v2,v3,v4}'::text[]) v;
SELECT strata.untrack('sales');
SELECT count(*) FROM pg_class WHERE relnamespace = 'strata_inverse'::regnamespace;
RESET search_path;
DROP SCHEMA sales CASCADE;
DROP TABLE public.answers;
DROP FUNCTION public.ask;
DROP ROLE regress_reports, regress_clerk;
