-- Deploy shop:split_name to pg
-- requires: customers

BEGIN;

ALTER TABLE shop.customers
  ADD COLUMN first_name text NOT NULL DEFAULT '',
  ADD COLUMN last_name text NOT NULL DEFAULT '';

UPDATE shop.customers
SET first_name = split_part(name, ' ', 1),
    last_name = substr(name, strpos(name, ' ') + 1);

SELECT strata.replace_column('shop.customers', 'name',
  $$first_name || ' ' || last_name$$,
  '{"first_name": "split_part(name, '' '', 1)", "last_name": "substr(name, strpos(name, '' '') + 1)"}');

ALTER TABLE shop.customers DROP COLUMN name;

CREATE INDEX customers_last_name_idx ON shop.customers (last_name, first_name);

COMMIT;
