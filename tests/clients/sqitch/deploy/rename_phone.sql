-- Deploy shop:rename_phone to pg
-- requires: customers

BEGIN;

ALTER TABLE shop.customers RENAME COLUMN phone TO phone_number;

COMMIT;
