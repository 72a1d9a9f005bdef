-- The examples of docs/gates.md.
SET client_min_messages = warning;
SELECT current_user AS superuser \gset
CREATE ROLE alice LOGIN;
CREATE ROLE bob LOGIN;

CREATE SCHEMA kiosk;
CREATE TABLE kiosk.users (id int PRIMARY KEY, name text);
INSERT INTO kiosk.users VALUES (1, 'Ann');
GRANT USAGE ON SCHEMA kiosk TO alice, bob;
GRANT SELECT ON kiosk.users TO alice, bob;
SELECT strata.track('kiosk');
SELECT strata.publish('kiosk', 'v1');
ALTER TABLE kiosk.users RENAME COLUMN name TO full_name;
SELECT strata.publish('kiosk', 'v2');
SELECT strata.set_gate('kiosk', 'v1', 'v2', 10000);           -- v2 for 1 % of all roles
SELECT strata.add_rule('kiosk', 10, '{"role": "bob"}', 'v2'); -- and for bob
ALTER ROLE alice SET pg_strata.route = 'kiosk';               -- their sessions are routed from now on
ALTER ROLE bob SET pg_strata.route = 'kiosk';
\c - alice

SHOW search_path;
SELECT name FROM users;
\c - bob

SHOW pg_strata.serving;
SELECT full_name FROM users;
\c - :superuser

SELECT strata.add_rule('kiosk', 20, '{"unit": ["tenant 7", "tenant 9"]}', 'v2');
SELECT strata.add_rule('kiosk', 30, '{"application_name": "report%", "client_addr": "10.1.0.0/16"}', 'v1');
SELECT unit, e ->> 'version' AS version, e ->> 'reason' AS reason, e ->> 'rule' AS rule, e ->> 'bucket' AS bucket
FROM unnest(ARRAY['tenant 7', 'tenant 8']) AS unit, strata.explain_route('kiosk', unit) AS e ORDER BY unit;
\c - alice

BEGIN;
SET LOCAL pg_strata.unit = 'tenant 7';      -- or SELECT set_config('pg_strata.unit', $1, true)
SELECT full_name FROM users;
COMMIT;

\c - :superuser
SET client_min_messages = warning;
SELECT strata.drop_gate('kiosk');
SELECT strata.retire('kiosk', 'v1');
SELECT strata.retire('kiosk', 'v2');
SELECT strata.untrack('kiosk');
DROP SCHEMA kiosk CASCADE;
DROP ROLE alice, bob;
