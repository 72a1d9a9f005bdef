-- Shows writes that the rewriting never sees, because the server does not analyze them again when they
-- run: bodies of BEGIN ATOMIC functions and actions of rules. A trigger writes for them.
CREATE SCHEMA shop_s;
CREATE TABLE shop_s.users (id int PRIMARY KEY, name text, age int DEFAULT 7, email text);
CREATE TABLE shop_s.keyless (a int, b text);
INSERT INTO shop_s.users VALUES (1, 'Ann Lee', 1, 'a@x'), (2, 'Bob Ray', 2, 'b@x');
INSERT INTO shop_s.keyless VALUES (1, 'one');
SELECT strata.track('shop_s');
SELECT strata.publish('shop_s', 'v1');
CREATE FUNCTION shop_s.early(int, text) RETURNS text LANGUAGE sql
    BEGIN ATOMIC UPDATE shop_s_v1.users SET name = $2 WHERE id = $1 RETURNING name; END;
BEGIN;
ALTER TABLE shop_s.users ADD first text, ADD last text;
UPDATE shop_s.users SET first = split_part(name, ' ', 1), last = split_part(name, ' ', 2);
SELECT strata.replace_column('shop_s.users', 'name', $$first || ' ' || last$$,
    $${"first": "split_part(name, ' ', 1)", "last": "substr(name, strpos(name, ' ') + 1)"}$$);
ALTER TABLE shop_s.users DROP name;
ALTER TABLE shop_s.users ALTER id TYPE bigint;
ALTER TABLE shop_s.users RENAME email TO mail;
COMMIT;
ALTER TABLE shop_s.users ADD origin text NOT NULL DEFAULT 'none';
SELECT strata.fill_column('shop_s.users', 'origin', $$'v1'$$);

SELECT shop_s.early(1, 'Ear Ly');
CREATE FUNCTION shop_s.late(int, text) RETURNS shop_s_v1.users LANGUAGE sql
    BEGIN ATOMIC INSERT INTO shop_s_v1.users (id, name) VALUES ($1, $2) RETURNING *; END;
SELECT shop_s.late(3, 'La Te');
CREATE FUNCTION shop_s.several() RETURNS bigint LANGUAGE sql BEGIN ATOMIC
    WITH gone AS (DELETE FROM shop_s_v1.users WHERE id = 2 RETURNING *),
         changed AS (UPDATE shop_s_v1.users SET age = age + 1, email = name WHERE id IN (1, 3) RETURNING *)
    SELECT (SELECT count(*) FROM gone) * 10 + (SELECT count(*) FROM changed); END;
SELECT shop_s.several();
SELECT id, first, last, age, mail, origin FROM shop_s.users ORDER BY id;
-- only what changed is written
CREATE FUNCTION shop_s.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '% %', TG_OP, TG_ARGV[0]; RETURN NULL; END $$;
CREATE TRIGGER of_first AFTER UPDATE OF first ON shop_s.users FOR EACH STATEMENT EXECUTE FUNCTION shop_s.tell('of first');
CREATE TRIGGER of_age AFTER UPDATE OF age ON shop_s.users FOR EACH STATEMENT EXECUTE FUNCTION shop_s.tell('of age');
UPDATE shop_s.users SET first = 'Mary Ann', last = 'Lee' WHERE id = 1;
CREATE FUNCTION shop_s.back(int) RETURNS text LANGUAGE sql
    BEGIN ATOMIC UPDATE shop_s_v1.users SET name = name, email = email, age = 30 WHERE id = $1 RETURNING name; END;
SELECT shop_s.back(1);
SELECT first, last, age FROM shop_s.users WHERE id = 1;
-- volatile input
CREATE SEQUENCE shop_s.ticks;
CREATE FUNCTION shop_s.tick(int) RETURNS text LANGUAGE sql
    BEGIN ATOMIC UPDATE shop_s_v1.users SET name = 'v' || nextval('shop_s.ticks') || ' w' WHERE id = $1 RETURNING name; END;
SELECT shop_s.tick(3);
SELECT first, last FROM shop_s.users WHERE id = 3;
-- a value that the old type cannot hold: other columns can be written
UPDATE shop_s.users SET id = 5000000000 WHERE id = 3;
CREATE FUNCTION shop_s.mail() RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE shop_s_v1.users SET email = 'x'; END;
SELECT shop_s.mail();
UPDATE shop_s.users SET id = 3 WHERE id = 5000000000;
-- rule actions
CREATE TABLE shop_s.inbox (id int, name text);
CREATE RULE pass_on AS ON INSERT TO shop_s.inbox DO INSTEAD INSERT INTO shop_s_v1.users (id, name) VALUES (NEW.id, NEW.name);
INSERT INTO shop_s.inbox VALUES (7, 'Ru Le');
SELECT id, first, last, age, origin FROM shop_s.users WHERE id = 7;
-- a view without a key
CREATE FUNCTION shop_s.keyless() RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE shop_s_v1.keyless SET b = 'two'; END;
SELECT shop_s.keyless();
UPDATE shop_s_v1.keyless SET b = 'two' RETURNING *;
-- the trigger is part of the version
DROP TRIGGER strata_write ON shop_s_v1.users;
ALTER VIEW shop_s_v1.users DISABLE TRIGGER strata_write;
SELECT * FROM strata.verify('shop_s');

DROP SCHEMA shop_s CASCADE;
DROP FUNCTION shop_s.early, shop_s.late, shop_s.several, shop_s.back, shop_s.tick, shop_s.mail, shop_s.keyless;
DROP TABLE shop_s.inbox;
SELECT strata.retire('shop_s', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_s CASCADE;
