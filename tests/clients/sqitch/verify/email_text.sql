-- Verify shop:email_text on pg

SELECT 1 / (count(*) = 2)::int FROM pg_attribute
WHERE (attrelid, attname) IN (('shop.customers'::regclass, 'email'), ('shop.products'::regclass, 'title'))
  AND atttypid = 'text'::regtype;
