-- The tests after this one are about versions, and change and drop what they like: without policies
-- the guard lets everything pass. Its own tests set the policies they need.
DO $$ BEGIN PERFORM strata.drop_policy(hazard) FROM strata.policies; END $$;
SELECT count(*) FROM strata.policies;
