-- Shows WHERE CURRENT OF through a version. Newer minor releases refuse it on any view while they parse
-- the statement, before an extension can see it: the second expected output.
CREATE SCHEMA shop_u;
CREATE TABLE shop_u.users (id int PRIMARY KEY, name text);
INSERT INTO shop_u.users VALUES (1, 'Ann Lee'), (2, 'Bob Ray');
SELECT strata.track('shop_u');
SELECT strata.publish('shop_u', 'v1');
ALTER TABLE shop_u.users RENAME name TO full_name;
ALTER TABLE shop_u.users ALTER id TYPE bigint;
CREATE FUNCTION shop_u.tried(statement text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE name text; BEGIN
    EXECUTE statement INTO name; RETURN name; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
BEGIN;
DECLARE here CURSOR FOR SELECT * FROM shop_u_v1.users WHERE id = 2 FOR UPDATE;
FETCH here;
SELECT shop_u.tried($$UPDATE shop_u_v1.users SET name = 'Cur Rent' WHERE CURRENT OF here RETURNING name$$);
SELECT shop_u.tried($$DELETE FROM shop_u_v1.users WHERE CURRENT OF here RETURNING name$$);
ROLLBACK;
SELECT strata.retire('shop_u', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_u CASCADE;
