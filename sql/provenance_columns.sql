-- What a change says besides definitions: how long it had to wait for its locks and how long it held them, in which
-- windows it was made, and what columns of versions read and write from then on.
SET client_min_messages = warning;
SELECT count(strata.drop_policy(p.hazard)) >= 0 AS without_policies FROM (SELECT DISTINCT hazard FROM strata.policies) AS p;
CREATE SCHEMA cols_shop;
CREATE TABLE cols_shop.users (id int PRIMARY KEY, name text, born text, age int, note text);
SELECT strata.track('cols_shop');
SELECT strata.publish('cols_shop', 'v1');
CREATE FUNCTION pg_temp.last(n int DEFAULT 1) RETURNS bigint LANGUAGE sql AS $$SELECT max(change_id) - n + 1 FROM strata.change$$;
CREATE FUNCTION pg_temp.mappings(n int DEFAULT 1) RETURNS TABLE (version text, relation text, column_name text, before text, after text)
LANGUAGE sql AS $$
    SELECT m.version, m.relation, m."column", m.before::text, m.after::text
    FROM strata.changes AS c, jsonb_to_recordset(c.mappings) AS m (version text, relation text, "column" text, before jsonb, after jsonb)
    WHERE c.change_id = pg_temp.last(n) ORDER BY 1, 2, 3 $$;

-- Locks are held until the commit, so until then nobody knows how long.
BEGIN;
ALTER TABLE cols_shop.users ADD email text;
SELECT lock_mode, lock_wait = interval '0' AS no_wait, lock_hold, locked_at BETWEEN now() AND clock_timestamp() AS locked_at
FROM strata.changes WHERE change_id = pg_temp.last();
SELECT pg_sleep(0.05);
COMMIT;
SELECT c.lock_hold > interval '0.05 s' AS until_the_commit, c.lock_hold = m.committed_at - c.locked_at AS as_it_says,
       c.locked_at >= c.at - c.duration AS after_the_start, c.locked_at <= c.at AS before_the_end
FROM strata.changes AS c JOIN strata.migrations AS m USING (migration_id) WHERE change_id = pg_temp.last();
-- Where none are taken ahead of it, nothing is said.
CREATE TABLE cols_shop.other (id int);
SELECT lock_wait, locked_at, lock_hold FROM strata.changes WHERE change_id = pg_temp.last();
CREATE INDEX CONCURRENTLY other_id ON cols_shop.other (id);
SELECT lock_mode, lock_wait, locked_at, lock_hold FROM strata.changes WHERE change_id = pg_temp.last();

-- What versions read and write.
ALTER TABLE cols_shop.users ADD fax text;
SELECT mappings FROM strata.changes WHERE change_id = pg_temp.last();
ALTER TABLE cols_shop.users RENAME name TO "full name";
SELECT * FROM pg_temp.mappings();
SELECT strata.publish('cols_shop', 'v2');
ALTER TABLE cols_shop.users ALTER age TYPE bigint;
SELECT * FROM pg_temp.mappings();
SELECT strata.prepare_type_change('cols_shop.users', 'born', 'date', $$to_char(born, 'YYYY-MM-DD')$$, $$born::date$$);
SELECT mappings FROM strata.changes WHERE change_id = pg_temp.last();
ALTER TABLE cols_shop.users ALTER born TYPE date USING born::date;
SELECT * FROM pg_temp.mappings();
SELECT strata.replace_column('cols_shop.users', 'note', 'coalesce(email, fax)', '{"email": "note"}');
SELECT * FROM pg_temp.mappings();
ALTER TABLE cols_shop.users DROP note;
SELECT * FROM pg_temp.mappings();
SELECT strata.set_option('cols_shop', 'on_break', 'follow');
ALTER TABLE cols_shop.users DROP age;
SELECT * FROM pg_temp.mappings();

-- A table that takes the place of another one.
CREATE TABLE cols_shop.place (id int, a text, b int);
SELECT strata.publish('cols_shop', 'v4');
BEGIN;
ALTER TABLE cols_shop.place RENAME TO old_place;
CREATE TABLE cols_shop.place (b bigint, id int, a text);
SELECT versions_affected FROM strata.changes WHERE change_id = pg_temp.last();
SELECT * FROM pg_temp.mappings();
COMMIT;
SELECT strata.repoint('cols_shop.place', 'cols_shop.old_place');
SELECT * FROM pg_temp.mappings();
SELECT strata.retire('cols_shop', 'v4');

-- What is said for the next DDL of a table goes with it.
CREATE TABLE cols_shop.gone (id int, a text, b text);
SELECT strata.publish('cols_shop', 'v3');
SELECT strata.prepare_type_change('cols_shop.gone', 'a', 'date', 'a::text', 'a::date');
SELECT strata.fill_column('cols_shop.gone', 'b', $$'none'$$);
SELECT strata.retire('cols_shop', 'v3');
SELECT 'cols_shop.gone'::regclass::oid AS gone \gset
CREATE FUNCTION pg_temp.said(relation oid, OUT type_changes bigint, OUT fills bigint) LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM strata.type_change AS t WHERE t.relation = $1), (SELECT count(*) FROM strata.column_fill AS f WHERE f.relation = $1) $$;
SELECT * FROM pg_temp.said(:gone);
BEGIN;
DROP TABLE cols_shop.gone;
SELECT * FROM pg_temp.said(:gone);
ROLLBACK;
SELECT * FROM pg_temp.said(:gone);
DROP TABLE cols_shop.gone CASCADE;
SELECT * FROM pg_temp.said(:gone);

-- A statement that needs a window passes in those that are open; so does, beside them, what passes otherwise.
CREATE ROLE regress_cols_ann SUPERUSER;
CREATE ROLE regress_cols_ben;
GRANT strata_approver, strata_breakglass TO regress_cols_ben, regress_cols_ann;
SELECT strata.add_window('cols nightly', '2000-01-01 00:00', '100 days', 'FREQ=DAILY', base => 'cols_shop');
SELECT strata.add_window('cols always', '2000-01-01 00:00', '100 days', 'FREQ=WEEKLY');
SELECT strata.add_window('cols never', '2090-01-01 00:00', '1 hour', base => 'cols_shop');
SELECT strata.set_policy('EXPOSURE', 'window', 'cols_shop');
SELECT strata.set_policy('DATA_LOSS', 'window_and_approval', 'cols_shop');
INSERT INTO cols_shop.other VALUES (1);
ALTER TABLE cols_shop.other ADD a int;
SELECT "window" FROM strata.changes WHERE change_id = pg_temp.last();
GRANT SELECT ON cols_shop.other TO PUBLIC;
SELECT "window", proposal_id IS NOT NULL AS proposal, override_id IS NOT NULL AS override FROM strata.changes WHERE change_id = pg_temp.last();
SELECT strata.set_rule('cols_shop', r, 1) FROM unnest(ARRAY['low', 'moderate', 'high', 'critical']) AS r;
SET SESSION AUTHORIZATION regress_cols_ann;
SELECT strata.propose('drop a', 'ALTER TABLE cols_shop.other DROP a', 'cols_shop') AS proposal \gset
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_cols_ben;
SELECT strata.approve(:proposal, 'yes');
RESET SESSION AUTHORIZATION;
ALTER TABLE cols_shop.other DROP a;
SELECT "window", proposal_id = :proposal AS proposal, override_id IS NOT NULL AS override FROM strata.changes WHERE change_id = pg_temp.last();
SET SESSION AUTHORIZATION regress_cols_ann;
SELECT strata.break_glass('it burns', base => 'cols_shop') AS override \gset
GRANT INSERT ON cols_shop.other TO PUBLIC;
SELECT "window", proposal_id IS NOT NULL AS proposal, override_id = :override AS override FROM strata.changes WHERE change_id = pg_temp.last();
-- Also in a freeze; then no window is open.
SELECT strata.add_freeze('cols', '[2000-01-01,2100-01-01)', 'closed', 'cols_shop');
GRANT UPDATE ON cols_shop.other TO PUBLIC;
SELECT "window", proposal_id IS NOT NULL AS proposal, override_id = :override AS override FROM strata.changes WHERE change_id = pg_temp.last();
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_cols_ben;
SELECT strata.review_override(:override, 'it did');
RESET SESSION AUTHORIZATION;
SELECT command, base_name, override_id = :override AS override FROM strata.changes WHERE change_id = pg_temp.last();
SELECT strata.drop_freeze('cols');
SELECT strata.drop_window(w) FROM unnest(ARRAY['cols nightly', 'cols always', 'cols never']) AS w;
SELECT command, base_name, arguments ->> 'name' AS name FROM strata.changes WHERE change_id > pg_temp.last(5) ORDER BY change_id;
SELECT strata.drop_policy(hazard, base => 'cols_shop') FROM strata.policies WHERE base = 'cols_shop'::regnamespace;

-- Mending is a change, looking for what is to be mended is none.
SELECT pg_temp.last() AS before_repair \gset
SELECT count(*) FROM strata.repair('cols_shop');
SELECT count(*) FROM strata.change WHERE change_id > :before_repair;
SET pg_strata.mode = off;
DROP VIEW cols_shop_v2.other;
RESET pg_strata.mode;
SELECT relation, problem, repaired FROM strata.repair('cols_shop');
SELECT strata.pre_restore();
SELECT repaired FROM strata.post_restore();
SELECT command, base_name, object, effective_role = current_user AS by_me FROM strata.changes WHERE change_id > :before_repair ORDER BY change_id;

SELECT * FROM strata.verify_provenance();
SELECT strata.fill_column('cols_shop.other', 'id', '1');
SELECT strata.retire('cols_shop', v) FROM unnest(ARRAY['v1', 'v2']) AS v;
SELECT strata.untrack('cols_shop');
SELECT * FROM pg_temp.said('cols_shop.other'::regclass);
DROP SCHEMA cols_shop CASCADE;
DROP ROLE regress_cols_ann, regress_cols_ben;
