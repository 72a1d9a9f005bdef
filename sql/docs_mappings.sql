-- The examples of docs/mappings.md, in their order: columns replaced, types changed, types adopted,
-- tables swapped. script/lib/readme-examples checks that none is missing.
SET client_min_messages = warning;
CREATE SCHEMA store;
CREATE TABLE store.item (
  id    integer PRIMARY KEY,
  label text NOT NULL,
  price text,
  code  integer);
CREATE INDEX item_code ON store.item (code);
INSERT INTO store.item VALUES (1, 'Tea, green', '3.50', 100), (2, 'Cup, blue', '12.00', 200);
SELECT strata.track('store');
SELECT strata.publish('store', 'v1');

ALTER TABLE store.item ADD COLUMN kind text, ADD COLUMN variety text;
UPDATE store.item SET kind = split_part(label, ', ', 1), variety = split_part(label, ', ', 2);
SELECT strata.replace_column('store.item', 'label',
  read_as  => $$kind || ', ' || variety$$,
  write_as => '{"kind": "split_part(label, '', '', 1)", "variety": "split_part(label, '', '', 2)"}');
ALTER TABLE store.item DROP COLUMN label;
SELECT id, label FROM store_v1.item ORDER BY id;

ALTER TABLE store.item RENAME COLUMN variety TO flavour;
ALTER TABLE store.item ADD COLUMN kind_no integer;
UPDATE store.item SET kind_no = CASE kind WHEN 'Tea' THEN 1 ELSE 2 END;
SELECT strata.replace_column('store.item', 'kind',
  read_as  => $$CASE kind_no WHEN 1 THEN 'Tea' ELSE 'Cup' END$$,
  write_as => '{"kind_no": "CASE kind WHEN ''Tea'' THEN 1 ELSE 2 END"}');
ALTER TABLE store.item DROP COLUMN kind;
SELECT id, label FROM store_v1.item ORDER BY id;

ALTER TABLE store.item ALTER COLUMN price TYPE integer USING (price::numeric * 100)::integer;

SELECT strata.prepare_type_change('store.item', 'price', 'integer',
  read_as  => '(price / 100.0)::numeric(10,2)::text',
  write_as => '(price::numeric * 100)::integer');
ALTER TABLE store.item ALTER COLUMN price TYPE integer USING (price::numeric * 100)::integer;
SELECT id, price FROM store_v1.item ORDER BY id;

ALTER TABLE store.item ALTER COLUMN code TYPE bigint;
SELECT column_name, type, kind, read_as FROM strata.contract('store', 'v1') WHERE column_name = 'code';
ALTER TABLE store.item ALTER COLUMN code TYPE integer;
SELECT column_name, type, kind, read_as FROM strata.contract('store', 'v1') WHERE column_name = 'code';

ALTER TABLE store.item ALTER COLUMN code TYPE bigint;
INSERT INTO store.item (id, code) VALUES (3, 5000000000);
SET enable_seqscan = off;
SELECT id, code FROM store_v1.item WHERE code = 200;
RESET enable_seqscan;

SELECT id, code FROM store_v1.item WHERE id = 3;

CREATE TYPE store.size AS ENUM ('small', 'large', 'huge');
ALTER TABLE store.item ADD COLUMN size store.size;
UPDATE store.item SET size = 'small';
SELECT strata.publish('store', 'v2');

CREATE TYPE store.size_new AS ENUM ('small', 'large');
ALTER TABLE store.item ALTER COLUMN size TYPE store.size_new USING size::text::store.size_new;
ALTER TYPE store.size RENAME TO size_old;
ALTER TYPE store.size_new RENAME TO size;
DROP TYPE store.size_old;
SELECT relation, column_name, type, read_as FROM strata.contract('store', 'v2') WHERE column_name = 'size';

CREATE TABLE store.item_new (LIKE store.item INCLUDING ALL);
INSERT INTO store.item_new SELECT * FROM store.item WHERE id < 3;
ALTER TABLE store.item RENAME TO item_old;
ALTER TABLE store.item_new RENAME TO item;
SELECT count(*) FROM store_v1.item;
SELECT strata.repoint('store.item_old', 'store.item');
SELECT count(*) FROM store_v1.item;

SET client_min_messages = error;
SELECT strata.retire('store', 'v1'), strata.retire('store', 'v2');
SELECT strata.untrack('store');
DROP SCHEMA store CASCADE;
