-- Shows COPY into version views beside a COPY into the table: what is refused before any data, the line in
-- errors, batches, WHERE, triggers, rules, partitions, row security, functions, savepoints, binary.
CREATE SCHEMA shop_cr;
CREATE SEQUENCE shop_cr.ages;
CREATE TABLE shop_cr.users (id int PRIMARY KEY, name text, age int DEFAULT nextval('shop_cr.ages') CHECK (age > 0), mail text UNIQUE,
    born text NOT NULL DEFAULT 'x', twice int GENERATED ALWAYS AS (age * 2) STORED);
CREATE TABLE shop_cr.closed (id int PRIMARY KEY, n int);
CREATE TABLE shop_cr.look (id int PRIMARY KEY, n int);
CREATE TABLE shop_cr.log (id int, u int);
CREATE FUNCTION shop_cr.rows_so_far() RETURNS bigint LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN (SELECT count(*) FROM shop_cr.look); END';
CREATE TABLE shop_cr.parts (id int, region text, n int) PARTITION BY LIST (region);
CREATE TABLE shop_cr.parts_e PARTITION OF shop_cr.parts FOR VALUES IN ('e');
CREATE TABLE shop_cr.parts_w PARTITION OF shop_cr.parts FOR VALUES IN ('w');
CREATE TABLE shop_cr.child (id int PRIMARY KEY, u int REFERENCES shop_cr.users DEFERRABLE);
SELECT strata.track('shop_cr');
SELECT strata.publish('shop_cr', 'v1', security => 'owner');
BEGIN;
ALTER TABLE shop_cr.users ADD first text, ADD last text;
SELECT strata.replace_column('shop_cr.users', 'name', $$first || ' ' || last$$,
    $${"first": "split_part(name, ' ', 1)", "last": "split_part(name, ' ', 2)"}$$);
ALTER TABLE shop_cr.users DROP name;
ALTER TABLE shop_cr.users RENAME mail TO email;
ALTER TABLE shop_cr.closed ADD m int;
SELECT strata.replace_column('shop_cr.closed', 'n', 'm + 1', '{}');
ALTER TABLE shop_cr.closed DROP n;
COMMIT;
ALTER TABLE shop_cr.look ADD seen bigint DEFAULT shop_cr.rows_so_far();

-- nobody is asked for data that cannot be stored: the file, which does not exist, is never opened
COPY shop_cr_v1.closed (id, n) FROM '/nowhere';
COPY shop_cr_v1.closed (id, id) FROM '/nowhere';
COPY shop_cr_v1.users (id) FROM '/nowhere' WHERE no_column > 1;
COPY shop_cr_v1.users (id) FROM '/nowhere' WHERE id IN (SELECT 1);
COPY shop_cr_v1.users (id) FROM '/nowhere' WHERE sum(id) > 1;
COPY shop_cr_v1.users (id) FROM '/nowhere' (FORMAT nonsense);
CREATE ROLE regress_copies;
GRANT pg_read_server_files TO regress_copies;
GRANT USAGE ON SCHEMA shop_cr_v1 TO regress_copies;
SET ROLE regress_copies;
COPY shop_cr_v1.users (id) FROM '/nowhere';
RESET ROLE;
COPY shop_cr_v1.users (id) FROM '/nowhere';
-- errors and their lines
COPY shop_cr_v1.users (id, name) FROM STDIN;
1	Ann Lee
2
\.
COPY shop_cr_v1.users (id, name) FROM STDIN;
1	Ann Lee
2	Bob Ray	more
\.
COPY shop_cr_v1.users (id, age) FROM STDIN;
1	1
2	-2
\.
COPY shop_cr_v1.users (id, age, born) FROM STDIN;
1	1	y
2	1	\N
\.
COPY shop_cr_v1.users (id, name) FROM STDIN (FORMAT csv, HEADER match);
id,nome
1,Ann Lee
\.
COPY shop_cr_v1.users (id, mail) FROM PROGRAM '(seq 1 1500; echo 1501,m1200; seq 1600 2000) | sed "s/^[0-9]*$/&,m&/"' (FORMAT csv);
SELECT count(*) FROM shop_cr.users;
-- batches
COPY shop_cr_v1.users (id, mail) FROM PROGRAM 'seq 1 2500 | sed "s/.*/&,m&/"' (FORMAT csv);
SELECT count(*), min(id), max(id), count(DISTINCT email), bool_and(twice = age * 2), max(born) FROM shop_cr.users;
COPY shop_cr_v1.users (id, name) FROM PROGRAM 'true';
COPY shop_cr_v1.users (id, name) FROM PROGRAM 'seq -f "%g,A B" 3001 3003' (FORMAT csv) WHERE false;
TRUNCATE shop_cr.users, shop_cr.child;
-- WHERE sees the view's defaults, and they are stored
GRANT USAGE ON SCHEMA shop_cr TO regress_copies;
GRANT USAGE ON SEQUENCE shop_cr.ages TO regress_copies;
GRANT INSERT (id) ON shop_cr_v1.users TO regress_copies;
GRANT SELECT ON shop_cr_v1.users TO regress_copies;
SELECT setval('shop_cr.ages', 10);
SET ROLE regress_copies;
COPY shop_cr_v1.users (id) FROM STDIN WHERE age % 2 = 0 AND name IS NULL;
1
2
3
4
\.
RESET ROLE;
SELECT id, age FROM shop_cr.users ORDER BY id;
SELECT nextval('shop_cr.ages');
TRUNCATE shop_cr.users, shop_cr.child;

-- a BEFORE trigger that looks at the table sees the rows before; AFTER triggers, foreign keys
CREATE FUNCTION shop_cr.number() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.age := (SELECT count(*) + 1 FROM shop_cr.users);
    IF NEW.id = 3 THEN RETURN NULL; END IF;
    RETURN NEW; END $$;
CREATE TRIGGER number BEFORE INSERT ON shop_cr.users FOR EACH ROW EXECUTE FUNCTION shop_cr.number();
CREATE FUNCTION shop_cr.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE NOTICE '% % % %', TG_WHEN, TG_LEVEL, CASE WHEN TG_LEVEL = 'ROW' THEN NEW.id END, (SELECT count(*) FROM shop_cr.users); RETURN NULL; END $$;
CREATE TRIGGER tell_first BEFORE INSERT ON shop_cr.users FOR EACH STATEMENT EXECUTE FUNCTION shop_cr.tell();
CREATE TRIGGER tell_rows AFTER INSERT ON shop_cr.users FOR EACH ROW EXECUTE FUNCTION shop_cr.tell();
CREATE TRIGGER tell_last AFTER INSERT ON shop_cr.users FOR EACH STATEMENT EXECUTE FUNCTION shop_cr.tell();
DO $$ DECLARE n bigint; BEGIN
    COPY shop_cr_v1.users (id, name) FROM PROGRAM 'seq -f "%g,A B" 1 4' (FORMAT csv);
    GET DIAGNOSTICS n = ROW_COUNT; RAISE NOTICE '% rows', n; END $$;
DROP TRIGGER number ON shop_cr.users;
COPY shop_cr_v1.users (id, name) FROM PROGRAM 'seq -f "%g,A B" 5 6' (FORMAT csv);
SELECT id, first FROM shop_cr.users ORDER BY id;
DROP TRIGGER tell_first ON shop_cr.users;
DROP TRIGGER tell_rows ON shop_cr.users;
DROP TRIGGER tell_last ON shop_cr.users;
COPY shop_cr_v1.child FROM STDIN;
1	1
2	99
\.
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
COPY shop_cr_v1.child FROM STDIN;
2	99
\.
SAVEPOINT a;
COPY shop_cr_v1.child FROM STDIN;
2	1
\.
ROLLBACK TO a;
COPY shop_cr_v1.users (id) FROM STDIN;
99
\.
COMMIT;
SELECT * FROM shop_cr.child;

-- a default of the table that looks at it sees the rows before
COPY shop_cr_v1.look FROM STDIN;
1	10
2	10
3	10
\.
SELECT * FROM shop_cr.look ORDER BY id;
-- partitions
ALTER TABLE shop_cr.parts ALTER n TYPE bigint;
COPY shop_cr_v1.parts FROM STDIN;
1	e	1
2	w	2
3	e	3
\.
COPY shop_cr_v1.parts_e FROM STDIN;
4	e	4
5	w	5
\.
SELECT tableoid::regclass, * FROM shop_cr.parts ORDER BY id;
-- partitions of another shape, with triggers that look at the table, more than are kept in mind at once
CREATE TABLE shop_cr.wide (id int, n int, note text DEFAULT 'none', twice int GENERATED ALWAYS AS (n * 2) STORED) PARTITION BY LIST (id);
CREATE TABLE shop_cr.wide_1 (gone int, note text, id int, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
ALTER TABLE shop_cr.wide_1 DROP COLUMN gone;
ALTER TABLE shop_cr.wide ATTACH PARTITION shop_cr.wide_1 FOR VALUES IN (1);
DO $$ BEGIN
  FOR i IN 2..40 LOOP EXECUTE format('CREATE TABLE shop_cr.wide_%s PARTITION OF shop_cr.wide FOR VALUES IN (%s)', i, i); END LOOP;
END $$;
CREATE UNIQUE INDEX ON shop_cr.wide_3 (n);
CREATE FUNCTION shop_cr.seen() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN NEW.note := (SELECT count(*) FROM shop_cr.wide) || '' before''; RETURN CASE WHEN NEW.n < 0 THEN NULL ELSE NEW END; END';
CREATE TRIGGER seen BEFORE INSERT ON shop_cr.wide_2 FOR EACH ROW EXECUTE FUNCTION shop_cr.seen();
CREATE FUNCTION shop_cr.logged() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO shop_cr.log VALUES (NEW.id, NEW.n); RETURN NULL; END';
CREATE TRIGGER logged AFTER INSERT ON shop_cr.wide FOR EACH ROW EXECUTE FUNCTION shop_cr.logged();
SELECT strata.publish('shop_cr', 'v1b');
COPY shop_cr_v1b.wide (id, n) FROM STDIN;
1	10
1	11
2	20
3	30
2	-1
2	21
1	12
\.
SELECT tableoid::regclass, * FROM shop_cr.wide ORDER BY id, n;
SELECT * FROM shop_cr.log ORDER BY id, u;
DELETE FROM shop_cr.log;
COPY shop_cr_v1b.wide (id, n) FROM STDIN;
3	31
4	40
3	30
\.
COPY shop_cr_v1b.wide (id, n) FROM STDIN;
4	40
41	1
\.
COPY shop_cr_v1b.wide (id, n) FROM PROGRAM 'i=0; while [ $i -lt 4000 ]; do printf "%s\t%s\n" $((i % 37 + 4)) $i; i=$((i + 1)); done';
SELECT count(*), count(DISTINCT id), sum(n), sum(twice) FROM shop_cr.wide WHERE id > 3;
SELECT count(*), sum(u) FROM shop_cr.log;
TRUNCATE shop_cr.log;
SELECT strata.retire('shop_cr', 'v1b');
DROP TABLE shop_cr.wide;
-- rules, which make several statements of one
CREATE RULE log AS ON INSERT TO shop_cr.child DO ALSO INSERT INTO shop_cr.log VALUES (NEW.id * 100, NEW.u);
COPY shop_cr_v1.child FROM STDIN;
7	1
8	2
\.
DROP RULE log ON shop_cr.child;
CREATE RULE nothing AS ON INSERT TO shop_cr.child DO INSTEAD NOTHING;
COPY shop_cr_v1.child FROM STDIN;
9	1
\.
DROP RULE nothing ON shop_cr.child;
SELECT * FROM shop_cr.child ORDER BY id;
SELECT * FROM shop_cr.log ORDER BY id;
-- row security of the base
SELECT strata.publish('shop_cr', 'v2', security => 'invoker');
SET pg_strata.mode = record;
ALTER TABLE shop_cr.child ENABLE ROW LEVEL SECURITY;
RESET pg_strata.mode;
CREATE POLICY small ON shop_cr.child WITH CHECK (id < 100);
GRANT USAGE ON SCHEMA shop_cr, shop_cr_v2 TO regress_copies;
GRANT INSERT ON shop_cr.child, shop_cr_v2.child TO regress_copies;
SET ROLE regress_copies;
COPY shop_cr_v2.child FROM STDIN;
50	1
\.
COPY shop_cr_v2.child FROM STDIN;
51	1
101	1
\.
RESET ROLE;
-- binary, and out of a function in a query
COPY shop_cr_v1.users (id, name) TO PROGRAM 'cat > pg_strata_copy.bin' (FORMAT binary);
TRUNCATE shop_cr.users, shop_cr.child;
CREATE FUNCTION shop_cr.load() RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN
    COPY shop_cr_v1.users (id, name) FROM PROGRAM 'cat pg_strata_copy.bin; rm pg_strata_copy.bin' (FORMAT binary);
    GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END $$;
SELECT shop_cr.load();
SELECT id, name FROM shop_cr_v1.users ORDER BY id;

SET client_min_messages = warning;
SELECT strata.retire('shop_cr', 'v1');
SELECT strata.retire('shop_cr', 'v2');
DROP SCHEMA shop_cr CASCADE;
DROP ROLE regress_copies;
