-- A version gives everyone the rights they have on the base and no others: grants, owners, column
-- rights, row security, default privileges, security => 'owner'.
SET client_min_messages = warning;
CREATE ROLE regress_app;
CREATE ROLE regress_other_owner;
CREATE ROLE "regress Reader ""x""";
CREATE ROLE regress_writer;
CREATE ROLE regress_stranger;
CREATE SCHEMA app AUTHORIZATION regress_app;
COMMENT ON SCHEMA app IS 'the application';
GRANT USAGE ON SCHEMA app TO PUBLIC;
GRANT USAGE ON SCHEMA app TO regress_writer WITH GRANT OPTION;
GRANT USAGE, CREATE ON SCHEMA app TO regress_other_owner;
SET ROLE regress_app;
CREATE TABLE app.users (id serial PRIMARY KEY, name text, secret text);
COMMENT ON TABLE app.users IS 'who''s who';
COMMENT ON COLUMN app.users.name IS 'as "printed"';
GRANT SELECT ON app.users TO "regress Reader ""x""";
GRANT INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON app.users TO regress_writer WITH GRANT OPTION;
GRANT SELECT (id, name), UPDATE (name) ON app.users TO regress_stranger;
GRANT USAGE ON SEQUENCE app.users_id_seq TO regress_writer;
CREATE TABLE app.open (id int);
GRANT SELECT ON app.open TO PUBLIC;
CREATE TABLE app.closed (id int);
SET ROLE regress_other_owner;
CREATE TABLE app.theirs (id int);
CREATE VIEW app.their_view AS SELECT id FROM app.theirs;
GRANT SELECT ON app.their_view TO regress_stranger;
RESET ROLE;
-- what default privileges would give away
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_stranger WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_app GRANT ALL ON SCHEMAS TO regress_stranger;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_app GRANT ALL ON TABLES TO regress_stranger;

-- an ordinary role that owns the schema, but not every table in it
SET ROLE regress_app;
SELECT strata.track('app', description => 'mine');
-- a publish takes the name of a schema, perhaps one in the search_path of others: CREATE SCHEMA wants this right too
SELECT strata.publish('app', 'v1', schema => 'regress_stranger');
RESET ROLE;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_app', current_database()) \gexec
SET ROLE regress_app;
SELECT strata.publish('app', 'v1');
RESET ROLE;
SELECT b.owner, v.version, v.published_by = session_user AS by, v.description FROM strata.versions v JOIN strata.base_schema b ON b.base = 'app' WHERE v.base = 'app'::regnamespace;
CREATE VIEW public.acls AS
SELECT n.nspname, c.relname, ''::name AS attname, g.grantee::regrole, g.privilege_type, g.is_grantable FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g WHERE g.grantee <> c.relowner AND c.relkind IN ('r', 'v')
UNION ALL SELECT n.nspname, c.relname, a.attname, g.grantee::regrole, g.privilege_type, g.is_grantable FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(a.attacl) g
UNION ALL SELECT n.nspname, '', '', g.grantee::regrole, g.privilege_type, g.is_grantable FROM pg_namespace n, aclexplode(n.nspacl) g WHERE g.grantee <> n.nspowner;
SELECT relname, attname, grantee, privilege_type, is_grantable FROM public.acls WHERE nspname = 'app_v1' ORDER BY relname COLLATE "C", attname COLLATE "C", grantee::text COLLATE "C", privilege_type;
-- nobody reads the twin of their_view
SELECT relname, grantee, privilege_type FROM public.acls WHERE nspname = 'strata_inverse' ORDER BY 1, 2, 3;
SELECT relname, relowner::regrole FROM pg_class WHERE relnamespace = 'app_v1'::regnamespace ORDER BY relname;
SELECT nspowner::regrole, obj_description(oid) FROM pg_namespace WHERE nspname = 'app_v1';
SELECT obj_description('app_v1.users'::regclass, 'pg_class'), col_description('app_v1.users'::regclass, 2), col_description('app_v1.users'::regclass, 3);

SET ROLE regress_writer;
INSERT INTO app_v1.users (name, secret) VALUES ('ann', 's');
SELECT * FROM app_v1.users;
SET ROLE "regress Reader ""x""";
SELECT * FROM app_v1.users;
UPDATE app_v1.users SET name = 'bob';
SET ROLE regress_stranger;
-- the server asks a caller of a security_invoker view for all columns the view reads
SELECT name FROM app_v1.users;
UPDATE app_v1.users SET name = 'bob';
SELECT secret FROM app_v1.users;
SELECT * FROM app_v1.open;
SELECT * FROM app_v1.closed;
SELECT * FROM app_v1.theirs;
SELECT * FROM app_v1.their_view;
CREATE TABLE app_v1.mine ();
-- rights on the base count also where those on the version would do
SET ROLE regress_app;
REVOKE SELECT (id, name) ON app.users FROM regress_stranger;
SET ROLE regress_stranger;
SELECT name FROM app_v1.users;
RESET ROLE;

-- row security: that of the caller
CREATE TABLE app.rows (id int, owner name);
ALTER TABLE app.rows OWNER TO regress_app;
ALTER TABLE app.rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.rows USING (owner = current_user);
INSERT INTO app.rows VALUES (1, 'regress_stranger'), (2, 'regress_writer');
GRANT SELECT, INSERT ON app.rows TO regress_stranger, regress_writer;
SET ROLE regress_app;
SELECT strata.publish('app', 'v2');
SELECT id FROM app_v2.rows ORDER BY id;
SET ROLE regress_stranger;
SELECT id FROM app_v2.rows;
INSERT INTO app_v2.rows VALUES (3, 'regress_writer');
SET ROLE regress_writer;
SELECT id FROM app_v2.rows;
-- the owner's rights would pass them by
SET ROLE regress_app;
SELECT strata.publish('app', 'v3', security => 'owner');
RESET ROLE;
SELECT to_regnamespace('app_v3');
DROP TABLE app.rows;
SELECT strata.retire('app', 'v2');
DROP TABLE app.rows;
SET ROLE regress_app;
SELECT strata.publish('app', 'v3', security => 'owner');
RESET ROLE;
-- rights on the version suffice
REVOKE ALL ON app.users, app.theirs FROM regress_writer, regress_stranger;
GRANT SELECT ON app_v3.theirs TO regress_stranger;
SET ROLE regress_writer;
INSERT INTO app_v3.users (name) VALUES ('cid');
INSERT INTO app_v1.users (name) VALUES ('cid');
SET ROLE regress_stranger;
SELECT * FROM app_v3.theirs;
SELECT * FROM app_v3.their_view;
SELECT * FROM app_v3.closed;
RESET ROLE;
-- row security that comes later is told
ALTER TABLE app.closed ENABLE ROW LEVEL SECURITY;
SET pg_strata.mode = record;
ALTER TABLE app.closed ENABLE ROW LEVEL SECURITY;
RESET pg_strata.mode;
SELECT version, relation, problem FROM strata.verify('app');
ALTER TABLE app.closed DISABLE ROW LEVEL SECURITY;

-- owners change hands; nobody but the owner of the base manages versions
ALTER TABLE app_v1.theirs OWNER TO regress_app;
REASSIGN OWNED BY regress_other_owner TO regress_app;
SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace IN ('app'::regnamespace, 'app_v1'::regnamespace);
SET ROLE regress_stranger;
SELECT strata.publish('app', 'v9');
SELECT strata.deprecate('app', 'v1');
SELECT strata.retire('app', 'v1');
SELECT strata.set_option('app', 'on_break', 'follow');
SELECT strata.untrack('app');
SELECT * FROM strata.repair('app');
SELECT * FROM strata.repair();
SELECT strata.pre_restore();
SELECT * FROM strata.post_restore();
UPDATE strata.base_schema SET on_break = 'follow';
-- but everybody may look
SELECT * FROM strata.verify('app');
SELECT version, state, tables FROM strata.versions WHERE base = 'app'::regnamespace ORDER BY version;
SELECT count(*) FROM strata.contract('app', 'v1');
RESET ROLE;

SELECT strata.retire('app', 'v1'), strata.retire('app', 'v3');
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC, regress_stranger;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_app REVOKE ALL ON SCHEMAS FROM regress_stranger;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_app REVOKE ALL ON TABLES FROM regress_stranger;
SELECT strata.untrack('app');
DROP VIEW public.acls;
DROP SCHEMA app CASCADE;
DROP OWNED BY regress_app;
DROP ROLE regress_app, regress_other_owner, "regress Reader ""x""", regress_writer, regress_stranger;
