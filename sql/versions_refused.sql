-- Bad input gets an error that says what is wrong and what to do, and leaves nothing half done.
SET client_min_messages = warning;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text);
CREATE TYPE shop.level AS ENUM ('low', 'high');

-- track
SELECT strata.track('nowhere');
SELECT strata.track(4294967290::oid::regnamespace);
SELECT strata.track(NULL);
SELECT strata.track('shop', NULL);
SELECT strata.track('pg_catalog');
SELECT strata.track('information_schema');
SELECT strata.track('pg_toast');
SELECT strata.track('strata');
SELECT strata.track('strata_inverse');
-- not tracked
SELECT strata.publish('shop', 'v1');
SELECT strata.deprecate('shop', 'v1');
SELECT strata.retire('shop', 'v1');
SELECT strata.set_option('shop', 'on_break', 'follow');
SELECT strata.untrack('shop');
SELECT * FROM strata.verify('shop');
SELECT * FROM strata.repair('shop');
SELECT strata.track('shop');
SELECT strata.track('shop');

-- publish
SELECT strata.publish(NULL, 'v1');
SELECT strata.publish('shop', NULL);
SELECT strata.publish('shop', 'v1', security => NULL);
SELECT strata.publish('shop', '');
SELECT strata.publish('shop', 'v1', security => 'definer');
SELECT strata.publish('nowhere', 'v1');
SELECT strata.publish(4294967290::oid::regnamespace, 'v1');
SELECT strata.publish('shop', 'v23456789012345678901234567890123456789012345678901234567890');
SELECT strata.publish('shop', 'v1', schema => 'public');
SELECT strata.publish('shop', 'v1', schema => 'pg_shop');
SELECT strata.publish('shop', 'v1', schema => '');
SELECT strata.publish('shop', 'V.1');
SELECT strata.publish('shop', 'V.1');
SELECT strata.publish('shop', 'V.1', schema => 'elsewhere');
SELECT strata.publish('shop', 'w.1');
SELECT strata.publish('shop', 'W-1');
SELECT strata.publish('shop', 'w 1');
SELECT strata.track('shop___1');
SELECT strata.publish('shop___1', 'v1');
SELECT version, schema FROM strata.versions WHERE base = 'shop'::regnamespace ORDER BY version COLLATE "C";
-- a name that is taken
CREATE SCHEMA odd;
CREATE TABLE odd.one (id int);
SELECT strata.track('odd');
CREATE SCHEMA odd_v1;
SELECT strata.publish('odd', 'v1');
DROP SCHEMA odd_v1;
-- options
SELECT strata.set_option('shop', 'colour', 'red');
SELECT strata.set_option('shop', 'on_break', 'maybe');
SELECT strata.set_option('shop', NULL, 'follow');
SELECT strata.set_option('shop', 'on_break', NULL);
SELECT strata.set_option(NULL, 'on_break', 'follow');
SELECT on_break FROM strata.base_schema WHERE base = 'shop';
SELECT strata.deprecate('shop', 'v77');
SELECT strata.deprecate('shop', NULL);
SELECT strata.retire('shop', 'v77');
SELECT strata.retire('shop', NULL);
SELECT strata.retire(NULL, 'V.1');
SELECT strata.untrack(NULL);
SELECT * FROM strata.contract('shop', 'v77');

-- a version's objects are not for DDL
DROP VIEW shop___1.users;
ALTER TABLE shop___1.users RENAME COLUMN name TO label;
CREATE OR REPLACE VIEW shop___1.users AS SELECT 1 AS id, 'x'::text AS name;
ALTER SCHEMA shop___1 RENAME TO other;
DROP SCHEMA shop___1 CASCADE;
DROP TABLE shop.users CASCADE;
-- untrack and the extension wait for the versions
SELECT strata.untrack('shop');
DROP EXTENSION pg_strata;
DROP EXTENSION pg_strata CASCADE;
ALTER EXTENSION pg_strata DROP TABLE strata.contract_column;
SELECT strata.untrack('odd');
DROP SCHEMA odd CASCADE;

-- retire waits for everything that uses the version
CREATE SCHEMA users_of_it;
CREATE VIEW users_of_it.a_view AS SELECT id FROM shop___1.users;
CREATE MATERIALIZED VIEW users_of_it.a_matview AS SELECT id FROM shop___1.users;
CREATE FUNCTION users_of_it.a_function() RETURNS SETOF shop___1.users LANGUAGE sql AS 'SELECT * FROM shop___1.users';
CREATE FUNCTION users_of_it.a_body() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM shop___1.users; END;
CREATE FUNCTION users_of_it.an_argument(shop___1.users[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE users_of_it.a_table (r shop___1.users, rs shop___1.users[]);
CREATE TYPE users_of_it.a_composite AS (r shop___1.users);
CREATE DOMAIN users_of_it.a_domain AS shop___1.users;
CREATE POLICY a_policy ON users_of_it.a_table USING (EXISTS (SELECT FROM shop___1.users));
CREATE FUNCTION shop___1.lives_here() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE shop___1.lives_here_too AS ENUM ('x');
CREATE SEQUENCE shop___1.counter;
CREATE TABLE shop___1.stranger (id int);
CREATE COLLATION shop___1.c FROM "C";
SELECT strata.retire('shop', 'V.1');
SELECT relation, problem, hint FROM strata.verify('shop');
DROP SCHEMA users_of_it CASCADE;
SELECT strata.retire('shop', 'V.1');
DROP FUNCTION shop___1.lives_here();
DROP TYPE shop___1.lives_here_too;
DROP SEQUENCE shop___1.counter;
DROP COLLATION shop___1.c;
SELECT strata.retire('shop', 'V.1');
ALTER TABLE shop___1.stranger SET SCHEMA shop;
SELECT strata.retire('shop', 'V.1');
SELECT strata.retire('shop', 'V.1');
-- a copied view and its twin are the version's own; another version's use is not
CREATE VIEW shop.names AS SELECT name FROM shop.users;
SELECT strata.publish('shop', 'v2');
CREATE VIEW shop_w_1.over AS SELECT * FROM shop_v2.names;
SELECT strata.retire('shop', 'v2');
DROP VIEW shop_w_1.over;
SELECT strata.retire('shop', 'v2');
SELECT strata.retire('shop', 'w.1');
-- a name may come back
SELECT strata.publish('shop', 'V.1');
SELECT version, schema, state FROM strata.versions WHERE base = 'shop'::regnamespace ORDER BY version COLLATE "C", state;
SELECT strata.retire('shop', 'V.1');
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
