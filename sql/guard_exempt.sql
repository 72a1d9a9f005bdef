-- What no policy is asked about, as docs/guard.md says it: objects of the same transaction, temporary
-- ones, tables without a row, small ones by the size of their files. And what these do not excuse.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_strata;
CREATE ROLE regress_other;
CREATE SCHEMA held;
CREATE TABLE held.t (id int, a text);
INSERT INTO held.t SELECT n, 'x' FROM generate_series(1, 100) AS n;
CREATE TABLE held.empty (id int PRIMARY KEY, a text);
-- 12 MB, by its files: nobody has counted its rows.
CREATE TABLE held.big (id int, a text) WITH (autovacuum_enabled = off);
ALTER TABLE held.big ALTER a SET STORAGE PLAIN;
INSERT INTO held.big SELECT n, repeat('x', 7000) FROM generate_series(1, 1500) AS n;
SELECT strata.track('held');
\set VERBOSITY sqlstate

-- The same transaction.
BEGIN;
CREATE TABLE held.made AS SELECT 1 AS n, 2 AS m;
GRANT ALL ON held.made TO PUBLIC;
ALTER TABLE held.made DROP COLUMN m;
ALTER TABLE held.made SET UNLOGGED;
ALTER TABLE held.made OWNER TO regress_other;
TRUNCATE held.made;
DROP TABLE held.made;
COMMIT;
-- Not one of the transaction before.
CREATE TABLE held.made AS SELECT 1 AS n, 2 AS m;
DROP TABLE held.made;
-- Nor what only got new files in this one; and what a savepoint takes back is no excuse.
BEGIN;
CREATE INDEX made_n ON held.made (n);
CLUSTER held.made USING made_n;
REINDEX TABLE held.made;
DROP TABLE held.made;
ROLLBACK;
BEGIN;
SAVEPOINT a;
CREATE TABLE held.other AS SELECT 1 AS n;
DROP TABLE held.made;
ROLLBACK TO a;
DROP TABLE held.made;
ROLLBACK;
-- Temporary ones, also of the same name.
CREATE TEMP TABLE t AS SELECT 1 AS n, 2 AS m;
ALTER TABLE t DROP COLUMN m;
TRUNCATE t;
DROP TABLE t;
-- Without a row.
ALTER TABLE held.empty RENAME a TO b;
ALTER TABLE held.empty ALTER b TYPE int USING 1;
ALTER TABLE held.empty DROP CONSTRAINT empty_pkey;
ALTER TABLE held.empty SET UNLOGGED;
GRANT SELECT ON held.empty TO PUBLIC;
ALTER TABLE held.empty OWNER TO regress_other;
TRUNCATE held.empty, held.t;
DROP TABLE held.empty, held.t;
DROP TABLE held.empty;
-- Deleted rows are not gone for others yet.
BEGIN;
CREATE TABLE held.cleared AS SELECT 1 AS n;
COMMIT;
DELETE FROM held.cleared;
DROP TABLE held.cleared;
-- Small: by files, not by estimates.
CREATE INDEX ON held.t (id);
VACUUM FULL held.t;
ALTER TABLE held.t ADD CONSTRAINT positive CHECK (id > 0);
CREATE INDEX ON held.big (id);
VACUUM FULL held.big;
ALTER TABLE held.big ADD CONSTRAINT positive CHECK (id > 0);
ALTER TABLE held.big ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
CREATE INDEX CONCURRENTLY ON held.big (id);
-- Of no size: a loss is a loss.
ALTER TABLE held.t DROP COLUMN a;
TRUNCATE held.t;
-- Elsewhere.
CREATE SCHEMA free;
CREATE TABLE free.t AS SELECT 1 AS n;
DROP TABLE free.t;
DROP SCHEMA free;

\set VERBOSITY default
SELECT strata.untrack('held');
DROP SCHEMA held CASCADE;
DROP ROLE regress_other;
