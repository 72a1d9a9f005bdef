-- Deploy shop:description_not_null to pg
-- requires: orders

BEGIN;

ALTER TABLE shop.products ALTER COLUMN description SET NOT NULL;
ALTER TABLE shop.products ALTER COLUMN stock SET DEFAULT 10;
ALTER TABLE shop.sales_order_items
  ADD CONSTRAINT sales_order_items_quantity_check CHECK (quantity > 0) NOT VALID;
ALTER TABLE shop.sales_order_items VALIDATE CONSTRAINT sales_order_items_quantity_check;

COMMIT;
