-- Revert shop:email_text from pg

BEGIN;

ALTER TABLE shop.products ALTER COLUMN title TYPE varchar(80);
ALTER TABLE shop.customers ALTER COLUMN email TYPE varchar(120);

COMMIT;
