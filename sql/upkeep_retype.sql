-- ALTER COLUMN ... TYPE: versions go on showing the contract's type, or it is refused beforehand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = 'ISO, MDY';
SET timezone = 'UTC';
CREATE SCHEMA shop;
CREATE DOMAIN shop.positive AS int CHECK (value > 0);
CREATE TABLE shop.t (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, i int, v varchar(10) DEFAULT 'dv', n numeric(10,2), ts timestamp,
  tsx timestamp, a int[], d shop.positive, c text COLLATE "C", ch char(3), f float8, b boolean, j json);
CREATE INDEX ON shop.t (tsx);
INSERT INTO shop.t (i, v, n, ts, tsx, a, d, c, ch, f, b, j)
  VALUES (1, 'v', 1.25, '2020-01-01', '2020-01-01', '{1,2}', 5, 'c', 'x', 1.5, true, '{"a": 1}');
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SELECT strata.publish('shop', 'v2');

-- dependants on a version view
CREATE VIEW public.on_version AS SELECT id, i, v FROM shop_v1.t;
CREATE MATERIALIZED VIEW public.mat_on_version AS SELECT id, n FROM shop_v1.t;
CREATE FUNCTION public.atomic_on_version() RETURNS numeric LANGUAGE sql BEGIN ATOMIC SELECT sum(n) FROM shop_v1.t; END;
CREATE FUNCTION public.set_on_version() RETURNS SETOF shop_v1.t LANGUAGE sql AS 'SELECT * FROM shop_v1.t';
CREATE TABLE public.of_row_type (r shop_v1.t);
PREPARE by_id(int) AS SELECT id, i, v, n FROM shop_v1.t WHERE id = $1;
EXECUTE by_id(1);

-- several columns of several versions at once
ALTER TABLE shop.t ALTER id TYPE bigint, ALTER i TYPE bigint, ALTER n TYPE numeric(12,4), ALTER v TYPE varchar(20);
SELECT strata.publish('shop', 'v3');
ALTER TABLE shop.t ALTER v TYPE text, ALTER n TYPE numeric, ALTER a TYPE bigint[], ALTER ts TYPE timestamptz,
  ALTER d TYPE int, ALTER c TYPE text COLLATE "POSIX", ALTER ch TYPE text, ALTER f TYPE real, ALTER j SET DATA TYPE jsonb USING j::jsonb;
SELECT a.column_name, a.type, a.kind, a.read_as, b.read_as AS v3_read_as
FROM strata.contract('shop', 'v1') AS a JOIN strata.contract('shop', 'v3') AS b USING (position) ORDER BY position;
SELECT attname, format_type(atttypid, atttypmod) AS type, attcollation::regcollation AS collation
FROM pg_attribute WHERE attrelid = 'shop_v1.t'::regclass AND attnum > 0 ORDER BY attnum;
SELECT * FROM shop_v1.t;
SELECT * FROM shop_v3.t;
EXECUTE by_id(1);
SELECT * FROM public.on_version;
REFRESH MATERIALIZED VIEW public.mat_on_version;
SELECT * FROM public.mat_on_version;
SELECT public.atomic_on_version();
INSERT INTO public.of_row_type SELECT s FROM public.set_on_version() AS s;
SELECT r FROM public.of_row_type;
-- a column that is computed now has no default that would stop an INSERT which leaves it out
INSERT INTO shop_v1.t (b) VALUES (false);
SELECT id, v, b FROM shop_v1.t ORDER BY id;
-- a value the old type cannot show is never shown as another one
BEGIN;
UPDATE shop.t SET id = DEFAULT, i = 5000000000 WHERE b;
SELECT i FROM shop_v3.t ORDER BY 1;
SELECT i FROM shop_v1.t ORDER BY 1;
ROLLBACK;

-- back again: plain columns, with their defaults
ALTER TABLE shop.t ALTER v TYPE varchar(10), ALTER n TYPE numeric(10,2), ALTER a TYPE int[], ALTER ts TYPE timestamp, ALTER id TYPE int,
  ALTER i TYPE int, ALTER d TYPE shop.positive, ALTER c TYPE text COLLATE "C", ALTER ch TYPE char(3), ALTER f TYPE float8, ALTER j TYPE json;
SELECT column_name, kind, read_as FROM strata.contract('shop', 'v1') ORDER BY position;
ALTER TABLE shop.t ALTER v SET DEFAULT 'base';
INSERT INTO shop_v1.t (i, b) VALUES (7, NULL);
SELECT id, i, v, n, b FROM shop_v1.t ORDER BY id;
SELECT * FROM strata.verify();

-- refused, before anything is rewritten
CREATE TEMP TABLE before AS SELECT pg_relation_filenode('shop.t') AS node;
\set VERBOSITY default
ALTER TABLE shop.t ALTER i TYPE text;
ALTER TABLE shop.t ALTER tsx TYPE timestamptz;
ALTER TABLE shop.t ALTER i TYPE bigint USING i + 1;
ALTER TABLE shop.t ALTER b TYPE point USING point(1, 2);
\set VERBOSITY terse
ALTER TABLE shop.t ALTER n TYPE numeric(12,4), ALTER i TYPE text;
ALTER TABLE shop.t ALTER i TYPE boolean USING i > 0;
SELECT node = pg_relation_filenode('shop.t') AS untouched FROM before;
-- core's own errors
\set VERBOSITY sqlstate
ALTER TABLE shop.t ALTER i TYPE nothing; -- with a position from 18 on
\set VERBOSITY terse
ALTER TABLE shop.t ALTER nothing TYPE int;
ALTER TABLE shop.t ALTER v TYPE int;
ALTER TABLE shop.t ALTER v TYPE varchar(0);
ALTER TABLE shop.t ALTER v TYPE varchar(1);
SELECT column_name, kind FROM strata.contract('shop', 'v1') WHERE kind <> 'direct';

DROP VIEW public.on_version;
DROP MATERIALIZED VIEW public.mat_on_version;
DROP FUNCTION public.atomic_on_version(), public.set_on_version();
DROP TABLE public.of_row_type;
SELECT strata.retire('shop', version) FROM strata.versions WHERE base = 'shop'::regnamespace AND state <> 'retired' ORDER BY version;
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
