-- Indexes in the way of a type change: over whole rows, over a column that goes in the same
-- statement; and ALTER INDEX, which renames tables and views too.
SET client_min_messages = warning;
CREATE SCHEMA ix;
CREATE TABLE ix.t (a int, b int);
CREATE FUNCTION ix.sum_of(ix.t) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT $1.a $$;
CREATE INDEX whole_row ON ix.t (ix.sum_of(t));
CREATE INDEX whole_row_only_where ON ix.t (b) WHERE ix.sum_of(t) > 0;
INSERT INTO ix.t VALUES (1, 2);
SELECT strata.track('ix');
SELECT strata.publish('ix', 'v1');
ALTER TABLE ix.t ALTER COLUMN b TYPE bigint;
SELECT * FROM ix_v1.t WHERE b = 2;
ALTER TABLE ix.t ADD COLUMN c int;
SELECT strata.replace_column('ix.t', 'b', 'c');
SELECT * FROM ix_v1.t;

CREATE TABLE ix.u (a int, b int);
SELECT strata.publish('ix', 'v2');
ALTER TABLE ix.u ADD COLUMN c int;
CREATE INDEX with_key ON ix.u (a, c);
CREATE INDEX with_included ON ix.u (a) INCLUDE (c);
CREATE INDEX with_predicate ON ix.u (a) WHERE c > 0;
CREATE INDEX stays ON ix.u (a, b);
ALTER TABLE ix.u ALTER COLUMN a TYPE bigint, DROP COLUMN c;
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'ix.u'::regclass ORDER BY 1;

ALTER INDEX ix_v1.t RENAME TO stolen;
ALTER INDEX ix.stays RENAME TO stays_still;
-- ... so that it makes way for a swap
BEGIN;
ALTER INDEX ix.u RENAME TO u_old;
CREATE TABLE ix.u (b int, a int);
INSERT INTO ix.u VALUES (20, 10);
COMMIT;
SELECT * FROM ix_v2.u;

SELECT * FROM strata.verify();
SELECT strata.retire('ix', 'v1'), strata.retire('ix', 'v2'), strata.untrack('ix');
DROP SCHEMA ix CASCADE;
