-- Revert shop:rename_phone from pg

BEGIN;

ALTER TABLE shop.customers RENAME COLUMN phone_number TO phone;

COMMIT;
