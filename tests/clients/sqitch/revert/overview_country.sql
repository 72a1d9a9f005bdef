-- Revert shop:overview_country from pg

BEGIN;

DROP VIEW shop.customer_overview;

CREATE VIEW shop.customer_overview AS
  SELECT c.id, c.email, count(o.id) AS orders
  FROM shop.customers c LEFT JOIN shop.sales_orders o ON o.customer_id = c.id
  GROUP BY c.id, c.email;

COMMIT;
