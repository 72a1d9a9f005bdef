-- strata.replace_column: versions read an expression instead of a column. Mappings compose, stay one
-- hop from the base table, and strata.contract shows both directions.
CREATE SCHEMA split;
CREATE TABLE split.users (id int PRIMARY KEY, name text NOT NULL, email text);
INSERT INTO split.users VALUES (1, 'Ada Lovelace', 'ada@example.org'), (2, 'Alan Turing', NULL);
CREATE FUNCTION split.shown(version text) RETURNS TABLE (column_name name, kind text, read_as text, write_as jsonb)
    LANGUAGE sql AS $$
    SELECT column_name, kind, read_as, write_as FROM strata.contract('split', version)
    WHERE relation = 'users' ORDER BY position $$;
-- The relations that a version view reads, from its rule's dependencies.
CREATE FUNCTION split.reads(view regclass) RETURNS TABLE (relation regclass)
    LANGUAGE sql AS $$
    SELECT DISTINCT d.refobjid::regclass FROM pg_rewrite AS r
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE r.ev_class = view AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> view
    ORDER BY 1 $$;
SELECT strata.track('split');
SELECT strata.publish('split', 'v1');

-- A split, with a newer version that shows both shapes directly.
ALTER TABLE split.users ADD COLUMN first_name text, ADD COLUMN last_name text;
UPDATE split.users SET first_name = split_part(name, ' ', 1), last_name = substr(name, strpos(name, ' ') + 1);
SELECT strata.publish('split', 'v2');
SELECT strata.replace_column('split.users', 'name', $$first_name || ' ' || last_name$$,
    '{"first_name": "split_part(name, '' '', 1)", "last_name": "substr(name, strpos(name, '' '') + 1)"}');
ALTER TABLE split.users DROP COLUMN name;
UPDATE split.users SET last_name = 'King' WHERE id = 1;
SELECT * FROM split_v1.users ORDER BY id;
SELECT * FROM split_v2.users ORDER BY id;
SELECT * FROM split.shown('v1');
-- What the version shows itself goes on being written by its own column.
SELECT * FROM split.shown('v2');
SELECT split.reads('split_v1.users'), split.reads('split_v2.users');

-- The source is renamed to the very name that became free.
ALTER TABLE split.users RENAME COLUMN first_name TO name;
SELECT * FROM split.shown('v1') WHERE column_name = 'name';
-- It is retyped.
ALTER TABLE split.users ALTER COLUMN name TYPE varchar(80);
SELECT * FROM split.shown('v1') WHERE column_name = 'name';
SELECT * FROM split.shown('v2') WHERE column_name IN ('name', 'first_name');
-- It is replaced as well: writes of the old version pass through both mappings.
ALTER TABLE split.users ADD COLUMN given text;
UPDATE split.users SET given = upper(name);
SELECT strata.replace_column('split.users', 'name', 'initcap(given)', '{"given": "upper(name)"}');
ALTER TABLE split.users DROP COLUMN name;
SELECT * FROM split.shown('v1') WHERE column_name = 'name';
SELECT * FROM split.shown('v2') WHERE column_name IN ('name', 'first_name');
SELECT * FROM split_v1.users ORDER BY id;
SELECT * FROM split_v2.users ORDER BY id;
SELECT split.reads('split_v1.users'), split.reads('split_v2.users');

-- A new column under a name that was dropped is no part of any mapping.
ALTER TABLE split.users ADD COLUMN name int;
ALTER TABLE split.users DROP COLUMN name, ADD COLUMN name bigint;
SELECT * FROM split.shown('v1') WHERE column_name = 'name';
ALTER TABLE split.users ADD COLUMN first_name text, DROP COLUMN name;
SELECT * FROM split.shown('v1') WHERE column_name = 'name';
-- A column that nobody reads any more, but that a mapping writes, may go: its mapping goes with it.
ALTER TABLE split.users ADD COLUMN full_name text;
SELECT strata.replace_column('split.users', 'email', $$lower(given) || '@example.org'$$, '{"full_name": "email"}');
ALTER TABLE split.users DROP COLUMN email;
SELECT * FROM split.shown('v1') WHERE column_name = 'email';
ALTER TABLE split.users DROP COLUMN full_name;
BEGIN;
INSERT INTO split_v1.users (id, name) VALUES (99, 'Ann Lee');
SELECT id, given FROM split.users WHERE id = 99;
ROLLBACK;
ALTER TABLE split.users ADD COLUMN full_name text;
SELECT * FROM split.shown('v1') WHERE column_name = 'email';

-- One base column stores one expression: a second mapping onto it would silently lose the first.
ALTER TABLE split.users ADD COLUMN person jsonb;
SELECT strata.replace_column('split.users', 'given', $$person ->> 'given'$$, '{"last_name": "given"}');
SELECT strata.replace_column('split.users', 'given', $$person ->> 'given'$$, '{"person": "jsonb_build_object(''given'', given)"}');
SELECT strata.replace_column('split.users', 'last_name', $$person ->> 'last'$$, '{"person": "jsonb_build_object(''last'', last_name)"}');
SELECT * FROM split.shown('v1') WHERE column_name = 'name';

-- Which view column feeds an expression is read from its tree, not from its text.
CREATE SCHEMA letters;
CREATE TABLE letters.t (id int PRIMARY KEY, a int, aa int, "A b" int);
SELECT strata.track('letters');
SELECT strata.publish('letters', 'v1');
ALTER TABLE letters.t ADD COLUMN sum int;
SELECT strata.replace_column('letters.t', 'aa', 'sum - 1', '{"sum": "aa + 1"}');
SELECT strata.replace_column('letters.t', 'A b', 'sum % 2', '{}');
SELECT column_name, kind, write_as FROM strata.contract('letters', 'v1');

-- A bare column takes the place of another: the view stays plain, and writable.
ALTER TABLE letters.t ADD COLUMN b int;
SELECT strata.replace_column('letters.t', 'a', 'b', '{"b": "a"}');
ALTER TABLE letters.t DROP COLUMN a;
INSERT INTO letters_v1.t (id, a) VALUES (1, 7);
SELECT id, b FROM letters.t;
SELECT column_name, kind, read_as, write_as FROM strata.contract('letters', 'v1');

-- Names of 63 bytes and quoted ones.
CREATE SCHEMA "Quoted ""Schema";
CREATE TABLE "Quoted ""Schema"."T ""x" (id int, "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" int, "New ""c" int);
SELECT strata.track('"Quoted ""Schema"');
SELECT strata.publish('"Quoted ""Schema"', 'v1', schema => 'Quoted v1');
SELECT strata.replace_column('"Quoted ""Schema"."T ""x"', 'ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', '"New ""c" * 2');
SELECT relation, column_name, kind, read_as, write_as FROM strata.contract('"Quoted ""Schema"', 'v1');

-- An indexed column: the NOTICE says how to keep look-ups quick; the author decides.
CREATE SCHEMA looked;
CREATE TABLE looked.t (id int PRIMARY KEY, code text, kind int, raw text);
CREATE INDEX t_code ON looked.t (kind, code DESC NULLS LAST) WHERE code <> '';
CREATE INDEX t_code_pattern ON looked.t (code text_pattern_ops);
SELECT strata.track('looked');
SELECT strata.publish('looked', 'v1');
SELECT strata.replace_column('looked.t', 'code', 'lower(raw)');
CREATE INDEX t_kind ON looked.t (kind);
ALTER TABLE looked.t ADD COLUMN at timestamptz;
SELECT strata.replace_column('looked.t', 'kind', 'extract(year FROM at)::int');

-- A partitioned table: its partitions have version views of their own, and lose the column too.
CREATE SCHEMA parted;
CREATE TABLE parted.event (id int, name text, first text, last text) PARTITION BY RANGE (id);
CREATE TABLE parted.event_low (last text, first text, id int, name text);
ALTER TABLE parted.event ATTACH PARTITION parted.event_low FOR VALUES FROM (0) TO (10);
INSERT INTO parted.event VALUES (1, 'Ada Lovelace', 'Ada', 'Lovelace');
SELECT strata.track('parted');
SELECT strata.publish('parted', 'v1');
SELECT strata.replace_column('parted.event', 'name', $$first || ' ' || last$$);
ALTER TABLE parted.event DROP COLUMN name;
SELECT name FROM parted_v1.event UNION ALL SELECT name FROM parted_v1.event_low;

SELECT * FROM strata.verify();
SELECT strata.retire('parted', 'v1'), strata.untrack('parted');
SELECT strata.retire('split', 'v1'), strata.retire('split', 'v2'), strata.retire('letters', 'v1'),
    strata.retire('looked', 'v1'), strata.retire('"Quoted ""Schema"', 'v1');
SELECT strata.untrack('split'), strata.untrack('letters'), strata.untrack('looked'), strata.untrack('"Quoted ""Schema"');
SET client_min_messages = warning;
DROP SCHEMA parted, split, letters, looked, "Quoted ""Schema" CASCADE;
