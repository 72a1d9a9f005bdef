-- What a migration was risking, and what let it pass, is what its changes say: those of savepoints that were rolled
-- back are not among them.
SET client_min_messages = warning;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
CREATE ROLE regress_savepoints SUPERUSER;
GRANT strata_breakglass TO regress_savepoints;
CREATE SCHEMA savepoints_a;
CREATE SCHEMA savepoints_b;
CREATE TABLE savepoints_a.t (id int, x text);
CREATE TABLE savepoints_a.u AS SELECT 1 AS id;
CREATE TABLE savepoints_b.t AS SELECT 1 AS id;
SELECT strata.track('savepoints_a'), strata.track('savepoints_b');
SET SESSION AUTHORIZATION regress_savepoints;
CREATE VIEW pg_temp.last AS
    SELECT base_name, risk, changes, override_id IS NOT NULL AS override
    FROM strata.migrations ORDER BY migration_id DESC LIMIT 1;

BEGIN; DROP TABLE savepoints_a.u; ROLLBACK;
BEGIN; SAVEPOINT s; DROP TABLE savepoints_b.t; ROLLBACK TO s; COMMENT ON TABLE savepoints_a.t IS 'a'; COMMIT;
SELECT * FROM pg_temp.last;
-- What was said before and after it counts, also in a savepoint that was released.
BEGIN;
COMMENT ON TABLE savepoints_a.t IS 'b';
SAVEPOINT s;
SAVEPOINT deeper;
DROP TABLE savepoints_b.t;
RELEASE deeper;
SAVEPOINT broken;
SELECT 1 / 0;
ROLLBACK TO s;
COMMENT ON TABLE savepoints_a.t IS 'c';
RELEASE s;
COMMIT;
SELECT * FROM pg_temp.last;
BEGIN; SAVEPOINT s; SAVEPOINT deeper; ALTER TABLE savepoints_a.t DROP COLUMN x; RELEASE deeper; RELEASE s; SAVEPOINT s;
COMMENT ON TABLE savepoints_b.t IS 'a'; ROLLBACK TO s; COMMENT ON TABLE savepoints_a.t IS 'd'; COMMIT;
SELECT * FROM pg_temp.last;
-- A function that catches its error is a savepoint.
BEGIN;
DO $$ BEGIN
    BEGIN DROP TABLE savepoints_b.t; RAISE 'no'; EXCEPTION WHEN raise_exception THEN NULL; END;
    COMMENT ON TABLE savepoints_a.t IS 'e';
END $$;
COMMIT;
SELECT * FROM pg_temp.last;

-- Broken glass.
SELECT strata.set_policy('DATA_LOSS', 'approval') \gset
BEGIN;
SAVEPOINT s;
SELECT strata.break_glass('it is urgent enough', base => 'savepoints_a') > 0 AS broken;
DROP TABLE savepoints_a.u;
ROLLBACK TO s;
COMMENT ON TABLE savepoints_a.t IS 'f';
COMMIT;
SELECT * FROM pg_temp.last;
BEGIN;
SAVEPOINT s;
SELECT strata.break_glass('it is urgent enough', base => 'savepoints_a') > 0 AS broken;
DROP TABLE savepoints_a.u;
RELEASE s;
COMMIT;
SELECT * FROM pg_temp.last;
SELECT strata.drop_policy('DATA_LOSS') \gset

RESET SESSION AUTHORIZATION;
SELECT strata.untrack('savepoints_a'), strata.untrack('savepoints_b');
DROP SCHEMA savepoints_a, savepoints_b CASCADE;
DROP OWNED BY regress_savepoints;
REVOKE strata_breakglass FROM regress_savepoints;
DROP ROLE regress_savepoints;
