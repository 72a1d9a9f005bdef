-- Routing: sessions of a role are sent to the version that the gate chooses, by their search_path.
SET client_min_messages = warning;
SELECT current_user AS superuser \gset
CREATE ROLE regress_route_app LOGIN;
CREATE SCHEMA routed;
CREATE SCHEMA "Also Routed";
CREATE TABLE routed.users (id int PRIMARY KEY, name text);
CREATE TABLE "Also Routed".orders (id int PRIMARY KEY, note text);
INSERT INTO routed.users VALUES (1, 'Ann');
INSERT INTO "Also Routed".orders VALUES (7, 'thanks');
CREATE FUNCTION routed.greeting() RETURNS text LANGUAGE sql AS $$ SELECT 'hello' $$;
SELECT strata.track('routed');
SELECT strata.track('"Also Routed"');
GRANT USAGE ON SCHEMA routed, "Also Routed" TO regress_route_app;
GRANT SELECT, INSERT ON routed.users, "Also Routed".orders TO regress_route_app;
SELECT strata.publish('routed', 'v1');
SELECT strata.publish('"Also Routed"', 'v1', 'also "v1"');
ALTER TABLE routed.users RENAME COLUMN name TO full_name;
SELECT strata.publish('routed', 'v2');
SELECT strata.set_gate('routed', 'v1', 'v2', salt => '');
-- for tests only: whoever may set a gate decides for all
CREATE FUNCTION routed.weigh(weight int, enabled bool DEFAULT true, candidate text DEFAULT 'v2') RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT strata.set_gate('routed', 'v1', candidate, weight, enabled => enabled) $$;
ALTER ROLE regress_route_app SET pg_strata.route = 'routed';

-- the session starts on the stable version; functions of the base resolve
\c - regress_route_app
SHOW search_path;
SHOW pg_strata.serving;
SELECT name, greeting() FROM users;
SELECT current_schema(), current_schemas(false);
-- a path of one's own wins, and RESET leads back to the route
SET search_path = public;
SHOW search_path;
RESET search_path;
SHOW search_path;
SET search_path = public;
RESET ALL;
SHOW search_path;
BEGIN;
SET LOCAL search_path = routed_v2;
SELECT full_name FROM users;
COMMIT;
SELECT name FROM users;
SET search_path = public;
DISCARD ALL;
SHOW search_path;
SET search_path = '';
SELECT name FROM users;
RESET search_path;
-- nobody else says what is served
SET pg_strata.serving = 'routed=v2';
RESET pg_strata.serving;
SHOW pg_strata.serving;
SET pg_strata.route = 'not,,a list';
-- a function with a path of its own has it, and goes by names of its own
CREATE FUNCTION pg_temp.own() RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$ SELECT current_setting('search_path') $$;
SELECT pg_temp.own(), current_setting('search_path');


-- the gate changes: for the next transaction, whatever its first statement is, and never inside one
SELECT weigh(1000000);
SELECT row_to_json(u) FROM users AS u;
SELECT weigh(0);
SHOW search_path;
SELECT weigh(1000000);
SELECT current_schema(), current_setting('search_path'), current_setting('pg_strata.serving');
SELECT weigh(0);
PREPARE who AS SELECT row_to_json(u) FROM users AS u;
EXECUTE who;
SELECT weigh(1000000);
EXECUTE who;
SELECT weigh(1000000, false);
EXECUTE who;
SELECT weigh(1000000);
CREATE FUNCTION pg_temp.who() RETURNS json LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT row_to_json(u) FROM users AS u); END $$;
SELECT pg_temp.who();
BEGIN;
EXECUTE who;
SELECT weigh(0);
EXECUTE who;
SELECT pg_temp.who();
SHOW search_path;
COMMIT;
EXECUTE who;
SELECT pg_temp.who();
-- what is rolled back has not been
BEGIN;
SELECT weigh(1000000);
ROLLBACK;
EXECUTE who;
-- an error in the first statement
SELECT weigh(1000000);
SELECT nothing FROM users;
EXECUTE who;
BEGIN;
SELECT nothing FROM users;
EXECUTE who;
ROLLBACK;
EXECUTE who;
SELECT weigh(0);

-- a unit, for a transaction: a to d are below the half, e is not
SELECT weigh(500000);
SELECT unit, strata.route('routed', unit) FROM unnest(ARRAY['a', 'b', 'c', 'd', 'e', 'f']) AS unit ORDER BY unit;
SHOW pg_strata.serving;
BEGIN;
SET LOCAL pg_strata.unit = 'a';
EXECUTE who;
-- used: another one comes too late
SET LOCAL pg_strata.unit = 'e';
EXECUTE who;
SHOW pg_strata.serving;
COMMIT;
SHOW pg_strata.serving;
BEGIN;
SET LOCAL pg_strata.unit = 'e';
SET LOCAL pg_strata.unit = 'a';
SHOW search_path;
SELECT row_to_json(u) FROM users AS u;
ROLLBACK;
SHOW search_path;
BEGIN;
SELECT set_config('pg_strata.unit', 'a', true);
SELECT row_to_json(u) FROM users AS u;
COMMIT;
BEGIN;
SAVEPOINT here;
SET LOCAL pg_strata.unit = 'a';
SHOW pg_strata.serving;
ROLLBACK TO here;
SHOW pg_strata.serving;
RELEASE here;
COMMIT;
-- for the session, until it is reset
SET pg_strata.unit = 'a';
EXECUTE who;
SET pg_strata.unit = 'e';
EXECUTE who;
SET pg_strata.unit = 'a';
DISCARD ALL;
SHOW pg_strata.serving;
BEGIN;
SET pg_strata.unit = 'a';
EXECUTE who;
ROLLBACK;
SHOW pg_strata.serving;
-- a cursor keeps the version it was opened on, as it keeps its snapshot
BEGIN;
SET LOCAL pg_strata.unit = 'a';
DECLARE c CURSOR WITH HOLD FOR SELECT row_to_json(u) FROM users AS u;
COMMIT;
FETCH c;
CLOSE c;

-- by application_name, as a pooler says it between transactions
\c - :superuser
SET client_min_messages = warning;
SELECT strata.add_rule('routed', 1, '{"application_name": "new-%"}', 'v2');
\c - regress_route_app
SET application_name = 'new-billing';
SHOW pg_strata.serving;
SET application_name = 'billing';
SHOW pg_strata.serving;

-- several bases, with names that want quotes; a base without a gate is not routed, and that is said once
SET pg_strata.route = 'routed, "Also Routed"';
SHOW search_path;
SET application_name = 'psql';
SHOW search_path;
\c - :superuser
SET client_min_messages = warning;
SELECT strata.set_gate('"Also Routed"', 'v1');
ALTER ROLE regress_route_app SET pg_strata.route = 'routed, "Also Routed", routed';
\c - regress_route_app
SHOW search_path;
SHOW pg_strata.serving;
SELECT u.name, o.note FROM users AS u, orders AS o;
SET pg_strata.route = '"Also Routed"';
SHOW search_path;
RESET pg_strata.route;
SHOW pg_strata.serving;
SET pg_strata.route = '';
SHOW search_path;
SHOW pg_strata.serving;
RESET ALL;
SHOW pg_strata.serving;
-- inside a transaction that has used its route, from the next one on
BEGIN;
SELECT count(*) FROM users;
SET pg_strata.route = '';
SHOW pg_strata.serving;
COMMIT;
SHOW pg_strata.serving;

-- a path of the role's own comes behind; an empty one stays
\c - :superuser
SET client_min_messages = warning;
ALTER ROLE regress_route_app SET pg_strata.route = 'routed';
ALTER ROLE regress_route_app SET search_path = pg_temp, public;
\c - regress_route_app
SHOW search_path;
\c - :superuser
SET client_min_messages = warning;
ALTER ROLE regress_route_app SET search_path = '';
\c - regress_route_app
SHOW search_path;
\c - :superuser
SET client_min_messages = warning;
ALTER ROLE regress_route_app RESET search_path;
-- superusers are not routed, whatever they ask for
SET pg_strata.route = 'routed';
SHOW search_path;
SHOW pg_strata.serving;
RESET pg_strata.route;

-- who asks may change within a session, and with it what was found out about them
SELECT strata.set_gate('routed', 'v1', 'v2', 0);
SELECT strata.add_rule('routed', 2, '{"role": "regress_route_app"}', 'v2');
SELECT strata.route('routed');
SET SESSION AUTHORIZATION regress_route_app;
SELECT strata.route('routed');
RESET SESSION AUTHORIZATION;
SELECT strata.route('routed');
SELECT strata.drop_rule('routed', 2);

-- broken gates: the stable version, and a warning, once
SELECT strata.set_gate('routed', 'v1', 'v2', 1000000);
REVOKE USAGE ON SCHEMA routed_v2 FROM regress_route_app;
\c - regress_route_app
SHOW pg_strata.serving;
\c - :superuser
SET client_min_messages = warning;
GRANT USAGE ON SCHEMA routed_v2 TO regress_route_app;
CREATE FUNCTION routed.drop_v2() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE strata.gate SET base = 'hidden' WHERE base = 'routed';
    SELECT strata.retire('routed', 'v2');
    UPDATE strata.gate SET base = 'routed' WHERE base = 'hidden' $$;
\c - regress_route_app
SHOW pg_strata.serving;
SELECT drop_v2();
SELECT row_to_json(u) FROM users AS u;
SELECT row_to_json(u) FROM users AS u;
SHOW pg_strata.serving;
\c - :superuser
SET client_min_messages = warning;
SELECT strata.drop_gate('routed');
\c - regress_route_app
SHOW search_path;
SHOW pg_strata.serving;

\c - :superuser
SET client_min_messages = warning;
SELECT strata.drop_gate('"Also Routed"');
SELECT strata.retire('routed', 'v1');
SELECT strata.retire('"Also Routed"', 'v1');
SELECT strata.untrack('routed');
SELECT strata.untrack('"Also Routed"');
DROP SCHEMA routed, "Also Routed" CASCADE;
DROP ROLE regress_route_app;
