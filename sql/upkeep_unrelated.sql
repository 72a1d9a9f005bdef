-- DDL that has nothing to do with versions says the same with pg_strata and without, although versions live.
CREATE SCHEMA shop;
CREATE TABLE shop.t (id int PRIMARY KEY, name text);
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');

-- each statement runs in mode off and in mode enforce; what it says must be the same
CREATE SCHEMA bees;
CREATE FUNCTION bees.outcome(ddl text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; msg text; det text; hin text;
BEGIN
  BEGIN
    EXECUTE ddl;
    RAISE EXCEPTION USING ERRCODE = 'YYYYY', MESSAGE = 'done';
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, msg = MESSAGE_TEXT, det = PG_EXCEPTION_DETAIL, hin = PG_EXCEPTION_HINT;
  END;
  RETURN concat_ws(' | ', state, msg, nullif(det, ''), nullif(hin, ''));
END $$;
CREATE FUNCTION bees.undisturbed(ddl text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE without text; with_it text;
BEGIN
  PERFORM set_config('pg_strata.mode', 'off', true);
  without := bees.outcome(ddl);
  PERFORM set_config('pg_strata.mode', 'enforce', true);
  with_it := bees.outcome(ddl);
  RETURN CASE WHEN without = with_it THEN CASE WHEN with_it LIKE 'YYYYY%' THEN 'runs' ELSE 'fails' END ELSE without || ' <> ' || with_it END;
END $$;
CREATE TYPE bees.color AS ENUM ('red', 'blue');
CREATE TYPE bees.pair AS (a int, b int);
CREATE DOMAIN bees.dom AS int;
CREATE TABLE bees.hive (id int PRIMARY KEY, n int, g int GENERATED ALWAYS AS (n + 1) STORED, c bees.color, p bees.pair, d bees.dom);
CREATE VIEW bees.v AS SELECT id, n FROM bees.hive;
CREATE TABLE bees.parent (a int) PARTITION BY LIST (a);
CREATE TABLE bees.child PARTITION OF bees.parent FOR VALUES IN (1);
SET client_min_messages = error;
SELECT ddl, bees.undisturbed(ddl) FROM (VALUES
  (1, 'ALTER TABLE bees.hive DROP COLUMN n'),
  (2, 'ALTER TABLE bees.hive DROP COLUMN n CASCADE'),
  (3, 'ALTER TABLE bees.hive DROP COLUMN nothing'),
  (4, 'ALTER TABLE bees.hive DROP COLUMN IF EXISTS nothing'),
  (5, 'ALTER TABLE bees.hive ALTER n TYPE bigint'),
  (6, 'ALTER TABLE bees.hive ALTER c TYPE text'),
  (7, 'ALTER TABLE bees.hive ALTER c TYPE varchar(0)'),
  (8, 'ALTER TABLE bees.hive ALTER c TYPE nothing'),
  (9, 'ALTER TABLE bees.hive RENAME n TO m'),
  (10, 'ALTER TABLE bees.hive RENAME nothing TO m'),
  (11, 'ALTER TABLE bees.hive RENAME TO v'),
  (12, 'ALTER TABLE bees.nothing RENAME TO x'),
  (13, 'ALTER TABLE nowhere.nothing ADD x int'),
  (14, 'ALTER VIEW bees.v ALTER n SET DEFAULT 1'),
  (15, 'CREATE OR REPLACE VIEW bees.v AS SELECT 1 AS id'),
  (16, 'CREATE OR REPLACE VIEW bees.v AS SELECT nothing'),
  (17, 'CREATE OR REPLACE VIEW nowhere.v AS SELECT nothing'),
  (18, 'CREATE OR REPLACE VIEW bees.hive AS SELECT 1 AS id'),
  (19, 'DROP TABLE bees.hive'),
  (20, 'DROP TABLE bees.hive CASCADE'),
  (21, 'DROP TABLE bees.nothing'),
  (22, 'DROP TABLE IF EXISTS bees.nothing'),
  (23, 'DROP TABLE bees.v'),
  (24, 'DROP TABLE a.b.c.d.e'),
  (25, 'DROP VIEW bees.v'),
  (26, 'DROP TYPE bees.color'),
  (27, 'DROP TYPE bees.color CASCADE'),
  (28, 'DROP TYPE bees.nothing'),
  (29, 'DROP DOMAIN bees.color'),
  (30, 'DROP FUNCTION bees.nothing(int)'),
  (31, 'DROP FUNCTION bees.outcome'),
  (32, 'DROP CAST (int AS bees.color)'),
  (33, 'DROP OPERATOR + (bees.color, bees.color)'),
  (34, 'DROP RULE nothing ON bees.v'),
  (35, 'DROP TRIGGER nothing ON bees.hive'),
  (36, 'DROP SCHEMA nowhere'),
  (37, 'DROP SCHEMA bees'),
  (38, 'DROP EXTENSION nothing'),
  (39, 'DROP OWNED BY regress_nobody'),
  (40, 'ALTER TYPE bees.color ADD VALUE ''green'''),
  (41, 'ALTER TYPE bees.color RENAME VALUE ''red'' TO ''rose'''),
  (42, 'ALTER TYPE bees.pair ADD ATTRIBUTE c int'),
  (43, 'ALTER TYPE bees.pair RENAME ATTRIBUTE a TO x'),
  (44, 'ALTER TYPE bees.nothing RENAME ATTRIBUTE a TO x'),
  (45, 'ALTER DOMAIN bees.dom ADD CHECK (value > 0)'),
  (46, 'ALTER SCHEMA bees RENAME TO wasps'),
  (47, 'ALTER SCHEMA nowhere RENAME TO wasps'),
  (48, 'ALTER TABLE bees.hive SET SCHEMA public'),
  (49, 'TRUNCATE bees.hive'),
  (50, 'TRUNCATE bees.v'),
  (51, 'LOCK TABLE bees.hive'),
  (52, 'CREATE INDEX ON bees.hive (nothing)'),
  (53, 'CREATE TABLE bees.hive (a int)'),
  (54, 'CREATE TABLE bees.more (LIKE bees.hive INCLUDING ALL)'),
  (55, 'CREATE TABLE bees.more PARTITION OF bees.parent FOR VALUES IN (2)'),
  (56, 'CREATE TABLE bees.more AS SELECT 1 AS a'),
  (58, 'CREATE SCHEMA wasps CREATE TABLE t (a int) CREATE VIEW v AS SELECT a FROM t'),
  (59, 'ALTER TABLE bees.parent DETACH PARTITION bees.child'),
  (60, 'ALTER TABLE bees.parent ATTACH PARTITION bees.hive FOR VALUES IN (5)'),
  (61, 'VACUUM FULL bees.hive'),
  (62, 'CLUSTER bees.hive'),
  (63, 'REINDEX TABLE bees.hive'),
  (64, 'INSERT INTO bees.v (id) VALUES (1)'),
  (65, 'INSERT INTO bees.parent VALUES (3)'),
  (66, 'REASSIGN OWNED BY regress_nobody TO CURRENT_USER')
) AS s (n, ddl) ORDER BY n;

SET client_min_messages = warning;
DROP SCHEMA bees CASCADE;
SELECT strata.retire('shop', 'v1');
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
