-- Deploy shop:sales_orders to pg
-- requires: order_id_bigint

BEGIN;

ALTER TABLE shop.orders RENAME TO sales_orders;
ALTER TABLE shop.order_items RENAME TO sales_order_items;
ALTER INDEX shop.orders_customer_id_idx RENAME TO sales_orders_customer_id_idx;

CREATE VIEW shop.customer_overview AS
  SELECT c.id, c.email, count(o.id) AS orders
  FROM shop.customers c LEFT JOIN shop.sales_orders o ON o.customer_id = c.id
  GROUP BY c.id, c.email;

COMMIT;
