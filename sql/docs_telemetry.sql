-- The examples of docs/telemetry.md: what two applications use.
-- script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
CREATE ROLE regress_app;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text, phone text);
GRANT USAGE ON SCHEMA shop TO regress_app;
GRANT SELECT ON shop.users TO regress_app;
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SELECT strata.publish('shop', 'v2');
SET ROLE regress_app;
SET application_name = 'till';
SELECT name FROM shop_v1.users WHERE id = 1;
SELECT 1 / id FROM shop_v1.users WHERE id = 1;
SET application_name = 'report';
SELECT count(*) FROM shop_v1.users;
SELECT id, name FROM shop_v2.users;
RESET ROLE;
RESET application_name;

SELECT version, calls, errors, sessions, last_used_at > now() - interval '1 day' AS used_today
FROM strata.stat_versions WHERE base = 'shop'::regnamespace ORDER BY version;
SELECT role, application_name, calls FROM strata.stat_clients
WHERE base = 'shop'::regnamespace AND version = 'v1' ORDER BY role, application_name;
SELECT version, relation, column_name FROM strata.unused_columns('shop', '30 days');

SELECT strata.retire('shop', version) FROM (VALUES ('v1'), ('v2')) AS v (version);
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
DROP ROLE regress_app;
