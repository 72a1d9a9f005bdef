-- Verify shop:orders on pg

SELECT id, sku, title, description, price, stock, legacy_code FROM shop.products WHERE false;
SELECT id, customer_id, status, total, placed_at, note FROM shop.orders WHERE false;
SELECT order_id, line_no, product_id, quantity, unit_price FROM shop.order_items WHERE false;
SELECT 1 / (enum_range(NULL::shop.order_status)::text = '{new,paid,shipped,cancelled}')::int;
