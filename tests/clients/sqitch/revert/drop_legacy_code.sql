-- Revert shop:drop_legacy_code from pg

BEGIN;

ALTER TABLE shop.products ADD COLUMN legacy_code varchar(10);
UPDATE shop.products SET legacy_code = left(replace(sku, '-', ''), 10);
CREATE INDEX products_legacy_code_idx ON shop.products (legacy_code);

COMMIT;
