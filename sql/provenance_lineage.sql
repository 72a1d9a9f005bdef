-- The life of a table and of a column: through renames, type changes, a split, another schema and a swap, and what
-- versions showed. And what was changed behind our back: found, and recorded when it is found.
SET client_min_messages = warning;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
CREATE FUNCTION pg_temp.life(relation regclass, column_name name DEFAULT NULL)
RETURNS TABLE (nr bigint, event text, old_name text, new_name text, old_type text, new_type text, versions text[]) LANGUAGE sql AS $$
    SELECT row_number() OVER (ORDER BY l.n), l.event, l.old_name, l.new_name, l.old_type, l.new_type, l.versions
    FROM strata.lineage(relation, column_name) WITH ORDINALITY AS l (seq, at, event, old_name, new_name, old_type, new_type, migration_id, versions, n) $$;
CREATE SCHEMA line_shop;
CREATE SCHEMA line_attic;
CREATE TABLE line_shop.users (id int PRIMARY KEY, name text, born text, note text);
SELECT strata.track('line_shop');
SELECT strata.publish('line_shop', 'v1');
ALTER TABLE line_shop.users ADD first_name text, ADD last_name text;
SELECT strata.replace_column('line_shop.users', 'name', $$first_name || ' ' || last_name$$,
    '{"first_name": "split_part(name, '' '', 1)", "last_name": "split_part(name, '' '', 2)"}');
ALTER TABLE line_shop.users DROP COLUMN name;
ALTER TABLE line_shop.users RENAME born TO birthday;
BEGIN;
ALTER TABLE line_shop.users RENAME birthday TO never;
ROLLBACK;
ALTER TABLE line_shop.users RENAME TO people;
SELECT strata.prepare_type_change('line_shop.people', 'birthday', 'date', 'birthday::text', 'birthday::date');
ALTER TABLE line_shop.people ALTER birthday TYPE date USING birthday::date;
SELECT strata.publish('line_shop', 'v2');

SELECT * FROM pg_temp.life('line_shop.people') ORDER BY nr;
SELECT * FROM pg_temp.life('line_shop.people', 'birthday') ORDER BY nr;
SELECT * FROM pg_temp.life('line_shop.people', 'first_name') ORDER BY nr;
-- One that is gone, by the name it had.
SELECT * FROM pg_temp.life('line_shop.people', 'name') ORDER BY nr;
SELECT * FROM pg_temp.life('line_shop.people', 'no_such_column') ORDER BY nr;

-- A copy takes the place of the table: the life goes on in it.
CREATE TABLE line_shop.people_new (LIKE line_shop.people INCLUDING ALL);
BEGIN;
ALTER TABLE line_shop.people RENAME TO people_old;
ALTER TABLE line_shop.people_new RENAME TO people;
COMMIT;
ALTER TABLE line_shop.people ALTER birthday SET DEFAULT '2000-01-01';
SELECT * FROM pg_temp.life('line_shop.people', 'birthday') ORDER BY nr;
-- And that of the old one in its own.
SELECT * FROM pg_temp.life('line_shop.people_old', 'birthday') ORDER BY nr;

-- A column that is dropped and made again is another one.
ALTER TABLE line_shop.people ADD tag text;
ALTER TABLE line_shop.people DROP tag;
ALTER TABLE line_shop.people ADD tag int;
SELECT * FROM pg_temp.life('line_shop.people', 'tag') ORDER BY nr;
-- Into another schema and back.
CREATE TABLE line_attic.moving (a int);
ALTER TABLE line_attic.moving SET SCHEMA line_shop;
ALTER TABLE line_shop.moving RENAME a TO b;
ALTER TABLE line_shop.moving SET SCHEMA line_attic;
ALTER TABLE line_attic.moving ADD unseen int;
ALTER TABLE line_attic.moving SET SCHEMA line_shop;
SELECT * FROM pg_temp.life('line_shop.moving') ORDER BY nr;
SELECT * FROM pg_temp.life('line_shop.moving', 'b') ORDER BY nr;
-- A table that is dropped and made again.
CREATE TABLE line_shop.again (a int);
DROP TABLE line_shop.again;
CREATE TABLE line_shop.again (a text);
SELECT * FROM pg_temp.life('line_shop.again', 'a') ORDER BY nr;

-- Nothing has drifted.
SELECT * FROM strata.drift('line_shop');
SET pg_strata.mode = off;
ALTER TABLE line_shop.again ADD hidden int;
ALTER TABLE line_shop.again RENAME a TO c;
CREATE TABLE line_shop.secret (a int);
DROP TABLE line_shop.moving;
CREATE FUNCTION line_shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT SELECT ON line_shop.people TO PUBLIC;
RESET pg_strata.mode;
-- A transaction that cannot write sees it, too.
BEGIN READ ONLY;
SELECT count(*) FROM strata.drift('line_shop');
ROLLBACK;
SELECT object, expected IS NULL AS is_new, found IS NULL AS is_gone,
       expected -> 'columns' -> 0 ->> 'name' AS was, found -> 'columns' -> 0 ->> 'name' AS "is", found -> 'acl' IS NOT NULL AS has_acl
FROM strata.drift('line_shop') ORDER BY object;
-- It is recorded as found, and is part of what is known from then on.
SELECT * FROM strata.drift('line_shop');
SELECT command, base_name, (SELECT count(*) FROM jsonb_object_keys(before)) AS before, (SELECT count(*) FROM jsonb_object_keys(after)) AS after
FROM strata.changes ORDER BY change_id DESC LIMIT 1;
SELECT * FROM pg_temp.life('line_shop.again', 'c') ORDER BY nr;
SELECT * FROM pg_temp.life('line_shop.secret') ORDER BY nr;
SELECT * FROM strata.drift('line_attic');
SELECT * FROM strata.verify_provenance();

SELECT count(strata.retire('line_shop', v.version)) FROM strata.versions AS v WHERE v.base = 'line_shop'::regnamespace AND v.state <> 'retired';
SELECT strata.untrack('line_shop');
DROP SCHEMA line_shop, line_attic CASCADE;
