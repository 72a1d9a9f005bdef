-- Look-ups through old versions go on using an index after a type change of an indexed column.
CREATE SCHEMA ix;
-- Returns whether the plan of a query uses an index and reads no table as a whole.
CREATE FUNCTION ix.uses_index(query text) RETURNS bool LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE line text; found bool := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Seq Scan|Sort' THEN RETURN false; END IF;
        found := found OR line ~ 'Index (Only )?Scan';
    END LOOP;
    RETURN found;
END $$;
CREATE FUNCTION ix.kept() RETURNS TABLE (relation text, is_unique bool, definition text) LANGUAGE sql AS $$
    -- 15 prints a pair of parentheses more around AT TIME ZONE; from 17 on partitions of an index get no comment.
    SELECT k.relation::text, i.indisunique,
           replace(regexp_replace(pg_get_indexdef(k.index), '^.* USING ', ''), '(((at AT TIME ZONE ''UTC''::text)))', '((at AT TIME ZONE ''UTC''::text))')
    FROM strata.kept_index AS k JOIN pg_index AS i ON i.indexrelid = k.index JOIN pg_class AS c ON c.oid = k.index
    WHERE k.relation::text ~ '^ix' AND NOT c.relispartition ORDER BY 1, 3 $$;
CREATE TABLE ix.t (id int PRIMARY KEY, n int, kind smallint, email varchar(80), note text);
CREATE TABLE ix.child (id int PRIMARY KEY, t_id int REFERENCES ix.t);
CREATE INDEX t_n ON ix.t (kind, n DESC NULLS FIRST) INCLUDE (note) WHERE n > 0;
CREATE INDEX t_lower ON ix.t (lower(email) text_pattern_ops);
CREATE UNIQUE INDEX t_email ON ix.t (email COLLATE "C");
CREATE INDEX t_hash ON ix.t USING hash (n);
CREATE INDEX child_t_id ON ix.child (t_id);
INSERT INTO ix.t SELECT g, g * 10, g % 3, 'User' || g || '@example.org', 'n' FROM generate_series(1, 100) AS g;
INSERT INTO ix.child SELECT g, g FROM generate_series(1, 100) AS g;
SELECT strata.track('ix');
SELECT strata.publish('ix', 'v1');

-- int to bigint on the key and elsewhere, smallint to int.
ALTER TABLE ix.t ALTER COLUMN id TYPE bigint, ALTER COLUMN n TYPE bigint, ALTER COLUMN kind TYPE int;
ALTER TABLE ix.child ALTER COLUMN t_id TYPE bigint;
SELECT * FROM ix.kept();
SELECT q, ix.uses_index(q) FROM (VALUES
    (1, 'SELECT * FROM ix_v1.t WHERE id = 5'), (2, 'SELECT * FROM ix_v1.t WHERE id BETWEEN 5 AND 9'),
    (3, 'SELECT id FROM ix_v1.t ORDER BY id LIMIT 3'), (4, 'SELECT * FROM ix_v1.t WHERE id = ANY (ARRAY[1, 2])'),
    (5, 'SELECT * FROM ix_v1.t WHERE kind = 1::smallint AND n > 0 ORDER BY n DESC NULLS FIRST'), (6, 'SELECT * FROM ix_v1.t WHERE n = 50'),
    (7, 'SELECT t.note FROM ix_v1.child AS c JOIN ix_v1.t AS t ON t.id = c.t_id WHERE c.id = 7'),
    (8, 'SELECT * FROM ix_v1.child WHERE t_id = 9'), (9, 'SELECT max(id) FROM ix_v1.t'), (10, 'SELECT * FROM ix_v1.t WHERE id = 5::bigint')) AS v(n, q) ORDER BY n;
SELECT id, n FROM ix_v1.t WHERE id = 5;
PREPARE one(int) AS SELECT id, n FROM ix_v1.t WHERE id = $1;
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
EXECUTE one(6);
SELECT ix.uses_index('EXECUTE one(6)');
RESET plan_cache_mode;
RESET enable_seqscan;

-- Rows that the old type cannot hold can be written; only who reads one through the old version fails.
INSERT INTO ix.t (id, n, kind) VALUES (3000000000, 1, 40000), (3000000001, 4000000000, 40000), (-3000000000, 7, 1);
UPDATE ix.t SET n = 5000000000 WHERE id = 3000000000;
SET enable_seqscan = off;
SELECT id, n FROM ix_v1.t WHERE id = 5;
SELECT id FROM ix_v1.t WHERE id BETWEEN 99 AND 100 ORDER BY id;
SELECT id FROM ix_v1.t WHERE id > 99 ORDER BY id;
SELECT count(*) FROM ix.t;
RESET enable_seqscan;
DELETE FROM ix.t WHERE id NOT BETWEEN 1 AND 100;
ANALYZE ix.t;
REINDEX TABLE ix.t;

-- Back again: the view reads the column itself and the kept index goes.
ALTER TABLE ix.t ALTER COLUMN kind TYPE smallint;
ALTER TABLE ix.t ALTER COLUMN n TYPE int;
SELECT * FROM ix.kept();
SELECT column_name, kind FROM strata.contract('ix', 'v1') WHERE relation = 't';

-- An expression, an operator class, a collation.
ALTER TABLE ix.t ALTER COLUMN email TYPE text;
SELECT ix.uses_index($$SELECT * FROM ix_v1.t WHERE lower(email) LIKE 'user7@%'$$), ix.uses_index($$SELECT * FROM ix_v1.t WHERE email = 'User7@example.org' COLLATE "C"$$);
ALTER TABLE ix.t ALTER COLUMN email TYPE varchar(200);
SELECT * FROM ix.kept();
SELECT ix.uses_index($$SELECT * FROM ix_v1.t WHERE lower(email) LIKE 'user7@%'$$), ix.uses_index($$SELECT * FROM ix_v1.t WHERE email = 'User7@example.org' COLLATE "C"$$);
SELECT id FROM ix_v1.t WHERE lower(email) LIKE 'user7@%';

-- Two versions share an index; it goes with the last that needs it, though others still read the table.
SELECT strata.publish('ix', 'v2');
ALTER TABLE ix.t ALTER COLUMN n TYPE bigint;
SELECT * FROM ix.kept() WHERE definition ~ 'n_key|narrow' AND relation = 'ix.t';
SELECT strata.publish('ix', 'v3');
SELECT strata.retire('ix', 'v1');
SELECT * FROM ix.kept();
SELECT strata.retire('ix', 'v2');
SELECT * FROM ix.kept();

-- A column that is replaced needs its kept index no longer.
ALTER TABLE ix.t ALTER COLUMN n TYPE numeric;
SELECT * FROM ix.kept();
ALTER TABLE ix.t ADD COLUMN n2 bigint;
SELECT strata.replace_column('ix.t', 'n', 'n2');
SELECT * FROM ix.kept();

-- GIN and GiST; arrays of integers have no immutable way around their elements' cast.
CREATE TABLE ix.g (id int PRIMARY KEY, tags text[], span int4range, doc json, at timestamp);
CREATE INDEX g_tags ON ix.g USING gin (tags);
CREATE INDEX g_span ON ix.g USING gist (span);
CREATE INDEX g_at ON ix.g (at);
SELECT strata.publish('ix', 'v4');
ALTER TABLE ix.g ALTER COLUMN tags TYPE varchar[];
SELECT ix.uses_index($$SELECT * FROM ix_v4.g WHERE tags @> ARRAY['x']$$);
-- No immutable expression: refused, with what to do.
ALTER TABLE ix.g ALTER COLUMN at TYPE timestamptz;
ALTER TABLE ix.g ALTER COLUMN span TYPE int8range USING int8range(lower(span), upper(span));
SELECT strata.prepare_type_change('ix.g', 'at', 'timestamptz', $$at AT TIME ZONE 'UTC'$$, $$at AT TIME ZONE 'UTC'$$);
SELECT strata.prepare_type_change('ix.g', 'span', 'int8range', 'int4range(lower(span)::int, upper(span)::int)', 'int8range(lower(span), upper(span))');
ALTER TABLE ix.g ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC';
ALTER TABLE ix.g ALTER COLUMN span TYPE int8range USING int8range(lower(span), upper(span));
SELECT * FROM ix.kept();
SELECT ix.uses_index($$SELECT * FROM ix_v4.g WHERE at = '2024-01-01'$$);

-- Partitioned tables, inheritance.
CREATE TABLE ix.p (id int, k int, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE ix.p1 PARTITION OF ix.p FOR VALUES FROM (0) TO (10);
CREATE TABLE ix.p2 PARTITION OF ix.p FOR VALUES FROM (10) TO (20);
CREATE INDEX p1_id ON ix.p1 (id);
CREATE TABLE ix.a (id int PRIMARY KEY);
CREATE TABLE ix.b () INHERITS (ix.a); -- a primary key here stops core from retyping on 18
CREATE INDEX b_id ON ix.b (id);
INSERT INTO ix.p SELECT g, g % 20 FROM generate_series(1, 100) AS g;
SELECT strata.publish('ix', 'v5');
SET client_min_messages = warning;
ALTER TABLE ix.p ALTER COLUMN id TYPE bigint;
ALTER TABLE ix.a ALTER COLUMN id TYPE bigint;
RESET client_min_messages;
SELECT * FROM ix.kept() WHERE relation ~ '[pab]\d?$';
SELECT ix.uses_index('SELECT * FROM ix_v5.p WHERE id = 5'), ix.uses_index('SELECT * FROM ix_v5.p1 WHERE id = 5'), ix.uses_index('SELECT * FROM ix_v5.a WHERE id = 5'), ix.uses_index('SELECT * FROM ix_v5.b WHERE id = 5');
CREATE TABLE ix.p3 PARTITION OF ix.p FOR VALUES FROM (20) TO (30);
SELECT ix.uses_index('SELECT * FROM ix_v5.p WHERE id = 5');
SET client_min_messages = warning;
ALTER TABLE ix.p ALTER COLUMN id TYPE int;
ALTER TABLE ix.a ALTER COLUMN id TYPE int;
RESET client_min_messages;
SELECT * FROM ix.kept() WHERE relation ~ '[pab]\d?$';

SELECT * FROM strata.verify();
SELECT strata.retire('ix', 'v3'), strata.retire('ix', 'v4'), strata.retire('ix', 'v5');
SELECT * FROM ix.kept();
SELECT strata.untrack('ix');
SET client_min_messages = warning;
DROP SCHEMA ix CASCADE;
