-- Shows errors of the base in the words of the version that was written through, fields for programs
-- included; the detail names both.
\pset format unaligned
CREATE SCHEMA shop_e;
CREATE TABLE shop_e.towns (id int PRIMARY KEY);
CREATE TABLE shop_e.users (id int PRIMARY KEY, name text NOT NULL, email text UNIQUE, age int CHECK (age < 100),
    town int REFERENCES shop_e.towns DEFERRABLE, note text NOT NULL DEFAULT '');
SELECT strata.track('shop_e');
SELECT strata.publish('shop_e', 'v1');
ALTER TABLE shop_e.users RENAME TO people;
ALTER TABLE shop_e.people RENAME name TO full_name;
ALTER TABLE shop_e.people RENAME email TO mail;
ALTER TABLE shop_e.people RENAME age TO years;
ALTER TABLE shop_e.people RENAME town TO place;
CREATE FUNCTION shop_e.tried(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE s text; t text; c text; k text; m text; d text;
BEGIN
    EXECUTE statement; RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS s = SCHEMA_NAME, t = TABLE_NAME, c = COLUMN_NAME, k = CONSTRAINT_NAME, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, s, t, c, k, m, d);
END $$;
INSERT INTO shop_e_v1.users (id, name, email) VALUES (1, 'Ann', 'a@x');
SELECT shop_e.tried('INSERT INTO shop_e_v1.users (id) VALUES (2)');
SELECT shop_e.tried('INSERT INTO shop_e_v1.users (id, name, email) VALUES (2, ''Bob'', ''a@x'')');
SELECT shop_e.tried('INSERT INTO shop_e_v1.users (id, name) VALUES (1, ''Bob'')');
SELECT shop_e.tried('UPDATE shop_e_v1.users SET age = 100');
SELECT shop_e.tried('UPDATE shop_e_v1.users SET town = 9');
SELECT shop_e.tried('INSERT INTO shop_e.people (id) VALUES (2)');
SELECT shop_e.tried('INSERT INTO shop_e_v1.towns VALUES (1), (1)');
-- a column that the version does not show
SET pg_strata.mode = record;
ALTER TABLE shop_e.people ADD hidden text DEFAULT 'x' NOT NULL;
ALTER TABLE shop_e.people ALTER hidden DROP DEFAULT;
RESET pg_strata.mode;
SELECT shop_e.tried('INSERT INTO shop_e_v1.users (id, name) VALUES (2, ''Bob'')');
SELECT strata.fill_column('shop_e.people', 'hidden', $$'filled'$$);
SELECT shop_e.tried('INSERT INTO shop_e_v1.users (id, name) VALUES (2, ''Bob'')');
-- a fill that no longer parses: ST006
CREATE FUNCTION shop_e.fill() RETURNS text LANGUAGE sql AS $$SELECT 'by function'$$;
SELECT strata.fill_column('shop_e.people', 'hidden', 'fill()');
INSERT INTO shop_e_v1.users (id, name) VALUES (3, 'Cy');
DROP FUNCTION shop_e.fill();
\c -
INSERT INTO shop_e_v1.users (id, name) VALUES (4, 'Di');
SELECT strata.fill_column('shop_e.people', 'hidden', $$'filled'$$);
INSERT INTO shop_e_v1.users (id, name) VALUES (4, 'Di');
SELECT id, hidden FROM shop_e.people ORDER BY id;
-- ... and one that no longer fits its column
ALTER TABLE shop_e.people ALTER hidden TYPE int USING 1;
SELECT strata.fill_column('shop_e.people', 'hidden', $$'7'$$);
ALTER TABLE shop_e.people ALTER hidden TYPE int USING 1;
INSERT INTO shop_e_v1.users (id, name) VALUES (5, 'Ed');
SELECT hidden FROM shop_e.people WHERE id = 5;
-- a copied view writes by a view of its own
CREATE VIEW shop_e.ids AS SELECT id, mail FROM shop_e.people;
SELECT strata.publish('shop_e', 'v2');
SELECT shop_e.tried('INSERT INTO shop_e_v2.ids VALUES (9)');
SELECT strata.retire('shop_e', 'v2');
-- a deferred constraint speaks at the end, when no statement is being run
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
UPDATE shop_e_v1.users SET town = 9;
COMMIT;
SELECT strata.retire('shop_e', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_e CASCADE;
