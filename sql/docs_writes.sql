-- The examples of docs/writes.md, in order.
CREATE SCHEMA club;
CREATE TABLE club.member (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE, points integer DEFAULT 0);
INSERT INTO club.member VALUES (1, 'Ann Lee', 'ann@example.org', 5), (2, 'Bob Ray', 'bob@example.org', 7);
SELECT strata.track('club');
SELECT strata.publish('club', 'v1');

ALTER TABLE club.member ADD COLUMN given text, ADD COLUMN family text;
UPDATE club.member SET given = split_part(name, ' ', 1), family = substr(name, strpos(name, ' ') + 1);
SELECT strata.replace_column('club.member', 'name',
  read_as  => $$given || ' ' || family$$,
  write_as => '{"given": "split_part(name, '' '', 1)", "family": "substr(name, strpos(name, '' '') + 1)"}');
ALTER TABLE club.member DROP COLUMN name;
ALTER TABLE club.member ALTER COLUMN points TYPE bigint;
ALTER TABLE club.member RENAME COLUMN email TO mail;

INSERT INTO club_v1.member (id, name, email) VALUES (3, 'Cy Doe', 'cy@example.org') RETURNING *;
UPDATE club_v1.member SET points = points + 1 WHERE name = 'Bob Ray' RETURNING name, points;
INSERT INTO club_v1.member (id, name, email) VALUES (9, 'Ann Leigh', 'ann@example.org')
  ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name RETURNING id, name;
SELECT id, given, family, mail, points FROM club.member ORDER BY id;

UPDATE club.member SET given = 'Mary Ann', family = 'Lee' WHERE id = 1;
UPDATE club_v1.member SET id = id, name = name, email = 'mary@example.org', points = points WHERE id = 1;
SELECT id, given, family, mail FROM club.member WHERE id = 1;

SELECT column_name, lossless FROM strata.contract('club', 'v1') ORDER BY position;
SELECT column_name, round_trip, before, after FROM strata.check_mapping('club', 'v1', 'member');

INSERT INTO club_v1.member (id, name, email) VALUES (4, 'Di El', 'bob@example.org');

SET client_min_messages = warning;
SELECT strata.retire('club', 'v1');
SELECT strata.untrack('club');
DROP SCHEMA club CASCADE;
