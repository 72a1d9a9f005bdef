-- Calls of ours that change something are changes, too: with their arguments, the versions they are about, what they
-- changed in the base, and the proposal or override they belong to.
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END $$;
CREATE ROLE regress_calls_ann SUPERUSER;
CREATE ROLE regress_calls_ben;
GRANT strata_approver, strata_breakglass TO regress_calls_ben;
CREATE SCHEMA calls_shop;
CREATE TYPE calls_shop.mood AS ENUM ('sad', 'glad');
CREATE TABLE calls_shop.users (id int PRIMARY KEY, name text, born text, mood calls_shop.mood);
CREATE VIEW calls_shop.names AS SELECT name FROM calls_shop.users;
SELECT coalesce(max(change_id), 0) AS start FROM strata.change \gset
SET SESSION AUTHORIZATION regress_calls_ann;

-- What is there when a schema comes to be tracked is what later changes are told from.
SELECT strata.track('calls_shop', description => 'a shop');
SELECT command, object, statement, before IS NULL AS nothing_before, (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(after) AS k) AS after
FROM strata.changes WHERE change_id > :start;

SELECT strata.publish('calls_shop', 'v1');
SELECT strata.set_option('calls_shop', 'on_break', 'refuse');
SELECT strata.set_policy('DATA_LOSS', 'approval', 'calls_shop');
SELECT strata.set_policy('BREAKS_READERS', 'allow', 'calls_shop');
SELECT strata.set_rule('calls_shop', 'critical', 1);
SELECT strata.add_window('calls', '2040-01-01 02:00', '4 hours', base => 'calls_shop');
SELECT strata.drop_window('calls');
SELECT strata.add_freeze('calls', '[2040-01-01,2040-01-02)', 'closed', 'calls_shop');
SELECT strata.drop_freeze('calls');
SELECT strata.fill_column('calls_shop.users', 'mood', $$'sad'$$);
SELECT strata.prepare_type_change('calls_shop.users', 'born', 'date', 'born::text', 'born::date');
ALTER TABLE calls_shop.users ADD first_name text;
SELECT strata.replace_column('calls_shop.users', 'name', 'first_name', '{"first_name": "name"}');
SELECT strata.propose('drop the name', 'DROP VIEW calls_shop.names; ALTER TABLE calls_shop.users DROP COLUMN name', 'calls_shop', ticket => 'T-7') AS proposal \gset
SELECT strata.propose('never', 'DROP TABLE calls_shop.users', 'calls_shop') AS other \gset
SET SESSION AUTHORIZATION regress_calls_ben;
SELECT strata.approve(:proposal, 'both are filled');
SELECT strata.reject(:other, 'no');
SELECT strata.break_glass('it burns', 'T-8', base => 'calls_shop') AS override \gset
-- What is refused is none.
SELECT pg_temp.refused('SELECT strata.approve(' || :proposal || ')');
RESET SESSION AUTHORIZATION;
SELECT strata.deprecate('calls_shop', 'v1', reason => 'old');

SELECT command, object, base_name, versions_affected,
       regexp_replace(statement, '(proposal => )''[0-9]+''', '\1...') AS statement,
       proposal_id - :proposal AS proposal, override_id = :override AS override, effective_role <> 'regress_calls_ann' AS other_role
FROM strata.changes WHERE change_id > :start AND command LIKE 'strata.%' AND command <> 'strata.track' ORDER BY change_id;

-- What mappings read and write is in the arguments.
SELECT command, arguments ->> 'column_name' AS column_name, arguments ->> 'read_as' AS read_as, arguments -> 'write_as' AS write_as
FROM strata.changes WHERE change_id > :start AND arguments ? 'read_as' ORDER BY change_id;

-- Secrets in arguments are masked as in statements.
SELECT strata.propose('a server', $$CREATE USER MAPPING FOR regress_calls_ben SERVER s OPTIONS (password 'hunter2')$$, 'calls_shop') IS NULL;
SELECT statement ~ 'hunter2' OR arguments::text ~ 'hunter2' AS leaks FROM strata.changes ORDER BY change_id DESC LIMIT 1;

-- In a transaction that rolls back, there was no call.
BEGIN;
SELECT strata.set_option('calls_shop', 'on_break', 'follow');
ROLLBACK;

-- An index that only versions need goes with them, and that is in the definition of the table.
SELECT strata.drop_policy(hazard, base => 'calls_shop') FROM strata.policies WHERE base = 'calls_shop'::regnamespace;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
ALTER TABLE calls_shop.users ALTER COLUMN born TYPE date USING born::date;
ALTER TABLE calls_shop.users ALTER COLUMN id TYPE bigint;
SELECT strata.retire('calls_shop', 'v1');
SELECT command, versions_affected, jsonb_array_length(before -> 'table calls_shop.users' -> 'indexes') AS before,
       jsonb_array_length(after -> 'table calls_shop.users' -> 'indexes') AS after
FROM strata.changes ORDER BY change_id DESC LIMIT 2;
-- What is off records none.
SET pg_strata.mode = off;
SELECT strata.set_option('calls_shop', 'on_break', 'follow');
RESET pg_strata.mode;
SELECT count(*) FROM strata.changes WHERE change_id > :start AND arguments ->> 'value' = 'follow';
SELECT strata.untrack('calls_shop');
SELECT command, object, before IS NULL AND after IS NULL AS nothing FROM strata.changes ORDER BY change_id DESC LIMIT 1;
SELECT * FROM strata.verify_provenance();
DROP SCHEMA calls_shop CASCADE;
DROP ROLE regress_calls_ann, regress_calls_ben;
