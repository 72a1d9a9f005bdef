-- strata.retire takes nothing of anybody else's along: neither what stands on a version view, nor
-- what uses its row type or a type the version adopted, nor what lives in its schema.
CREATE SCHEMA rd;
CREATE TYPE rd.mood AS ENUM ('sad', 'ok');
CREATE TABLE rd.t (id int PRIMARY KEY, m rd.mood);
CREATE VIEW rd.v AS SELECT id FROM rd.t;
SELECT strata.track('rd');
SELECT strata.publish('rd', 'v1');

-- the row type of a version view: a column, an array column, a function
CREATE TABLE public.rd_keeps (k int, row_of_t rd_v1.t, rows_of_t rd_v1.t[]);
INSERT INTO public.rd_keeps VALUES (1, (1, 'ok'), ARRAY[(2, 'sad')::rd_v1.t]);
CREATE FUNCTION public.rd_all() RETURNS SETOF rd_v1.t LANGUAGE sql AS 'SELECT * FROM rd_v1.t';
SELECT strata.retire('rd', 'v1');
SELECT * FROM public.rd_keeps;
DROP TABLE public.rd_keeps;
DROP FUNCTION public.rd_all();

-- an adopted type
CREATE TYPE rd.mood2 AS ENUM ('ok');
ALTER TABLE rd.t ALTER COLUMN m TYPE rd.mood2 USING m::text::rd.mood2;
DROP TYPE rd.mood;
CREATE TABLE public.rd_moods (m rd_v1.mood);
SELECT strata.retire('rd', 'v1');
SELECT version, state FROM strata.versions WHERE base = 'rd'::regnamespace;
DROP TABLE public.rd_moods;

-- objects of any kind in its schema
CREATE SEQUENCE rd_v1.numbers;
SELECT strata.retire('rd', 'v1');
DROP SEQUENCE rd_v1.numbers;
CREATE COLLATION rd_v1.words FROM "C";
SELECT strata.retire('rd', 'v1');
DROP COLLATION rd_v1.words;

-- alone, it goes with its copied view, its twin and its adopted type, and says nothing
SELECT strata.retire('rd', 'v1');
SELECT count(*) FROM pg_namespace WHERE nspname = 'rd_v1';
SELECT strata.untrack('rd');
SET client_min_messages = warning;
DROP SCHEMA rd CASCADE;
