-- strata.prepare_type_change: how versions follow the next ALTER COLUMN ... TYPE where no cast leads
-- back. A prepared mapping is used once, for the change it was prepared for, and for nothing else.
CREATE SCHEMA money;
CREATE TABLE money.orders (id int PRIMARY KEY, euros numeric(10, 2) NOT NULL, note text);
INSERT INTO money.orders VALUES (1, 12.50, 'a'), (2, 0.99, NULL);
CREATE FUNCTION money.shown(version text) RETURNS TABLE (column_name name, type text, kind text, read_as text, write_as jsonb)
    LANGUAGE sql AS $$
    SELECT column_name, type, kind, read_as, write_as FROM strata.contract('money', version)
    WHERE relation = 'orders' ORDER BY position $$;
CREATE FUNCTION money.prepared() RETURNS TABLE (relation regclass, new_type regtype)
    LANGUAGE sql AS 'SELECT relation, new_type FROM strata.type_change ORDER BY relation::text, new_type::text';
SELECT strata.track('money');
SELECT strata.publish('money', 'v1');

-- Euros become cents: USING calculates, so no cast leads back.
ALTER TABLE money.orders ALTER COLUMN euros TYPE int USING (euros * 100)::int;
SELECT strata.prepare_type_change('money.orders', 'euros', 'int',
    read_as => '(euros / 100.0)::numeric(10, 2)', write_as => '(euros * 100)::int');
-- The column is renamed before it is changed: expressions go on with the name they know.
ALTER TABLE money.orders RENAME COLUMN euros TO cents;
-- Another type than the prepared one uses nothing up; a cast leads back here.
ALTER TABLE money.orders ALTER COLUMN note TYPE varchar(20);
ALTER TABLE money.orders ALTER COLUMN cents TYPE text USING cents || ' EUR';
SELECT * FROM money.prepared();
ALTER TABLE money.orders ALTER COLUMN cents TYPE int USING (cents * 100)::int;
SELECT * FROM money.prepared();
SELECT * FROM money.orders ORDER BY id;
SELECT * FROM money_v1.orders ORDER BY id;
SELECT * FROM money.shown('v1');

-- A second version shows the new type; the next change of the column carries both along.
SELECT strata.publish('money', 'v2');
SELECT strata.prepare_type_change('money.orders', 'cents', 'text',
    read_as => $$split_part(cents, ' ', 1)::int$$, write_as => $$cents || ' ct'$$);
ALTER TABLE money.orders ALTER COLUMN cents TYPE text USING cents || ' ct';
SELECT * FROM money_v1.orders ORDER BY id;
SELECT * FROM money_v2.orders ORDER BY id;
SELECT * FROM money.shown('v1') WHERE column_name = 'euros';
SELECT * FROM money.shown('v2') WHERE column_name = 'cents';
-- And once more, where v1 and v2 read expressions and v3 the column itself.
SELECT strata.publish('money', 'v3');
SELECT strata.prepare_type_change('money.orders', 'cents', 'jsonb',
    read_as => $$cents ->> 'v'$$, write_as => $$jsonb_build_object('v', cents)$$);
ALTER TABLE money.orders ALTER COLUMN cents TYPE jsonb USING jsonb_build_object('v', cents);
SELECT * FROM money_v1.orders ORDER BY id;
SELECT * FROM money_v2.orders ORDER BY id;
SELECT * FROM money_v3.orders ORDER BY id;
SELECT * FROM money.shown('v1') WHERE column_name = 'euros';

-- A column that was replaced: its source is changed under two versions.
ALTER TABLE money.orders ADD COLUMN remark text;
UPDATE money.orders SET remark = note;
SELECT strata.replace_column('money.orders', 'note', 'remark', '{"remark": "note"}');
ALTER TABLE money.orders DROP COLUMN note;
SELECT strata.prepare_type_change('money.orders', 'remark', 'text[]',
    read_as => $$remark[1]$$, write_as => $$ARRAY[remark]$$);
ALTER TABLE money.orders ALTER COLUMN remark TYPE text[] USING ARRAY[remark];
SELECT id, note FROM money_v1.orders ORDER BY id;
SELECT * FROM money.shown('v1') WHERE column_name = 'note';

-- A prepared mapping is over the type the column had then: after another change it says nothing.
ALTER TABLE money.orders ADD COLUMN weight int;
SELECT strata.publish('money', 'v4');
SELECT strata.prepare_type_change('money.orders', 'weight', 'text',
    read_as => 'length(weight)', write_as => $$repeat('x', weight)$$);
ALTER TABLE money.orders ALTER COLUMN weight TYPE bigint;
ALTER TABLE money.orders ALTER COLUMN weight TYPE text;
SELECT * FROM money.prepared();
-- What the prepared mapping needs is gone: refused before the table is rewritten.
CREATE FUNCTION money.grams(text) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT length($1)::bigint';
SELECT strata.prepare_type_change('money.orders', 'weight', 'text',
    read_as => 'money.grams(weight)', write_as => $$repeat('x', weight::int)$$);
DROP FUNCTION money.grams;
ALTER TABLE money.orders ALTER COLUMN weight TYPE text USING repeat('x', weight::int);
-- Once used, a function that a mapping reads belongs to the contract.
CREATE FUNCTION money.grams(text) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT length($1)::bigint';
ALTER TABLE money.orders ALTER COLUMN weight TYPE text USING repeat('x', weight::int);
DROP FUNCTION money.grams;
-- An index needs an immutable expression.
CREATE INDEX ON money.orders (weight);
SELECT strata.prepare_type_change('money.orders', 'weight', 'timestamptz',
    read_as => 'weight::text', write_as => $$weight::timestamptz$$);
ALTER TABLE money.orders ALTER COLUMN weight TYPE timestamptz USING now();

-- No version is left, or none shows the column: nothing is in the way, before or after.
SELECT strata.retire('money', 'v1'), strata.retire('money', 'v2'), strata.retire('money', 'v3'), strata.retire('money', 'v4');
SELECT strata.prepare_type_change('money.orders', 'weight', 'int', 'weight::text', 'weight::int');
ALTER TABLE money.orders ALTER COLUMN weight TYPE int USING length(weight);
SELECT strata.publish('money', 'v5');
ALTER TABLE money.orders ALTER COLUMN weight TYPE bigint;
ALTER TABLE money.orders ALTER COLUMN weight TYPE int;
ALTER TABLE money.orders ADD COLUMN hidden int;
SELECT strata.prepare_type_change('money.orders', 'hidden', 'text', 'length(hidden)', 'repeat(''x'', hidden)');
ALTER TABLE money.orders ALTER COLUMN hidden TYPE text USING repeat('x', hidden);

-- Partitions and inheritors follow what was prepared for the table that the statement names.
CREATE SCHEMA parts;
CREATE TABLE parts.p (id int, at date, v numeric) PARTITION BY RANGE (at);
CREATE TABLE parts.p1 PARTITION OF parts.p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE parts.p2 (v numeric, at date, id int);
ALTER TABLE parts.p ATTACH PARTITION parts.p2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE parts.a (id int, v numeric);
CREATE TABLE parts.b (extra text) INHERITS (parts.a);
INSERT INTO parts.p VALUES (1, '2020-05-05', 1.25), (2, '2021-05-05', 2.5);
INSERT INTO parts.a VALUES (1, 3.5);
INSERT INTO parts.b VALUES (2, 4.75, 'x');
SELECT strata.track('parts');
SELECT strata.publish('parts', 'v1');
SELECT strata.prepare_type_change('parts.p', 'v', 'int', 'v / 100.0', '(v * 100)::int');
SELECT strata.prepare_type_change('parts.a', 'v', 'int', 'v / 100.0', '(v * 100)::int');
ALTER TABLE parts.p ALTER COLUMN v TYPE int USING (v * 100)::int;
ALTER TABLE parts.a ALTER COLUMN v TYPE int USING (v * 100)::int;
SELECT id, round(v, 2) AS v FROM parts_v1.p ORDER BY id;
SELECT id, round(v, 2) AS v FROM parts_v1.p2 ORDER BY id;
SELECT id, round(v, 2) AS v FROM parts_v1.a ORDER BY id;
SELECT id, round(v, 2) AS v, extra FROM parts_v1.b ORDER BY id;
SELECT relation, write_as FROM strata.contract('parts', 'v1') WHERE column_name = 'v' ORDER BY relation;

-- A column that a mapping only writes, under a search_path in which its new type needs no schema, or is another.
CREATE TABLE parts.w (id int PRIMARY KEY, a text);
SELECT strata.publish('parts', 'v2');
CREATE TYPE parts.mood AS ENUM ('sad', 'ok');
ALTER TABLE parts.w ADD COLUMN b text, ADD COLUMN c text;
SELECT strata.replace_column('parts.w', 'a', 'upper(c)', '{"b": "a"}');
SET search_path = parts;
CREATE TEMPORARY TABLE mood (x int);
ALTER TABLE w ALTER COLUMN b TYPE parts.mood USING b::parts.mood;
DROP TABLE mood;
INSERT INTO parts_v2.w VALUES (1, 'ok');
SELECT * FROM w;
RESET search_path;
SELECT strata.retire('parts', 'v2');

SELECT * FROM strata.verify();
SELECT strata.retire('money', 'v5'), strata.retire('parts', 'v1'), strata.untrack('money'), strata.untrack('parts');
SET client_min_messages = warning;
DROP SCHEMA money, parts CASCADE;
