-- Deploy shop:price_cents to pg
-- requires: orders

BEGIN;

SELECT strata.prepare_type_change('shop.products', 'price', 'integer',
  read_as => '(price / 100.0)::numeric(10,2)', write_as => '(price * 100)::integer');

ALTER TABLE shop.products DROP CONSTRAINT products_price_check;
ALTER TABLE shop.products ALTER COLUMN price TYPE integer USING (price * 100)::integer;
ALTER TABLE shop.products RENAME COLUMN price TO price_cents;
ALTER TABLE shop.products ADD CONSTRAINT products_price_cents_check CHECK (price_cents >= 0);

COMMIT;
