-- Verify shop:drop_legacy_code on pg

SELECT 1 / (NOT EXISTS (
  SELECT FROM information_schema.columns
  WHERE table_schema = 'shop' AND table_name = 'products' AND column_name = 'legacy_code'))::int;
SELECT 1 / (to_regclass('shop.products_legacy_code_idx') IS NULL)::int;
