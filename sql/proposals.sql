-- Proposals: proposed, approved by others, bound to what the statements mean and to the shape of what
-- they touch; forging does not work.
SET client_min_messages = warning;
CREATE ROLE regress_author;
CREATE ROLE regress_ann;
CREATE ROLE regress_ben;
CREATE ROLE regress_reader;
CREATE ROLE regress_outsider;
CREATE ROLE regress_leads;
GRANT strata_approver TO regress_leads, regress_ben;
GRANT regress_leads TO regress_ann;
GRANT strata_reader TO regress_reader;
CREATE SCHEMA prop AUTHORIZATION regress_author;
CREATE SCHEMA prop_decoy AUTHORIZATION regress_author;
SELECT strata.track('prop', 'regress_author');
SET SESSION AUTHORIZATION regress_author;
CREATE TABLE prop.users (id int PRIMARY KEY, name text, note text);
CREATE TABLE prop.orders (id int, amount int);
CREATE TABLE prop_decoy.users (id int, name text, note text);
INSERT INTO prop.users VALUES (1, 'ann', 'x');
INSERT INTO prop.orders VALUES (1, 1);
RESET SESSION AUTHORIZATION;
CREATE SCHEMA prop_tools;
GRANT ALL ON SCHEMA prop_tools TO PUBLIC;
RESET client_min_messages;
-- the same numbers in every run
SELECT setval('strata.proposal_proposal_id_seq', 1000);
CREATE VIEW prop_tools.mine AS SELECT p.* FROM strata.proposals AS p;
GRANT SELECT ON prop_tools.mine TO PUBLIC;

-- proposed: read at once, and what it needs is known
SET SESSION AUTHORIZATION regress_author;
SELECT strata.propose('drop the note', $$
  -- nobody reads it
  ALTER TABLE prop.users DROP COLUMN note;
$$, 'prop', rationale => 'unused', rollback_plan => 'from the backup', success_criteria => 'no errors', ticket => 'T-7');
SELECT title, base, state, approvals, needed, statements, applied_at, risk, author, rationale, rollback_plan, success_criteria, ticket,
       expires_at - proposed_at AS open_for FROM prop_tools.mine;
-- bad SQL is refused in the server's words
SELECT strata.propose('typo', 'ALTER TABLE prop.users DORP COLUMN note', 'prop');
SELECT strata.propose('typo', 'SELECT 1; DROP', 'prop');
-- and so is what approval cannot be bound to
SELECT strata.propose('code', 'DO $x$ BEGIN EXECUTE $y$DROP TABLE prop.users$y$; END $x$', 'prop');
SELECT strata.propose('path', 'SET search_path = prop; DROP TABLE users', 'prop');
SELECT strata.propose('whose', 'ALTER TABLE prop.users OWNER TO CURRENT_USER', 'prop');
SELECT strata.propose('whose', 'DROP OWNED BY SESSION_USER', 'prop');
SELECT strata.propose('whose', 'GRANT SELECT ON prop.users TO CURRENT_ROLE', 'prop');
SELECT strata.propose('whose', 'ALTER DEFAULT PRIVILEGES IN SCHEMA prop GRANT SELECT ON TABLES TO PUBLIC', 'prop');
SELECT strata.propose('nothing', 'SELECT 1; BEGIN; COMMIT; -- no', 'prop');
SELECT strata.propose('nothing', '', 'prop');
SELECT strata.propose('elsewhere', 'DROP TABLE x', 'public');
SELECT strata.propose(NULL, 'DROP TABLE x', 'prop');

-- the author never counts
SELECT strata.approve(1001);
RESET SESSION AUTHORIZATION;
-- Giving membership away is the guard's business (guard_bypass_roles).
SELECT strata.drop_policy('CONTROL_PLANE');
GRANT regress_leads TO regress_author;
DELETE FROM strata.guard_policy WHERE NOT installed;
SET SESSION AUTHORIZATION regress_author;
SELECT strata.approve(1001);
SET ROLE regress_leads;
SELECT strata.approve(1001);
SELECT strata.reject(1001);
RESET ROLE;
-- nor through a function of somebody who may
SET SESSION AUTHORIZATION regress_ben;
CREATE FUNCTION prop_tools.approve_for(bigint) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT strata.approve($1)';
SET SESSION AUTHORIZATION regress_author;
SELECT prop_tools.approve_for(1001);
-- nor under another name
RESET SESSION AUTHORIZATION;
ALTER ROLE regress_author RENAME TO regress_renamed;
SET SESSION AUTHORIZATION regress_renamed;
SELECT strata.approve(1001);
RESET SESSION AUTHORIZATION;
ALTER ROLE regress_renamed RENAME TO regress_author;
REVOKE regress_leads FROM regress_author;
-- somebody who is no approver does not count either
SET SESSION AUTHORIZATION regress_outsider;
SELECT prop_tools.approve_for(1001);
SELECT count(*) FROM strata.proposals;
-- a superuser is an approver only when made one
RESET SESSION AUTHORIZATION;
\set VERBOSITY terse
SELECT strata.approve(1001);
\set VERBOSITY default

-- approved by two others, once each
SET SESSION AUTHORIZATION regress_ann;
SELECT strata.approve(1001, 'go');
SELECT strata.approve(1001);
SELECT state, approvals, needed FROM prop_tools.mine;
SET SESSION AUTHORIZATION regress_ben;
SELECT strata.approve(1001);
SELECT strata.approve(0);
SET SESSION AUTHORIZATION regress_reader;
SELECT state, approvals, needed, approved_by, digest ~ '^[0-9a-f]{64}$' AS digest, expires_at - proposed_at >= '7 days' AS week FROM prop_tools.mine;

-- which statements it covers: the same parse tree, with names as they were meant
SET SESSION AUTHORIZATION regress_author;
CREATE FUNCTION prop_tools.covered(ddl text) RETURNS TABLE (statement_no int, command text, covered bool, state text)
    LANGUAGE sql AS $$ SELECT statement_no, command, proposal_id IS NOT NULL, state FROM strata.find_proposal(ddl, 'prop') $$;
SELECT * FROM prop_tools.covered('alter table "prop"."users" drop note /* now */');
SELECT * FROM prop_tools.covered('ALTER TABLE prop.users DROP COLUMN name; ALTER TABLE prop.users DROP note CASCADE;
                              ALTER TABLE IF EXISTS prop.users DROP note; ALTER TABLE ONLY prop.users DROP note;
                              ALTER TABLE prop.users DROP note, DROP name; DROP TABLE prop.users; SELECT 1');
SET search_path = prop;
SELECT * FROM prop_tools.covered('ALTER TABLE users DROP note');
SET search_path = prop_decoy, prop;
SELECT * FROM prop_tools.covered('ALTER TABLE users DROP note');
RESET search_path;
-- only in the base schema it is for
SELECT * FROM strata.find_proposal('ALTER TABLE prop.users DROP note', 'public');

-- the shape it was approved for
BEGIN;
ALTER TABLE prop.users ADD COLUMN extra int;
SELECT state FROM prop_tools.mine;
SELECT * FROM prop_tools.covered('ALTER TABLE prop.users DROP note');
ROLLBACK;
BEGIN;
CREATE INDEX ON prop.users (name);
SELECT state FROM prop_tools.mine;
ROLLBACK;
BEGIN;
ALTER TABLE prop.users ALTER COLUMN name SET DEFAULT 'x';
SELECT state FROM prop_tools.mine;
ROLLBACK;
BEGIN;
ALTER TABLE prop.users ADD CHECK (id > 0);
SELECT state FROM prop_tools.mine;
ROLLBACK;
-- another table of that name is another table
BEGIN;
CREATE TABLE prop.scratch (a int, b int);
SELECT strata.propose('scratch', 'ALTER TABLE prop.scratch DROP COLUMN a', 'prop') > 0 AS proposed;
DROP TABLE prop.scratch;
CREATE TABLE prop.scratch (a int, b int);
SELECT state FROM prop_tools.mine WHERE title = 'scratch';
ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT setval('strata.proposal_proposal_id_seq', 1001);
SET SESSION AUTHORIZATION regress_author;
-- other tables do not matter
BEGIN;
ALTER TABLE prop.orders ADD COLUMN extra int;
SELECT state FROM prop_tools.mine;
ROLLBACK;
-- what CASCADE takes along belongs to the shape
SELECT strata.propose('cascade', 'DROP TABLE prop.orders CASCADE', 'prop');
BEGIN;
CREATE VIEW prop.big AS SELECT * FROM prop.orders WHERE amount > 100;
SELECT title, state FROM prop_tools.mine ORDER BY proposal_id;
ROLLBACK;

-- forging: the tables are closed to those who propose and to those who approve
INSERT INTO strata.proposal_approval SELECT 1001, 'regress_ann', 'regress_ann', '', now(), NULL;
UPDATE strata.proposal SET author = 'regress_ben';
UPDATE strata.proposal_statement SET statement = 'DROP TABLE prop.users';
UPDATE strata.proposals SET state = 'approved';
DELETE FROM strata.proposal_use;
SELECT statement FROM strata.proposal_statement;
SET SESSION AUTHORIZATION regress_ben;
INSERT INTO strata.proposal_approval SELECT 1001, 'regress_ann', 'regress_ann', '', now(), NULL;
UPDATE strata.proposal SET ddl = 'DROP TABLE prop.users';
DELETE FROM strata.proposal_approval;
SELECT nextval('strata.proposal_proposal_id_seq');
-- the real thing of an unprivileged connection
RESET SESSION AUTHORIZATION;
SELECT session_user AS superuser \gset
ALTER ROLE regress_outsider LOGIN;
\c - regress_outsider
\set VERBOSITY sqlstate
SET SESSION AUTHORIZATION regress_ann;
SET ROLE strata_approver;
SELECT strata.approve(1001);
\set VERBOSITY default
\c - :superuser
-- even who may change the rows does not change what was approved
BEGIN;
UPDATE strata.proposal_statement AS s SET statement = 'ALTER TABLE prop.users DROP COLUMN name'
WHERE proposal_id = 1001;
SELECT state FROM prop_tools.mine WHERE proposal_id = 1001;
SELECT * FROM prop_tools.covered('ALTER TABLE prop.users DROP name');
ROLLBACK;
BEGIN;
UPDATE strata.proposal SET ddl = 'nothing to see' WHERE proposal_id = 1001;
SELECT state FROM prop_tools.mine WHERE proposal_id = 1001;
ROLLBACK;
BEGIN;
UPDATE strata.proposal_approval SET digest = 'other' WHERE approver_name = 'regress_ann';
SELECT state, approvals FROM prop_tools.mine WHERE proposal_id = 1001;
ROLLBACK;
-- settings that change how text is read do not change what was approved
SET SESSION AUTHORIZATION regress_author;
SET escape_string_warning = off;
SELECT strata.propose('comment', $$COMMENT ON TABLE prop.orders IS 'a\'; DROP TABLE prop.users; --'$$, 'prop');
SET standard_conforming_strings = off;
SELECT strata.propose('comment', $$COMMENT ON TABLE prop.orders IS 'a\'; DROP TABLE prop.users; --'$$, 'prop');
RESET standard_conforming_strings;
RESET escape_string_warning;
RESET SESSION AUTHORIZATION;
SELECT s.statement_no, s.command, s.statement FROM strata.proposal_statement AS s JOIN prop_tools.mine AS p USING (proposal_id)
WHERE p.title = 'comment' ORDER BY p.proposal_id, s.statement_no;

-- who sees what
SET SESSION AUTHORIZATION regress_author;
SELECT count(*) FROM strata.proposals;
SET SESSION AUTHORIZATION regress_outsider;
SELECT count(*) FROM strata.proposals;
SELECT count(*) FROM strata.proposal;
SET SESSION AUTHORIZATION regress_reader;
SELECT count(*) FROM strata.proposals;
SELECT count(*) > 0 AS may FROM strata.proposal_statement;

-- rejected, withdrawn: for good
SET SESSION AUTHORIZATION regress_ann;
SELECT strata.reject(1002, 'not now');
SELECT state, closed_by, closed_comment FROM prop_tools.mine WHERE title = 'cascade';
SELECT strata.approve(1002);
SELECT strata.reject(1002);
SET SESSION AUTHORIZATION regress_outsider;
SELECT strata.withdraw(1001);
SET SESSION AUTHORIZATION regress_author;
SELECT strata.withdraw(1004);
SELECT * FROM prop_tools.covered('DROP TABLE prop.orders CASCADE');
SELECT title, state FROM prop_tools.mine ORDER BY proposal_id;

-- expiry: seven days from the approval that was missing, and seven for waiting
RESET SESSION AUTHORIZATION;
BEGIN;
UPDATE strata.proposal SET proposed_at = proposed_at - interval '6 days 23 hours' WHERE proposal_id = 1001;
UPDATE strata.proposal_approval SET approved_at = approved_at - interval '6 days 23 hours';
SELECT state FROM prop_tools.mine WHERE proposal_id = 1001;
UPDATE strata.proposal_approval SET approved_at = approved_at - interval '2 hours' WHERE approver_name = 'regress_ann';
SELECT state FROM prop_tools.mine WHERE proposal_id = 1001;
UPDATE strata.proposal_approval SET approved_at = approved_at - interval '2 hours';
SELECT state FROM prop_tools.mine WHERE proposal_id = 1001;
SELECT * FROM prop_tools.covered('ALTER TABLE prop.users DROP note');
SET SESSION AUTHORIZATION regress_ben;
SELECT strata.approve(1001);
ROLLBACK;

-- rules of now decide, also about what was proposed before
RESET SESSION AUTHORIZATION;
SELECT strata.set_rule('prop', 'critical', 3);
SELECT state, approvals, needed FROM prop_tools.mine WHERE proposal_id = 1001;
SELECT strata.set_rule('prop', 'critical', 0);
SET SESSION AUTHORIZATION regress_author;
SELECT strata.propose('alone', 'DROP TABLE prop.orders', 'prop');
SELECT state, approvals, needed FROM prop_tools.mine WHERE title = 'alone';
RESET SESSION AUTHORIZATION;
SELECT strata.set_rule('prop', 'critical', NULL);

-- statements bound to the search_path: which function is meant is left to it
SET SESSION AUTHORIZATION regress_author;
CREATE FUNCTION prop.pick(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION prop_decoy.pick(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';
SET search_path = prop;
SELECT strata.propose('one', 'CREATE INDEX ON prop.users (pick(id))', 'prop');
SET search_path = prop, prop_decoy;
SELECT strata.propose('two', 'CREATE INDEX ON prop.users (abs(pick(id)))', 'prop');
SELECT state FROM strata.find_proposal('CREATE INDEX ON prop.users (abs(pick(id)))', 'prop');
SELECT state FROM strata.find_proposal('CREATE INDEX ON prop.users (abs(prop.pick(id)))', 'prop');
SET search_path = prop_decoy, prop;
SELECT state FROM strata.find_proposal('CREATE INDEX ON prop.users (abs(pick(id)))', 'prop');
-- one candidate only: whatever the path
SELECT state FROM strata.find_proposal('CREATE INDEX ON prop.users (prop.pick(id))', 'prop');
RESET search_path;
SELECT state FROM strata.find_proposal('CREATE INDEX ON prop.users (prop.pick(id))', 'prop');

-- where all of a schema is meant, what is in it belongs to the shape
SELECT strata.propose('grant', 'GRANT SELECT ON ALL TABLES IN SCHEMA prop TO regress_reader', 'prop');
SELECT state FROM prop_tools.mine WHERE title = 'grant';
CREATE TABLE prop.another ();
SELECT state FROM prop_tools.mine WHERE title = 'grant';

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DELETE FROM strata.proposal_approval;
DELETE FROM strata.proposal_statement;
DELETE FROM strata.proposal;
SELECT strata.untrack('prop');
DROP SCHEMA prop, prop_decoy, prop_tools CASCADE;
DROP ROLE regress_author, regress_ann, regress_ben, regress_reader, regress_outsider, regress_leads;
