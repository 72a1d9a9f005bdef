-- The tests after this one are about versions, and change and drop what they like: without policies
-- the guard lets everything pass. Its own tests set the policies they need. Nor do they wait until
-- nobody has used a version for a week; retire_idle is about that.
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
SELECT count(*) FROM strata.policies;
ALTER TABLE strata.base_schema ALTER COLUMN retire_after_idle SET DEFAULT '0';
