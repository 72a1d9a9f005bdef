-- What an incident review needs to be right: the life of a column does not go on in another one that had its name before;
-- versions are affected by what they show and not by what mentions it; what goes with a version is no drift; and what no
-- hook shows (COMMENT, GRANT) has definitions before and after.
SET client_min_messages = warning;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
CREATE FUNCTION pg_temp.life(relation regclass, column_name name)
RETURNS TABLE (nr bigint, event text, old_name text, new_name text, new_type text) LANGUAGE sql AS $$
    SELECT row_number() OVER (ORDER BY l.n), l.event, l.old_name, l.new_name, l.new_type
    FROM strata.lineage(relation, column_name) WITH ORDINALITY AS l (seq, at, event, old_name, new_name, old_type, new_type, migration_id, versions, n) $$;
CREATE SCHEMA rev_shop;
CREATE TABLE rev_shop.users (id int PRIMARY KEY, tag text);
CREATE TABLE rev_shop.orders (id int PRIMARY KEY, user_id int REFERENCES rev_shop.users);
SELECT strata.track('rev_shop');

-- A copy takes the place of a table that had another column of the name once.
ALTER TABLE rev_shop.users RENAME tag TO label;
CREATE TABLE rev_shop.users_new (LIKE rev_shop.users INCLUDING ALL);
BEGIN;
ALTER TABLE rev_shop.users RENAME TO users_old;
ALTER TABLE rev_shop.users_new RENAME TO users;
COMMIT;
ALTER TABLE rev_shop.users ADD tag int;
SELECT * FROM pg_temp.life('rev_shop.users', 'tag') ORDER BY nr;
SELECT * FROM pg_temp.life('rev_shop.users', 'label') ORDER BY nr;
-- The one that is gone, not the one that lives on and was called so later.
ALTER TABLE rev_shop.users DROP tag;
ALTER TABLE rev_shop.users RENAME label TO tag;
ALTER TABLE rev_shop.users RENAME tag TO label;
SELECT * FROM pg_temp.life('rev_shop.users', 'tag') ORDER BY nr;

-- Orders mention another table, by a key that stays as it is; so the version that shows only orders has nothing of it.
DROP TABLE rev_shop.users;
ALTER TABLE rev_shop.users_old RENAME TO users;
ALTER TABLE rev_shop.users ADD note text;
SELECT strata.publish('rev_shop', 'v1');
CREATE TABLE rev_shop.more (id int PRIMARY KEY, user_id int REFERENCES rev_shop.users (id));
ALTER TABLE rev_shop.orders ADD more_id int REFERENCES rev_shop.more;
SELECT strata.publish('rev_shop', 'v2');
ALTER TABLE rev_shop.more RENAME user_id TO of_user;
ALTER TABLE rev_shop.users RENAME note TO remark;
ALTER TABLE rev_shop.users RENAME id TO user_no;
SELECT statement, versions_affected, objects FROM strata.changes WHERE base_name = 'rev_shop' ORDER BY change_id DESC LIMIT 3;

-- An index that only a version needs goes with it.
ALTER TABLE rev_shop.more ALTER id TYPE bigint;
SELECT strata.retire('rev_shop', 'v2');
SELECT object FROM strata.drift('rev_shop');

COMMENT ON COLUMN rev_shop.users.remark IS 'seen';
GRANT SELECT (remark) ON rev_shop.users TO PUBLIC;
SELECT c.command, was ->> 'comment' AS comment, was -> 'acl' IS NOT NULL AS acl, is_now ->> 'comment' AS comment, is_now -> 'acl' IS NOT NULL AS acl
FROM strata.changes AS c, jsonb_array_elements(c.before -> 'table rev_shop.users' -> 'columns') AS was,
     jsonb_array_elements(c.after -> 'table rev_shop.users' -> 'columns') AS is_now
WHERE c.base_name = 'rev_shop' AND c.command IN ('COMMENT', 'GRANT') AND was ->> 'name' = 'remark' AND is_now ->> 'name' = 'remark' ORDER BY c.change_id;

SELECT strata.retire('rev_shop', 'v1');
SELECT strata.untrack('rev_shop');
DROP SCHEMA rev_shop CASCADE;
