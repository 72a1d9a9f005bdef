-- Gates: who may set them, what is refused, the order in which they are evaluated, the published vectors, and how they
-- follow the base schema and are recorded.
SET client_min_messages = warning;
CREATE ROLE regress_gate_owner;
CREATE ROLE regress_gate_beta;
CREATE ROLE regress_gate_app LOGIN IN ROLE regress_gate_beta;
CREATE SCHEMA gated AUTHORIZATION regress_gate_owner;
CREATE TABLE gated.users (id int PRIMARY KEY, name text);
ALTER TABLE gated.users OWNER TO regress_gate_owner;
SELECT strata.track('gated', 'regress_gate_owner');
SELECT strata.publish('gated', 'v1');
ALTER TABLE gated.users RENAME COLUMN name TO full_name;
SELECT strata.publish('gated', 'v2');
CREATE FUNCTION pg_temp.told(unit text) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s: %s%s', e ->> 'version', e ->> 'reason', ' ' || (e ->> 'rule'))
    FROM strata.explain_route('gated', unit) AS e
$$;

-- without a gate
SELECT strata.route('gated'), strata.explain_route('gated');
SELECT strata.route('pg_catalog');
SELECT strata.add_rule('gated', 1, '{}', 'v1');
SELECT strata.drop_gate('gated');

-- what is refused
SELECT strata.set_gate('gated', 'v9');
SELECT strata.set_gate('gated', 'v1', 'v9');
SELECT strata.set_gate('gated', 'v1', 'v1');
SELECT strata.set_gate('gated', 'v1', 'v2', -1);
SELECT strata.set_gate('gated', 'v1', 'v2', 1000001);
SELECT strata.set_gate('gated', 'v1', NULL, 5);
SELECT strata.set_gate('gated', 'v1', 'v2', unit => 'tenant');
SELECT strata.set_gate('gated', NULL);
SELECT strata.set_gate('pg_catalog', 'v1');

-- only who may set up the guard; the owner of the base may not
SET ROLE regress_gate_owner;
SELECT strata.set_gate('gated', 'v1');
SELECT strata.add_rule('gated', 1, '{}', 'v1');
SELECT strata.drop_rule('gated', 1);
SELECT strata.drop_gate('gated');
INSERT INTO strata.gate (base) VALUES ('gated');
SELECT count(*) FROM strata.gates;
RESET ROLE;

-- default and split
SELECT strata.set_gate('gated', 'v1');
SELECT pg_temp.told('tenant 7');
SELECT strata.set_gate('gated', 'v1', 'v2', unit => 'setting');
SELECT pg_temp.told('tenant 7'), pg_temp.told(''), strata.route('gated');
SET pg_strata.unit = 'tenant 7';
SELECT strata.set_gate('gated', 'v1', 'v2', 1000000, 'setting');
SELECT strata.route('gated'), pg_temp.told('');
RESET pg_strata.unit;

-- the bucket is that of docs/gates.md, and the weight is exact
SELECT strata.explain_route('gated', 'tenant 7') - 'salt';
SELECT strata.set_gate('gated', 'v1', 'v2', 1, salt => 'spring');
CREATE FUNCTION pg_temp.served_at(salt text, unit text, weight int) RETURNS text LANGUAGE sql AS $$
    SELECT strata.set_gate('gated', 'v1', 'v2', weight, salt => salt);
    SELECT strata.route('gated', unit);
$$;
-- ("gated", "tenant 7"): the bucket in millionths
SELECT least, pg_temp.served_at('', 'tenant 7', least - 1) AS below, pg_temp.served_at('', 'tenant 7', least) AS at
FROM (SELECT div((strata.explain_route('gated', 'tenant 7') ->> 'bucket')::numeric * 1000000, 18446744073709551616)::int + 1 AS least
      FROM strata.set_gate('gated', 'v1', 'v2', salt => '')) AS g;
-- no salt: the one there is
SELECT strata.set_gate('gated', 'v1', 'v2', 500000, salt => 'spring');
SELECT strata.set_gate('gated', 'v1', 'v2', 500000);
SELECT stable, candidate, weight_ppm, unit, salt, enabled, rules, key, not_live, set_by = session_user AS by FROM strata.gates WHERE base = 'gated'::regnamespace;

-- rules, by priority and before the split
SELECT strata.set_gate('gated', 'v1', 'v2', 1000000);
SELECT strata.add_rule('gated', 20, '{"unit": ["tenant 7", "tenant 8"]}', 'v1');
SELECT strata.add_rule('gated', 10, '{"unit": "tenant 8"}', 'v2');
SELECT pg_temp.told('tenant 6'), pg_temp.told('tenant 7'), pg_temp.told('tenant 8');
SELECT strata.add_rule('gated', 10, '{}', 'v2');
SELECT strata.add_rule('gated', 30, '{}', 'v9');
SELECT strata.add_rule('gated', 30, '[]', 'v2');
SELECT strata.add_rule('gated', 30, '{"colour": "red"}', 'v2');
SELECT strata.add_rule('gated', 30, '{"role": 1}', 'v2');
SELECT strata.add_rule('gated', 30, '{"client_addr": "10.0.0.0/40"}', 'v2');
SELECT strata.drop_rule('gated', 30);
SELECT jsonb_pretty(rules) FROM strata.gates WHERE base = 'gated'::regnamespace;
SELECT strata.drop_rule('gated', 20);
SELECT strata.drop_rule('gated', 10);
SELECT rules FROM strata.gates WHERE base = 'gated'::regnamespace;
SELECT strata.add_rule('gated', 1, '{"application_name": "bill%"}', 'v1');
SELECT strata.add_rule('gated', 2, '{"database": "contrib\\_regression"}', 'v1');
SELECT strata.add_rule('gated', 3, '{"member_of": "regress_gate_beta", "role": "regress_gate_app"}', 'v1');
SET application_name = 'billing';
SELECT pg_temp.told('x');
SET application_name = 'psql';
SELECT pg_temp.told('x');
-- a session of a member; who is not a member, superuser or not, is none
SELECT current_user AS superuser \gset
\c - regress_gate_app
SELECT strata.explain_route('gated', 'x') ->> 'rule' AS rule, strata.explain_route('gated') ->> 'unit' AS unit;
\c - :superuser
SET client_min_messages = warning;
REVOKE regress_gate_beta FROM regress_gate_app;
\c - regress_gate_app
SELECT strata.explain_route('gated', 'x') ->> 'rule' AS rule;
\c - :superuser
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.told(unit text) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s: %s%s', e ->> 'version', e ->> 'reason', ' ' || (e ->> 'rule'))
    FROM strata.explain_route('gated', unit) AS e
$$;

-- the kill switch, which keeps all else for when it is on again
SELECT strata.set_gate('gated', 'v1', 'v2', 1000000, enabled => false);
SELECT pg_temp.told('x');
SELECT strata.set_gate('gated', 'v1', 'v2', 1000000);
SELECT pg_temp.told('x');

-- a renamed base keeps its key, and with it the place of every unit
SELECT strata.explain_route('gated', 'x') -> 'bucket' AS before \gset
ALTER SCHEMA gated RENAME TO gated_by_now;
SELECT strata.explain_route('gated_by_now', 'x') -> 'bucket' = :'before'::jsonb AS same, strata.explain_route('gated_by_now', 'x') -> 'key' AS key;
ALTER SCHEMA gated_by_now RENAME TO gated;

-- a name that no search_path can have
CREATE SCHEMA "$user";
SELECT strata.track('"$user"');
DROP SCHEMA "$user";
SELECT strata.publish('gated', 'v9', schema => '$user');
ALTER SCHEMA gated RENAME TO "$user";
SELECT strata.publish('"$user"', 'v9');
SELECT strata.set_gate('"$user"', 'v1');
ALTER SCHEMA "$user" RENAME TO gated;

-- a copy of the gates that is of another server, as after pg_upgrade: verify tells, and repair mends it
SELECT count(*) FROM strata.verify();
DO $$ DECLARE copy text := (SELECT regexp_replace(substr(s, 17), '"of": "[^"]*"', '"of": "1/1"') FROM pg_db_role_setting AS r, unnest(r.setconfig) AS s
    WHERE r.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s LIKE 'pg_strata.gates=%');
BEGIN EXECUTE format('ALTER DATABASE %I SET pg_strata.gates = %L', current_database(), copy); END $$;
SELECT base, problem, hint FROM strata.verify();
SELECT problem, repaired FROM strata.repair();
SELECT count(*) FROM strata.verify();
SELECT s LIKE '%"of": "' || (SELECT system_identifier FROM pg_control_system()) || '/%' AS of_this_server
FROM pg_db_role_setting AS r, unnest(r.setconfig) AS s
WHERE r.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s LIKE 'pg_strata.gates=%';

-- what the gate names is not retired
SELECT strata.retire('gated', 'v2');
SELECT strata.retire('gated', 'v2', force => true);
SELECT strata.retire('gated', 'v1');

-- a candidate that is gone all the same, as where only part of a database was restored: the stable one is served, and
-- both tell why
CREATE FUNCTION pg_temp.retire_behind_gate(version text) RETURNS void LANGUAGE sql AS $$
    UPDATE strata.gate SET base = 'hidden' WHERE base = 'gated';
    SELECT strata.retire('gated', version);
    UPDATE strata.gate SET base = 'gated' WHERE base = 'hidden' $$;
SELECT pg_temp.retire_behind_gate('v2');
SELECT not_live FROM strata.gates WHERE base = 'gated'::regnamespace;
SELECT strata.route('gated', 'x'), e ->> 'decided' AS decided, e ->> 'fault' AS fault FROM strata.explain_route('gated', 'x') AS e;
SELECT pg_temp.retire_behind_gate('v1');
SELECT strata.route('gated', 'x') IS NULL AS nothing, strata.explain_route('gated', 'x') ->> 'fault' AS fault;

-- what was done is in the chain
SELECT command, object, before IS NULL AS b FROM strata.changes WHERE command ~ 'gate|rule' AND object = 'gated' ORDER BY change_id LIMIT 6;
SELECT statement FROM strata.changes WHERE command = 'strata.add_rule' ORDER BY change_id LIMIT 1;
SELECT count(*) FROM strata.verify_provenance();

-- untrack takes it along
SELECT strata.untrack('gated');
SELECT count(*) FROM strata.gate;
DROP SCHEMA gated CASCADE;
DROP ROLE regress_gate_owner, regress_gate_app, regress_gate_beta;
