-- Policies and rules: the installed ones, setting and dropping them, what wins, and who may.
SET client_min_messages = warning;
CREATE ROLE regress_shopkeeper;
CREATE SCHEMA pol_shop AUTHORIZATION regress_shopkeeper;
CREATE SCHEMA pol_bank;
SELECT strata.track('pol_shop', 'regress_shopkeeper');
SELECT strata.track('pol_bank');
RESET client_min_messages;

-- what the extension brings
SELECT hazard, action, base, min_bytes, is_default, set_by FROM strata.policies ORDER BY hazard COLLATE "C";
SELECT base, risk, approvals, is_default FROM strata.rules ORDER BY approvals, risk COLLATE "C";

-- set over a default, for one base, from a size on
SELECT strata.set_policy('SCAN', 'refuse', 'pol_shop');
SELECT strata.set_policy('SCAN', 'warn', min_bytes => 10485760);
SELECT strata.set_policy(hazard => 'NO_LOCK_TIMEOUT', action => 'warn');
SELECT hazard, action, base, min_bytes, is_default, set_by = session_user AS mine FROM strata.policies
WHERE hazard IN ('SCAN', 'NO_LOCK_TIMEOUT') ORDER BY hazard COLLATE "C", base::text NULLS FIRST;
-- set again: the same policy
SELECT strata.set_policy('SCAN', 'approval', 'pol_shop');
SELECT action, min_bytes FROM strata.policies WHERE hazard = 'SCAN' AND base = 'pol_shop'::regnamespace;
-- a laxer one has no effect where a stricter one stays, and that is said
SELECT strata.set_policy('DATA_LOSS', 'allow', 'pol_shop');
SELECT strata.set_policy('DATA_LOSS', 'window', 'pol_shop');
SELECT strata.set_policy('REWRITE', 'allow');
-- window and approval do not include each other
SELECT strata.set_policy('PRIVILEGE', 'approval');
SELECT strata.set_policy('PRIVILEGE', 'window', 'pol_bank');
-- a policy of another base is nobody else's business
SELECT strata.set_policy('EXPOSURE', 'refuse', 'pol_bank');
SELECT strata.set_policy('EXPOSURE', 'window_and_approval', 'pol_shop');

-- dropping: an installed one goes too, and comes back when it is set
SELECT strata.drop_policy('REWRITE');
SELECT count(*) FROM strata.policies WHERE hazard = 'REWRITE';
SELECT strata.drop_policy('REWRITE');
SELECT strata.set_policy('REWRITE', 'window_and_approval', min_bytes => 10485760);
SELECT action, min_bytes, is_default FROM strata.policies WHERE hazard = 'REWRITE';
-- only those of that base, that action, that size
SELECT strata.drop_policy('DATA_LOSS', 'refuse', 'pol_shop');
SELECT strata.drop_policy('DATA_LOSS', 'window', 'pol_shop');
SELECT strata.drop_policy(hazard => 'SCAN', base => 'pol_shop', min_bytes => 1);
SELECT strata.drop_policy(hazard => 'SCAN', base => 'pol_shop');
SELECT hazard, action, base, min_bytes FROM strata.policies WHERE hazard IN ('SCAN', 'DATA_LOSS') ORDER BY hazard COLLATE "C";

-- rules: a base's own comes before that for everywhere; NULL takes it back
SELECT strata.set_rule('pol_shop', 'critical', 3);
SELECT strata.set_rule(NULL, 'high', 2);
SELECT base, risk, approvals, is_default FROM strata.rules WHERE risk IN ('high', 'critical') ORDER BY risk COLLATE "C", base::text NULLS FIRST;
SELECT strata.set_rule('pol_shop', 'critical', NULL);
SELECT strata.set_rule(NULL, 'high', NULL);
SELECT count(*) FROM strata.rules WHERE NOT is_default;

-- what makes no sense
SELECT strata.set_policy('DATALOSS', 'warn');
SELECT strata.set_policy('DATA_LOSS', 'deny');
SELECT strata.set_policy('DATA_LOSS', 'warn', min_bytes => -1);
SELECT strata.set_policy(NULL, 'warn');
SELECT strata.set_policy('DATA_LOSS', 'warn', 'public');
SELECT strata.drop_policy('DATA_LOSS', 'pol_shop');
SELECT strata.set_rule('pol_shop', 'severe', 1);
SELECT strata.set_rule('pol_shop', 'high', -1);

-- the owner of a base schema does not set up its guard, and nobody reaches the tables
SET ROLE regress_shopkeeper;
SELECT strata.set_policy('DATA_LOSS', 'refuse', 'pol_shop');
SELECT strata.drop_policy('DATA_LOSS');
SELECT strata.set_rule('pol_shop', 'critical', 0);
INSERT INTO strata.guard_policy (hazard, action) VALUES ('DATA_LOSS', 'allow');
UPDATE strata.guard_policy SET action = 'allow';
DELETE FROM strata.guard_policy;
INSERT INTO strata.guard_rule (risk, approvals) VALUES ('critical', 0);
UPDATE strata.policies SET action = 'allow';
-- but everybody may know what is allowed
SELECT action FROM strata.policies WHERE hazard = 'DATA_LOSS';
RESET ROLE;

-- a base schema that gets another name keeps its policies
SELECT strata.set_policy('DATA_LOSS', 'refuse', 'pol_shop');
SELECT strata.set_policy('BREAKS_READERS', 'allow'), strata.set_policy('BREAKS_WRITERS', 'allow');
ALTER SCHEMA pol_shop RENAME TO pol_store;
SELECT strata.set_policy('BREAKS_READERS', 'window_and_approval'), strata.set_policy('BREAKS_WRITERS', 'window_and_approval');
SELECT base, action FROM strata.policies WHERE hazard = 'DATA_LOSS' ORDER BY base::text NULLS FIRST;

SET client_min_messages = warning;
SELECT count(strata.drop_policy(hazard, base => base)) FROM (SELECT DISTINCT hazard, base FROM strata.policies WHERE NOT is_default) AS p;
DELETE FROM strata.guard_policy WHERE NOT installed;
SELECT strata.untrack('pol_store');
SELECT strata.untrack('pol_bank');
DROP SCHEMA pol_store, pol_bank;
DROP ROLE regress_shopkeeper;
