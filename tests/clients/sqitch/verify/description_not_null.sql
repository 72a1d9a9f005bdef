-- Verify shop:description_not_null on pg

SELECT 1 / count(*) FROM pg_attribute
WHERE attrelid = 'shop.products'::regclass AND attname = 'description' AND attnotnull;
SELECT 1 / count(*) FROM pg_constraint WHERE conname = 'sales_order_items_quantity_check' AND convalidated;
