-- Shows OLD and NEW in RETURNING through a version (18 and later).
CREATE SCHEMA shop_r;
CREATE TABLE shop_r.users (id int PRIMARY KEY, name text);
INSERT INTO shop_r.users VALUES (1, 'Ann Lee'), (2, 'Bob Ray');
SELECT strata.track('shop_r');
SELECT strata.publish('shop_r', 'v1');
BEGIN;
ALTER TABLE shop_r.users ADD first text, ADD last text;
UPDATE shop_r.users SET first = split_part(name, ' ', 1), last = split_part(name, ' ', 2);
SELECT strata.replace_column('shop_r.users', 'name', $$coalesce(first, '') || ' ' || last$$,
    $${"first": "split_part(name, ' ', 1)", "last": "substr(name, strpos(name, ' ') + 1)"}$$);
ALTER TABLE shop_r.users DROP name;
COMMIT;

UPDATE shop_r_v1.users SET name = 'Zed Yak' WHERE id = 1 RETURNING old.name, new.name, old, new, name;
INSERT INTO shop_r_v1.users VALUES (3, 'Cy Doe') RETURNING old.name, new.name, old IS NULL AS no_old;
DELETE FROM shop_r_v1.users WHERE id = 3 RETURNING old.name, new.name, new IS NULL AS no_new;
INSERT INTO shop_r_v1.users VALUES (2, 'Con Flict') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name
    RETURNING WITH (OLD AS before, NEW AS after) before.name, after.*;

SELECT strata.retire('shop_r', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_r CASCADE;
