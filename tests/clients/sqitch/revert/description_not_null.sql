-- Revert shop:description_not_null from pg

BEGIN;

ALTER TABLE shop.sales_order_items DROP CONSTRAINT sales_order_items_quantity_check;
ALTER TABLE shop.products ALTER COLUMN stock SET DEFAULT 0;
ALTER TABLE shop.products ALTER COLUMN description DROP NOT NULL;

COMMIT;
