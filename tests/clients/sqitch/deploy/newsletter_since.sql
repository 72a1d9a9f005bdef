-- Deploy shop:newsletter_since to pg
-- requires: customers

BEGIN;

SELECT strata.prepare_type_change('shop.customers', 'newsletter', 'date',
  read_as => 'newsletter IS NOT NULL', write_as => 'CASE WHEN newsletter THEN CURRENT_DATE END');

ALTER TABLE shop.customers
  ALTER COLUMN newsletter DROP DEFAULT,
  ALTER COLUMN newsletter DROP NOT NULL,
  ALTER COLUMN newsletter TYPE date USING CASE WHEN newsletter THEN CURRENT_DATE END;
ALTER TABLE shop.customers RENAME COLUMN newsletter TO newsletter_since;

COMMIT;
