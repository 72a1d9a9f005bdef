-- pg_strata.mode: record refuses nothing and keeps versions as right as it can; off does nothing.
\set VERBOSITY terse
CREATE SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad', 'ok');
CREATE TABLE shop.t (id int PRIMARY KEY, i int DEFAULT 4, name text, gone text DEFAULT 'd', m shop.mood, b boolean);
INSERT INTO shop.t VALUES (1, 2, 'Ann', 'g', 'ok', true);
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');

SET pg_strata.mode = record;
ALTER TABLE shop.t RENAME name TO label;
ALTER TABLE shop.t DROP COLUMN gone;
ALTER TYPE shop.mood RENAME VALUE 'ok' TO 'fine';
-- no way back: the column is lost; a cast that may fail is still a cast
ALTER TABLE shop.t ALTER COLUMN b TYPE point USING point(1, 2), ALTER COLUMN i TYPE text;
SELECT * FROM shop_v1.t;
SELECT column_name, kind, read_as FROM strata.contract('shop', 'v1') ORDER BY position;
BEGIN;
DELETE FROM shop.t;
ALTER TABLE shop.t ADD COLUMN must text NOT NULL;
ROLLBACK;
DROP TABLE shop.t;
SELECT * FROM shop_v1.t;
CREATE TABLE shop.t (id int PRIMARY KEY, i int, name text, gone text, m shop.mood, b boolean);
INSERT INTO shop.t VALUES (1, 2, 'Ann', 'g', 'fine', true);
SELECT * FROM shop_v1.t;
-- versions themselves: warned of, not kept from
ALTER VIEW shop_v1.t ALTER COLUMN i SET DEFAULT 9;
ALTER SCHEMA shop_v1 RENAME TO first;
SELECT version, schema FROM strata.versions WHERE base = 'shop'::regnamespace;
ALTER SCHEMA first RENAME TO shop_v1;
BEGIN;
DROP TYPE shop.mood CASCADE;
SELECT relation, problem FROM strata.verify();
ROLLBACK;
BEGIN;
DROP VIEW shop_v1.t;
SELECT relation, problem FROM strata.verify();
SELECT relation, repaired FROM strata.repair();
SELECT relation, problem FROM strata.verify();
ROLLBACK;
SELECT * FROM strata.verify();

-- off: as if the extension were not there
SET pg_strata.mode = off;
ALTER TABLE shop.t DROP COLUMN gone;
ALTER TABLE shop.t ALTER COLUMN i TYPE bigint;
DROP TABLE shop.t;
BEGIN;
ALTER TABLE shop.t DROP COLUMN gone CASCADE;
ROLLBACK;
ALTER TYPE shop.mood RENAME VALUE 'fine' TO 'ok';
RESET pg_strata.mode;
SELECT * FROM shop_v1.t;

-- only superusers switch it
CREATE ROLE regress_upkeep_modes;
SET ROLE regress_upkeep_modes;
SET pg_strata.mode = off;
RESET ROLE;
DROP ROLE regress_upkeep_modes;

SET client_min_messages = warning;
SELECT strata.retire('shop', 'v1');
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
