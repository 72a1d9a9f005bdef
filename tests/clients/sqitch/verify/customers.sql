-- Verify shop:customers on pg

SELECT id, name, email, phone, country, newsletter, created_at FROM shop.customers WHERE false;
SELECT 1 / count(*) FROM pg_index
WHERE indexrelid = 'shop.customers_email_key'::regclass AND indisunique AND indisvalid;
