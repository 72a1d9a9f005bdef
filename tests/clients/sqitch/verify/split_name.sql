-- Verify shop:split_name on pg

SELECT first_name, last_name FROM shop.customers WHERE false;
SELECT 1 / (NOT EXISTS (
  SELECT FROM information_schema.columns
  WHERE table_schema = 'shop' AND table_name = 'customers' AND column_name = 'name'))::int;
SELECT 'shop.customers_last_name_idx'::regclass;
