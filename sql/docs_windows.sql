-- The examples of docs/windows.md, in their order.
-- script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SET timezone = 'UTC';
CREATE SCHEMA depot;
SELECT strata.track('depot');

SELECT strata.add_window('weekend', '2030-01-01 02:00', '4 hours', 'FREQ=WEEKLY;BYDAY=SA,SU', 'Europe/Berlin', 'depot', cutoff => '30 minutes');
SELECT strata.add_window('move', '2030-03-04 22:00', '1 day', base => 'depot');
SELECT strata.window_open('depot', '2030-01-05 01:30+00'), strata.next_window('depot', '2030-01-05 01:30+00');

SELECT name, starts, duration, rrule, time_zone, cutoff, base FROM strata.windows WHERE base = 'depot'::regnamespace ORDER BY name;

SELECT strata.add_window('typo', '2030-01-01 02:00', '4 hours', 'FREQ=WEEKLY;BYDAY=SAT', base => 'depot');

SELECT strata.add_window('nightly', '2030-03-30 02:30', '1 hour', 'FREQ=DAILY', 'Europe/Berlin');
SELECT night, strata.next_window(NULL, night) FROM unnest(ARRAY['2030-03-30', '2030-03-31', '2030-04-01', '2030-10-27']::timestamptz[]) AS night ORDER BY night;
SELECT strata.drop_window('nightly');

SELECT strata.add_freeze('holidays', tstzrange('2030-12-20', '2031-01-02'), 'nobody is there', 'depot');
SELECT strata.next_window('depot', '2030-12-17');
SELECT strata.drop_freeze('holidays');

SELECT strata.untrack('depot');
SELECT count(*) FROM strata.windows WHERE name IN ('weekend', 'move');
DROP SCHEMA depot;
