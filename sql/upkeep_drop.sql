-- What DDL takes from a live version is refused with ST004 and its remedy; the rest passes.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA shop;
CREATE SCHEMA ext;
CREATE FUNCTION ext.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2';
CREATE TYPE ext.mood AS ENUM ('sad', 'ok');
CREATE TYPE ext.place AS (street text, zip int);
CREATE DOMAIN ext.positive AS int CHECK (value > 0);
CREATE COLLATION ext.coll FROM "C";
CREATE TABLE shop.users (
  id int PRIMARY KEY, name text, qty int, dbl int GENERATED ALWAYS AS (qty * 2) STORED,
  fn int GENERATED ALWAYS AS (ext.twice(id)) STORED, mood ext.mood, moods ext.mood[], place ext.place,
  pos ext.positive, word text COLLATE ext.coll, gone text);
CREATE TABLE shop.orders (id int PRIMARY KEY, user_id int REFERENCES shop.users, note text);
CREATE VIEW shop.names AS SELECT id, name FROM shop.users;
CREATE MATERIALIZED VIEW shop.totals AS SELECT count(*) AS n FROM shop.users;
INSERT INTO shop.users VALUES (1, 'Ann', 3, DEFAULT, DEFAULT, 'ok', '{ok}', ROW('Main St', 1), 5, 'w', 'g');
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SELECT strata.publish('shop', 'v2');
ALTER TABLE shop.users ADD COLUMN new_one int, ADD COLUMN new_two int GENERATED ALWAYS AS (qty + 1) STORED;

\set VERBOSITY default
ALTER TABLE shop.orders DROP COLUMN note;
DROP TABLE shop.orders;
DROP TYPE ext.mood CASCADE;
ALTER TYPE ext.mood RENAME VALUE 'ok' TO 'fine';
\set VERBOSITY terse
-- columns, in every way they can go
ALTER TABLE shop.users DROP COLUMN qty;
ALTER TABLE shop.users DROP COLUMN qty CASCADE;
ALTER TABLE shop.users DROP COLUMN IF EXISTS dbl;
ALTER TABLE IF EXISTS shop.users DROP dbl;
ALTER TABLE ONLY shop.users DROP COLUMN gone;
ALTER TABLE shop.users ADD COLUMN x int, DROP COLUMN new_one, DROP COLUMN gone, ALTER COLUMN qty TYPE bigint;
ALTER TABLE shop.users DROP COLUMN gone, ADD COLUMN gone text;
DROP FUNCTION ext.twice(int) CASCADE;
DROP ROUTINE ext.twice(int) CASCADE;
-- types and other things that columns are made of
DROP TYPE ext.mood;
DROP TYPE ext.place CASCADE;
DROP DOMAIN ext.positive CASCADE;
DROP TYPE ext.positive CASCADE;
DROP COLLATION ext.coll CASCADE;
DROP SCHEMA ext CASCADE;
ALTER TYPE ext.place ADD ATTRIBUTE city text;
ALTER TYPE ext.place DROP ATTRIBUTE zip;
ALTER TYPE ext.place DROP ATTRIBUTE zip CASCADE;
ALTER TYPE ext.place RENAME ATTRIBUTE zip TO code;
ALTER TYPE ext.place ALTER ATTRIBUTE zip TYPE text;
-- relations and schemas
DROP TABLE shop.users CASCADE;
DROP TABLE IF EXISTS shop.nothing, shop.orders;
DROP TABLE shop.orders, shop.users CASCADE;
DROP MATERIALIZED VIEW shop.totals;
DROP SCHEMA shop CASCADE;

-- what core refuses by itself, with core's words
ALTER TABLE shop.users DROP COLUMN nothing;
ALTER TABLE shop.users DROP COLUMN new_one, DROP COLUMN new_one;
DROP FUNCTION ext.twice(int);
DROP SCHEMA shop;
DROP TABLE shop.names;
CREATE VIEW public.on_base AS SELECT gone, new_one FROM shop.users;
ALTER TABLE shop.users DROP COLUMN new_one;
ALTER TABLE shop.users ALTER COLUMN new_one TYPE bigint;
DROP VIEW public.on_base;

-- what takes nothing from a version
ALTER TABLE shop.users DROP COLUMN IF EXISTS nothing;
ALTER TABLE shop.users DROP COLUMN new_two, DROP COLUMN new_one;
ALTER TABLE shop.users ALTER COLUMN dbl DROP EXPRESSION;
ALTER TABLE shop.orders DROP CONSTRAINT orders_user_id_fkey;
DROP VIEW shop.names; -- the versions have copies
ALTER TYPE ext.mood ADD VALUE 'happy';
ALTER TYPE ext.mood RENAME TO feeling;
ALTER TYPE ext.feeling SET SCHEMA shop;
ALTER TYPE ext.place RENAME TO spot;
ALTER DOMAIN ext.positive ADD CONSTRAINT small CHECK (value < 100);
ALTER DOMAIN ext.positive DROP CONSTRAINT small;
ALTER DOMAIN ext.positive SET DEFAULT 1;
ALTER DOMAIN ext.positive SET NOT NULL;
ALTER DOMAIN ext.positive DROP NOT NULL;
ALTER DOMAIN ext.positive DROP DEFAULT;
ALTER DOMAIN ext.positive RENAME TO natural_number;
UPDATE shop_v1.users SET mood = 'happy', pos = 7;
SELECT id, qty, dbl, fn, mood, moods, place, pos, word, gone FROM shop_v1.users;
SELECT * FROM shop_v2.names;
SELECT version, unreadable_columns FROM strata.versions WHERE base = 'shop'::regnamespace ORDER BY 1;
SELECT * FROM strata.verify();

-- a column that is replaced and dropped leaves its name to others
SELECT strata.replace_column('shop.users', 'gone', $$'was ' || name$$);
ALTER TABLE shop.users DROP COLUMN gone;
ALTER TABLE shop.users RENAME word TO gone;
ALTER TABLE shop.users RENAME gone TO word;
ALTER TABLE shop.users ADD COLUMN gone int DEFAULT 42;
SELECT id, word, gone FROM shop_v1.users;
SELECT strata.publish('shop', 'v3');
ALTER TABLE shop.users RENAME gone TO there;
SELECT v1.gone, v3.gone FROM shop_v1.users AS v1, shop_v3.users AS v3;
-- also when a cascade takes it
SELECT strata.replace_column('shop.users', 'fn', 'id * 20');
DROP FUNCTION ext.twice(int) CASCADE;
ALTER TABLE shop.users RENAME there TO fn;
SELECT v1.fn, v3.fn, v3.gone FROM shop_v1.users AS v1, shop_v3.users AS v3;
SELECT column_name, kind, read_as FROM strata.contract('shop', 'v3') WHERE relation = 'users' AND column_name IN ('fn', 'gone') ORDER BY 1;
SELECT * FROM strata.verify();

SELECT strata.retire('shop', version) FROM strata.versions WHERE base = 'shop'::regnamespace AND state <> 'retired' ORDER BY version;
SELECT strata.untrack('shop');
DROP SCHEMA shop, ext CASCADE;
