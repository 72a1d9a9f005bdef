-- Shows MERGE through a version (17 and later; before, the server refuses MERGE on any view).
CREATE SCHEMA shop_m;
CREATE TABLE shop_m.users (id int PRIMARY KEY, name text, age int DEFAULT 7, email text);
INSERT INTO shop_m.users VALUES (1, 'Ann Lee', 1, 'a@x'), (2, 'Bob Ray', 2, 'b@x');
SELECT strata.track('shop_m');
SELECT strata.publish('shop_m', 'v1');
BEGIN;
ALTER TABLE shop_m.users ADD first text, ADD last text;
UPDATE shop_m.users SET first = split_part(name, ' ', 1), last = split_part(name, ' ', 2);
SELECT strata.replace_column('shop_m.users', 'name', $$first || ' ' || last$$,
    $${"first": "split_part(name, ' ', 1)", "last": "substr(name, strpos(name, ' ') + 1)"}$$);
ALTER TABLE shop_m.users DROP name;
ALTER TABLE shop_m.users ALTER id TYPE bigint;
ALTER TABLE shop_m.users RENAME email TO mail;
COMMIT;
ALTER TABLE shop_m.users ADD origin text NOT NULL DEFAULT 'none';
SELECT strata.fill_column('shop_m.users', 'origin', $$'v1'$$);
CREATE FUNCTION shop_m.failed(statement text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE statement; RETURN 'done'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;

MERGE INTO shop_m_v1.users AS u USING (VALUES (1, 'Zed Yak'), (3, 'New One'), (2, 'gone')) AS v (id, name) ON u.id = v.id
    WHEN MATCHED AND v.name = 'gone' THEN DELETE
    WHEN MATCHED THEN UPDATE SET name = v.name, age = u.age + 10
    WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, v.name);
SELECT id, first, last, age, mail, origin FROM shop_m.users ORDER BY id;
MERGE INTO shop_m_v1.users AS u USING (VALUES (1, 'Zed Yak')) AS v (id, name) ON u.id = v.id AND u.name = v.name
    WHEN MATCHED THEN UPDATE SET name = u.name, email = 'z@x'
    WHEN NOT MATCHED THEN INSERT VALUES (v.id, DEFAULT, DEFAULT, 'never');
SELECT shop_m.failed($$MERGE INTO shop_m_v1.users AS u USING (VALUES (9)) AS v (id) ON u.id = v.id
    WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, 'v' || random())$$);
CREATE VIEW shop_m.few AS SELECT * FROM shop_m_v1.users WHERE id < 3 WITH CHECK OPTION;
MERGE INTO shop_m.few AS u USING (VALUES (1), (3)) AS v (id) ON u.id = v.id
    WHEN MATCHED THEN UPDATE SET name = 'By View';
SELECT id, first, last, age, mail, origin FROM shop_m.users ORDER BY id;

DROP VIEW shop_m.few;
SELECT strata.retire('shop_m', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_m CASCADE;
