-- What authors get wrong in mappings: a clear error with SQLSTATE, and nothing half done.
\set VERBOSITY default
CREATE ROLE regress_strata_owner;
CREATE ROLE regress_strata_reader;
CREATE SCHEMA bad AUTHORIZATION regress_strata_owner;
SET ROLE regress_strata_owner;
CREATE TABLE bad.t (id int PRIMARY KEY, a int, b int, "Q q" text);
CREATE TABLE bad.other (x int);
CREATE VIEW bad.w AS SELECT id, a FROM bad.t;
CREATE FUNCTION bad.many(int) RETURNS SETOF int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION bad.roll() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
GRANT USAGE ON SCHEMA bad TO regress_strata_reader;
GRANT SELECT (id, a, b, "Q q") ON bad.t TO regress_strata_reader;
RESET ROLE;
SELECT strata.track('bad', owner => 'regress_strata_owner');
SELECT strata.publish('bad', 'v1');
INSERT INTO bad.t VALUES (1, 10, 100, 'x');
-- Runs a call and reports how it failed; with undo it leaves nothing behind when it did not.
CREATE FUNCTION bad.try(call text, undo bool DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text; context text;
BEGIN
    EXECUTE call;
    IF undo THEN RAISE EXCEPTION 'ok'; END IF;
    RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;
GRANT EXECUTE ON FUNCTION bad.try TO PUBLIC;

-- The position of a parse error is in the mapping, not in the statement.
SELECT strata.replace_column('bad.t', 'a', 'b +');
SELECT strata.replace_column('bad.t', 'a', 'b + nope');

-- read_as
SELECT read_as, bad.try(format('SELECT strata.replace_column(%L, %L, %L)', 'bad.t', 'a', read_as)) FROM (VALUES
    (1, 'b b b'), (2, 'b, 1'), (3, '1; DROP TABLE bad.other'), (4, ''), (5, '(SELECT 1)'), (6, 'EXISTS (SELECT 1)'),
    (7, 'max(b)'), (8, 'row_number() OVER ()'), (9, 'bad.many(b)'), (10, 'random()::int'), (11, 'bad.roll()'),
    (12, 'nextval(''x'')::int'), (13, 'a + 1'), (14, 'ctid::text'), (15, 't::text'), (16, 'bad.t.b::text'), (17, 'other.x'),
    (18, '"Q q"'), (19, 'now()'), (20, '$1'), (21, 'b FROM bad.t'), (22, 'NULL::text'), (23, 'tableoid::int'), (24, 'b::text'),
    (25, '*'), (26, 't.*'), (27, 'nosuch(b)'), (28, 'DEFAULT'),
    (29, '(t IS NOT NULL)::int')) AS v(n, read_as) ORDER BY n;
SELECT column_name, kind, read_as FROM strata.contract('bad', 'v1') WHERE relation = 't' ORDER BY position;

SELECT bad.try($$SELECT strata.replace_column('bad.t', 'a', 'length(ctid::text)')$$);
SELECT bad.try($$SELECT strata.replace_column('bad.t', 'a', 'length(t::text)')$$);
-- write_as
SELECT write_as, bad.try(format('SELECT strata.replace_column(%L, %L, %L, %L)', 'bad.t', 'a', 'b', write_as), true) FROM (VALUES
    (1, '[]'), (2, '"b"'), (3, 'null'), (4, '{"nope": "a"}'), (5, '{"a": "1"}'), (6, '{"b": null}'), (7, '{"b": "id"}'),
    (8, '{"b": "(SELECT a)"}'), (9, '{"b": "random()::int"}'), (10, '{"b": "''x''"}'), (11, '{"b": "now()"}'),
    (12, '{"b": "a +"}'), (13, '{"ctid": "a"}'), (14, '{"b": 5}'), (15, '{"b": {"x": 1}}'), (16, '{"b": ""}'), (17, '{'), (18, '{"b": "b"}')) AS v(n, write_as)
    ORDER BY n;

SELECT column_name, kind, read_as, write_as FROM strata.contract('bad', 'v1') WHERE relation = 't' ORDER BY position;

-- The relation, the column, the caller
SELECT bad.try($$SELECT strata.replace_column('bad_v1.t', 'a', 'b')$$);
SELECT bad.try($$SELECT strata.replace_column('bad.t', 'nope', 'b')$$);
SELECT bad.try($$SELECT strata.replace_column('bad.t', 'ctid', 'b')$$);
SELECT bad.try($$SELECT strata.replace_column('bad.t', 'a', NULL)$$);
SELECT bad.try($$SELECT strata.replace_column('bad.nope', 'a', 'b')$$);
SELECT bad.try($$SELECT strata.replace_column(0, 'a', 'b')$$);
SELECT bad.try($$SELECT strata.replace_column('bad.t_pkey', 'id', '1')$$);
SELECT bad.try($$SELECT strata.replace_column('bad.w', 'a', 'id')$$);
SELECT bad.try($$SELECT strata.replace_column('pg_class', 'relname', '''x''')$$);
SET ROLE regress_strata_reader;
SELECT bad.try($$SELECT strata.replace_column('bad.t', 'a', 'id')$$);
SELECT bad.try($$SELECT strata.prepare_type_change('bad.t', 'a', 'text', 'a::int', 'a::text')$$);
SELECT bad.try($$SELECT strata.fill_column('bad.t', 'a', '1')$$);
SELECT bad.try($$SELECT strata.repoint('bad.t', 'bad.other')$$);
RESET ROLE;

-- Columns that a reader of the version may not read; then with the GRANT that the hint names.
SET ROLE regress_strata_owner;
ALTER TABLE bad.t ADD COLUMN hidden int DEFAULT 70;
SELECT bad.try($$SELECT strata.replace_column('bad.t', 'a', 'hidden / 10', '{"hidden": "a * 10"}')$$);
GRANT SELECT (hidden) ON bad.t TO regress_strata_reader;
GRANT SELECT ON bad_v1.t TO PUBLIC;
SELECT bad.try($$SELECT strata.replace_column('bad.t', 'a', 'hidden / 10', '{"hidden": "a * 10"}')$$);
REVOKE SELECT ON bad_v1.t FROM PUBLIC;
SELECT bad.try($$SELECT strata.replace_column('bad.t', 'a', 'hidden / 10', '{"hidden": "a * 10"}')$$);
SET ROLE regress_strata_reader;
SELECT id, a FROM bad_v1.t;
RESET ROLE;

-- prepare_type_change
SELECT column_name, new_type, read_as, write_as, bad.try(format('SELECT strata.prepare_type_change(%L, %L, %L, %L, %L)', 'bad.t', column_name, new_type, read_as, write_as)) FROM (VALUES
    (1, 'b', 'text', 'b', 'b::text'), (2, 'b', 'text', 'length(b)', 'now()'), (3, 'b', 'text', 'length(b)', 'b'),
    (4, 'b', 'text', 'a', 'b'), (5, 'b', 'text', 'length(b) +', 'b'), (6, 'b', 'text', '(SELECT 1)', 'b'), (7, 'b', 'text', 'max(length(b))', 'b'),
    (8, 'b', 'text', 'random()::int', 'b::text'), (9, 'b', 'text', 'length(b)', 'random()::text'), (10, 'b', 'nosuch', 'b', 'b'),
    (11, 'nope', 'text', 'b', 'b'), (12, 'b', 'text', 'length(b)', 'id::text'), (13, 'Q q', 'int', '"Q q"::text', 'length("Q q")'),
    (14, 'b', 'text', 'length(t.b)', 'b::text'), (15, 'b', 'record', 'length(b)', 'b::text')) AS v(n, column_name, new_type, read_as, write_as) ORDER BY n;

-- fill_column
SELECT expression, bad.try(format('SELECT strata.fill_column(%L, %L, %L)', 'bad.t', 'b', expression)) FROM (VALUES
    (1, '1'), (2, 'random()::int'), (3, 'a'), (4, '''x'''), (5, '(SELECT 1)'), (6, '1 +'), (7, 'count(*)'), (8, 'now()'), (9, 'NULL')) AS v(n, expression) ORDER BY n;
SELECT bad.try($$SELECT strata.fill_column('bad_v1.t', 'a', '1')$$);

-- repoint
SELECT bad.try($$SELECT strata.repoint('bad.t', 'bad.other')$$);
SELECT bad.try($$SELECT strata.repoint('bad.other', 'bad.t')$$);
SELECT bad.try($$SELECT strata.repoint('bad.t', 'bad.t')$$);
SELECT bad.try($$SELECT strata.repoint('bad_v1.t', 'bad.other')$$);
CREATE TABLE bad.fresh (x int);
SELECT bad.try($$SELECT strata.repoint('bad.fresh', 'bad.t')$$);
SELECT bad.try($$SELECT strata.repoint('bad.t', 'bad.fresh')$$);
SELECT bad.try($$SELECT strata.repoint('bad.t', 'bad_v1.t')$$);
SELECT bad.try($$SELECT strata.repoint('bad.t', 'bad.t_pkey')$$);

-- A table that nobody tracks: preparing is harmless, replacing has nothing to do.
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.t (a int, b int);
SELECT bad.try($$SELECT strata.prepare_type_change('elsewhere.t', 'a', 'text', 'length(a)', 'a::text')$$);
SELECT bad.try($$SELECT strata.fill_column('elsewhere.t', 'a', '1')$$);
SELECT bad.try($$SELECT strata.replace_column('elsewhere.t', 'a', 'b')$$);
SELECT bad.try($$SELECT strata.repoint('elsewhere.t', 'bad.fresh')$$);
ALTER TABLE elsewhere.t ALTER COLUMN a TYPE text;

SELECT column_name, kind, read_as, write_as FROM strata.contract('bad', 'v1') WHERE relation = 't' ORDER BY position;
SELECT * FROM strata.verify();
SELECT strata.retire('bad', 'v1'), strata.untrack('bad');
SET client_min_messages = warning;
DROP SCHEMA bad, elsewhere CASCADE;
DROP ROLE regress_strata_owner, regress_strata_reader;
