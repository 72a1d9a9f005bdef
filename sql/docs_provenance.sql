-- The examples of docs/provenance.md, in their order.
-- script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY);
SELECT strata.track('shop');
ALTER TABLE shop.users ADD COLUMN mail text;

-- Numbers and OIDs are others each time.
\o /dev/null

SELECT DISTINCT ON (o.name) o.name, c.after -> o.name AS definition
FROM strata.change_in_order AS c, unnest(c.objects) AS o (name)
WHERE c.position <= 1042 AND (c.before -> o.name IS NOT NULL OR c.after -> o.name IS NOT NULL)
ORDER BY o.name, c.position DESC;

SELECT migration_id, max(lock_hold) FROM strata.changes GROUP BY migration_id ORDER BY 2 DESC NULLS LAST LIMIT 10;

\o
SELECT last.name, jsonb_path_query_array(last.definition::jsonb, '$.columns[*].name') AS columns
FROM (SELECT DISTINCT ON (o.name) o.name, c.after -> o.name AS definition
      FROM strata.change_in_order AS c, unnest(c.objects) AS o (name)
      WHERE c.before -> o.name IS NOT NULL OR c.after -> o.name IS NOT NULL
      ORDER BY o.name, c.position DESC) AS last
WHERE last.name LIKE 'table shop.%';

SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
