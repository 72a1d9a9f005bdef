-- The examples of docs/monitoring.md: a version that was used, and nothing wrong.
-- script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id int PRIMARY KEY, name text);
INSERT INTO shop.users VALUES (0, 'Zoe');
SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');
SELECT name FROM shop_v1.users;
SELECT name FROM shop_v1.users WHERE id = 0;
SELECT 1 / id FROM shop_v1.users;
SELECT strata.flush_stats();

SELECT name, labels, value FROM strata.metrics
WHERE labels ->> 'base' = 'shop' AND labels ->> 'version' = 'v1' AND value > 0 AND name ~ 'usage_(statements|errors|rows)|info'
ORDER BY name, labels;

SELECT topic, base, object, problem FROM strata.run_checks();

SELECT strata.reset_stats('shop');
SELECT strata.retire('shop', 'v1');
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
