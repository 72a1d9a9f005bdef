-- Revert shop:newsletter_since from pg

BEGIN;

SELECT strata.prepare_type_change('shop.customers', 'newsletter_since', 'boolean',
  read_as => 'CASE WHEN newsletter_since THEN CURRENT_DATE END', write_as => 'newsletter_since IS NOT NULL');

ALTER TABLE shop.customers
  ALTER COLUMN newsletter_since TYPE boolean USING newsletter_since IS NOT NULL,
  ALTER COLUMN newsletter_since SET NOT NULL,
  ALTER COLUMN newsletter_since SET DEFAULT false;
ALTER TABLE shop.customers RENAME COLUMN newsletter_since TO newsletter;

COMMIT;
