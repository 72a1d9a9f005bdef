-- Shows COPY into a version view: its formats and options, one statement, rights.
CREATE SCHEMA shop_c;
CREATE TABLE shop_c.users (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, age int DEFAULT 7, email text UNIQUE,
    twice int GENERATED ALWAYS AS (age * 2) STORED);
SELECT strata.track('shop_c');
SELECT strata.publish('shop_c', 'v1');
BEGIN;
ALTER TABLE shop_c.users ADD first text, ADD last text;
SELECT strata.replace_column('shop_c.users', 'name', $$first || ' ' || last$$,
    $${"first": "split_part(name, ' ', 1)", "last": "substr(name, strpos(name, ' ') + 1)"}$$);
ALTER TABLE shop_c.users DROP name;
ALTER TABLE shop_c.users ALTER id TYPE bigint;
ALTER TABLE shop_c.users RENAME email TO mail;
COMMIT;
ALTER TABLE shop_c.users ADD origin text NOT NULL DEFAULT 'none';
SELECT strata.fill_column('shop_c.users', 'origin', $$'v1'$$);
CREATE FUNCTION shop_c.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE NOTICE '% of % rows', TG_OP, (SELECT count(*) FROM added); RETURN NULL; END $$;
CREATE TRIGGER tell AFTER INSERT ON shop_c.users REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION shop_c.tell();

COPY shop_c_v1.users FROM STDIN;
101	Ann Lee	30	a@x
102	Bob Ray	\N	b@x
\.
COPY shop_c_v1.users (email, name) FROM STDIN (FORMAT csv, HEADER match);
email,name
c@x,"Cy Doe"
"d,@x","Di, El"
\.
COPY shop_c_v1.users (name, age) FROM STDIN WHERE age > 10 AND users.name <> 'No Body';
Too Young	9
No Body	20
Ed Fox	21
\.
SELECT id, first, last, age, twice, mail, origin FROM shop_c.users ORDER BY id;
COPY shop_c_v1.users TO STDOUT;
COPY shop_c_v1.users (email, name, twice) TO STDOUT (FORMAT csv, HEADER);
-- errors: in the data, of a constraint, of options
COPY shop_c_v1.users (name, age) FROM STDIN;
Fi Ne	22
Gu Gu	not a number
\.
COPY shop_c_v1.users (name, email) FROM STDIN;
Ho Ho	a@x
\.
COPY shop_c_v1.users (name) FROM '/dev/null' (FREEZE);
COPY shop_c_v1.users (nothing) FROM '/dev/null';
COPY shop_c_v1.users (nothing) TO STDOUT;
COPY shop_c_v1.users (twice) FROM PROGRAM 'echo 1';
BEGIN READ ONLY;
COPY shop_c_v1.users (name) FROM '/dev/null';
ROLLBACK;
SELECT count(*) FROM shop_c.users;
-- rights
CREATE ROLE regress_copier;
GRANT USAGE ON SCHEMA shop_c, shop_c_v1 TO regress_copier;
GRANT INSERT (name) ON shop_c_v1.users TO regress_copier;
GRANT INSERT (first, last) ON shop_c.users TO regress_copier;
SET ROLE regress_copier;
COPY shop_c_v1.users (name) FROM STDIN;
Co Pier
\.
COPY shop_c_v1.users (name) FROM '/nowhere';
COPY shop_c_v1.users (name) FROM PROGRAM 'true';
COPY shop_c_v1.users TO STDOUT;
RESET ROLE;
GRANT pg_read_server_files TO regress_copier;
SET ROLE regress_copier;
COPY shop_c_v1.users (name, age) FROM '/dev/null';
COPY shop_c_v1.users FROM '/dev/null';
RESET ROLE;
SELECT first, last, origin FROM shop_c.users WHERE last = 'Pier';

DROP OWNED BY regress_copier;
DROP ROLE regress_copier;
SELECT strata.retire('shop_c', 'v1');
SET client_min_messages = warning;
DROP SCHEMA shop_c CASCADE;
