-- Deploy shop:placed_at_utc to pg
-- requires: sales_orders

BEGIN;

SELECT strata.prepare_type_change('shop.sales_orders', 'placed_at', 'timestamptz',
  read_as => $$placed_at AT TIME ZONE 'UTC'$$, write_as => $$placed_at AT TIME ZONE 'UTC'$$);

ALTER TABLE shop.sales_orders
  ALTER COLUMN placed_at TYPE timestamptz USING placed_at AT TIME ZONE 'UTC';

COMMIT;
