-- Becoming one who approves or breaks the glass: whose role it is decides, so giving roles away is
-- judged too, by whatever statement. The first members are free: somebody has to begin.
-- 26, 27 and 28 of docs/security.md.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pg_strata;
CREATE ROLE regress_admin CREATEROLE;
CREATE ROLE regress_ann;
CREATE ROLE regress_ben;
CREATE ROLE regress_mallory;
CREATE ROLE regress_team;
CREATE SCHEMA held AUTHORIZATION regress_mallory;
SELECT strata.track('held', 'regress_mallory');
SET SESSION AUTHORIZATION regress_mallory;
CREATE TABLE held.t AS SELECT 1 AS n;
RESET SESSION AUTHORIZATION;

-- Set up after the schema was tracked.
GRANT strata_approver TO regress_ann;
GRANT strata_approver TO regress_ben;
GRANT strata_breakglass TO regress_team;
\set VERBOSITY default
GRANT strata_approver TO regress_mallory;
\set VERBOSITY sqlstate
-- No more of them, by whatever way.
GRANT strata_breakglass, regress_team TO regress_mallory WITH ADMIN OPTION;
GRANT regress_team TO regress_mallory;
GRANT regress_ann TO regress_mallory;
ALTER GROUP strata_approver ADD USER regress_mallory;
ALTER GROUP regress_team ADD USER regress_mallory;
CREATE ROLE regress_puppet IN ROLE strata_approver;
CREATE ROLE regress_puppet IN ROLE regress_team;
CREATE USER regress_puppet IN GROUP regress_ann;
-- Entering as somebody who is one, or as the role itself.
ALTER ROLE regress_ann PASSWORD 'known';
ALTER ROLE regress_ann LOGIN;
ALTER ROLE strata_approver LOGIN PASSWORD 'known';
ALTER ROLE strata_breakglass SUPERUSER;
-- Another role of the name.
ALTER ROLE strata_approver RENAME TO regress_gone;
ALTER ROLE regress_team RENAME TO strata_approver;
DROP ROLE strata_breakglass;
-- Nor by making room first: so few would be left that the next were the first again.
REVOKE strata_approver FROM regress_ann;
REVOKE strata_reader, strata_approver FROM regress_ann, regress_ben;
REVOKE strata_breakglass FROM regress_team;
ALTER GROUP strata_approver DROP USER regress_ben;
DROP ROLE regress_ann;
DROP ROLE IF EXISTS regress_nobody, regress_team;
-- Not by those who may give roles away either.
SET SESSION AUTHORIZATION regress_admin;
REVOKE strata_approver FROM regress_ben;
GRANT strata_approver TO regress_mallory;
ALTER ROLE regress_ann PASSWORD 'known';
-- Nor by rights given on to a session that is somebody else.
SET SESSION AUTHORIZATION regress_mallory;
SET ROLE strata_approver;
SELECT strata.break_glass('me too');
DROP TABLE held.t;
RESET SESSION AUTHORIZATION;
-- What makes nobody a guardian is no business of the guard's.
CREATE ROLE regress_other IN ROLE regress_mallory;
GRANT regress_other TO regress_admin;
ALTER ROLE regress_other PASSWORD 'x' VALID UNTIL '2020-01-01';
ALTER ROLE regress_other RENAME TO regress_another;
ALTER ROLE regress_ann NOLOGIN CONNECTION LIMIT 5 VALID UNTIL '2040-01-01';
ALTER ROLE regress_ann RENAME TO regress_anna;
GRANT strata_reader TO regress_mallory;
REVOKE strata_approver FROM regress_mallory;
-- One's own password is one's own.
SET SESSION AUTHORIZATION regress_anna;
ALTER ROLE CURRENT_USER PASSWORD 'mine';
RESET SESSION AUTHORIZATION;
SELECT r.rolname AS guardian, m.rolname AS member FROM pg_auth_members AS am
  JOIN pg_roles AS r ON r.oid = am.roleid JOIN pg_roles AS m ON m.oid = am.member
  WHERE r.rolname IN ('strata_approver', 'strata_breakglass', 'strata_reader') AND m.rolname LIKE 'regress%' ORDER BY 1, 2;

\set VERBOSITY default
SELECT strata.untrack('held');
DROP SCHEMA held CASCADE;
DROP ROLE regress_admin, regress_anna, regress_ben, regress_mallory, regress_team, regress_another;
