-- Revert shop:addresses from pg

BEGIN;

ALTER TABLE shop.sales_orders DROP COLUMN delivery_address_id;
DROP TABLE shop.addresses;

COMMIT;
