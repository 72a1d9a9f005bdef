-- Deploy shop:drop_legacy_code to pg
-- requires: orders

BEGIN;

-- The warehouse codes were the SKUs without their dashes, cut off.
SELECT strata.replace_column('shop.products', 'legacy_code', $$left(replace(sku, '-', ''), 10)$$);

DROP INDEX shop.products_legacy_code_idx;
ALTER TABLE shop.products DROP COLUMN legacy_code;

COMMIT;
