-- Revert shop:order_currency from pg

BEGIN;

ALTER TABLE shop.orders DROP COLUMN currency;

COMMIT;
