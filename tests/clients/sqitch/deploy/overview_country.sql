-- Deploy shop:overview_country to pg
-- requires: sales_orders

BEGIN;

CREATE OR REPLACE VIEW shop.customer_overview AS
  SELECT c.id, c.email, count(o.id) AS orders, c.country
  FROM shop.customers c LEFT JOIN shop.sales_orders o ON o.customer_id = c.id
  GROUP BY c.id, c.email;

COMMIT;
