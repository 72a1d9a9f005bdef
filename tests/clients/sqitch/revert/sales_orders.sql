-- Revert shop:sales_orders from pg

BEGIN;

DROP VIEW shop.customer_overview;

ALTER INDEX shop.sales_orders_customer_id_idx RENAME TO orders_customer_id_idx;
ALTER TABLE shop.sales_order_items RENAME TO order_items;
ALTER TABLE shop.sales_orders RENAME TO orders;

COMMIT;
