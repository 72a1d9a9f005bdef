-- Deploy shop:order_currency to pg
-- requires: orders

BEGIN;

ALTER TABLE shop.orders ADD COLUMN currency char(3);
UPDATE shop.orders SET currency = 'EUR';

-- Older applications do not know currencies: what they sell is sold in euros.
SELECT strata.fill_column('shop.orders', 'currency', $$'EUR'$$);

ALTER TABLE shop.orders ALTER COLUMN currency SET NOT NULL;
ALTER TABLE shop.orders ADD CONSTRAINT orders_currency_check CHECK (currency ~ '^[A-Z]{3}$');

COMMIT;
