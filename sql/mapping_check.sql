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
SELECT strata.retire('shop_p', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_p CASCADE;
