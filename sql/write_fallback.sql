-- Shows what writes of stored queries may do and whom they may do it for: rights, rows met twice, rows
-- without a key, views over versions, rules and triggers of the base, kinds of columns.
\set SHOW_CONTEXT never
CREATE SCHEMA shop_f;
CREATE TABLE shop_f.users (id int PRIMARY KEY, name text, age int DEFAULT 7, seen int);
CREATE TABLE shop_f.bag (a int, b json);
CREATE TABLE shop_f.parts (id int, region text, n int, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE shop_f.parts_e PARTITION OF shop_f.parts FOR VALUES IN ('e');
CREATE TABLE shop_f.parts_w PARTITION OF shop_f.parts FOR VALUES IN ('w');
CREATE TABLE shop_f.keys (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
INSERT INTO shop_f.users VALUES (1, 'Ann Lee', 1), (2, 'Bob Ray', 2), (3, 'Cy Doe', 3), (4, 'Di El', 4);
INSERT INTO shop_f.parts VALUES (1, 'e', 1), (2, 'w', 2);
SELECT strata.track('shop_f');
SELECT strata.publish('shop_f', 'v1', security => 'owner');
SELECT strata.publish('shop_f', 'v1i', security => 'invoker');
BEGIN;
ALTER TABLE shop_f.users ADD first text, ADD last text;
UPDATE shop_f.users SET first = split_part(name, ' ', 1), last = split_part(name, ' ', 2);
SELECT strata.replace_column('shop_f.users', 'name', $$first || ' ' || last$$,
    $${"first": "split_part(name, ' ', 1)", "last": "split_part(name, ' ', 2)"}$$);
ALTER TABLE shop_f.users DROP name;
ALTER TABLE shop_f.parts ALTER n TYPE bigint;
ALTER TABLE shop_f.keys RENAME n TO m;
COMMIT;
CREATE SCHEMA app;

-- the owner of a rule may write, the caller of it may not
CREATE ROLE regress_owner;
CREATE ROLE regress_caller;
GRANT USAGE ON SCHEMA shop_f_v1, shop_f_v1i, shop_f TO regress_owner, regress_caller;
GRANT USAGE, CREATE ON SCHEMA app TO regress_owner, regress_caller;
GRANT SELECT, INSERT, UPDATE, DELETE ON shop_f_v1.users TO regress_owner;
SET ROLE regress_owner;
CREATE TABLE app.inbox (id int, name text);
CREATE RULE add AS ON INSERT TO app.inbox DO INSTEAD INSERT INTO shop_f_v1.users (id, name) VALUES (NEW.id, NEW.name) RETURNING id, name;
CREATE RULE change AS ON UPDATE TO app.inbox DO INSTEAD UPDATE shop_f_v1.users SET name = NEW.name WHERE id = OLD.id;
CREATE RULE remove AS ON DELETE TO app.inbox DO INSTEAD DELETE FROM shop_f_v1.users WHERE id = OLD.id;
CREATE VIEW app.mine AS SELECT id, name FROM shop_f_v1.users WHERE id >= 10 WITH CHECK OPTION;
GRANT ALL ON app.inbox, app.mine TO regress_caller;
SET ROLE regress_caller;
INSERT INTO app.inbox VALUES (5, 'Ed Fox') RETURNING *;
RESET ROLE;
ALTER TABLE app.inbox DISABLE RULE add;
INSERT INTO app.inbox VALUES (5, 'Ed Fox');
SET ROLE regress_caller;
UPDATE app.inbox SET name = 'Edna Fox';
SELECT count(*) FROM shop_f_v1.users;
CREATE FUNCTION app.direct() RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE shop_f_v1.users SET name = 'No No'; END;
SELECT app.direct();
CREATE FUNCTION app.through(int, text) RETURNS app.mine LANGUAGE sql
    BEGIN ATOMIC INSERT INTO app.mine VALUES ($1, $2); UPDATE app.mine SET name = upper(name) WHERE id = $1 RETURNING *; END;
SELECT app.through(10, 'Flo Gee');
SELECT app.through(9, 'Too Low');
DELETE FROM app.inbox;
RESET ROLE;
SELECT id, first, last FROM shop_f.users WHERE id >= 5 ORDER BY id;

-- rights on single columns; the right to DELETE alone
GRANT SELECT (id, age), UPDATE (age), DELETE ON shop_f_v1.users TO regress_caller;
GRANT SELECT (id, age), UPDATE (age), DELETE, INSERT (id, age) ON shop_f_v1i.users TO regress_caller;
SET ROLE regress_caller;
CREATE FUNCTION app.older(int) RETURNS int LANGUAGE sql BEGIN ATOMIC UPDATE shop_f_v1.users SET age = age + 1 WHERE id = $1 RETURNING age; END;
CREATE FUNCTION app.gone(int) RETURNS int LANGUAGE sql BEGIN ATOMIC DELETE FROM shop_f_v1.users WHERE id = $1 RETURNING age; END;
CREATE FUNCTION app.older_i(int) RETURNS int LANGUAGE sql BEGIN ATOMIC UPDATE shop_f_v1i.users SET age = age + 1 WHERE id = $1 RETURNING age; END;
CREATE FUNCTION app.new_i(int) RETURNS int LANGUAGE sql BEGIN ATOMIC INSERT INTO shop_f_v1i.users (id) VALUES ($1) RETURNING age; END;
SELECT app.older(1), app.gone(2);
-- here the caller needs rights on the base as well
SELECT app.older_i(1);
RESET ROLE;
GRANT SELECT ON shop_f.users TO regress_caller;
GRANT UPDATE (age), INSERT (id, age, first, last) ON shop_f.users TO regress_caller;
SET ROLE regress_caller;
SELECT app.older_i(1), app.new_i(11);
RESET ROLE;
REVOKE UPDATE (age) ON shop_f.users FROM regress_caller;
SET ROLE regress_caller;
SELECT app.older_i(1);
RESET ROLE;

-- row security holds for callers of a version with security invoker
SET pg_strata.mode = record;
ALTER TABLE shop_f.users ENABLE ROW LEVEL SECURITY;
RESET pg_strata.mode;
CREATE POLICY small ON shop_f.users USING (id < 4) WITH CHECK (age < 5);
GRANT UPDATE (age) ON shop_f.users TO regress_caller;
SET ROLE regress_caller;
SELECT app.older_i(1), app.older_i(4);
SELECT app.older_i(1);
RESET ROLE;
ALTER TABLE shop_f.users DISABLE ROW LEVEL SECURITY;

-- a row met twice is written once, as the server does it
CREATE FUNCTION app.twice() RETURNS bigint LANGUAGE sql BEGIN ATOMIC
    WITH w AS (UPDATE shop_f_v1.users u SET age = age + 100 FROM (VALUES (1), (1), (3)) AS v (id) WHERE u.id = v.id RETURNING *) SELECT count(*) FROM w; END;
SELECT app.twice();
SELECT id, age FROM shop_f.users ORDER BY id;
-- a row that its own statement changes on the way is not overwritten
CREATE FUNCTION app.spread() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF pg_trigger_depth() = 2 THEN UPDATE shop_f.users SET age = age + 1000 WHERE id > NEW.id; END IF; RETURN NULL; END $$;
CREATE FUNCTION app.all_older() RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE shop_f_v1.users SET age = age + 1; END;
CREATE TRIGGER spread AFTER UPDATE OF age ON shop_f.users FOR EACH ROW EXECUTE FUNCTION app.spread();
SELECT app.all_older();
DROP TRIGGER spread ON shop_f.users;
SELECT app.all_older();

-- rows without a key, of types without equality
INSERT INTO shop_f.bag VALUES (1, '{"x": 1}'), (1, '{"x": 2}'), (2, '{}'), (2, '{}');
ALTER TABLE shop_f.bag ADD hidden int;
CREATE FUNCTION app.put(int, json) RETURNS SETOF shop_f_v1.bag LANGUAGE sql BEGIN ATOMIC UPDATE shop_f_v1.bag SET b = $2 WHERE a = $1 RETURNING *; END;
CREATE FUNCTION app.empty(int) RETURNS void LANGUAGE sql BEGIN ATOMIC DELETE FROM shop_f_v1.bag WHERE a = $1; END;
SELECT app.put(1, '[]');
SELECT app.put(2, '[]');
SELECT app.empty(2);
SELECT a, b FROM shop_f.bag ORDER BY a, b::text;

-- partitions: rows move; identity, generated columns and NULL
CREATE FUNCTION app.move(int, text) RETURNS shop_f_v1.parts LANGUAGE sql BEGIN ATOMIC UPDATE shop_f_v1.parts SET region = $2, n = n + 1 WHERE id = $1 RETURNING *; END;
SELECT app.move(1, 'w'), app.move(2, 'w');
SELECT app.move(1, 'x');
SELECT tableoid::regclass, * FROM shop_f.parts ORDER BY id;
CREATE FUNCTION app.key(int) RETURNS shop_f_v1.keys LANGUAGE sql BEGIN ATOMIC INSERT INTO shop_f_v1.keys (n) VALUES ($1) RETURNING *; END;
CREATE FUNCTION app.own_key(int) RETURNS shop_f_v1.keys LANGUAGE sql BEGIN ATOMIC INSERT INTO shop_f_v1.keys (id, n) VALUES ($1, 1) RETURNING *; END;
SELECT app.key(5), app.key(NULL);
SELECT app.own_key(77);

-- a trigger knows nothing of ON CONFLICT
CREATE FUNCTION app.no_conflict() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO shop_f_v1.users (id, name) VALUES (1, 'x') ON CONFLICT DO NOTHING; END;
CREATE FUNCTION app.conflict() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO shop_f_v1.users (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET age = 1; END;
CREATE FUNCTION app.quoted() RETURNS int LANGUAGE sql AS $$ INSERT INTO shop_f_v1.users (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET age = 1 RETURNING age $$;
SELECT app.no_conflict();
SELECT app.conflict();
SELECT app.quoted();

-- rules of the base
CREATE TABLE app.log (what text);
CREATE RULE log AS ON UPDATE TO shop_f.users DO ALSO INSERT INTO app.log VALUES (OLD.id || ' ' || NEW.age);
SELECT app.older(3);
SELECT * FROM app.log;
-- many rows
INSERT INTO shop_f_v1.users (id, name) SELECT i, 'Row ' || i FROM generate_series(100, 1099) AS i;
DROP RULE log ON shop_f.users;
SELECT app.all_older();
SELECT count(*), min(age), max(age) FROM shop_f.users WHERE id >= 100;
-- the trigger is for version views only
CREATE TRIGGER t INSTEAD OF INSERT ON app.mine FOR EACH ROW EXECUTE FUNCTION strata.write_through();
INSERT INTO app.mine VALUES (12, 'Not Here');
SELECT strata.write_through();

SET client_min_messages = warning;
DROP SCHEMA app CASCADE;
SELECT strata.retire('shop_f', 'v1i');
SELECT strata.retire('shop_f', 'v1');
DROP SCHEMA shop_f CASCADE;
DROP OWNED BY regress_owner, regress_caller;
DROP ROLE regress_owner, regress_caller;
