-- on_break = follow: versions go along with what is taken from them, say so, and come back.
\set VERBOSITY terse
CREATE SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad', 'ok');
CREATE TYPE shop.place AS (street text, zip int);
CREATE TABLE shop.users (
  id int PRIMARY KEY, name text NOT NULL, mail text DEFAULT 'none', qty int DEFAULT 7,
  dbl int GENERATED ALWAYS AS (qty * 2) STORED, at timestamptz DEFAULT clock_timestamp(), mood shop.mood, place shop.place);
INSERT INTO shop.users (id, name, mail, qty, mood, place) VALUES (1, 'Ann', 'a@x', 3, 'ok', ROW('Main St', 1));
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SELECT strata.set_option('shop', 'on_break', 'follow');

-- a column reads the contract's default, NULL where that is none or not one fixed value
ALTER TABLE shop.users DROP COLUMN mail, DROP COLUMN at;
SELECT id, name, mail, qty, dbl, at FROM shop_v1.users;
SELECT column_name, kind, read_as, lossless FROM strata.contract('shop', 'v1') ORDER BY position;
SELECT version, computed_columns, unreadable_columns FROM strata.versions WHERE base = 'shop'::regnamespace;
SELECT relation, problem FROM strata.verify();
-- inserts that leave such columns out go on
INSERT INTO shop_v1.users (id, name) VALUES (2, 'Bob');
SELECT id, name, qty FROM shop.users ORDER BY id;
-- a later column of that name is another one
ALTER TABLE shop.users ADD COLUMN mail int DEFAULT 5;
SELECT id, mail FROM shop_v1.users ORDER BY id;
ALTER TABLE shop.users DROP COLUMN mail;
ALTER TABLE shop.users RENAME COLUMN name TO mail;
SELECT id, name, mail FROM shop_v1.users ORDER BY id;
ALTER TABLE shop.users DROP COLUMN mail, ADD COLUMN mail text DEFAULT 'other';
SELECT id, name, mail FROM shop_v1.users ORDER BY id;
-- generated columns go with what they are made of; RESTRICT is still core's to refuse
ALTER TABLE shop.users DROP COLUMN qty;
SELECT id, qty, dbl FROM shop_v1.users ORDER BY id;
ALTER TABLE shop.users DROP COLUMN qty CASCADE;
SELECT id, qty, dbl FROM shop_v1.users ORDER BY id;
-- types
ALTER TYPE shop.mood RENAME VALUE 'ok' TO 'fine';
ALTER TYPE shop.place ADD ATTRIBUTE city text;
SELECT id, mood, place FROM shop_v1.users ORDER BY id;
DROP TYPE shop.place CASCADE; -- part of the contract: refused

-- a table reads empty and refuses writes
SELECT strata.publish('shop', 'v2');
DROP TABLE shop.users;
SELECT * FROM shop_v1.users;
\set VERBOSITY default
INSERT INTO shop_v1.users (id) VALUES (1);
\set VERBOSITY sqlstate
UPDATE shop_v1.users SET name = 'x';
DELETE FROM shop_v1.users;
WITH w AS (DELETE FROM shop_v1.users RETURNING id) SELECT * FROM w;
EXPLAIN DELETE FROM shop_v1.users;
\set VERBOSITY terse
SELECT column_name, kind, read_as FROM strata.contract('shop', 'v2') ORDER BY position;
SELECT version, columns, unreadable_columns FROM strata.versions WHERE base = 'shop'::regnamespace ORDER BY 1;
SELECT version, relation, problem FROM strata.verify() ORDER BY 1;
-- a table that lacks columns is no successor
CREATE TABLE shop.users (id int);
SELECT version, relation, problem FROM strata.verify() ORDER BY 1;
DROP TABLE shop.users;
CREATE TABLE shop.users (id int PRIMARY KEY, name text, mail text DEFAULT 'new', qty int, dbl int, at timestamptz, mood shop.mood, place shop.place);
INSERT INTO shop_v1.users (id, name) VALUES (3, 'Cid');
INSERT INTO shop_v2.users (id) VALUES (4);
SELECT id, name, mail, qty FROM shop_v1.users ORDER BY id;
SELECT * FROM strata.verify();
SELECT column_name, kind, column_default FROM strata.contract('shop', 'v1') ORDER BY position;

-- the same through CTAS, CREATE SCHEMA with elements, RENAME SCHEMA, and in one transaction
BEGIN;
ALTER TABLE shop.users RENAME TO old_users;
ALTER TABLE shop.old_users RENAME TO users;
DROP TABLE shop.users;
ROLLBACK;
SELECT count(*) FROM shop_v1.users;
BEGIN;
CREATE TEMP TABLE kept AS TABLE shop.users;
DROP TABLE shop.users;
CREATE TABLE shop.users AS TABLE kept;
COMMIT;
DROP TABLE kept;
SELECT id, name FROM shop_v1.users ORDER BY id;
DROP TABLE shop.users;
CREATE SCHEMA next CREATE TABLE users (id int, name text, mail text, qty int, dbl int, at timestamptz, mood shop.mood, place shop.place);
INSERT INTO next.users (id, name) VALUES (5, 'Dan');
SELECT id FROM shop_v1.users;
ALTER TABLE next.users SET SCHEMA shop;
SELECT id, name FROM shop_v1.users;
DROP TABLE shop.users;
ALTER TYPE shop.mood SET SCHEMA next;
ALTER TYPE shop.place SET SCHEMA next;
DROP SCHEMA shop;
SELECT base, version, schema FROM strata.versions WHERE schema LIKE 'shop%' ORDER BY 2;
CREATE SCHEMA shop CREATE TABLE users (id int, name text, mail text, qty int, dbl int, at timestamptz, mood next.mood, place next.place);
INSERT INTO shop_v1.users (id, name) VALUES (6, 'Eve');
SELECT id, name FROM shop.users;
DROP SCHEMA shop CASCADE;
CREATE SCHEMA spare CREATE TABLE users (id int, name text, mail text, qty int, dbl int, at timestamptz, mood next.mood, place next.place);
ALTER SCHEMA spare RENAME TO shop;
INSERT INTO shop_v1.users (id, name) VALUES (7, 'Fay');
SELECT id, name FROM shop.users;
SELECT * FROM strata.verify();

-- sequences behind defaults go with their table or column, and come back with it
CREATE TABLE shop.s (id serial, n serial, name text);
CREATE SEQUENCE shop.q;
ALTER TABLE shop.s ADD COLUMN m int DEFAULT nextval('shop.q');
SELECT strata.publish('shop', 'v3');
ALTER TABLE shop.s DROP COLUMN n;
INSERT INTO shop_v3.s (name) VALUES ('a');
DROP SEQUENCE shop.q CASCADE;
INSERT INTO shop_v3.s (name) VALUES ('b');
SELECT * FROM shop_v3.s ORDER BY id;
DROP TABLE shop.s;
CREATE TABLE shop.s (id serial, n int, m int, name text);
INSERT INTO shop_v3.s (name) VALUES ('c');
SELECT * FROM shop_v3.s ORDER BY id;
SELECT strata.set_option('shop', 'on_break', 'refuse');
DROP SEQUENCE shop.s_id_seq CASCADE;
DROP TABLE shop.s;

SET client_min_messages = warning;
SELECT strata.retire('shop', 'v3');
SELECT strata.retire('shop', 'v1');
SELECT strata.retire('shop', 'v2');
SELECT strata.untrack('shop');
DROP SCHEMA shop, next CASCADE;

-- A table OF a composite type: its columns are renamed with the type's attributes, and stay those that mappings know.
CREATE SCHEMA typed;
CREATE TYPE typed.shape AS (a int, b text, c text);
CREATE TABLE typed.t OF typed.shape (PRIMARY KEY (a));
SELECT strata.track('typed');
SELECT strata.publish('typed', 'v1');
SELECT strata.set_option('typed', 'on_break', 'follow');
SELECT strata.replace_column('typed.t', 'b', 'a::text', '{}');
SELECT strata.publish('typed', 'v2');
ALTER TYPE typed.shape RENAME ATTRIBUTE c TO d CASCADE;
SELECT column_name FROM strata.base_column WHERE relation = 'typed.t'::regclass ORDER BY column_name;
INSERT INTO typed_v1.t (a, c) VALUES (1, 'x');
SELECT * FROM typed_v1.t;
SELECT * FROM strata.verify('typed');
SELECT strata.retire('typed', 'v1'), strata.retire('typed', 'v2'), strata.untrack('typed');
DROP SCHEMA typed CASCADE;

-- A table that comes back serves the copies of views as well, also of those that run with their owner's rights.
CREATE SCHEMA again;
CREATE TABLE again.t (id int PRIMARY KEY, a int);
CREATE TABLE again.parts (id int) PARTITION BY RANGE (id);
CREATE TABLE again.part PARTITION OF again.parts FOR VALUES FROM (0) TO (10);
CREATE VIEW again.by_owner AS SELECT id, a FROM again.t;
CREATE VIEW again.by_caller WITH (security_invoker) AS SELECT id, a FROM again.t;
CREATE VIEW again.of_part AS SELECT id FROM again.part;
SELECT strata.track('again');
SELECT strata.publish('again', 'v1');
SELECT strata.set_option('again', 'on_break', 'follow');
DROP TABLE again.t, again.part CASCADE;
SELECT relation, problem FROM strata.verify('again');
CREATE TABLE again.t (id int PRIMARY KEY, a int);
INSERT INTO again_v1.t VALUES (1, 2);
INSERT INTO again_v1.by_owner VALUES (2, 3);
SELECT * FROM again_v1.by_owner ORDER BY id;
SELECT * FROM again_v1.by_caller ORDER BY id;
SELECT * FROM again_v1.of_part;
SELECT * FROM strata.verify('again');
SELECT strata.retire('again', 'v1'), strata.untrack('again');
DROP SCHEMA again CASCADE;
