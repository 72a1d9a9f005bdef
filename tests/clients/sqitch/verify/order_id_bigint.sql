-- Verify shop:order_id_bigint on pg

SELECT 1 / (count(*) = 2)::int FROM pg_attribute
WHERE (attrelid, attname) IN (('shop.orders'::regclass, 'id'), ('shop.order_items'::regclass, 'order_id'))
  AND atttypid = 'bigint'::regtype;
