-- Verify shop:newsletter_since on pg

SELECT 1 / count(*) FROM pg_attribute
WHERE attrelid = 'shop.customers'::regclass AND attname = 'newsletter_since' AND atttypid = 'date'::regtype
  AND NOT attnotnull;
