-- verify_provenance() says which of the tables can be edited: a trigger counts only when it is the one that the
-- extension made, on all it was made for, always, and calls the library.
SET client_min_messages = warning;
SET pg_strata.mode = off;
CREATE FUNCTION pg_temp.unguarded() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT problem FROM strata.verify_provenance() WHERE kind = 'unguarded' ORDER BY 1 $$;
SELECT pg_temp.unguarded();

CREATE FUNCTION pg_temp.after(how text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    BEGIN
        EXECUTE how;
        SELECT string_agg(split_part(u, ' ', 1), ', ') INTO found FROM pg_temp.unguarded() AS u;
        RAISE 'back' USING ERRCODE = 'PG001';
    EXCEPTION WHEN SQLSTATE 'PG001' THEN
        RETURN coalesce(found, 'all guarded');
    END;
END $$;
CREATE SCHEMA guards;
CREATE FUNCTION guards.append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION pg_temp.instead(trigger text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.after('DROP TRIGGER append_only ON strata.change; CREATE TRIGGER ' || trigger ||
                         '; ALTER TABLE strata.change ENABLE ALWAYS TRIGGER append_only') $$;

SELECT pg_temp.after('SELECT');
SELECT pg_temp.after('ALTER TABLE strata.change DISABLE TRIGGER append_only');
SELECT pg_temp.after('ALTER TABLE strata.change ENABLE TRIGGER append_only; ALTER TABLE strata.attempt ENABLE REPLICA TRIGGER append_only');
SELECT pg_temp.after('DROP TRIGGER append_only ON strata.provenance_pending');
SELECT pg_temp.instead('append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON strata.change EXECUTE FUNCTION strata.append_only()') AS the_same,
       pg_temp.instead('append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON strata.change EXECUTE FUNCTION guards.append_only()') AS another_function,
       pg_temp.instead('append_only BEFORE UPDATE OR TRUNCATE ON strata.change EXECUTE FUNCTION strata.append_only()') AS no_delete,
       pg_temp.instead('append_only BEFORE DELETE OR TRUNCATE ON strata.change EXECUTE FUNCTION strata.append_only()') AS no_update,
       pg_temp.instead('append_only BEFORE UPDATE OR DELETE ON strata.change EXECUTE FUNCTION strata.append_only()') AS no_truncate,
       pg_temp.instead('append_only AFTER UPDATE OR DELETE OR TRUNCATE ON strata.change EXECUTE FUNCTION strata.append_only()') AS afterwards,
       pg_temp.instead('append_only BEFORE UPDATE OF base OR DELETE OR TRUNCATE ON strata.change EXECUTE FUNCTION strata.append_only()') AS one_column,
       pg_temp.instead('append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON strata.change WHEN (false) EXECUTE FUNCTION strata.append_only()') AS never \gx
SELECT pg_temp.after($$CREATE OR REPLACE FUNCTION strata.append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'$$) AS replaced;
SELECT pg_temp.unguarded();
DROP SCHEMA guards CASCADE;
