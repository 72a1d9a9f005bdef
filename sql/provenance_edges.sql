-- What is made by EXPLAIN, names and labels of great length, and an extension that is made anew in
-- the transaction that drops it.
SET client_min_messages = warning;
CREATE SCHEMA edge;
SELECT strata.track('edge');

\o /dev/null
EXPLAIN ANALYZE CREATE TABLE edge.explained AS SELECT 1 AS x WHERE false;
EXPLAIN CREATE TABLE edge.not_made AS SELECT 1 AS x WHERE false;
\o
SELECT command, objects FROM strata.changes ORDER BY seq DESC LIMIT 1;
SELECT object FROM strata.drift('edge');

-- Objects and labels are in indexes.
DO $$
DECLARE
  arguments text;
BEGIN
  FOR i IN 1..90 LOOP
    EXECUTE format('CREATE DOMAIN edge.%I AS int', 'a_domain_with_a_name_of_nearly_sixty_three_bytes_in_it_' || i);
    arguments := concat_ws(', ', arguments, 'edge.a_domain_with_a_name_of_nearly_sixty_three_bytes_in_it_' || i);
  END LOOP;
  EXECUTE format('CREATE FUNCTION edge.f(%s) RETURNS int LANGUAGE sql RETURN 1', arguments);
END $$;
SELECT left(objects[1], 30) AS object, length(objects[1]) BETWEEN 1000 AND 1030 AS is_short FROM strata.changes ORDER BY seq DESC LIMIT 1;
CREATE TABLE edge.migrations ("timestamp" bigint, name text);
BEGIN;
ALTER TABLE edge.explained ADD COLUMN y int;
INSERT INTO edge.migrations VALUES (1, repeat('ä', 9600));
COMMIT;
SELECT tool, octet_length(label) FROM strata.migrations ORDER BY migration_id DESC LIMIT 1;
SELECT object FROM strata.drift('edge');
SELECT problem FROM strata.verify_provenance();

-- Rows of an extension that is gone are no matter of the one that came after it.
CREATE DATABASE regress_edge;
\set before :DBNAME
\c regress_edge
SET client_min_messages = warning;
CREATE EXTENSION pg_strata;
CREATE SCHEMA edge;
SELECT strata.track('edge');
BEGIN;
CREATE TABLE edge.before (i int);
SELECT count(*) FROM strata.drop_policy('CONTROL_PLANE');
DROP EXTENSION pg_strata CASCADE;
CREATE EXTENSION pg_strata;
SELECT strata.track('edge');
CREATE TABLE edge.after (i int);
COMMIT;
CREATE TABLE edge.later (i int);
SELECT seq, migration_id, command, objects FROM strata.changes WHERE command <> 'strata.track' ORDER BY seq;
SELECT problem FROM strata.verify_provenance();
\c :before
SET client_min_messages = warning;
DROP DATABASE regress_edge;
SELECT strata.untrack('edge');
DROP SCHEMA edge CASCADE;
