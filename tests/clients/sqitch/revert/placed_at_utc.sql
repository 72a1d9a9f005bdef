-- Revert shop:placed_at_utc from pg

BEGIN;

SELECT strata.prepare_type_change('shop.sales_orders', 'placed_at', 'timestamp',
  read_as => $$placed_at AT TIME ZONE 'UTC'$$, write_as => $$placed_at AT TIME ZONE 'UTC'$$);

ALTER TABLE shop.sales_orders
  ALTER COLUMN placed_at TYPE timestamp USING placed_at AT TIME ZONE 'UTC';

COMMIT;
