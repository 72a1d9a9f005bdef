-- Shows writes through a version over kinds of tables and columns: partitions with row movement,
-- inheritance, identity, generated columns, domains, composites, row security, rules, triggers with
-- transition tables, and the rights of roles with and without security_invoker.
CREATE SCHEMA shop_k;
CREATE DOMAIN shop_k.short AS varchar(8) CHECK (value <> 'bad');
CREATE TYPE shop_k.place AS (street text, town text);
CREATE TABLE shop_k.events (
    id    int GENERATED ALWAYS AS IDENTITY,
    day   int NOT NULL,
    label shop_k.short,
    note  text,
    twice int GENERATED ALWAYS AS (day * 2) STORED,
    place shop_k.place,
    PRIMARY KEY (id, day)
) PARTITION BY RANGE (day);
CREATE TABLE shop_k.events_low PARTITION OF shop_k.events FOR VALUES FROM (0) TO (10);
CREATE TABLE shop_k.events_high PARTITION OF shop_k.events FOR VALUES FROM (10) TO (20);
SELECT strata.track('shop_k');
SELECT strata.publish('shop_k', 'v1');
SELECT strata.publish('shop_k', 'v1o', security => 'owner');
ALTER TABLE shop_k.events RENAME COLUMN day TO at_day;
BEGIN;
ALTER TABLE shop_k.events ADD head text, ADD tail text;
SELECT strata.replace_column('shop_k.events', 'note', $$head || '/' || tail$$,
    '{"head": "split_part(note, ''/'', 1)", "tail": "split_part(note, ''/'', 2)"}');
ALTER TABLE shop_k.events DROP note;
COMMIT;
ALTER TABLE shop_k.events ADD seen_by text;
SELECT strata.fill_column('shop_k.events', 'seen_by', $$current_user || '!'$$);
SELECT strata.fill_column('shop_k.events_low', 'seen_by', $$'low ' || current_user$$);

-- partitions, identity, generated columns, fills
INSERT INTO shop_k_v1.events (day, label, note) VALUES (1, 'one', 'a/b'), (11, 'two', 'c/d') RETURNING *;
INSERT INTO shop_k_v1.events (id, day) VALUES (5, 1);
INSERT INTO shop_k_v1.events (id, day) OVERRIDING SYSTEM VALUE VALUES (50, 2) RETURNING id, day, twice, note;
INSERT INTO shop_k_v1.events (day, twice) VALUES (3, 6);
INSERT INTO shop_k_v1.events (day, twice) VALUES (3, DEFAULT) RETURNING id, twice;
UPDATE shop_k_v1.events SET day = day + 10, note = 'moved/on' WHERE day = 1 RETURNING id, day, twice, note;
INSERT INTO shop_k_v1.events_low (id, day, note) OVERRIDING SYSTEM VALUE VALUES (60, 4, 'x/y') RETURNING *;
SELECT tableoid::regclass, id, at_day, label, head, tail, seen_by FROM shop_k.events ORDER BY id;
-- domains and composites
INSERT INTO shop_k_v1.events (day, label) VALUES (1, 'bad');
UPDATE shop_k_v1.events SET label = 'much too long' WHERE id = 1;
UPDATE shop_k_v1.events SET place.street = 'High St' WHERE id = 1 RETURNING place;
UPDATE shop_k_v1.events SET place.town = 'Bath' WHERE id = 1 RETURNING (place).street, (place).town;
-- triggers with transition tables, rules
CREATE FUNCTION shop_k.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE NOTICE '% of % rows, heads %', TG_OP, (SELECT count(*) FROM changed), (SELECT string_agg(head, ',' ORDER BY id) FROM changed);
    RETURN NULL; END $$;
CREATE TRIGGER tell AFTER UPDATE ON shop_k.events REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION shop_k.tell();
UPDATE shop_k_v1.events SET note = id || '/t' WHERE id < 3;
DROP TRIGGER tell ON shop_k.events;
CREATE TABLE shop_k.log (what text);
CREATE RULE log_delete AS ON DELETE TO shop_k.events DO ALSO INSERT INTO shop_k.log VALUES ('deleted ' || OLD.id);
DELETE FROM shop_k_v1.events WHERE id = 60;
TABLE shop_k.log;
DROP RULE log_delete ON shop_k.events;

-- rights: the caller's on the view and, by security_invoker, on the base
CREATE ROLE regress_writer;
CREATE ROLE regress_owned;
GRANT USAGE ON SCHEMA shop_k, shop_k_v1, shop_k_v1o TO regress_writer, regress_owned;
GRANT SELECT, INSERT (day, note), UPDATE (note) ON shop_k_v1.events TO regress_writer;
GRANT SELECT, INSERT (day, note), UPDATE (note), DELETE ON shop_k_v1o.events TO regress_owned;
SET ROLE regress_writer;
UPDATE shop_k_v1.events SET note = 'not/allowed' WHERE id = 1;
RESET ROLE;
GRANT SELECT, INSERT (at_day, head, tail), UPDATE (head, tail) ON shop_k.events TO regress_writer;
SET ROLE regress_writer;
UPDATE shop_k_v1.events SET note = 'is/allowed' WHERE id = 1 RETURNING note;
UPDATE shop_k_v1.events SET label = 'no' WHERE id = 1;
INSERT INTO shop_k_v1.events (day, note) VALUES (5, 'by/writer') RETURNING day, note;
INSERT INTO shop_k_v1.events (day, label) VALUES (5, 'no');
DELETE FROM shop_k_v1.events;
SET ROLE regress_owned;
UPDATE shop_k_v1o.events SET note = 'by/owner' WHERE id = 2 RETURNING note;
UPDATE shop_k_v1o.events SET label = 'no' WHERE id = 2;
UPDATE shop_k.events SET head = 'no';
DELETE FROM shop_k_v1o.events WHERE note = 'by/writer' RETURNING note;
RESET ROLE;
-- row security of the base: refused while it would not hold for a version
ALTER TABLE shop_k.events ENABLE ROW LEVEL SECURITY;
SELECT strata.retire('shop_k', 'v1o');
ALTER TABLE shop_k.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop_k.events TO regress_writer USING (seen_by LIKE 'regress_writer%')
    WITH CHECK (head <> 'secret');
SET ROLE regress_writer;
INSERT INTO shop_k_v1.events (day, note) VALUES (6, 'mine/m');
INSERT INTO shop_k_v1.events (day, note) VALUES (6, 'secret/m');
SELECT day, note FROM shop_k_v1.events;
UPDATE shop_k_v1.events SET note = 'all/mine' RETURNING day, note;
UPDATE shop_k_v1.events SET note = 'secret/mine';
RESET ROLE;
ALTER TABLE shop_k.events DISABLE ROW LEVEL SECURITY;
-- a mapping that does not resolve: writes are refused, reads go on
UPDATE strata.base_column SET column_name = 'nowhere' WHERE relation = 'shop_k.events'::regclass AND column_name = 'head';
\c -
UPDATE shop_k_v1.events SET label = 'x';
SELECT count(*) FROM shop_k_v1.events;
UPDATE strata.base_column SET column_name = 'head' WHERE relation = 'shop_k.events'::regclass AND column_name = 'nowhere';
\c -
UPDATE shop_k_v1.events SET label = 'x' WHERE id = 1;

-- who may write a column of the version must be able to write what a mapping stores it in
ALTER TABLE shop_k.events ADD other text;
SELECT strata.replace_column('shop_k.events', 'head', 'other', '{"other": "head"}');
GRANT SELECT (other) ON shop_k.events TO regress_writer;
SELECT strata.replace_column('shop_k.events', 'head', 'other', '{"other": "head"}');

DROP OWNED BY regress_writer, regress_owned;
DROP ROLE regress_writer, regress_owned;
SELECT strata.retire('shop_k', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_k CASCADE;
