-- Revert shop:order_refunds from pg

BEGIN;

DROP TABLE shop.refunds;

UPDATE shop.sales_orders SET status = 'paid' WHERE status = 'packed';
UPDATE shop.sales_orders SET status = 'cancelled' WHERE status = 'refunded';

CREATE TYPE shop.order_status_new AS ENUM ('new', 'paid', 'shipped', 'cancelled');
ALTER TABLE shop.sales_orders ALTER COLUMN status DROP DEFAULT;
ALTER TABLE shop.sales_orders
  ALTER COLUMN status TYPE shop.order_status_new USING (status::text::shop.order_status_new);
DROP TYPE shop.order_status;
ALTER TYPE shop.order_status_new RENAME TO order_status;
ALTER TABLE shop.sales_orders ALTER COLUMN status SET DEFAULT 'new';

COMMIT;
