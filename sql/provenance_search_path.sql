-- What a statement names without a schema is recorded as what it means along the session's
-- search_path.
CREATE SCHEMA unqualified;
SET search_path = unqualified, pg_catalog;
CREATE TYPE mood AS ENUM ('sad');
CREATE DOMAIN small AS int;
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE COLLATION plain FROM "C";
CREATE TABLE t (a int, b int);
CREATE STATISTICS together ON a, b FROM t;
SELECT strata.track('unqualified') \g /dev/null
SELECT max(change_id) AS before FROM strata.change \gset
COMMENT ON TYPE mood IS 'x';
ALTER TYPE mood RENAME VALUE 'sad' TO 'glad';
COMMENT ON DOMAIN small IS 'x';
ALTER DOMAIN small SET DEFAULT 1;
COMMENT ON FUNCTION one() IS 'x';
REVOKE EXECUTE ON FUNCTION one() FROM PUBLIC;
ALTER FUNCTION one() RENAME TO uno;
COMMENT ON COLLATION plain IS 'x';
COMMENT ON STATISTICS together IS 'x';
ALTER STATISTICS together SET STATISTICS 7;
COMMENT ON TABLE t IS 'x';
COMMENT ON COLUMN t.a IS 'x';
ALTER TABLE t RENAME TO u;
RESET search_path;
SELECT statement, objects FROM strata.change WHERE change_id > :before ORDER BY change_id;
SELECT object FROM strata.drift('unqualified');
SET client_min_messages = warning;
SELECT strata.untrack('unqualified') \g /dev/null
DROP SCHEMA unqualified CASCADE;
