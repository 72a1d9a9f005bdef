-- Windows and freezes: what is open when, in the server's time zones and over changes of the clock; what is refused
-- and which part of it; who may add them; how they follow the base schema.
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE ROLE regress_windows_owner;
CREATE ROLE regress_windows_other;
CREATE SCHEMA win AUTHORIZATION regress_windows_owner;
CREATE SCHEMA win_other;
SELECT strata.track('win', 'regress_windows_owner');
SELECT strata.track('win_other');

-- without a window a base is never open
SELECT strata.window_open('win'), strata.next_window('win');

-- weekly, over both changes of the clock: the wall clock stays, so the instants move
SELECT strata.add_window('weekend', '2025-01-01 02:30', '4 hours', 'FREQ=WEEKLY;BYDAY=SU', 'america/new_york', 'win', '30 minutes');
SELECT name, starts, duration, rrule, time_zone, base, cutoff, problem, added_by = session_user AS by FROM strata.windows WHERE base = 'win'::regnamespace;
SELECT n AS next_window, lower(n) AT TIME ZONE 'America/New_York' AS wall
FROM unnest(ARRAY['2025-03-01', '2025-03-08', '2025-03-15', '2025-10-31', '2025-11-08']::timestamptz[]) AS d, strata.next_window('win', d) AS n ORDER BY d;
-- half-open, and no statement may start in the last half hour
SELECT at, strata.window_open('win', at)
FROM unnest(ARRAY['2025-01-05 07:29:59.999999', '2025-01-05 07:30', '2025-01-05 10:59:59.999999', '2025-01-05 11:00', '2025-01-05 11:30']::timestamptz[]) AS at ORDER BY at;
SELECT strata.drop_window('weekend');

-- a skipped time is read with the offset from before the gap, a repeated one is the first of two, in zones that
-- change by an hour, by half an hour, and at midnight; a day lasts as long as the calendar's
CREATE FUNCTION pg_temp.only(wall timestamp, duration interval, zone text) RETURNS tstzrange LANGUAGE plpgsql AS $$
DECLARE
  found tstzrange;
BEGIN
  PERFORM strata.add_window('only', wall, duration, NULL, zone, 'win');
  found := strata.next_window('win', '2000-01-01');
  PERFORM strata.drop_window('only');
  RETURN found;
END $$;
SELECT zone, wall, n AS next_window, lower(n) AT TIME ZONE zone AS shown
FROM (VALUES ('America/New_York', timestamp '2025-03-09 02:30'), ('America/New_York', '2025-11-02 01:30'),
             ('Europe/Berlin', '2025-03-30 02:30'), ('Europe/Berlin', '2025-10-26 02:30'),
             ('Australia/Lord_Howe', '2025-10-05 02:15'), ('Australia/Lord_Howe', '2025-04-06 01:45'),
             ('America/Santiago', '2025-09-07 00:30'), ('America/Santiago', '2025-04-05 23:30')) AS v (zone, wall),
     pg_temp.only(wall, '1 hour', zone) AS n
ORDER BY zone COLLATE "C", wall;
SELECT duration, wall, n AS next_window
FROM (VALUES (interval '1 day', timestamp '2025-03-30'), ('24 hours', '2025-03-30'), ('1 day', '2025-10-26'), ('1 day 1 hour', '2025-10-26')) AS v (duration, wall),
     pg_temp.only(wall, duration, 'Europe/Berlin') AS n
ORDER BY wall, duration;

-- every quarter of an hour for years: the same as AT TIME ZONE says, but in repeated hours, which it reads as the second
CREATE FUNCTION pg_temp.differences(zone text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  found bigint;
BEGIN
  PERFORM strata.add_window('nightly', '2019-12-01 04:15', '90 minutes', 'FREQ=DAILY', zone, 'win');
  SELECT count(*) INTO found
  FROM generate_series(timestamptz '2020-01-01', '2022-01-01', '15 minutes') AS at
  WHERE strata.window_open('win', at) <> EXISTS (
    SELECT FROM generate_series(-1, 1) AS d, LATERAL (SELECT ((at AT TIME ZONE zone)::date + d + time '04:15') AT TIME ZONE zone AS s) AS o
    WHERE at >= o.s AND at < o.s + interval '90 minutes');
  PERFORM strata.drop_window('nightly');
  RETURN found;
END $$;
SELECT zone, pg_temp.differences(zone)
FROM unnest(ARRAY['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Santiago', 'Africa/Casablanca', 'Asia/Kathmandu']) AS zone;

-- windows that overlap or touch are one, durations longer than the period too; a freeze takes its time out
SELECT strata.add_window('day', '2025-06-01 10:00', '2 hours', 'FREQ=DAILY;COUNT=3', base => 'win');
SELECT strata.add_window('after', '2025-06-01 12:00', '2 hours', 'FREQ=DAILY;UNTIL=20250603', base => 'win', cutoff => '1 hour');
SELECT strata.add_window('long', '2025-07-01 00:00', '2 days', 'FREQ=DAILY;COUNT=5', base => 'win');
SELECT strata.add_freeze('audit', '[2025-06-02 11:00, 2025-06-02 13:00]', 'the auditors look at it', 'win');
SELECT name, during, reason, base, is_active FROM strata.freezes;
SELECT strata.next_window('win', at), at
FROM unnest(ARRAY['2025-06-01 00:00', '2025-06-01 10:00', '2025-06-02 10:00', '2025-06-02 13:30', '2025-06-04 00:00', '2025-07-01 00:00']::timestamptz[]) AS at ORDER BY at;
SELECT at, strata.window_open('win', at)
FROM unnest(ARRAY['2025-06-01 11:59', '2025-06-01 12:59', '2025-06-01 13:00', '2025-06-02 10:30', '2025-06-02 11:00', '2025-06-02 13:00', '2025-06-02 13:00:00.000001']::timestamptz[]) AS at ORDER BY at;
-- each window alone, at one time
SELECT w.name, n.* FROM strata.change_window AS w, strata.window_now(w.name, '2025-06-02 10:30') AS n WHERE w.base = 'win' ORDER BY w.name COLLATE "C";
SELECT w.name, n.* FROM strata.change_window AS w, strata.window_now(w.name, '2025-06-02 13:30') AS n WHERE w.base = 'win' ORDER BY w.name COLLATE "C";

-- windows and freezes without a base count for every base
SELECT strata.add_window('everywhere', '2025-08-01', '1 hour');
SELECT strata.add_freeze('for ever', '[2025-12-01,)', 'end of life');
SELECT strata.next_window('win', '2025-07-20'), strata.next_window('win_other', '2025-07-20'), strata.next_window(NULL, '2025-07-20');
SELECT strata.add_window('late', '2026-01-01', '1 hour', 'FREQ=DAILY', base => 'win_other');
SELECT strata.next_window('win_other', '2025-12-24');
SELECT strata.drop_freeze('for ever');
SELECT strata.next_window('win_other', '2025-12-24');
BEGIN;
SELECT strata.drop_window('late');
SELECT strata.next_window('win_other', '2025-12-24');
ROLLBACK;
SELECT strata.next_window('win_other', '2025-12-24');

-- one that is open now, and one that is always
SELECT strata.add_window('now', (clock_timestamp() AT TIME ZONE 'UTC')::timestamp - interval '1 hour', '1 day', base => 'win_other');
SELECT strata.add_window('always', '2020-01-01', '1 day', 'FREQ=DAILY', base => 'win_other');
SELECT strata.window_open('win_other'), strata.next_window('win_other');
SELECT name, is_open, current_range @> clock_timestamp() AS current, upper(current_range) AS until, next_range FROM strata.windows WHERE name = 'always';
SELECT name, is_open, upper(current_range) - lower(current_range) AS lasts, next_range FROM strata.windows WHERE name = 'now';

-- what is refused, and which part of it
CREATE FUNCTION pg_temp.refused(rrule text DEFAULT NULL, starts timestamp DEFAULT '2025-01-01', duration interval DEFAULT '1 hour', zone text DEFAULT 'UTC', cutoff interval DEFAULT '0')
RETURNS TABLE (code text, message text, detail text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM strata.add_window('bad', starts, duration, rrule, zone, 'win', cutoff);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  RETURN NEXT;
END $$;
SELECT rule, r.code, r.message, r.detail
FROM unnest(ARRAY['', 'BYDAY=MO', 'FREQ=DAILY;', 'FREQ=HOURLY', 'FREQ=DAILY;BYSETPOS=1', 'FREQ=DAILY;BYHOUR=2', 'FREQ=YEARLY;BYWEEKNO=20', 'FREQ=YEARLY;BYYEARDAY=1',
  'RSCALE=GREGORIAN;FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=SA,Sunday', 'FREQ=WEEKLY;BYDAY=1SA', 'FREQ=WEEKLY;BYMONTHDAY=1', 'FREQ=MONTHLY;BYDAY=6MO',
  'FREQ=MONTHLY;BYMONTHDAY=32', 'FREQ=YEARLY;BYMONTH=13', 'FREQ=DAILY;INTERVAL=0', 'FREQ=DAILY;COUNT=10001', 'FREQ=DAILY;UNTIL=2025', 'FREQ=DAILY;UNTIL=20250230',
  'FREQ=DAILY;UNTIL=20250101;COUNT=1', 'FREQ=DAILY;WKST=XX', 'FREQ=DAILY;FREQ=DAILY', 'FREQ=DAILY;WHEN=NOW', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=DAILY;UNTIL=20241231']) WITH ORDINALITY AS u (rule, n),
  pg_temp.refused(rule) AS r ORDER BY n;
SELECT r.* FROM pg_temp.refused(starts => 'infinity') AS r;
SELECT r.* FROM pg_temp.refused(starts => '0044-03-15 BC') AS r;
SELECT r.* FROM pg_temp.refused(duration => '1 month') AS r;
SELECT r.* FROM pg_temp.refused(duration => '0') AS r;
SELECT r.* FROM pg_temp.refused(duration => '1 day -2 hours') AS r;
SELECT r.* FROM pg_temp.refused(duration => '200 years') AS r;
SELECT r.* FROM pg_temp.refused(duration => '40000 days') AS r;
SELECT r.* FROM pg_temp.refused(cutoff => '-1 minute') AS r;
SELECT r.* FROM pg_temp.refused(cutoff => '1 hour') AS r;
SELECT r.* FROM pg_temp.refused(zone => 'Europe/Berlni') AS r;
-- what the server itself would read as POSIX does, three hours west of UTC
SELECT r.* FROM pg_temp.refused(zone => 'UTC+3') AS r;
SELECT strata.add_window('bad', '2025-01-01', '1 hour', 'FREQ=WEEKLY;BYDAY=SATURDAY', base => 'win');
SELECT strata.add_window('', '2025-01-01', '1 hour', base => 'win');
SELECT strata.add_window(NULL, '2025-01-01', '1 hour');
SELECT strata.add_window('bad', NULL, '1 hour');
SELECT strata.add_window('day', '2025-01-01', '1 hour', base => 'win');
SELECT strata.add_freeze('bad', 'empty', 'nothing', 'win');
SELECT strata.add_freeze('bad', '[2025-01-01,2025-01-02)', '', 'win');
SELECT strata.add_freeze('audit', '[2025-01-01,2025-01-02)', 'again', 'win');
SELECT strata.drop_window('nosuch');
SELECT strata.drop_freeze('nosuch');
SELECT strata.add_window('bad', '2025-01-01', '1 hour', base => 'public');
SELECT strata.window_open('public');
SELECT strata.window_open('win', NULL);

-- nor the owner of a base schema adds or drops what holds him; everybody may look
SET ROLE regress_windows_owner;
SELECT strata.add_window('mine', '2025-01-01', '1 hour', base => 'win');
SELECT strata.add_freeze('mine', '[2025-01-01,2025-01-02)', 'mine', 'win');
SELECT strata.drop_freeze('mine');
SELECT strata.add_window('all', '2025-01-01', '1 hour');
SELECT strata.drop_window('everywhere');
SELECT strata.add_window('theirs', '2025-01-01', '1 hour', base => 'win_other');
SELECT strata.drop_window('late');
SET ROLE regress_windows_other;
SELECT strata.drop_window('mine');
SELECT strata.add_freeze('mine', '[2025-01-01,2025-01-02)', 'mine', 'win');
SELECT strata.drop_freeze('audit');
INSERT INTO strata.change_window (name, starts, duration, time_zone, base, cutoff) VALUES ('by hand', '2025-01-01', '1 hour', 'UTC', 'win', '0');
SELECT strata.window_open('win', '2025-06-01 10:00'), count(*) FROM strata.windows;
RESET ROLE;

-- a row that nobody checked is never open, and says why
INSERT INTO strata.change_window (name, starts, duration, rrule, time_zone, base, cutoff)
VALUES ('bad rule', '2030-01-01', '1 hour', 'FREQ=NEVER', 'UTC', 'win', '0'), ('bad zone', '2030-01-01', '1 hour', NULL, 'Mars/Olympus', 'win', '0'),
       ('bad length', '2030-01-01', '1 month', NULL, 'UTC', 'win', '0');
SELECT name, is_open, current_range, next_range, problem FROM strata.windows WHERE name LIKE 'bad%' ORDER BY name COLLATE "C";
SELECT strata.window_open('win', '2030-01-01'), strata.window_open('win', '2025-06-01 10:00');

-- they follow the schema's name, and go when it is no longer tracked
BEGIN;
SELECT strata.drop_policy('BREAKS_READERS'), strata.drop_policy('BREAKS_WRITERS');
ALTER SCHEMA win RENAME TO win_renamed;
SELECT strata.window_open('win_renamed', '2025-06-01 10:00'), strata.window_open('win_renamed', '2025-06-02 11:00');
SELECT count(*) FILTER (WHERE base = 'win_renamed'::regnamespace) AS renamed, count(*) AS all FROM strata.windows;
ROLLBACK;
SELECT strata.untrack('win');
SELECT strata.untrack('win_other');
SELECT name, base FROM strata.windows ORDER BY name;
SELECT name, base FROM strata.freezes ORDER BY name;
SELECT strata.drop_window('everywhere');
DROP SCHEMA win, win_other;
DROP ROLE regress_windows_owner, regress_windows_other;
