-- Verify shop:placed_at_utc on pg

SELECT 1 / count(*) FROM pg_attribute
WHERE attrelid = 'shop.sales_orders'::regclass AND attname = 'placed_at' AND atttypid = 'timestamptz'::regtype;
