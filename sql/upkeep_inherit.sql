-- DDL on partitioned and inherited tables reaches the versions of partitions and children.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = 'ISO, MDY';
CREATE SCHEMA shop;
CREATE SCHEMA other;
CREATE TABLE shop.m (id int, at date, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE shop.m1 PARTITION OF shop.m FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE shop.m2 PARTITION OF shop.m FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY RANGE (id);
CREATE TABLE shop.m2a PARTITION OF shop.m2 FOR VALUES FROM (0) TO (100);
-- the parent is not tracked, its children are; in the second one b is its own column, too
CREATE TABLE other.p (a int, b text);
CREATE TABLE shop.c (c int) INHERITS (other.p);
CREATE TABLE shop.d (b text, c int) INHERITS (other.p);
CREATE TABLE shop.e () INHERITS (shop.c);
INSERT INTO shop.m VALUES (1, '2020-05-05', 'x'), (2, '2021-05-05', 'y');
INSERT INTO shop.c VALUES (1, 'c', 3);
INSERT INTO shop.d VALUES (2, 'd', 3);
INSERT INTO shop.e VALUES (3, 'e', 3);
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');

-- partitions
CREATE TABLE shop.m3 PARTITION OF shop.m FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
INSERT INTO shop_v1.m VALUES (3, '2022-05-05', 'z');
ALTER TABLE shop.m RENAME note TO remark;
ALTER TABLE shop.m ALTER COLUMN remark TYPE varchar(100);
SELECT relation, column_name, kind, read_as FROM strata.contract('shop', 'v1') WHERE relation ~ '^m' AND column_name = 'note' ORDER BY 1;
SELECT * FROM shop_v1.m ORDER BY id;
SELECT * FROM shop_v1.m1;
SELECT * FROM shop_v1.m2;
SELECT * FROM shop_v1.m2a;
ALTER TABLE shop.m ALTER COLUMN remark TYPE text;
SELECT relation, kind FROM strata.contract('shop', 'v1') WHERE relation ~ '^m' AND column_name = 'note' ORDER BY 1;
ALTER TABLE shop.m DROP COLUMN remark;
ALTER TABLE shop.m1 DROP COLUMN remark;
ALTER TABLE shop.m ALTER COLUMN remark TYPE point USING NULL;
\set VERBOSITY sqlstate
ALTER TABLE shop.m ALTER COLUMN at TYPE timestamp; -- core's own error, with a position from 18 on
\set VERBOSITY terse
ALTER TABLE shop.m1 RENAME remark TO words; -- core's own error
ALTER TABLE shop.m DETACH PARTITION shop.m1;
SELECT * FROM shop_v1.m ORDER BY id;
SELECT * FROM shop_v1.m1;
ALTER TABLE shop.m1 RENAME remark TO words;
SELECT * FROM shop_v1.m1;
ALTER TABLE shop.m1 RENAME words TO remark;
ALTER TABLE shop.m ATTACH PARTITION shop.m1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
SELECT * FROM shop_v1.m ORDER BY id;
-- a partition goes with its data: its version view reads no rows
SET client_min_messages = notice;
ALTER TABLE shop.m DETACH PARTITION shop.m1;
DROP TABLE shop.m1;
DROP TABLE shop.m2a;
DROP TABLE shop.m3;
DROP TABLE shop.m2;
SET client_min_messages = warning;
SELECT * FROM shop_v1.m1;
SELECT * FROM shop_v1.m2;
INSERT INTO shop_v1.m1 VALUES (1, '2020-01-01', 'x');
SELECT * FROM strata.verify();
-- its parent does not
DROP TABLE shop.m;

-- inheritance
ALTER TABLE other.p RENAME b TO bb;
ALTER TABLE other.p ALTER COLUMN a TYPE bigint;
SELECT relation, column_name, kind, read_as FROM strata.contract('shop', 'v1') WHERE relation IN ('c', 'd', 'e') ORDER BY relation, position;
SELECT * FROM shop_v1.c ORDER BY a;
SELECT * FROM shop_v1.d;
SELECT * FROM shop_v1.e;
ALTER TABLE other.p DROP COLUMN bb; -- c and e lose it
DROP TABLE other.p CASCADE;
DROP TABLE other.p; -- core's own error
ALTER TABLE ONLY other.p DROP COLUMN bb; -- nobody else loses it
ALTER TABLE shop.d NO INHERIT other.p;
ALTER TABLE shop.d INHERIT other.p;
SELECT * FROM shop_v1.c ORDER BY a;
ALTER TABLE other.p ADD COLUMN b2 text;
ALTER TABLE shop.d ADD COLUMN b3 text;
SELECT strata.publish('shop', 'v2');
ALTER TABLE shop.c NO INHERIT other.p;
ALTER TABLE other.p DROP COLUMN b2; -- now d
ALTER TABLE shop.d ADD COLUMN b4 int;
-- two parents: the column goes only when both lose it
CREATE TABLE shop.q1 (x int, y int);
CREATE TABLE shop.q2 (x int);
CREATE TABLE shop.q (z int) INHERITS (shop.q1, shop.q2);
INSERT INTO shop.q VALUES (1, 2, 3);
SELECT strata.publish('shop', 'v3');
SELECT strata.set_option('shop', 'on_break', 'follow');
SET client_min_messages = notice;
ALTER TABLE shop.q1 DROP COLUMN x;
SELECT * FROM shop_v3.q;
ALTER TABLE shop.q2 DROP COLUMN x;
SELECT * FROM shop_v3.q;
ALTER TABLE shop.c DROP COLUMN bb;
SELECT * FROM shop_v1.e;
SET client_min_messages = warning;
SELECT version, relation, problem FROM strata.verify() ORDER BY 1, 2;

SELECT strata.retire('shop', version) FROM strata.versions WHERE base = 'shop'::regnamespace AND state <> 'retired' ORDER BY version;
SELECT strata.untrack('shop');
DROP SCHEMA shop, other CASCADE;
