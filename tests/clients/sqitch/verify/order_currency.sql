-- Verify shop:order_currency on pg

SELECT 1 / count(*) FROM pg_attribute
WHERE attrelid = 'shop.orders'::regclass AND attname = 'currency' AND attnotnull;
SELECT 1 / count(*) FROM pg_constraint WHERE conname = 'orders_currency_check' AND convalidated;
