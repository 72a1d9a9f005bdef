-- The examples of docs/guard.md, in their order: policies, a proposal, break glass,
-- and a night on call.
-- script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
SELECT setval('strata.proposal_proposal_id_seq', 3000), setval('strata.override_override_id_seq', 3000);
CREATE ROLE regress_dora;  -- deploys
CREATE ROLE regress_ann;   -- approves
CREATE ROLE regress_ben;   -- approves
CREATE ROLE regress_nina;  -- is on call
GRANT strata_approver TO regress_ann, regress_ben;
GRANT strata_breakglass TO regress_nina;
GRANT regress_dora TO regress_nina;
CREATE SCHEMA depot AUTHORIZATION regress_dora;
SELECT strata.track('depot', 'regress_dora');
SET SESSION AUTHORIZATION regress_dora;
CREATE TABLE depot.parcels (id int PRIMARY KEY, address text, remark text);
INSERT INTO depot.parcels VALUES (1, 'Main St 1', 'fragile');
RESET SESSION AUTHORIZATION;

SELECT hazard, action, min_bytes FROM strata.policies WHERE base IS NULL ORDER BY hazard COLLATE "C";

SELECT strata.set_policy('NO_LOCK_TIMEOUT', 'warn');
SELECT strata.set_policy('DATA_LOSS', 'refuse', 'depot');
SELECT strata.set_policy('PRIVILEGE', 'allow', 'depot');

SELECT strata.drop_policy('DATA_LOSS', base => 'depot');

SET SESSION AUTHORIZATION regress_dora;
SELECT strata.propose('drop the remark',
  'ALTER TABLE depot.parcels DROP COLUMN remark',
  'depot',
  rationale => 'nobody reads it', rollback_plan => 'restore the column from the backup', ticket => 'D-12') AS proposal \gset

SET SESSION AUTHORIZATION regress_ann;
SELECT strata.approve(:proposal, 'checked with the packers');
SET SESSION AUTHORIZATION regress_ben;
SELECT strata.approve(:proposal);
SELECT state, approvals, needed FROM strata.proposals WHERE proposal_id = :proposal;

SET SESSION AUTHORIZATION regress_dora;
SET search_path = depot;
SELECT statement_no, command, state, approvals, needed
  FROM strata.find_proposal('alter table parcels drop remark; drop table parcels', 'depot');
RESET search_path;

SET SESSION AUTHORIZATION regress_nina;
SELECT strata.break_glass('disk is full', ticket => 'INC-3', duration => '30 min', base => 'depot') AS override \gset
SELECT role, base, reason, ticket, active FROM strata.overrides;

SET SESSION AUTHORIZATION regress_ann;
SELECT strata.review_override(:override, 'the log table filled the disk; see INC-3');
SELECT count(*) FROM strata.overrides;

RESET SESSION AUTHORIZATION;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT strata.add_window('nightly', '2040-01-01 01:00', '2 hours', 'FREQ=DAILY', base => 'depot', cutoff => '30 min');
SET SESSION AUTHORIZATION regress_dora;
CREATE TABLE depot.scans AS SELECT n, 'scan' AS what FROM generate_series(1, 1000) AS n;

BEGIN;
ALTER TABLE depot.parcels ADD COLUMN street text, ADD COLUMN city text;
UPDATE depot.parcels SET street = address;
ALTER TABLE depot.parcels DROP COLUMN address;
ROLLBACK;

SELECT statement_no, hazards, risk, verdict FROM strata.assess($$
  ALTER TABLE depot.parcels ADD COLUMN street text, ADD COLUMN city text;
  ALTER TABLE depot.parcels DROP COLUMN address$$);

SELECT strata.propose('split the address', $$
  ALTER TABLE depot.parcels ADD COLUMN street text, ADD COLUMN city text;
  ALTER TABLE depot.parcels DROP COLUMN address$$,
  'depot', rationale => 'street and city take its place', rollback_plan => 'put it together again') AS split \gset

SET SESSION AUTHORIZATION regress_ann;
SELECT strata.approve(:split);
SET SESSION AUTHORIZATION regress_ben;
SELECT strata.approve(:split, 'not before the night run');

SET SESSION AUTHORIZATION regress_dora;
BEGIN;
ALTER TABLE depot.parcels ADD COLUMN street text, ADD COLUMN city text;
UPDATE depot.parcels SET street = address;
ALTER TABLE depot.parcels DROP COLUMN address;
ROLLBACK;

RESET SESSION AUTHORIZATION;
SELECT strata.add_window('tonight', '2020-01-01', '1 day', 'FREQ=DAILY', base => 'depot');
SET SESSION AUTHORIZATION regress_dora;
BEGIN;
ALTER TABLE depot.parcels ADD COLUMN street text, ADD COLUMN city text;
UPDATE depot.parcels SET street = address;
ALTER TABLE depot.parcels DROP COLUMN address;
COMMIT;
SELECT state, approvals, needed FROM strata.proposals WHERE proposal_id = :split;

RESET SESSION AUTHORIZATION;
SELECT strata.drop_window('tonight');
SET SESSION AUTHORIZATION regress_nina;
TRUNCATE depot.scans;

SELECT strata.break_glass('disk is full, no parcel can be scanned', 'INC-4', base => 'depot') AS emergency \gset
TRUNCATE depot.scans;
SELECT count(*) FROM depot.scans;

SET SESSION AUTHORIZATION regress_dora;
TRUNCATE depot.parcels;

SET SESSION AUTHORIZATION regress_ann;
SELECT role, base, reason, ticket, active FROM strata.overrides;
SELECT strata.review_override(:emergency, 'scans are kept elsewhere from now on');
SELECT count(*) FROM strata.overrides;

RESET SESSION AUTHORIZATION;
DELETE FROM strata.guard_policy WHERE NOT installed;
DELETE FROM strata.proposal_use;
DELETE FROM strata.proposal_approval;
DELETE FROM strata.proposal_statement;
DELETE FROM strata.proposal;
DELETE FROM strata.override;
SELECT strata.untrack('depot');
DROP SCHEMA depot CASCADE;
DROP ROLE regress_dora, regress_ann, regress_ben, regress_nina;
