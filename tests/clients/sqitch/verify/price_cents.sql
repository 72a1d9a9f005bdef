-- Verify shop:price_cents on pg

SELECT 1 / count(*) FROM pg_attribute
WHERE attrelid = 'shop.products'::regclass AND attname = 'price_cents' AND atttypid = 'integer'::regtype;
SELECT 1 / count(*) FROM pg_constraint WHERE conname = 'products_price_cents_check' AND convalidated;
