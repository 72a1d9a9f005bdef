-- Secrets are in nothing that is recorded: not in the statement, not in definitions, and so not in what is exported.
-- What drift compares is masked on both sides.
SET client_min_messages = warning;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
CREATE SCHEMA secrets;
CREATE FOREIGN DATA WRAPPER secrets_wrapper;
CREATE SERVER secrets_nowhere FOREIGN DATA WRAPPER secrets_wrapper OPTIONS (password 'LEAK');
CREATE TABLE secrets.before (url text DEFAULT 'https://u:LEAK0@h/');
SELECT strata.track('secrets');
SELECT coalesce(max(change_id), 0) AS start FROM strata.change \gset

CREATE FOREIGN TABLE secrets.far (x int OPTIONS (api_key 'LEAK1', column_name 'x')) SERVER secrets_nowhere
    OPTIONS (table_name 'password=LEAK2', password 'LEAK 3', schema_name 's');
CREATE FUNCTION secrets.f() RETURNS text LANGUAGE sql SET "my.password" = 'LEAK4' AS $$SELECT 'postgresql://u:LEAK5@h/d' -- token=LEAK6
$$;
CREATE FUNCTION secrets.g() RETURNS void LANGUAGE plpgsql AS 'begin execute ''alter role q password E''''LEAK7''''''; end';
CREATE FUNCTION secrets.h() RETURNS text LANGUAGE sql AS $f$SELECT $$host=h passwd=LEAK8 user=u$$$f$;
CREATE VIEW secrets.v AS SELECT 'host=h password="LEAK9\"' AS a, 'kept' AS b;
CREATE TABLE secrets.t (a text DEFAULT 'secret=LEAK10', b text DEFAULT 'kept', CHECK (a <> 'mysql://u:LEAK11@h'));
COMMENT ON TABLE secrets.t IS 'don''t use password = LEAK12';
CREATE TYPE secrets.kind AS ENUM ('token=LEAK13');
CREATE DOMAIN secrets.d AS text CHECK (value <> 'api_key=LEAK14');
CREATE FUNCTION secrets.tr() RETURNS trigger LANGUAGE plpgsql AS 'begin return null; end';
CREATE TRIGGER tr AFTER INSERT ON secrets.t EXECUTE FUNCTION secrets.tr('token=LEAK15');
SELECT strata.publish('secrets', 'v1');
ALTER TABLE secrets.t ADD c text;
SELECT strata.replace_column('secrets.t', 'b', 'coalesce(c, ''password=LEAK16'')', '{"c": "coalesce(b, ''password=LEAK17'')"}');
ALTER TABLE secrets.t RENAME c TO acl;

-- What is recorded has them nowhere, nor what is exported; in the catalogs they are.
SELECT c.command, m.hit FROM strata.change AS c, regexp_matches(c::text, 'LEAK\d*', 'g') AS m (hit);
SELECT m.hit FROM strata.export_provenance() AS e (line), regexp_matches(e.line::text, 'LEAK\d*', 'g') AS m (hit);
SELECT m.hit FROM strata.export_openlineage() AS e (line), regexp_matches(e.line::text, 'LEAK\d*', 'g') AS m (hit);
SELECT jsonb_array_length(mappings) AS mappings, mappings::text ILIKE '%coalesce(acl, ''***''%' AS masked FROM strata.changes WHERE change_id > :start AND command = 'ALTER TABLE' AND mappings IS NOT NULL;
SELECT secrets.f() LIKE '%LEAK5%' AS in_use;
SELECT after -> 'foreign table secrets.far' -> 'foreign_options' AS options,
       after -> 'foreign table secrets.far' -> 'columns' -> 0 -> 'foreign_options' AS column_options
FROM strata.changes WHERE change_id > :start AND after ? 'foreign table secrets.far';
SELECT after -> 'table secrets.t' -> 'columns' -> 0 ->> 'default' AS a, after -> 'table secrets.t' -> 'columns' -> 1 ->> 'default' AS b
FROM strata.changes WHERE change_id > :start AND command = 'CREATE TABLE';

-- Masked and masked are the same; what is not masked shows.
SELECT * FROM strata.drift('secrets');
SET pg_strata.mode = off;
ALTER TABLE secrets.before ALTER url SET DEFAULT 'https://u:LEAK18@h/', ADD b text DEFAULT 'pwd=LEAK19';
RESET pg_strata.mode;
SELECT object, expected -> 'columns' -> 0 ->> 'default' AS was, found -> 'columns' -> 0 ->> 'default' AS a, found -> 'columns' -> 1 ->> 'default' AS b
FROM strata.drift('secrets');
SELECT * FROM strata.drift('secrets');
SELECT count(*) FROM strata.change AS c WHERE c::text LIKE '%LEAK%';
SELECT * FROM strata.verify_provenance();

SELECT strata.retire('secrets', 'v1');
SELECT strata.untrack('secrets');
DROP SCHEMA secrets CASCADE;
DROP FOREIGN DATA WRAPPER secrets_wrapper CASCADE;
