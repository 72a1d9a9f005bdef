-- Definitions of what queries are written with: operators, their classes and families, collations, conversions, text
-- search objects, and casts, which are in the definition of a type.
SET client_min_messages = warning;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
CREATE ROLE regress_kinds_ann;
CREATE SCHEMA kinds;
CREATE SCHEMA kinds_elsewhere;
CREATE FUNCTION kinds.before(a point, b point) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT a[0] < b[0]';
CREATE FUNCTION kinds.after(a point, b point) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT a[0] > b[0]';
CREATE FUNCTION kinds.order_of(a point, b point) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT sign(a[0] - b[0])::int';
CREATE OPERATOR kinds.<<< (leftarg = point, rightarg = point, function = kinds.before);
SELECT strata.track('kinds');
CREATE FUNCTION pg_temp.last() RETURNS TABLE (command text, name text, before jsonb, after jsonb, dropped text[]) LANGUAGE sql AS $$
    SELECT c.command, o.name, c.before -> o.name, c.after -> o.name, c.dropped
    FROM strata.changes AS c LEFT JOIN unnest(c.objects) AS o (name) ON true
    WHERE c.change_id = (SELECT max(change_id) FROM strata.change) ORDER BY o.name $$;
-- Members that are not the same everywhere.
CREATE FUNCTION pg_temp.bare(shape jsonb) RETURNS jsonb LANGUAGE sql AS $$SELECT shape - ARRAY['oid', 'owner']$$;
CREATE FUNCTION pg_temp.added(before jsonb, after jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_object_agg(a.key, a.value) FROM jsonb_each(pg_temp.bare(after)) AS a WHERE a.value IS DISTINCT FROM before -> a.key $$;

-- What was there is known since the schema is tracked.
SELECT name FROM strata.changes AS c, unnest(c.objects) AS o (name)
WHERE c.change_id = (SELECT max(change_id) FROM strata.change) ORDER BY name COLLATE "C";

CREATE OPERATOR kinds.>>> (leftarg = point, rightarg = point, function = kinds.after, commutator = OPERATOR(kinds.<<<));
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
ALTER OPERATOR kinds.>>> (point, point) SET (restrict = scalargtsel, join = scalargtjoinsel);
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
COMMENT ON OPERATOR kinds.>>> (point, point) IS 'to the right';
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
ALTER OPERATOR kinds.>>> (point, point) OWNER TO regress_kinds_ann;
SELECT command, name, before ->> 'owner' = current_user AS before, after ->> 'owner' AS after FROM pg_temp.last();

ALTER OPERATOR kinds.>>> (point, point) SET SCHEMA kinds_elsewhere;
SELECT command, name, before IS NULL AS new, after IS NULL AS gone, after ->> 'oprcom' AS commutator FROM pg_temp.last();
DROP OPERATOR kinds_elsewhere.>>> (point, point);
SELECT command, name, before ? 'oprcom' AS before, after ? 'oprcom' AS after FROM pg_temp.last();
CREATE OPERATOR kinds.>>> (leftarg = point, rightarg = point, function = kinds.after, negator = OPERATOR(kinds.<<>>));
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
DROP OPERATOR kinds.>>> (point, point);
SELECT command, name, before IS NULL AS new, after IS NULL AS gone FROM pg_temp.last();

CREATE OPERATOR FAMILY kinds.family USING btree;
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
CREATE OPERATOR CLASS kinds.class FOR TYPE point USING btree FAMILY kinds.family AS OPERATOR 1 kinds.<<<;
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
ALTER OPERATOR FAMILY kinds.family USING btree ADD FUNCTION 1 (point, point) kinds.order_of(point, point);
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
ALTER OPERATOR CLASS kinds.class USING btree RENAME TO other_class;
SELECT command, name, before IS NULL AS new, after IS NULL AS gone FROM pg_temp.last();
DROP OPERATOR FAMILY kinds.family USING btree CASCADE;
SELECT command, name, before IS NULL AS new, after IS NULL AS gone, dropped FROM pg_temp.last();

CREATE COLLATION kinds.plain FROM "C";
SELECT command, name, after ->> 'kind' AS kind, after ->> 'collprovider' AS provider FROM pg_temp.last();
ALTER COLLATION kinds.plain SET SCHEMA kinds_elsewhere;
SELECT command, name, before IS NULL AS new, after IS NULL AS gone FROM pg_temp.last();
ALTER COLLATION kinds_elsewhere.plain SET SCHEMA kinds;
SELECT command, name, before IS NULL AS new, after IS NULL AS gone FROM pg_temp.last();
DROP COLLATION kinds.plain;
SELECT command, name, before IS NULL AS new, after IS NULL AS gone, dropped FROM pg_temp.last();

CREATE CONVERSION kinds.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
SELECT command, name, pg_temp.added(before, after) - ARRAY['conforencoding', 'contoencoding'] AS added FROM pg_temp.last();

CREATE TEXT SEARCH DICTIONARY kinds.words (TEMPLATE = simple, STOPWORDS = english);
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
ALTER TEXT SEARCH DICTIONARY kinds.words (ACCEPT = false);
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
CREATE TEXT SEARCH CONFIGURATION kinds.search (PARSER = "default");
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
ALTER TEXT SEARCH CONFIGURATION kinds.search ADD MAPPING FOR asciiword, word WITH kinds.words, simple;
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
ALTER TEXT SEARCH CONFIGURATION kinds.search ALTER MAPPING REPLACE kinds.words WITH simple;
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
CREATE TEXT SEARCH TEMPLATE kinds.template (LEXIZE = dsimple_lexize);
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();

CREATE TYPE kinds.mood AS ENUM ('sad', 'glad');
CREATE FUNCTION kinds.as_int(kinds.mood) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION kinds.as_mood(int) RETURNS kinds.mood LANGUAGE sql IMMUTABLE AS $$SELECT 'sad'::kinds.mood$$;
CREATE CAST (kinds.mood AS int) WITH FUNCTION kinds.as_int(kinds.mood) AS ASSIGNMENT;
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
CREATE CAST (int AS kinds.mood) WITH FUNCTION kinds.as_mood(int);
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
DROP CAST (kinds.mood AS int);
SELECT command, name, pg_temp.added(before, after) AS added FROM pg_temp.last();
DROP FUNCTION kinds.as_mood(int) CASCADE;
SELECT command, name, before ? 'casts' AS before, after ? 'casts' AS after FROM pg_temp.last();

-- Nothing of it is drift.
SELECT * FROM strata.drift('kinds');
SET pg_strata.mode = off;
DROP TEXT SEARCH CONFIGURATION kinds.search;
RESET pg_strata.mode;
SELECT object, found FROM strata.drift('kinds');
SELECT strata.untrack('kinds');
DROP SCHEMA kinds CASCADE;
DROP SCHEMA kinds_elsewhere CASCADE;
DROP ROLE regress_kinds_ann;
