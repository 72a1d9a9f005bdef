-- Verify shop:sales_orders on pg

SELECT id, customer_id FROM shop.sales_orders WHERE false;
SELECT order_id, line_no FROM shop.sales_order_items WHERE false;
SELECT id, email, orders FROM shop.customer_overview WHERE false;
