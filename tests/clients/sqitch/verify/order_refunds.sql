-- Verify shop:order_refunds on pg

SELECT 1 / (enum_range(NULL::shop.order_status)::text = '{new,paid,packed,shipped,cancelled,refunded}')::int;
SELECT 1 / (to_regtype('shop.order_status_old') IS NULL)::int;
SELECT id, order_id, amount, reason FROM shop.refunds WHERE false;
