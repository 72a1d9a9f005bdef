-- The examples of README.md, in their order; script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_strata;

CREATE SCHEMA shop;
CREATE TABLE shop.users (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name   text NOT NULL,
  email  text,
  visits integer);
CREATE INDEX users_visits ON shop.users (visits);
INSERT INTO shop.users (name, email, visits)
  VALUES ('Ada Lovelace', 'ada@example.org', 12), ('Alan Turing', 'alan@example.org', 7);

SELECT strata.track('shop');
SELECT strata.publish('shop', 'v1');

SET search_path = shop_v1;
PREPARE visited AS SELECT id, name, email, visits FROM users WHERE visits = $1;
EXECUTE visited(12);

ALTER TABLE shop.users RENAME COLUMN email TO contact;
ALTER TABLE shop.users ALTER COLUMN visits TYPE bigint;

EXECUTE visited(12);
UPDATE users SET email = 'lady.ada@example.org' WHERE id = 1;

ALTER TABLE shop.users DROP COLUMN name;

ALTER TABLE shop.users ADD COLUMN first_name text, ADD COLUMN last_name text;
UPDATE shop.users SET first_name = split_part(name, ' ', 1),
                      last_name = substr(name, strpos(name, ' ') + 1);
SELECT strata.replace_column('shop.users', 'name',
  read_as  => $$first_name || ' ' || last_name$$,
  write_as => '{"first_name": "split_part(name, '' '', 1)",
                "last_name": "substr(name, strpos(name, '' '') + 1)"}');
ALTER TABLE shop.users DROP COLUMN name;

SELECT strata.drop_policy('DATA_LOSS'), strata.drop_policy('IRREVERSIBLE');
ALTER TABLE shop.users DROP COLUMN name;
SELECT strata.publish('shop', 'v2');

SELECT id, name, email, visits FROM shop_v1.users ORDER BY id;
SELECT id, contact, visits, first_name, last_name FROM shop_v2.users ORDER BY id;

SELECT column_name, type, kind, read_as FROM strata.contract('shop', 'v1');
SELECT version, schema, state, columns, computed_columns
FROM strata.versions WHERE base = 'shop'::regnamespace ORDER BY version;
SELECT * FROM strata.verify('shop');

SELECT event, old_name, new_name, old_type, new_type, versions FROM strata.lineage('shop.users', 'visits') ORDER BY seq;
SELECT problem FROM strata.verify_provenance();

RESET search_path;
SELECT strata.deprecate('shop', 'v1', sunset => '2030-01-01', reason => 'v2 has first and last names');
SELECT strata.set_option('shop', 'retire_after_idle', '0');  -- else not while anybody used it in the last 7 days
SELECT strata.retire('shop', 'v1');
SELECT version, state FROM strata.versions WHERE base = 'shop'::regnamespace ORDER BY version;

DEALLOCATE visited;
SET client_min_messages = error;
SELECT strata.retire('shop', 'v2');
SELECT strata.untrack('shop');
DROP SCHEMA shop CASCADE;
