-- The decision: what policies, windows, proposals and broken glass let pass when a statement arrives,
-- whatever way it takes; and what the net under it catches.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_strata;
CREATE ROLE regress_dev LOGIN;
CREATE ROLE regress_lead LOGIN;
CREATE ROLE regress_chief LOGIN;
CREATE ROLE regress_night LOGIN;
GRANT strata_approver TO regress_lead, regress_chief;
GRANT strata_breakglass TO regress_night;
GRANT regress_dev TO regress_night;
CREATE SCHEMA guarded AUTHORIZATION regress_dev;
CREATE SCHEMA free AUTHORIZATION regress_dev;
SELECT strata.track('guarded');
-- Upkeep of the whole database is no attack on the guard's tables.
VACUUM;
ANALYZE;
REINDEX SCHEMA strata;
SET SESSION AUTHORIZATION regress_dev;
CREATE TABLE guarded.users (id int PRIMARY KEY, name text, mail text, note text);
INSERT INTO guarded.users SELECT n, 'user ' || n, 'm' || n, 'x' FROM generate_series(1, 100) AS n;
CREATE TABLE guarded.visits (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE guarded.visits_1 PARTITION OF guarded.visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO guarded.visits VALUES (1, '2020-05-05');
CREATE TABLE guarded.orders (id int PRIMARY KEY, user_id int REFERENCES guarded.users);
INSERT INTO guarded.orders VALUES (1, 1);
CREATE TABLE free.things AS SELECT 1 AS n;

-- What only adds passes, on all sides.
ALTER TABLE guarded.users ADD COLUMN age int, ADD COLUMN born date DEFAULT '2000-01-01';
CREATE INDEX users_name ON guarded.users (name);
CREATE TABLE guarded.more (n int);
ALTER TABLE guarded.more ADD PRIMARY KEY (n);
COMMENT ON TABLE guarded.more IS 'more';
VACUUM ANALYZE guarded.users;
-- So does what nobody else has seen, what never had a row, is temporary, or not tracked.
BEGIN;
CREATE TABLE guarded.new (n int);
INSERT INTO guarded.new VALUES (1);
ALTER TABLE guarded.new DROP COLUMN n;
DROP TABLE guarded.new;
COMMIT;
DROP TABLE guarded.more;
CREATE TEMP TABLE mine AS SELECT 1 AS n;
TRUNCATE mine;
DROP TABLE mine;
DROP TABLE free.things;

-- Destructive statements are refused, and say why and what to do.
\set VERBOSITY default
ALTER TABLE guarded.users DROP COLUMN mail;
\set VERBOSITY sqlstate
DROP TABLE guarded.users CASCADE;
TRUNCATE guarded.users CASCADE;
DROP SCHEMA guarded CASCADE;
DROP OWNED BY regress_dev CASCADE;
ALTER TABLE guarded.users ALTER name TYPE varchar(3);
-- Rename first, detach first, move first: no way round.
ALTER TABLE guarded.visits DETACH PARTITION guarded.visits_1;
ALTER TABLE guarded.users SET SCHEMA free;
ALTER TABLE guarded.users RENAME TO nothing;
-- Nor in a block, a function, another statement, a prepared one, by triggers, in a subtransaction.
DO 'BEGIN TRUNCATE guarded.visits; END';
DO $$ BEGIN EXECUTE 'DROP TABLE guarded.' || quote_ident('users') || ' CASCADE'; END $$;
CREATE FUNCTION free.drops() RETURNS void LANGUAGE sql AS 'TRUNCATE guarded.visits_1';
SELECT free.drops();
DO $$ BEGIN BEGIN DROP TABLE guarded.visits; EXCEPTION WHEN SQLSTATE 'ST003' THEN RAISE WARNING 'caught'; END; END $$;
SET search_path = guarded;
DROP TABLE visits;
RESET search_path;
SELECT count(*) FROM guarded.users;
SELECT count(*) FROM guarded.visits;
-- Replication's role, and event triggers switched off, change nothing; and only superusers could.
SET session_replication_role = replica;
RESET SESSION AUTHORIZATION;
SET session_replication_role = replica;
\set VERBOSITY terse
ALTER TABLE guarded.users DROP COLUMN note;
SET pg_strata.mode = off;
-- Superusers are no exception.
DROP TABLE guarded.orders;

-- Proposed, approved by two others, and only in a window.
SET SESSION AUTHORIZATION regress_dev;
SELECT strata.propose('mail goes', 'ALTER TABLE guarded.users DROP COLUMN mail', 'guarded', rationale => 'nobody writes it') AS proposal \gset
SET SESSION AUTHORIZATION regress_lead;
SELECT strata.approve(:proposal);
SET SESSION AUTHORIZATION regress_dev;
ALTER TABLE guarded.users DROP COLUMN mail;
SET SESSION AUTHORIZATION regress_chief;
SELECT strata.approve(:proposal, 'agreed');
SET SESSION AUTHORIZATION regress_dev;
\set VERBOSITY sqlstate
ALTER TABLE guarded.users DROP COLUMN mail;
\set VERBOSITY terse
RESET SESSION AUTHORIZATION;
SELECT strata.add_window('always', '2020-01-01', '24:00', 'FREQ=DAILY', base => 'guarded');
SELECT strata.add_freeze('sale', '[2000-01-01,2100-01-01)', 'sale', 'guarded');
ALTER TABLE guarded.users DROP COLUMN mail;
SELECT strata.drop_freeze('sale');
SET SESSION AUTHORIZATION regress_dev;
-- Not more than was approved, and not something else of the name.
ALTER TABLE guarded.users DROP COLUMN mail, DROP COLUMN note;
ALTER TABLE guarded.users DROP COLUMN mail CASCADE;
-- What rolls back has not been used up.
BEGIN;
ALTER TABLE guarded.users DROP COLUMN mail;
ROLLBACK;
SELECT state, applied_at IS NULL AS unused FROM strata.proposals WHERE proposal_id = :proposal;
alter table guarded . users
  drop mail restrict;
SELECT state, applied_at IS NULL AS unused FROM strata.proposals WHERE proposal_id = :proposal;
-- Once.
ALTER TABLE guarded.users ADD COLUMN mail text;
INSERT INTO guarded.users (id, mail) VALUES (1000, 'm');
ALTER TABLE guarded.users DROP COLUMN mail;

-- A transaction that needed a window cannot be put aside.
RESET SESSION AUTHORIZATION;
SELECT strata.set_policy('DATA_LOSS', 'window'), strata.set_policy('DATA_LOSS_CASCADE', 'window'), strata.drop_policy('IRREVERSIBLE'),
  strata.drop_policy('BREAKS_READERS'), strata.drop_policy('BREAKS_WRITERS');
SELECT hazard, action FROM strata.policies WHERE hazard = 'DATA_LOSS';
SET SESSION AUTHORIZATION regress_dev;
BEGIN;
TRUNCATE guarded.visits_1;
PREPARE TRANSACTION 'later';
SELECT count(*) FROM guarded.visits;
-- The window is looked at again at COMMIT.
RESET SESSION AUTHORIZATION;
BEGIN;
TRUNCATE guarded.visits_1;
SELECT strata.drop_window('always');
COMMIT;
SELECT count(*) FROM guarded.visits;
-- ... for what is not rolled back.
BEGIN;
SAVEPOINT a;
TRUNCATE guarded.visits_1;
ROLLBACK TO a;
SELECT strata.drop_window('always');
COMMIT;
\set VERBOSITY sqlstate
TRUNCATE guarded.visits_1;
\set VERBOSITY terse

-- Break glass: this role, for a time, listed.
SET SESSION AUTHORIZATION regress_night;
SELECT strata.break_glass('orders are broken', 'INC-7', '10 min', 'guarded') > 0 AS broken;
TRUNCATE guarded.visits_1;
SET SESSION AUTHORIZATION regress_dev;
\set VERBOSITY sqlstate
TRUNCATE guarded.orders;
\set VERBOSITY terse
SELECT count(*) FROM guarded.visits;

-- In record mode nothing is refused; what warns warns.
RESET SESSION AUTHORIZATION;
SELECT strata.set_policy('CONTROL_PLANE', 'warn'), strata.set_policy('DATA_LOSS', 'warn');
SET pg_strata.mode = record;
TRUNCATE guarded.orders;
RESET pg_strata.mode;
INSERT INTO guarded.orders VALUES (1, 1);
SELECT strata.drop_policy('CONTROL_PLANE');
\set VERBOSITY default
TRUNCATE guarded.orders;
\set VERBOSITY terse
RESET session_replication_role;

DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
SELECT strata.untrack('guarded');
DROP SCHEMA guarded, free CASCADE;
DROP EXTENSION pg_strata;
CREATE EXTENSION pg_strata;
DROP ROLE regress_dev, regress_lead, regress_chief, regress_night;
