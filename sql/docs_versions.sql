-- The examples of docs/versions.md, in their order: a version from track to retire.
-- script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
CREATE SCHEMA crm;
CREATE TYPE crm.grade AS ENUM ('low', 'high');
CREATE TABLE crm.client (
  id    serial PRIMARY KEY,
  name  text NOT NULL,
  grade crm.grade DEFAULT 'low');
CREATE FUNCTION crm.shout(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN upper($1);
CREATE VIEW crm.important AS SELECT id, name FROM crm.client WHERE grade = 'high';

SELECT strata.track('crm', description => 'clients and what we know of them');

SELECT strata.publish('crm', 'v1', description => 'first public shape');
SELECT relation, column_name, type, not_null, column_default, kind FROM strata.contract('crm', 'v1');

SET search_path = crm_v1, crm;
INSERT INTO client (name, grade) VALUES ('Ada', 'high'), ('Alan', 'low');
SELECT shout(name) FROM important;
RESET search_path;

SELECT strata.deprecate('crm', 'v1', sunset => '2031-06-30', reason => 'replaced by v2');
SELECT version, state, sunset IS NOT NULL AS has_sunset FROM strata.versions WHERE base = 'crm'::regnamespace;
SELECT strata.add_brownout('crm', 'v1', '2031-06-02 10:00', '10 minutes', 'FREQ=WEEKLY;UNTIL=20310630T000000') > 0 AS added;
SELECT base, version, duration, rrule FROM strata.brownouts;
SELECT strata.drop_brownout(brownout_id) FROM strata.brownouts WHERE base = 'crm'::regnamespace;
SELECT strata.set_option('crm', 'retire_after_idle', '0');
SELECT strata.retire('crm', 'v1');

SELECT strata.untrack('crm');
SET client_min_messages = error;
DROP SCHEMA crm CASCADE;
