-- Using approvals: each statement once, in its transaction, by whoever runs it; the changes that the statements of a
-- proposal make themselves do not make the rest of it stale, changes of others do.
SET client_min_messages = warning;
CREATE ROLE regress_author;
CREATE ROLE regress_runner;
CREATE ROLE regress_ann;
CREATE ROLE regress_ben;
GRANT strata_approver TO regress_ann, regress_ben;
GRANT regress_author TO regress_runner;
CREATE SCHEMA used AUTHORIZATION regress_author;
SELECT strata.track('used', 'regress_author');
SELECT strata.add_window('used_always', '2020-01-01', '1 day', 'FREQ=DAILY', base => 'used');
SELECT setval('strata.proposal_proposal_id_seq', 5000);
CREATE FUNCTION public.approve_all(bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO strata.proposal_approval SELECT proposal_id, r::regrole, r, digest, now(), NULL
  FROM strata.proposal, unnest('{regress_ann,regress_ben}'::name[]) AS r WHERE proposal_id = $1
$$;
CREATE VIEW public.used_states AS SELECT proposal_id, state, applied_at IS NOT NULL AS applied FROM strata.proposals;
GRANT SELECT ON public.used_states TO PUBLIC;
SET SESSION AUTHORIZATION regress_author;
CREATE TABLE used.t (id int PRIMARY KEY, a text, b text, c text);
CREATE TABLE used.u (id int, a text);
INSERT INTO used.t VALUES (1, 'a', 'b', 'c');
INSERT INTO used.u VALUES (1, 'a');
\set VERBOSITY terse

-- three steps on one table, the last of them under a name that the second one gives
SELECT strata.propose('steps', $$
  ALTER TABLE used.t DROP COLUMN a;
  ALTER TABLE used.t RENAME TO tt;
  ALTER TABLE used.tt DROP COLUMN b;
  ALTER TABLE used.u DROP COLUMN a;
$$, 'used');
ALTER TABLE used.t DROP COLUMN a;
RESET SESSION AUTHORIZATION;
SELECT public.approve_all(5001);
-- whoever may run it runs it, also by EXECUTE in a function
SET SESSION AUTHORIZATION regress_runner;
SET ROLE regress_author;
BEGIN;
ALTER TABLE used.t DROP a;
SELECT * FROM public.used_states;
ROLLBACK;
DO $$ BEGIN EXECUTE 'alter table ' || 'used.t drop column a'; END $$;
-- what stands in a proposal changes no shape it counts on
ALTER TABLE used.t RENAME TO tt;
SET search_path = used;
ALTER TABLE tt DROP COLUMN IF EXISTS b;
ALTER TABLE tt DROP b;
RESET search_path;
RESET SESSION AUTHORIZATION;
SELECT * FROM public.used_states;
-- an approval is used once, and what others change makes the rest stale
SET SESSION AUTHORIZATION regress_author;
ALTER TABLE used.tt ADD COLUMN b text DEFAULT 'again';
ALTER TABLE used.tt DROP COLUMN b;
ALTER TABLE used.u ADD COLUMN b int;
\set VERBOSITY default
ALTER TABLE used.u DROP COLUMN a;
\set VERBOSITY terse
RESET SESSION AUTHORIZATION;
SELECT * FROM public.used_states;

DROP VIEW public.used_states;
DROP FUNCTION public.approve_all;
BEGIN;
SELECT count(strata.drop_policy(hazard)) FROM strata.policies;
SELECT strata.untrack('used');
DROP SCHEMA used CASCADE;
COMMIT;
DELETE FROM strata.proposal;
DELETE FROM strata.guard_policy WHERE NOT installed;
DROP ROLE regress_author, regress_runner, regress_ann, regress_ben;
