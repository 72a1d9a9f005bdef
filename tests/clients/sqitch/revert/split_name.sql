-- Revert shop:split_name from pg

BEGIN;

ALTER TABLE shop.customers ADD COLUMN name text;
UPDATE shop.customers SET name = first_name || ' ' || last_name;
ALTER TABLE shop.customers ALTER COLUMN name SET NOT NULL;
ALTER TABLE shop.customers DROP COLUMN first_name, DROP COLUMN last_name;

COMMIT;
