-- How many approvals a statement needs that touches several base schemas, or none: whichever proposal has it, the
-- strictest rule counts. And the one statement after which no proposal is left.
SET client_min_messages = warning;
CREATE ROLE regress_author;
CREATE ROLE regress_ann;
CREATE ROLE regress_ben;
GRANT strata_approver TO regress_ann, regress_ben;
CREATE SCHEMA strict AUTHORIZATION regress_author;
CREATE SCHEMA lax AUTHORIZATION regress_author;
SELECT strata.track('strict', 'regress_author'), strata.track('lax', 'regress_author');
SELECT strata.set_rule('lax', 'critical', 1);
SELECT strata.add_window('scopes_always', '2020-01-01', '1 day', 'FREQ=DAILY');
SELECT setval('strata.proposal_proposal_id_seq', 7000);
SET SESSION AUTHORIZATION regress_author;
CREATE TABLE strict.t AS SELECT 1 AS n;
CREATE TABLE lax.t AS SELECT 1 AS n;
SELECT strata.propose('one of each', 'DROP TABLE lax.t, strict.t; DROP TABLE lax.t', 'lax');
SELECT strata.propose('none of them', 'DROP EXTENSION pg_strata CASCADE', 'lax');
SET SESSION AUTHORIZATION regress_ann;
SELECT strata.approve(7001), strata.approve(7002);

-- one is enough in lax, and not for what is in strict, nor for the guard
SET SESSION AUTHORIZATION regress_author;
SELECT statement_no, proposal_id, state, approvals, needed
  FROM strata.find_proposal('DROP TABLE lax.t, strict.t; DROP TABLE lax.t; DROP EXTENSION pg_strata CASCADE', 'lax');
DROP TABLE lax.t, strict.t;
BEGIN;
DROP TABLE lax.t;
ROLLBACK;
RESET SESSION AUTHORIZATION;
DROP EXTENSION pg_strata CASCADE;

-- with the approvals that the strictest asks for they run
SET SESSION AUTHORIZATION regress_ben;
SELECT strata.approve(7001), strata.approve(7002);
RESET SESSION AUTHORIZATION;
BEGIN;
DROP EXTENSION pg_strata CASCADE;
SELECT count(*) FROM pg_extension WHERE extname = 'pg_strata';
ALTER TABLE strict.t DROP COLUMN n;
DROP TABLE lax.t;
ROLLBACK;
SET SESSION AUTHORIZATION regress_author;
DROP TABLE lax.t, strict.t;
RESET SESSION AUTHORIZATION;
SELECT proposal_id, state FROM strata.proposals ORDER BY 1;

SELECT strata.drop_window('scopes_always');
SELECT strata.untrack('strict'), strata.untrack('lax');
DROP SCHEMA strict, lax;
DELETE FROM strata.proposal;
DELETE FROM strata.guard_rule;
DROP ROLE regress_author, regress_ann, regress_ben;
