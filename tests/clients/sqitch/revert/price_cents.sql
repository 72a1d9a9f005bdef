-- Revert shop:price_cents from pg

BEGIN;

SELECT strata.prepare_type_change('shop.products', 'price_cents', 'numeric(10,2)',
  read_as => '(price_cents * 100)::integer', write_as => '(price_cents / 100.0)::numeric(10,2)');

ALTER TABLE shop.products DROP CONSTRAINT products_price_cents_check;
ALTER TABLE shop.products
  ALTER COLUMN price_cents TYPE numeric(10,2) USING (price_cents / 100.0)::numeric(10,2);
ALTER TABLE shop.products RENAME COLUMN price_cents TO price;
ALTER TABLE shop.products ADD CONSTRAINT products_price_check CHECK (price >= 0);

COMMIT;
