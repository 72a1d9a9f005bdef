-- Deploy shop:email_text to pg
-- requires: order_indexes

BEGIN;

ALTER TABLE shop.customers ALTER COLUMN email TYPE text;
ALTER TABLE shop.products ALTER COLUMN title TYPE text;

COMMIT;
