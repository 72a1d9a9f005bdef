-- Drift and lineage know after a pruning what was there before, and a schema under its new name. A table that
-- nothing is recorded of has no lineage.
SET client_min_messages = warning;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
CREATE FUNCTION pg_temp.life(relation regclass, column_name name DEFAULT NULL)
RETURNS TABLE (nr bigint, event text, old_name text, new_name text) LANGUAGE sql AS $$
    SELECT row_number() OVER (ORDER BY l.n), l.event, l.old_name, l.new_name
    FROM strata.lineage(relation, column_name) WITH ORDINALITY AS l (seq, at, event, old_name, new_name, old_type, new_type, migration_id, versions, n) $$;
CREATE TABLE public.pruned_untracked (a int);
SELECT * FROM strata.lineage('public.pruned_untracked');
SELECT * FROM strata.lineage('public.pruned_untracked', 'a');

CREATE SCHEMA pruned_shop;
CREATE TABLE pruned_shop.old (a int);
SELECT strata.track('pruned_shop');
CREATE TABLE pruned_shop.k (a int);
CREATE TABLE pruned_shop.gone (a int);
CREATE TABLE pruned_shop.late (a int);
ALTER TABLE pruned_shop.old RENAME a TO b;
DROP TABLE pruned_shop.gone;
SELECT strata.checkpoint_provenance() IS NOT NULL AS kept;
ALTER TABLE pruned_shop.k RENAME a TO c;
DROP TABLE pruned_shop.late;
SELECT (strata.prune_provenance(now()) ->> 'deleted')::int > 0 AS pruned;
SELECT * FROM strata.verify_provenance();
-- What stands for what is gone is what was known then, not what is there now.
SELECT command, base_name, objects, after #>> '{table pruned_shop.k,columns,0,name}' AS k, after #>> '{table pruned_shop.old,columns,0,name}' AS old
FROM strata.changes WHERE command = 'strata.prune_provenance' AND base_name = 'pruned_shop' ORDER BY change_id;
-- Nothing has drifted, also where nothing can be recorded.
BEGIN READ ONLY;
SELECT * FROM strata.drift('pruned_shop');
ROLLBACK;
SELECT * FROM strata.drift('pruned_shop');
SELECT * FROM pg_temp.life('pruned_shop.k') ORDER BY nr;
SELECT * FROM pg_temp.life('pruned_shop.k', 'c') ORDER BY nr;
SELECT * FROM pg_temp.life('pruned_shop.old', 'b') ORDER BY nr;
-- The shape of the schema, as the documentation asks for it.
SELECT o.name, o.definition #>> '{columns,0,name}' AS first_column
FROM (SELECT DISTINCT ON (o.name) o.name, c.after -> o.name AS definition
      FROM strata.change_in_order AS c, unnest(c.objects) AS o (name)
      WHERE c.base = 'pruned_shop' AND (c.before -> o.name IS NOT NULL OR c.after -> o.name IS NOT NULL)
      ORDER BY o.name, c.position DESC) AS o
WHERE o.definition IS NOT NULL ORDER BY o.name COLLATE "C";

-- The schema gets another name, before and after it is pruned again.
ALTER SCHEMA pruned_shop RENAME TO pruned_market;
SELECT * FROM strata.drift('pruned_market');
SELECT strata.checkpoint_provenance() IS NOT NULL AS kept;
ALTER TABLE pruned_market.k ADD d int;
SELECT (strata.prune_provenance(now()) ->> 'deleted')::int > 0 AS pruned;
SELECT * FROM strata.drift('pruned_market');
ALTER SCHEMA pruned_market RENAME TO pruned_bazaar;
SELECT * FROM strata.drift('pruned_bazaar');
SELECT * FROM pg_temp.life('pruned_bazaar.k') ORDER BY nr;
-- A new schema under the old name has a record of its own.
CREATE SCHEMA pruned_shop;
CREATE TABLE pruned_shop.k (a int);
SELECT strata.track('pruned_shop');
SELECT * FROM strata.drift('pruned_shop');
SELECT * FROM strata.drift('pruned_bazaar');
SELECT * FROM pg_temp.life('pruned_shop.k') ORDER BY nr;
-- What has drifted is found, and once.
SET pg_strata.mode = off;
ALTER TABLE pruned_bazaar.old ADD z int;
RESET pg_strata.mode;
SELECT object, expected IS NULL AS is_new, found IS NULL AS is_gone FROM strata.drift('pruned_bazaar') ORDER BY object COLLATE "C";
SELECT * FROM strata.drift('pruned_bazaar');
SELECT * FROM pg_temp.life('pruned_bazaar.old', 'z') ORDER BY nr;
-- Calls that name a table and leave it as it was do not make it unknown.
SELECT strata.fill_column('pruned_shop.k', 'a', '1');
SELECT * FROM strata.drift('pruned_shop');
SELECT * FROM strata.verify_provenance();

SELECT strata.untrack('pruned_bazaar'), strata.untrack('pruned_shop');
DROP SCHEMA pruned_bazaar, pruned_shop CASCADE;
DROP TABLE public.pruned_untracked;
