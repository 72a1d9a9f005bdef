-- Shows what strata.contract() says is lossless, and strata.check_mapping() on rows that survive a round
-- trip and rows that do not.
CREATE SCHEMA shop_p;
CREATE TYPE shop_p.mood AS ENUM ('sad', 'glad');
CREATE TABLE shop_p.users (id int PRIMARY KEY, name text, age int, price numeric, size int, ok bool, mood shop_p.mood,
    short varchar(10), born date, tag text, "Plain" text);
INSERT INTO shop_p.users VALUES (1, 'Ann Lee', 1, 1.5, 10, true, 'sad', 'short', '2000-01-01', 'x', 'p'),
    (2, 'Bob', 2, 2, 20, false, 'glad', 'longer', '2000-01-02', 'y', 'q');
SELECT strata.track('shop_p');
SELECT strata.publish('shop_p', 'v1');
ALTER TABLE shop_p.users ALTER id TYPE bigint, ALTER age TYPE numeric, ALTER price TYPE float8,
    ALTER short TYPE text, ALTER born TYPE timestamp;
BEGIN;
ALTER TABLE shop_p.users ADD first text, ADD last text, ADD size_more int, ADD not_ok bool;
UPDATE shop_p.users SET first = split_part(name, ' ', 1), last = split_part(name, ' ', 2), size_more = size + 5, not_ok = NOT ok;
SELECT strata.replace_column('shop_p.users', 'name', $$first || ' ' || last$$,
    $${"first": "split_part(name, ' ', 1)", "last": "substr(name, strpos(name, ' ') + 1)"}$$);
SELECT strata.replace_column('shop_p.users', 'size', 'size_more - 5', '{"size_more": "size + 5"}');
SELECT strata.replace_column('shop_p.users', 'ok', 'NOT not_ok', '{"not_ok": "NOT ok"}');
SELECT strata.replace_column('shop_p.users', 'tag', $$upper("Plain")$$);
ALTER TABLE shop_p.users DROP name, DROP size, DROP ok, DROP tag;
COMMIT;
SELECT column_name, kind, write_as, lossless FROM strata.contract('shop_p', 'v1') ORDER BY position;
SELECT column_name, round_trip, before, after, error, base_row ->> 'id' AS id
    FROM strata.check_mapping('shop_p', 'v1', 'users') ORDER BY id, column_name, round_trip;
UPDATE shop_p.users SET first = 'Mary Ann', age = 1.5, short = 'much too long for v1', born = '2000-01-01 12:00' WHERE id = 1;
SELECT column_name, round_trip, before, after, error, base_row ->> 'id' AS id
    FROM strata.check_mapping('shop_p', 'v1', 'users', 100) ORDER BY id, column_name, round_trip;
INSERT INTO shop_p.users (id) VALUES (5000000000);
SELECT column_name, round_trip, error, base_row ->> 'id' AS id FROM strata.check_mapping('shop_p', 'v1', 'users') WHERE error IS NOT NULL;
SELECT * FROM strata.check_mapping('shop_p', 'v1', 'nobody');
SELECT * FROM strata.check_mapping('shop_p', 'v1', 'users', 0);
CREATE ROLE regress_checker;
GRANT USAGE ON SCHEMA shop_p TO regress_checker;
SET ROLE regress_checker;
SELECT * FROM strata.check_mapping('shop_p', 'v1', 'users');
RESET ROLE;
DROP OWNED BY regress_checker;
DROP ROLE regress_checker;
-- columns that have the names which the query of check_mapping gives to its parts
CREATE TABLE shop_p.names (b int, x int, w int, again int, c int, t text, base_row int, view_row int, name int, trip int);
INSERT INTO shop_p.names VALUES (1, 2, 3, 4, 5, 'six', 7, 8, 9, 10), (11, 12, 13, 14, 15, 'sixteen', 17, 18, 19, 20);
SELECT strata.publish('shop_p', 'v2');
ALTER TABLE shop_p.names ADD b_more int DEFAULT 6, ADD x_more int DEFAULT 6;
CREATE FUNCTION shop_p.slowly(int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN PERFORM pg_sleep($1 / 100.0); RETURN $1; END';
SELECT strata.replace_column('shop_p.names', 'b', 'b_more + x', '{"b_more": "b"}');
SELECT strata.replace_column('shop_p.names', 'w', 'shop_p.slowly(x_more)', '{"x_more": "w"}');
SELECT column_name, round_trip, base_row ->> 'b' AS id, before, after, error FROM strata.check_mapping('shop_p', 'v2', 'names') ORDER BY id, column_name, round_trip;
-- a statement that is cancelled ends, however many rows there are to look at one by one
INSERT INTO shop_p.names (b, x_more) SELECT i, 50 FROM generate_series(21, 30) AS i;
SET statement_timeout = '300ms';
\set VERBOSITY terse
SELECT * FROM strata.check_mapping('shop_p', 'v2', 'names');
RESET statement_timeout;
\set VERBOSITY default
SELECT strata.retire('shop_p', 'v2');
SELECT strata.retire('shop_p', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_p CASCADE;
