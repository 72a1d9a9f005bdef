-- Breaking the glass: by members only, for a time, for one role, and listed until somebody else reviews it.
SET client_min_messages = warning;
CREATE ROLE regress_oncall;
CREATE ROLE regress_other_oncall;
CREATE ROLE regress_checker;
CREATE ROLE regress_outsider;
GRANT strata_breakglass TO regress_oncall, regress_other_oncall;
GRANT strata_approver TO regress_checker, regress_oncall;
CREATE SCHEMA glass;
SELECT strata.track('glass');
CREATE SCHEMA glass_tools;
GRANT ALL ON SCHEMA glass_tools TO PUBLIC;
RESET client_min_messages;
-- the same numbers in every run
SELECT setval('strata.override_override_id_seq', 1000);
CREATE VIEW glass_tools.over AS SELECT override_id, role, base, reason, ticket, active,
       expires_at - granted_at AS lasts FROM strata.overrides;
GRANT SELECT ON glass_tools.over TO PUBLIC;

-- members only, and by who is logged in
SET SESSION AUTHORIZATION regress_outsider;
SELECT strata.break_glass('curious');
RESET SESSION AUTHORIZATION;
\set VERBOSITY terse
SELECT strata.break_glass('a superuser who is no member');
\set VERBOSITY default
-- Who has the role already is one; giving it away is the guard's business (guard_bypass_roles).
SELECT strata.drop_policy('CONTROL_PLANE');
GRANT regress_oncall TO regress_outsider;
DELETE FROM strata.guard_policy WHERE NOT installed;
SET SESSION AUTHORIZATION regress_oncall;
CREATE FUNCTION glass_tools.break_for_me() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$SELECT strata.break_glass('trick')$$;
RESET SESSION AUTHORIZATION;
REVOKE regress_oncall FROM regress_outsider;
SET SESSION AUTHORIZATION regress_outsider;
SELECT glass_tools.break_for_me();

-- with a reason, for at most an hour
SET SESSION AUTHORIZATION regress_oncall;
SELECT strata.break_glass(NULL);
SELECT strata.break_glass(' ');
SELECT strata.break_glass('x', duration => '61 min');
SELECT strata.break_glass('x', duration => '0');
SELECT strata.break_glass('x', duration => '-5 min');
SELECT strata.break_glass('x', duration => '1 day -24 hours');
SELECT strata.break_glass('x', duration => NULL);
SELECT strata.break_glass('x', base => 'public');
SELECT strata.break_glass('disk is full', 'INC-3');
SELECT strata.break_glass('again', duration => '1 hour', base => 'glass');
SELECT * FROM glass_tools.over ORDER BY override_id;
SET SESSION AUTHORIZATION regress_other_oncall;
SELECT count(*) FROM strata.overrides;
SET SESSION AUTHORIZATION regress_outsider;
SELECT count(*) FROM strata.overrides;

-- forging
INSERT INTO strata.override (role, role_name, reason, granted_at, expires_at) VALUES ('regress_outsider', '', '', now(), now() + interval '1 day');
SET SESSION AUTHORIZATION regress_oncall;
UPDATE strata.override SET expires_at = now() + interval '1 day';
DELETE FROM strata.override;
UPDATE strata.overrides SET reason = '';

-- reviewed by somebody else; that ends it, and takes it off the list
SELECT strata.review_override(1001);
SET SESSION AUTHORIZATION regress_other_oncall;
SELECT strata.review_override(1001);
SET SESSION AUTHORIZATION regress_checker;
SELECT strata.review_override(1001, 'understood');
SELECT strata.review_override(1001);
SELECT strata.review_override(0);
SELECT * FROM glass_tools.over ORDER BY override_id;
SELECT reviewed_by, review_comment, expires_at <= clock_timestamp() AS over FROM strata.override ORDER BY override_id;

-- over, and still listed
RESET SESSION AUTHORIZATION;
UPDATE strata.override SET granted_at = granted_at - interval '2 hours', expires_at = expires_at - interval '2 hours' WHERE reviewed_at IS NULL;
SELECT * FROM glass_tools.over ORDER BY override_id;

SET client_min_messages = warning;
DELETE FROM strata.override;
SELECT strata.untrack('glass');
DROP SCHEMA glass, glass_tools CASCADE;
DROP ROLE regress_oncall, regress_other_oncall, regress_checker, regress_outsider;
